<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Database\DatabaseError;
use Physio\Failure;
use Physio\Schema\Table;
use Physio\Schema\Whitelist;

/** What a refused statement means for its unit, in the words of the wire. */
final class DatabaseRefusal
{
    private const CODES = [
        1048 => 'not_null', 1364 => 'not_null',
        1264 => 'out_of_range', 1690 => 'out_of_range',
        1406 => 'too_long',
        1265 => 'bad_value', 1292 => 'bad_value', 1366 => 'bad_value', 1411 => 'bad_value', 1416 => 'bad_value',
        3140 => 'bad_value', 3141 => 'bad_value', 4078 => 'bad_value',
        3819 => 'check_failed', 4025 => 'check_failed',
    ];

    /**
     * The unit's failure. An error that is no fault of the row is thrown on, for the batch to deal with; so is one
     * that says that the live table is not the whitelist's: no change of it can be judged before both are the same.
     *
     * @throws DatabaseError
     * @throws Failure
     */
    public static function of(DatabaseError $error, Table $table, Whitelist $whitelist): UnitFailure
    {
        if ($error->isRetryable() || $error->isUnavailable() || $error->isNotInstalled()) {
            throw $error;
        }
        // A column without a default that the whitelist does not have was added to the live table.
        $isAdded = $error->errno() === 1364 && $table->column((string) $error->name('column')) === null;
        if ($isAdded || $error->isMismatch()) {
            throw new Failure('schema_changed', $table->field($error->name('column')), null, 'mysql ' . $error->errno());
        }
        switch ($error->errno()) {
            case 1062:
            case 1586:
                return self::duplicate($table, $error->name('key'));
            case 1216:
            case 1452:
                return UnitFailure::failed('parent_missing', $table->field($error->name('column')));
            case 1217:
            case 1451:
                return UnitFailure::failed('still_referenced', self::child($error, $table, $whitelist));
            case 3819:
            case 4025:
                // A check that stands beside a column bears its name.
                return UnitFailure::failed('check_failed', $table->field(self::lastPart($error->name('constraint'))));
        }
        $code = self::CODES[$error->errno()] ?? 'refused';
        return UnitFailure::failed($code, $table->field($error->name('column')));
    }

    private static function duplicate(Table $table, ?string $key): UnitFailure
    {
        $columns = $table->unique()[$key ?? ''] ?? null;
        if ($columns !== null) {
            return UnitFailure::failed('duplicate_key', $table->field($columns[0]));
        }
        // The row key itself: both sides made the same row.
        return UnitFailure::conflict('duplicate_key', $table->field($table->key()[0]));
    }

    private static function child(DatabaseError $error, Table $table, Whitelist $whitelist): string
    {
        $child = $whitelist->table($error->name('table') ?? '');
        return $child === null ? $table->name() : $child->field($error->name('column'));
    }

    private static function lastPart(?string $constraint): ?string
    {
        return $constraint === null ? null : substr((string) strrchr('.' . $constraint, '.'), 1);
    }
}
