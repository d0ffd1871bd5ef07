<?php

declare(strict_types=1);

namespace Physio\Push;

use JsonException;
use Physio\Failure;

/** The body of a push, checked for its shape. What it says about tables and values is checked unit by unit. */
final class BatchRequest
{
    private const MAX_DEPTH = 12;

    /** Units of one batch: a body of the largest size holds no more of the smallest ones. */
    private const MAX_UNITS = 4096;

    /** Fields of each operation besides `op` and `table`: required => true. */
    private const CHANGE_FIELDS = [
        'insert' => ['temp' => false, 'values' => true],
        'update' => ['key' => true, 'values' => true, 'base' => true],
        'delete' => ['key' => true, 'base' => true],
    ];

    private int $batch;
    private string $hash;
    /** @var array<int, array{unit: string, changes: array<int, array<string, mixed>>}> */
    private array $units;

    private function __construct(int $batch, string $hash, array $units)
    {
        $this->batch = $batch;
        $this->hash = $hash;
        $this->units = $units;
    }

    /** @param bool $isSingle whether exactly one unit is allowed (write.php) */
    public static function parse(string $body, string $device, bool $isSingle): self
    {
        try {
            $data = json_decode($body, true, self::MAX_DEPTH, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
        } catch (JsonException $error) {
            throw new Failure('bad_request');
        }
        $data = self::members($data, ['v' => true, 'device' => true, 'batch' => true, 'units' => true], null);
        $wrong = [
            'v' => $data['v'] !== 1,
            'device' => $data['device'] !== $device,
            'batch' => !is_int($data['batch']) || $data['batch'] < 1,
        ];
        if (in_array(true, $wrong, true)) {
            throw new Failure('bad_request', (string) array_search(true, $wrong, true));
        }
        $units = self::listed($data['units'], 'units');
        if ($units === [] || count($units) > self::MAX_UNITS || ($isSingle && count($units) !== 1)) {
            throw new Failure('bad_request', 'units');
        }
        $seen = [];
        foreach ($units as $index => $unit) {
            $units[$index] = self::unit($unit, 'units.' . $index);
            $name = $units[$index]['unit'];
            if (isset($seen[$name])) {
                throw new Failure('bad_request', 'units.' . $index . '.unit');
            }
            $seen[$name] = true;
        }
        return new self($data['batch'], hash('sha256', $body), $units);
    }

    public function batch(): int
    {
        return $this->batch;
    }

    /** SHA-256 of the body in hex: a retry sends the same bytes. */
    public function hash(): string
    {
        return $this->hash;
    }

    /** @return array<int, array{unit: string, changes: array<int, array<string, mixed>>}> */
    public function units(): array
    {
        return $this->units;
    }

    private static function unit($unit, string $place): array
    {
        $unit = self::members($unit, ['unit' => true, 'changes' => true], $place);
        $changes = self::listed($unit['changes'], $place . '.changes');
        if (!is_string($unit['unit']) || preg_match('/^.{1,64}$/Dsu', $unit['unit']) !== 1 || $changes === []) {
            throw new Failure('bad_request', $place);
        }
        foreach ($changes as $index => $change) {
            $changes[$index] = self::change($change, $place . '.changes.' . $index);
        }
        return ['unit' => $unit['unit'], 'changes' => $changes];
    }

    private static function change($change, string $place): array
    {
        $op = is_array($change) ? $change['op'] ?? null : null;
        if (!is_string($op) || !isset(self::CHANGE_FIELDS[$op])) {
            throw new Failure('bad_request', $place . '.op');
        }
        $change = self::members($change, ['op' => true, 'table' => true] + self::CHANGE_FIELDS[$op], $place);
        $wrong = [
            'table' => !is_string($change['table']),
            'values' => !is_array($change['values'] ?? []),
            'base' => !is_array($change['base'] ?? []),
            'temp' => isset($change['temp'])
                && (!is_string($change['temp']) || preg_match('/^.{1,64}$/Dsu', $change['temp']) !== 1),
        ];
        if (in_array(true, $wrong, true)) {
            throw new Failure('bad_request', $place . '.' . array_search(true, $wrong, true));
        }
        if (isset($change['key'])) {
            self::listed($change['key'], $place . '.key');
        }
        return $change;
    }

    /**
     * An object with exactly the known fields.
     *
     * @param array<string, bool> $known required => true
     * @param string|null $place of the object in the body, for the error; the body itself has none
     */
    private static function members($value, array $known, ?string $place): array
    {
        if (!is_array($value) || array_diff_key($value, $known) !== []) {
            throw new Failure('bad_request', $place);
        }
        foreach ($known as $name => $isRequired) {
            if ($isRequired && !isset($value[$name])) {
                throw new Failure('bad_request', $place === null ? $name : $place . '.' . $name);
            }
        }
        return $value;
    }

    private static function listed($value, string $place): array
    {
        if (!is_array($value) || ($value !== [] && array_keys($value) !== range(0, count($value) - 1))) {
            throw new Failure('bad_request', $place);
        }
        return $value;
    }
}
