<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Database\Database;
use Physio\Database\DatabaseError;
use Physio\Schema\Column;
use Physio\Schema\Name;
use Physio\Schema\Spelling;
use Physio\Schema\Table;
use Physio\Schema\Whitelist;

/** Carries out one change: locks the row, compares it with what the edit began with, writes. */
final class ChangeWriter
{
    private Database $database;
    private Whitelist $whitelist;
    private Resolver $resolver;
    private BatchState $state;
    private RowGuard $guard;

    public function __construct(
        Database $database,
        Whitelist $whitelist,
        Resolver $resolver,
        BatchState $state,
        RowGuard $guard
    ) {
        $this->guard = $guard;
        $this->database = $database;
        $this->whitelist = $whitelist;
        $this->resolver = $resolver;
        $this->state = $state;
    }

    /** @return array<int, string[]> keys of the rows that it touched */
    public function insert(Table $table, array $change): array
    {
        $values = $this->resolver->values($table, $change['values']);
        $temp = $change['temp'] ?? null;
        $auto = $table->auto();
        $isTaken = $temp !== null && $this->state->isGiven($table->name(), $temp);
        if ($isTaken || ($temp !== null && ($auto === null || isset($values[$auto])))) {
            throw UnitFailure::failed('bad_value', $table->field($auto));
        }
        $this->checkComplete($table, $values);
        $named = $this->namedKey($table, $values);
        if ($named !== null) {
            $this->checkNotParked($table, $named);
        }
        $marks = [];
        foreach ($values as $name => $value) {
            $marks[$name] = $this->column($table, $name)->valueSql();
        }
        $bound = $this->bound($table, $values);
        foreach ($table->columns() as $name => $column) {
            if ($column->nowDefault() !== null && !array_key_exists($name, $values)) {
                $marks[$name] = $this->whitelist->localTime($column->nowDefault());
            }
        }
        $names = Name::quotedList(array_map('strval', array_keys($marks)));
        $sql = 'INSERT INTO ' . Name::quoted($table->name()) . " ($names) VALUES (" . implode(', ', $marks) . ')';
        try {
            $this->write($table, $sql, $bound);
        } catch (UnitFailure $failure) {
            throw $named === null ? $failure : $this->guard->withoutForeign($table, $named, $failure);
        }

        $key = $named ?? $this->namedKey($table, $values + [(string) $auto => $this->database->insertId()]) ?? [];
        if ($temp !== null) {
            $this->state->give($table->name(), $temp, $key[(int) array_search($auto, $table->key(), true)]);
        }
        $this->guard->checkWritten($table, $key, $values);
        return [$key];
    }

    /** @return array<int, string[]> */
    public function update(Table $table, array $change): array
    {
        $key = $this->resolver->key($table, $change['key']);
        $this->checkNotParked($table, $key);
        $values = $this->resolver->values($table, $change['values']);
        $base = $this->resolver->base($table, $change['base']);
        $written = $this->writtenUntouched($table, $key, $values, $base);
        if ($written !== null) {
            return $this->updated($table, $key, $written);
        }
        $row = $this->lockedRow($table, $key);
        if ($row === null) {
            throw UnitFailure::conflict('gone', $table->name());
        }
        $written = [];
        $kept = [];
        foreach ($values as $name => $value) {
            $column = $this->column($table, (string) $name);
            if (Spelling::isSame($column, $row[$name], $value)) {
                continue;
            }
            $isUntouched = array_key_exists($name, $base) && Spelling::isSame($column, $row[$name], $base[$name]);
            if (!$isUntouched && $column->conflict() === 'manual') {
                throw UnitFailure::conflict('changed', $table->field($column->name()));
            }
            if ($isUntouched || $column->conflict() === 'client') {
                $written[$name] = $value;
            } else {
                $kept[] = (string) $name;
            }
        }
        $keys = [$key];
        if ($written !== []) {
            $this->store($table, $values, $written, '', $table->boundKey($key));
            $keys = $this->updated($table, $key, $written);
        }
        if ($kept !== []) {
            $this->state->keep($table, end($keys), $kept);
        }
        return $keys;
    }

    /** @return array<int, string[]> the key before and after */
    private function updated(Table $table, array $key, array $written): array
    {
        $moved = $this->namedKey($table, $written + array_combine($table->key(), $key)) ?? $key;
        $this->guard->checkWritten($table, $moved, $written);
        return [$key, $moved];
    }

