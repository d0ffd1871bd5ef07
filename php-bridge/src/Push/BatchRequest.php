<?php

declare(strict_types=1);

namespace Physio\Push;

use JsonException;
use Physio\Failure;

/** The body of a push, checked for its shape. What it says about tables and values is checked unit by unit. */
final class BatchRequest
{
    private const MAX_DEPTH = 12;

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
        $data = self::members($data, ['v' => true, 'device' => true, 'batch' => true, 'units' => true]);
        $isRight = $data['v'] === 1 && $data['device'] === $device && is_int($data['batch']) && $data['batch'] > 0;
        $units = self::listed($data['units']);
        if (!$isRight || $units === [] || ($isSingle && count($units) !== 1)) {
            throw new Failure('bad_request');
        }
        $seen = [];
        foreach ($units as $index => $unit) {
            $units[$index] = self::unit($unit);
            $name = $units[$index]['unit'];
            if (isset($seen[$name])) {
                throw new Failure('bad_request');
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

    private static function unit($unit): array
    {
        $unit = self::members($unit, ['unit' => true, 'changes' => true]);
        $changes = self::listed($unit['changes']);
        if (!is_string($unit['unit']) || preg_match('/^.{1,64}$/Dsu', $unit['unit']) !== 1 || $changes === []) {
            throw new Failure('bad_request');
        }
        return ['unit' => $unit['unit'], 'changes' => array_map([self::class, 'change'], $changes)];
    }

    private static function change($change): array
    {
        $op = is_array($change) ? $change['op'] ?? null : null;
        if (!is_string($op) || !isset(self::CHANGE_FIELDS[$op])) {
            throw new Failure('bad_request');
        }
        $change = self::members($change, ['op' => true, 'table' => true] + self::CHANGE_FIELDS[$op]);
        $isRight = is_string($change['table'])
            && is_array($change['values'] ?? [])
            && is_array($change['base'] ?? [])
            && (!isset($change['temp']) || (is_string($change['temp']) && preg_match('/^.{1,64}$/Dsu', $change['temp']) === 1));
        if (!$isRight) {
            throw new Failure('bad_request');
        }
        if (isset($change['key'])) {
            self::listed($change['key']);
        }
        return $change;
    }

    /**
     * An object with exactly the known fields.
     *
     * @param array<string, bool> $known required => true
     */
    private static function members($value, array $known): array
    {
        if (!is_array($value) || array_diff_key($value, $known) !== []) {
            throw new Failure('bad_request');
        }
        foreach ($known as $name => $isRequired) {
            if ($isRequired && !isset($value[$name])) {
                throw new Failure('bad_request');
            }
        }
        return $value;
    }

    private static function listed($value): array
    {
        if (!is_array($value) || ($value !== [] && array_keys($value) !== range(0, count($value) - 1))) {
            throw new Failure('bad_request');
        }
        return $value;
    }
}
