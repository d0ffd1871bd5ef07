<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Schema\Table;

/** What a batch knows while it runs: keys it gave out, rows it touched, and what was left undone. */
final class BatchState
{
    /** @var array<string, string> key by reference(), of the device's batch before */
    private array $earlier = [];
    /** @var array<string, string> key by reference(), of this batch */
    private array $given = [];
    /** @var array<string, array<string, string>> as in $keys, of the batch before, by reference() */
    private array $again = [];
    /** @var array<string, string> unit that was not applied, by reference() of the row it would have made */
    private array $parkedTemps = [];
    /** @var array<string, string> unit that was not applied, by row() */
    private array $parkedRows = [];
    /** @var array<string, string> as parkedRows, only rows that would have been made */
    private array $parkedInserts = [];
    /** @var array<string, array<string, string[]>> row keys by table and keyId() */
    private array $touched = [];
    /** @var array<int, array<string, string>> */
    private array $keys = [];
    /** @var array<int, array{table: string, key: string[], columns: string[]}> of the unit that runs */
    private array $kept = [];

    /** @param array<int, array<string, string>> $earlier `keys` of the device's stored answer */
    public function __construct(array $earlier)
    {
        foreach ($earlier as $mapped) {
            $this->earlier[self::reference($mapped['table'], $mapped['temp'])] = $mapped['key'];
        }
    }

    /**
     * The key that a temporary row got, in this batch or the one before. One of before is told again: the answer that
     * named it may never have arrived.
     */
    public function key(string $table, string $temp): ?string
    {
        $reference = self::reference($table, $temp);
        if (isset($this->given[$reference])) {
            return $this->given[$reference];
        }
        $key = $this->earlier[$reference] ?? null;
        if ($key !== null) {
            $this->again[$reference] = ['table' => $table, 'temp' => $temp, 'key' => $key];
        }
        return $key;
    }

    /** Whether the temporary row was made, in this batch or the one before; then the answer says as what. */
    public function isGiven(string $table, string $temp): bool
    {
        return $this->key($table, $temp) !== null;
    }

    public function give(string $table, string $temp, string $key): void
    {
        $this->given[self::reference($table, $temp)] = $key;
    }

    /** @return array<string, string> for restore(), when the unit that comes next is not applied */
    public function save(): array
    {
        return $this->given;
    }

    /** @param array<string, string> $saved */
    public function restore(array $saved): void
    {
        $this->given = $saved;
    }

    /** The key becomes part of the answer. */
    public function report(string $table, string $temp): void
    {
        $this->keys[] = ['table' => $table, 'temp' => $temp, 'key' => (string) $this->key($table, $temp)];
    }

    /** @return array<int, array<string, string>> */
    public function keys(): array
    {
        return array_merge($this->keys, array_values($this->again));
    }

    /**
     * The unit that runs did not get its way in these columns.
     *
     * @param string[] $key
     * @param string[] $columns
     */
    public function keep(Table $table, array $key, array $columns): void
    {
        $this->kept[] = ['table' => $table->name(), 'key' => $key, 'columns' => $columns];
    }

    /**
     * What was kept since the last call.
     *
     * @return array<int, array{table: string, key: string[], columns: string[]}>
     */
    public function takeKept(): array
    {
        [$kept, $this->kept] = [$this->kept, []];
        return $kept;
    }

    /** @param string[] $key */
    public function touch(Table $table, array $key): void
    {
        $this->touched[$table->name()][$table->keyId($key)] = $key;
    }

    /** @return array<string, array<string, string[]>> */
    public function touched(): array
    {
        return $this->touched;
    }

    public function parkTemp(string $table, string $temp, string $unit): void
    {
        $this->parkedTemps += [self::reference($table, $temp) => $unit];
    }

    /** @param string[] $key */
    public function parkRow(Table $table, array $key, string $unit, bool $isInsert): void
    {
        $row = self::row($table, $key);
        $this->parkedRows += [$row => $unit];
        if ($isInsert) {
            $this->parkedInserts += [$row => $unit];
        }
    }

    public function parkedTemp(string $table, string $temp): ?string
    {
        return $this->parkedTemps[self::reference($table, $temp)] ?? null;
    }

    /** @param string[] $key */
    public function parkedRow(Table $table, array $key): ?string
    {
        return $this->parkedRows[self::row($table, $key)] ?? null;
    }

    /** @param string[] $key */
    public function parkedInsert(Table $table, array $key): ?string
    {
        return $this->parkedInserts[self::row($table, $key)] ?? null;
    }

    private static function reference(string $table, string $temp): string
    {
        return $table . "\0" . $temp;
    }

    private static function row(Table $table, array $key): string
    {
        return $table->name() . "\0" . $table->keyId($key);
    }
}