    /** @return array<int, string[]> */
    public function delete(Table $table, array $change): array
    {
        $key = $this->resolver->key($table, $change['key']);
        $this->checkNotParked($table, $key);
        $base = $this->resolver->base($table, $change['base']);
        $delete = 'DELETE FROM ' . Name::quoted($table->name()) . ' WHERE ' . $table->keySql();
        $exact = ExactRow::condition($table, $key, $base);
        $visible = $this->guard->visible($table);
        if ($exact !== null) {
            $bound = array_merge($exact->bound(), $visible->bound());
            if ($this->write($table, $delete . $exact->sql() . $visible->andSql(), $bound) === 1) {
                return [$key];
            }
        }
        $row = $this->lockedRow($table, $key);
        if ($row === null) {
            return [$key];
        }
        $isDropped = false;
        foreach ($base as $name => $value) {
            $column = $this->column($table, (string) $name);
            if (Spelling::isSame($column, $row[$name], $value)) {
                continue;
            }
            if ($column->conflict() === 'manual') {
                throw UnitFailure::conflict('changed', $table->field($column->name()));
            }
            $isDropped = $isDropped || $column->conflict() === 'server';
        }
        if (!$isDropped) {
            $this->write($table, $delete, $table->boundKey($key));
        }
        return [$key];
    }

    /**
     * The usual update, in one statement: every column that it changes still has the very value that the edit began
     * with. Null when that is not so or cannot be said so simply; nothing is written then, and the row is read and
     * compared.
     *
     * @return array<string, string|null>|null what was written
     */
    private function writtenUntouched(Table $table, array $key, array $values, array $base): ?array
    {
        $written = [];
        foreach ($values as $name => $value) {
            if (!array_key_exists($name, $base)) {
                return null;
            }
            if (!Spelling::isSame($this->column($table, (string) $name), $base[$name], $value)) {
                $written[$name] = $value;
            }
        }
        $exact = ExactRow::condition($table, $key, array_intersect_key($base, $values));
        if ($written === [] || $exact === null) {
            return null;
        }
        $visible = $this->guard->visible($table);
        $bound = array_merge($exact->bound(), $visible->bound());
        return $this->store($table, $values, $written, $exact->sql() . $visible->andSql(), $bound) === 1 ? $written : null;
    }

    /** The row key that values spell out, null when a part is missing. */
    public function namedKey(Table $table, array $values): ?array
    {
        $key = [];
        foreach ($table->key() as $name) {
            if (!isset($values[$name])) {
                return null;
            }
            $key[] = $values[$name];
        }
        return $key;
    }

    private function column(Table $table, string $name): Column
    {
        $column = $table->column($name);
        if ($column === null) {
            throw UnitFailure::failed('unknown_column', $table->name());
        }
        return $column;
    }

    private function checkComplete(Table $table, array $values): void
    {
        foreach ($table->columns() as $name => $column) {
            $isKey = in_array((string) $name, $table->key(), true) && (string) $name !== $table->auto();
            if (!array_key_exists($name, $values) && ($isKey || !$column->isOptional())) {
                throw UnitFailure::failed('not_null', $table->field((string) $name));
            }
        }
    }

    private function checkNotParked(Table $table, array $key): void
    {
        $unit = $this->state->parkedRow($table, $key);
        if ($unit !== null) {
            throw UnitFailure::blocked($unit);
        }
    }

    /** @return array<string, string|null>|null the row in the wire's spelling, locked until the batch ends */
    private function lockedRow(Table $table, array $key): ?array
    {
        $visible = $this->guard->visible($table);
        $sql = $table->selectSql() . ' WHERE ' . $table->keySql() . $visible->andSql() . ' FOR UPDATE';
        try {
            $rows = $this->database->fetchAll($sql, array_merge($table->boundKey($key), $visible->bound()));
        } catch (DatabaseError $error) {
            throw DatabaseRefusal::of($error, $table, $this->whitelist);
        }
        if ($rows === []) {
            return null;
        }
        $table->encodeRow($rows[0]);
        // The collation may find 'ABC' for 'abc': that is another row.
        $isSame = $table->keyId($table->keyOf($rows[0])) === $table->keyId($key);
        return $isSame ? array_combine($table->columnNames(), $rows[0]) : null;
    }

    /** How many rows it found: those of the key that meet the further condition. */
    private function store(Table $table, array $values, array $written, string $condition, array $boundKey): int
    {
        $sets = [];
        foreach (array_keys($written) as $name) {
            $sets[] = Name::quoted((string) $name) . ' = ' . $this->column($table, (string) $name)->valueSql();
        }
        foreach ($table->columns() as $name => $column) {
            if ($column->nowUpdate() !== null && !array_key_exists($name, $values)) {
                $sets[] = Name::quoted((string) $name) . ' = ' . $this->whitelist->localTime($column->nowUpdate());
            }
        }
        $sql = 'UPDATE ' . Name::quoted($table->name()) . ' SET ' . implode(', ', $sets) . ' WHERE ' . $table->keySql()
            . $condition;
        return $this->write($table, $sql, array_merge($this->bound($table, $written), $boundKey));
    }

    /** @return array<int, string|null> */
    private function bound(Table $table, array $values): array
    {
        $bound = [];
        foreach ($values as $name => $value) {
            $bound[] = $this->column($table, (string) $name)->bound($value);
        }
        return $bound;
    }

    private function write(Table $table, string $sql, array $bound): int
    {
        try {
            return $this->database->run($sql, $bound);
        } catch (DatabaseError $error) {
            throw DatabaseRefusal::of($error, $table, $this->whitelist);
        }
    }
}
