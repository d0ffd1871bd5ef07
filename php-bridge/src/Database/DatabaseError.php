<?php

declare(strict_types=1);

namespace Physio\Database;

use Physio\Failure;
use Physio\Schema\Table;
use RuntimeException;

/**
 * An error of MySQL: its number and the names in it. The text itself is dropped at once, because it quotes values.
 */
final class DatabaseError extends RuntimeException
{
    /** The whole transaction must run again. 1205 alone would leave half a batch behind. */
    private const RETRYABLE = [1205, 1213, 1020, 1637, 3572];

    /** Connection, limits of the host, a server that is going down or only reads. */
    private const UNAVAILABLE = [
        1040, 1053, 1129, 1158, 1159, 1160, 1161, 1203, 1226, 1290, 1317, 1836, 1927, 1969,
        2002, 2003, 2005, 2006, 2013, 3024, 4031, 1021, 1041, 1114,
    ];

    /** A table, a column or something that a view needs is not there: the live database is not the whitelist's. */
    private const MISMATCHED = [1054, 1146, 1356];

    private int $errno;
    private bool $isConnecting;
    /** @var array<string, string> */
    private array $names;

    /** @param array<string, string> $names */
    private function __construct(int $errno, bool $isConnecting, array $names)
    {
        parent::__construct('mysql ' . $errno, $errno);
        $this->errno = $errno;
        $this->isConnecting = $isConnecting;
        $this->names = $names;
    }

    public static function of(int $errno, string $message): self
    {
        return new self($errno, false, self::namesIn($message));
    }

    public static function ofConnection(int $errno): self
    {
        return new self($errno, true, []);
    }

    public function errno(): int
    {
        return $this->errno;
    }

    /** `key`, `column`, `constraint` or `table`, as the message names them; null when it does not. */
    public function name(string $kind): ?string
    {
        return $this->names[$kind] ?? null;
    }

    public function isRetryable(): bool
    {
        return in_array($this->errno, self::RETRYABLE, true);
    }

    /** Whether the fault is neither the request's nor the row's. */
    public function isUnavailable(): bool
    {
        return $this->isConnecting || in_array($this->errno, self::UNAVAILABLE, true);
    }

    /** Whether the sync tables are missing. */
    public function isNotInstalled(): bool
    {
        return $this->errno === 1146 && strncmp((string) $this->name('table'), '_physio_', 8) === 0;
    }

    /** What the whole request is answered with. */
    public function failure(): Failure
    {
        $cause = 'mysql ' . $this->errno;
        if ($this->isRetryable()) {
            return new Failure('busy', null, null, $cause);
        }
        if ($this->isUnavailable()) {
            return new Failure('database_unavailable', null, null, $cause);
        }
        if ($this->isNotInstalled()) {
            return new Failure('not_installed', null, null, $cause);
        }
        return new Failure($this->isMismatch() ? 'schema_changed' : 'internal', null, null, $cause);
    }

    /** Whether the live tables are not what the whitelist says; one that lacks a sync table is not installed. */
    public function isMismatch(): bool
    {
        return in_array($this->errno, self::MISMATCHED, true) && !$this->isNotInstalled();
    }

    /** As failure(), for a statement about one table: a mismatch names it, and the column where that is known. */
    public function failureIn(Table $table): Failure
    {
        if (!$this->isMismatch()) {
            return $this->failure();
        }
        return new Failure('schema_changed', $table->field($this->name('column')), null, 'mysql ' . $this->errno);
    }

    /**
     * MySQL puts names after values, so the last match is the name and not part of somebody's text.
     *
     * @return array<string, string>
     */
    private static function namesIn(string $message): array
    {
        $patterns = [
            'key' => '/for key \'(?:[^\'.]*\.)?([^\']*)\'$/D',
            'column' => '/(?:column |Column |Field )[\'`](?:[^`\']*`\.`[^`\']*`\.`)?([^\'`]*)[\'`](?: at row \d+| cannot be null'
                . '| doesn\'t have a default value)?$/D',
            'unknown' => '/^Unknown column \'(?:[^\'.]*\.)*([^\'.]*)\' in /D',
            'table' => '/^Table \'[^\'.]*\.([^\']*)\' doesn\'t exist$/D',
        ];
        $names = [];
        foreach ($patterns as $kind => $pattern) {
            if (preg_match($pattern, $message, $found) === 1) {
                $names[$kind] = $found[1];
            }
        }
        if (isset($names['unknown'])) {
            $names['column'] = $names['unknown'];
            unset($names['unknown']);
        }
        if (preg_match('/\(`[^`]*`\.`([^`]*)`, CONSTRAINT `([^`]*)` FOREIGN KEY \(`([^`]*)`/', $message, $found) === 1) {
            $names += ['table' => $found[1], 'constraint' => $found[2], 'column' => $found[3]];
        } elseif (preg_match('/^(?:CONSTRAINT `|Check constraint \')([^`\']*)[`\']/', $message, $found) === 1) {
            $names['constraint'] = $found[1];
        }
        return $names;
    }
}
