<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Access\Caller;
use Physio\Schema\Column;
use Physio\Schema\Table;
use Physio\Schema\ValueCheck;
use Physio\Schema\Whitelist;

/** Turns what a change says into checked columns and values, with its references replaced by real keys. */
final class Resolver
{
    private Whitelist $whitelist;
    private BatchState $state;
    private Caller $caller;

    public function __construct(Whitelist $whitelist, BatchState $state, Caller $caller)
    {
        $this->caller = $caller;
        $this->whitelist = $whitelist;
        $this->state = $state;
    }

    /** The table of a change, if clients may write it and this one may do so. */
    public function table(array $change): Table
    {
        $table = $this->whitelist->table($change['table']);
        if ($table === null) {
            throw UnitFailure::failed('unknown_table');
        }
        if (!$table->isWritable()) {
            throw UnitFailure::failed('table_read_only', $table->name());
        }
        if (!$this->caller->may($table, $change['op'])) {
            throw UnitFailure::failed('forbidden', $table->name());
        }
        return $table;
    }

    /**
     * The row key of an update or a delete.
     *
     * @return string[]
     */
    public function key(Table $table, array $given): array
    {
        $columns = $table->keyColumns();
        if (count($given) !== count($columns)) {
            throw UnitFailure::failed('bad_value', $table->name());
        }
        $key = [];
        foreach ($columns as $position => $column) {
            $part = $this->value($table, $column, $given[$position]);
            if ($part === null || ValueCheck::check($column, $part) !== null) {
                throw UnitFailure::failed('bad_value', $table->field($column->name()));
            }
            $key[] = $part;
        }
        return $key;
    }

    /**
     * New values, each fit for its column.
     *
     * @return array<string, string|null>
     */
    public function values(Table $table, array $given): array
    {
        $values = [];
        foreach ($given as $name => $value) {
            $column = $this->column($table, (string) $name);
            if ($column->isGenerated()) {
                throw UnitFailure::failed('unknown_column', $table->field($column->name()));
            }
            $text = $this->value($table, $column, $value);
            $code = ValueCheck::check($column, $text);
            if ($code !== null) {
                throw UnitFailure::failed($code, $table->field($column->name()));
            }
            $values[$column->name()] = $text;
        }
        $this->checkParents($table, $values);
        return $values;
    }

    /**
     * Old values. They are only compared, so they need not fit.
     *
     * @return array<string, string|null>
     */
    public function base(Table $table, array $given): array
    {
        $values = [];
        foreach ($given as $name => $value) {
            $column = $this->column($table, (string) $name);
            $values[$column->name()] = $this->value($table, $column, $value);
        }
        return $values;
    }

    private function column(Table $table, string $name): Column
    {
        $column = $table->column($name);
        if ($column === null) {
            throw UnitFailure::failed('unknown_column', $table->name());
        }
        return $column;
    }

    /** @param mixed $value text, null or {"$ref":[table, temp]} */
    private function value(Table $table, Column $column, $value): ?string
    {
        if ($value === null || is_string($value)) {
            return $value;
        }
        $reference = is_array($value) && array_keys($value) === ['$ref'] ? $value['$ref'] : null;
        if (!is_array($reference) || array_keys($reference) !== [0, 1]
            || !is_string($reference[0]) || !is_string($reference[1])) {
            throw UnitFailure::failed('bad_value', $table->field($column->name()));
        }
        $unit = $this->state->parkedTemp($reference[0], $reference[1]);
        if ($unit !== null) {
            throw UnitFailure::blocked($unit);
        }
        $key = $this->state->key($reference[0], $reference[1]);
        if ($key === null) {
            throw UnitFailure::failed('unknown_reference', $table->field($column->name()));
        }
        return $key;
    }

    /** A child of a row that was not made in this batch waits with it, also where no foreign key would stop it. */
    private function checkParents(Table $table, array $values): void
    {
        foreach ($table->references() as [$columns, $parentName, $parentColumns]) {
            $parent = $this->whitelist->table($parentName);
            if ($parent === null || $parentColumns !== $parent->key()) {
                continue;
            }
            $key = [];
            foreach ($columns as $name) {
                if (isset($values[$name])) {
                    $key[] = $values[$name];
                }
            }
            $unit = count($key) === count($columns) ? $this->state->parkedInsert($parent, $key) : null;
            if ($unit !== null) {
                throw UnitFailure::blocked($unit);
            }
        }
    }
}
