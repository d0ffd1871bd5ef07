<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Access\Condition;
use Physio\Database\Database;
use Physio\Database\DatabaseError;
use Physio\Schema\Table;

/** Present rows of given keys, in the wire's spelling. */
final class RowsByKey
{
    private const KEYS_PER_QUERY = 500;

    /**
     * Hands every row that exists and is visible to $take and returns the keys that have none. The database may find a row
     * under another spelling of a text key ('abc' for 'ABC'): that row is taken, the asked key counts as gone.
     *
     * @param array<string, string[]> $keys row key by keyId()
     * @param callable(array<int, string|null>): void $take
     * @return array<int, string[]>
     */
    public static function fetch(Database $database, Table $table, array $keys, Condition $visible, callable $take): array
    {
        $found = [];
        foreach (array_chunk($keys, self::KEYS_PER_QUERY) as $some) {
            $bound = [];
            foreach ($some as $key) {
                array_push($bound, ...$table->boundKey($key));
            }
            $sql = $table->selectSql() . ' WHERE (' . $table->anyKeySql(count($some)) . ')' . $visible->andSql();
            try {
                $rows = $database->stream($sql, array_merge($bound, $visible->bound()));
            } catch (DatabaseError $error) {
                throw $error->isMismatch() ? $error->failureIn($table) : $error;
            }
            while (($row = $rows->next()) !== null) {
                $table->encodeRow($row);
                $id = $table->keyId($table->keyOf($row));
                if (!isset($found[$id])) {
                    $found[$id] = true;
                    $take($row);
                }
            }
        }
        return array_values(array_diff_key($keys, $found));
    }
}
