<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Access\Caller;
use Physio\Access\Condition;
use Physio\Database\Database;
use Physio\Schema\Name;
use Physio\Schema\Table;
use Physio\Schema\Whitelist;

/** Keeps writes within the caller's scope: the row as it was, the row as it is after, and the rows that it refers to. */
final class RowGuard
{
    private Database $database;
    private Whitelist $whitelist;
    private Caller $caller;

    public function __construct(Database $database, Whitelist $whitelist, Caller $caller)
    {
        $this->database = $database;
        $this->whitelist = $whitelist;
        $this->caller = $caller;
    }

    /** What a row must meet to be changed or deleted; one that does not is as good as gone. */
    public function visible(Table $table): Condition
    {
        return $this->caller->visible($table);
    }

    /**
     * Refuses what was just written when it is not the caller's: the unit is rolled back.
     *
     * @param string[] $key of the row as it is now
     * @param array<string, string|null> $written
     */
    public function checkWritten(Table $table, array $key, array $written): void
    {
        if ($this->caller->seesAll()) {
            return;
        }
        if (!$this->isVisible($table, $table->keySql(), $table->boundKey($key))) {
            throw UnitFailure::failed('forbidden', $table->field($table->scopeColumn()));
        }
        foreach ($table->references() as [$columns, $parentName, $parentColumns]) {
            $parent = $this->whitelist->table($parentName);
            if ($parent === null || array_intersect_key($written, array_flip($columns)) === []) {
                continue;
            }
            $this->checkParent($table, $parent, $columns, $parentColumns, $written);
        }
    }

    /**
     * The key of a row that the caller does not see is taken: no more is said of that row than of any unique key.
     *
     * @param string[] $key
     */
    public function withoutForeign(Table $table, array $key, UnitFailure $failure): UnitFailure
    {
        if (!$failure->isConflict() || $this->isVisible($table, $table->keySql(), $table->boundKey($key))) {
            return $failure;
        }
        return UnitFailure::failed('duplicate_key', $table->field($table->key()[0]));
    }

    /** A row of another scope is no parent, whatever the foreign key says. */
    private function checkParent(Table $table, Table $parent, array $columns, array $parentColumns, array $written): void
    {
        [$conditions, $bound] = [[], []];
        foreach ($columns as $position => $name) {
            // A part that this change does not write was looked at when it was written.
            if (!array_key_exists($name, $written)) {
                continue;
            }
            $column = $parent->column($parentColumns[$position]);
            if ($written[$name] === null || $column === null) {
                return;
            }
            $conditions[] = Name::quoted($column->name()) . ' = ' . $column->keyValueSql();
            $bound[] = $column->boundKey($written[$name]);
        }
        if ($conditions !== [] && !$this->isVisible($parent, implode(' AND ', $conditions), $bound)) {
            throw UnitFailure::failed('parent_missing', $table->field($columns[0]));
        }
    }

    /** @param array<int, string> $bound */
    private function isVisible(Table $table, string $condition, array $bound): bool
    {
        $visible = $this->visible($table);
        if ($visible->isNone()) {
            return true;
        }
        $sql = 'SELECT 1 FROM ' . Name::quoted($table->name()) . " WHERE $condition" . $visible->andSql() . ' LIMIT 1';
        return $this->database->fetchAll($sql, array_merge($bound, $visible->bound())) !== [];
    }
}
