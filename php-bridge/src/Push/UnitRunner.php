<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Access\Caller;
use Physio\Database\Database;
use Physio\Schema\Table;
use Physio\Schema\Whitelist;

/** Applies units one after another, each whole or not at all, and parks what depends on one that was not. */
final class UnitRunner
{
    private Database $database;
    private BatchState $state;
    private Caller $caller;
    private Resolver $resolver;
    private ChangeWriter $writer;

    public function __construct(Database $database, Whitelist $whitelist, BatchState $state, Caller $caller)
    {
        $this->database = $database;
        $this->state = $state;
        $this->caller = $caller;
        $this->resolver = new Resolver($whitelist, $state, $caller);
        $guard = new RowGuard($database, $whitelist, $caller);
        $this->writer = new ChangeWriter($database, $whitelist, $this->resolver, $state, $guard);
    }

    /**
     * @param array{unit: string, changes: array<int, array<string, mixed>>} $unit
     * @return array<string, mixed> the unit's entry in the answer
     */
    public function apply(array $unit): array
    {
        // A statement that fails undoes itself; a row that is looked at after it was written does not. A savepoint of
        // the same name takes the place of the one before.
        $needsSavepoint = count($unit['changes']) > 1 || !$this->caller->seesAll();
        if ($needsSavepoint) {
            $this->database->command('SAVEPOINT physio_unit');
        }
        $saved = $this->state->save();
        $touched = [];
        foreach ($unit['changes'] as $index => $change) {
            try {
                $table = $this->resolver->table($change);
                foreach ($this->write($table, $change) as $key) {
                    $touched[] = [$table, $key];
                }
            } catch (UnitFailure $failure) {
                if ($needsSavepoint) {
                    $this->database->command('ROLLBACK TO SAVEPOINT physio_unit');
                }
                $this->state->restore($saved);
                $this->state->takeKept();
                $this->park($unit, $failure);
                return $failure->outcome($unit['unit'], $index);
            }
        }
        foreach ($touched as [$table, $key]) {
            $this->state->touch($table, $key);
        }
        foreach ($unit['changes'] as $change) {
            if (isset($change['temp'])) {
                $this->state->report($change['table'], $change['temp']);
            }
        }
        $kept = $this->state->takeKept();
        return ['unit' => $unit['unit'], 'status' => 'applied'] + ($kept === [] ? [] : ['kept' => $kept]);
    }

    /** @return array<int, string[]> */
    private function write(Table $table, array $change): array
    {
        switch ($change['op']) {
            case 'insert':
                return $this->writer->insert($table, $change);
            case 'update':
                return $this->writer->update($table, $change);
            default:
                return $this->writer->delete($table, $change);
        }
    }

    /** Remembers every row that the unit is about, so that later units on them wait too. */
    private function park(array $unit, UnitFailure $failure): void
    {
        foreach ($unit['changes'] as $change) {
            if (isset($change['temp'])) {
                $this->state->parkTemp($change['table'], $change['temp'], $unit['unit']);
            }
        }
        foreach ($unit['changes'] as $change) {
            try {
                $table = $this->resolver->table($change);
                $isInsert = $change['op'] === 'insert';
                $key = $isInsert ? $this->insertedKey($table, $change) : $this->resolver->key($table, $change['key']);
            } catch (UnitFailure $unknown) {
                // It names no row, so nothing can depend on that.
                continue;
            }
            if ($key !== null) {
                $this->state->parkRow($table, $key, $unit['unit'], $isInsert);
                if ($failure->isConflict()) {
                    $this->state->touch($table, $key);
                }
            }
        }
    }

    private function insertedKey(Table $table, array $change): ?array
    {
        $given = array_intersect_key($change['values'], array_flip($table->key()));
        $key = $this->writer->namedKey($table, $this->resolver->base($table, $given));
        return $key === null ? null : $this->resolver->key($table, $key);
    }
}
