<?php

declare(strict_types=1);

namespace Physio\Schema;

use Physio\Failure;

/** All that the bridge may know of tables and columns: generated/whitelist.php. */
final class Whitelist
{
    private array $data;
    /** @var array<string, Table> */
    private array $tables = [];

    public function __construct(array $data)
    {
        if (($data['format'] ?? null) !== 2) {
            throw new Failure('internal', null, null, 'generated/whitelist.php has another format');
        }
        $this->data = $data;
    }

    public static function load(string $file): self
    {
        if (!is_file($file)) {
            throw new Failure('internal', null, null, 'generated/whitelist.php is missing');
        }
        return new self(require $file);
    }

    public function fingerprint(): string
    {
        return $this->data['fingerprint'];
    }

    /** Days after which changes are not kept any more for a device that was not seen. */
    public function deviceDays(): int
    {
        return $this->data['device_days'];
    }

    /** Seconds between two looks at a table without triggers. */
    public function scanInterval(): int
    {
        return $this->data['scan_interval_s'];
    }

    /** Seconds between two looks at all rows of a table whose time column tells of most changes. */
    public function fullScanInterval(): int
    {
        return $this->data['full_scan_s'];
    }

    /** The table of this number in the feed. */
    public function numbered(int $id): ?Table
    {
        foreach ($this->data['tables'] as $name => $facts) {
            if ($facts['id'] === $id) {
                return $this->table((string) $name);
            }
        }
        return null;
    }

    /** @return array<string, string|null> */
    public function tokens(): array
    {
        return $this->data['tokens'];
    }

    /** Where users, roles and scopes are found; null where every valid token may do everything. */
    public function access(): ?array
    {
        return $this->data['access'];
    }

    /** @return array<string, string> fingerprint by table */
    public function tableFingerprints(): array
    {
        return array_map(static function (array $table): string {
            return $table['fingerprint'];
        }, $this->data['tables']);
    }

    public function table(string $name): ?Table
    {
        if (!isset($this->tables[$name])) {
            if (!isset($this->data['tables'][$name])) {
                return null;
            }
            $this->tables[$name] = new Table($name, $this->data['tables'][$name]);
        }
        return $this->tables[$name];
    }

    /**
     * The tables of a comma-separated list, or all of them; in the whitelist's order, by their number.
     *
     * @return array<int, Table>
     */
    public function listed(?string $list): array
    {
        $all = array_map('strval', array_keys($this->data['tables']));
        $names = $list === null ? $all : array_filter(explode(',', $list), 'strlen');
        if (array_diff($names, $all) !== []) {
            throw new Failure('unknown_table');
        }
        $tables = [];
        foreach (array_intersect($all, $names) as $name) {
            $table = $this->table($name);
            if ($table !== null) {
                $tables[$table->id()] = $table;
            }
        }
        return $tables;
    }

    /** SQL of the present time as the application writes it into DATETIME columns. */
    public function localTime(int $fraction): string
    {
        if (preg_match('/^([+-])(\d\d):(\d\d)$/D', $this->data['utc_offset'], $offset) !== 1) {
            throw new Failure('internal', null, null, 'generated/whitelist.php has no UTC offset');
        }
        $minutes = (int) ($offset[1] . '1') * ((int) $offset[2] * 60 + (int) $offset[3]);
        return "TIMESTAMPADD(MINUTE, $minutes, UTC_TIMESTAMP($fraction))";
    }
}
