<?php

declare(strict_types=1);

namespace Physio\Schema;

/** One table of the whitelist and the SQL that every endpoint builds from it. */
final class Table
{
    private string $name;
    private array $facts;
    /** @var array<string, Column> */
    private array $columns = [];
    /** @var Column[] */
    private array $keyColumns = [];
    /** @var int[] positions of the key in a row */
    private array $keyPositions = [];
    /** @var int[] */
    private array $base64Positions = [];

    public function __construct(string $name, array $facts)
    {
        $this->name = $name;
        $this->facts = $facts;
        foreach ($facts['columns'] as $column => $columnFacts) {
            $this->columns[$column] = new Column((string) $column, $columnFacts);
        }
        $positions = array_flip($this->columnNames());
        foreach ($facts['key'] as $column) {
            $this->keyPositions[] = $positions[$column];
        }
        foreach (array_values($this->columns) as $position => $column) {
            if ($column->isBase64()) {
                $this->base64Positions[] = $position;
            }
        }
    }

    public function name(): string
    {
        return $this->name;
    }

    /** Its number in inbox and feed. */
    public function id(): int
    {
        return $this->facts['id'];
    }

    public function isWritable(): bool
    {
        return $this->facts['writable'];
    }

    /** @return string[] roles that may do this; `*` is every user */
    public function may(string $operation): array
    {
        return $this->facts['may'][$operation];
    }

    /** Whether its rows belong to scopes, and not to all of them. */
    public function hasScope(): bool
    {
        return $this->facts['scope'] !== null;
    }

    /** Condition for the rows of one scope, which it binds once. Only where hasScope(). */
    public function scopeSql(): string
    {
        $scope = $this->facts['scope'];
        // From the row that has the column back to this table's own: a sub-query for each step.
        $owner = $scope['via'] === [] ? Name::quoted($this->name) : 'physio_' . count($scope['via']);
        $value = $owner . '.' . Name::quoted($scope['column']);
        for ($step = count($scope['via']); $step > 0; $step--) {
            [$column, $parent, $key] = $scope['via'][$step - 1];
            $child = $step === 1 ? Name::quoted($this->name) : 'physio_' . ($step - 1);
            $value = "(SELECT $value FROM " . Name::quoted($parent) . " physio_$step"
                . " WHERE physio_$step." . Name::quoted($key) . " = $child." . Name::quoted($column) . ')';
        }
        // A collation would take `north` for `North`.
        return $scope['exact'] ? "CAST(CONVERT($value USING utf8mb4) AS BINARY) = CAST(? AS BINARY)" : "$value = ?";
    }

    /** The column that says the row's scope, or leads to it. */
    public function scopeColumn(): ?string
    {
        $scope = $this->facts['scope'];
        return $scope === null ? null : ($scope['via'][0][0] ?? $scope['column']);
    }

    /** @return array<int, array{0: string, 1: string}> tables whose rows have the scope of its rows, with their column */
    public function heirs(): array
    {
        return $this->facts['heirs'];
    }

    /** The column whose keys the server makes, or null. */
    public function auto(): ?string
    {
        return $this->facts['auto'];
    }

    /** The column in which MySQL itself notes every write of a row, or null. */
    public function touched(): ?string
    {
        return $this->facts['touched'];
    }

    /** @return string[] */
    public function key(): array
    {
        return $this->facts['key'];
    }

    /** @return array<string, string[]> columns by name of the unique key */
    public function unique(): array
    {
        return $this->facts['unique'];
    }

    /** @return array<int, array{0: string[], 1: string, 2: string[], 3: string|null}> */
    public function references(): array
    {
        return $this->facts['references'];
    }

    public function column(string $name): ?Column
    {
        return $this->columns[$name] ?? null;
    }

    /** @return array<string, Column> */
    public function columns(): array
    {
        return $this->columns;
    }

    /** @return string[] */
    public function columnNames(): array
    {
        return array_map('strval', array_keys($this->columns));
    }

    /** @return Column[] in key order */
    public function keyColumns(): array
    {
        if ($this->keyColumns === []) {
            foreach ($this->key() as $name) {
                $this->keyColumns[] = $this->columns[$name];
            }
        }
        return $this->keyColumns;
    }

    /** @return int[] positions of the base64 columns */
    public function base64Positions(): array
    {
        return $this->base64Positions;
    }

    /** What a client of another schema compares with its own (PROTOCOL.md). */
    public function description(): array
    {
        $columns = [];
        foreach ($this->columns as $column) {
            $columns[] = $column->description();
        }
        return [
            'table' => $this->name,
            'fingerprint' => $this->facts['fingerprint'],
            'writable' => $this->isWritable(),
            'key' => $this->key(),
            'auto' => $this->auto(),
            'columns' => $columns,
        ];
    }

    /** `table.column` for errors; the table alone when the column is unknown. */
    public function field(?string $column): string
    {
        return $column !== null && isset($this->columns[$column]) ? $this->name . '.' . $column : $this->name;
    }

    /** `SELECT` of the visible columns in the wire's spelling. */
    public function selectSql(): string
    {
        $columns = array_map(static function (Column $column): string {
            return $column->wireSql();
        }, array_values($this->columns));
        return 'SELECT ' . implode(', ', $columns) . ' FROM ' . Name::quoted($this->name);
    }

    /** `SELECT` of the key in the wire's spelling, but for base64. */
    public function keysSql(): string
    {
        $key = array_map(static function (Column $column): string {
            return $column->wireSql();
        }, $this->keyColumns());
        return 'SELECT ' . implode(', ', $key) . ' FROM ' . Name::quoted($this->name);
    }

    /** `a = ? AND b = ?`, for boundKey(). */
    public function keySql(): string
    {
        return implode(' AND ', array_map(static function (Column $column): string {
            return $column->keySql() . ' = ' . $column->keyValueSql();
        }, $this->keyColumns()));
    }

    /** Condition for any of $n keys, each bound by boundKey(). */
    public function anyKeySql(int $n): string
    {
        $columns = $this->keyColumns();
        if (count($columns) === 1) {
            $values = implode(', ', array_fill(0, $n, $columns[0]->keyValueSql()));
            return $columns[0]->keySql() . " IN ($values)";
        }
        return '(' . implode(') OR (', array_fill(0, $n, $this->keySql())) . ')';
    }

    /** Condition for rows above a key, written out as disjoint ranges of the index. For boundAbove(). */
    public function aboveSql(): string
    {
        $ranges = [];
        $equal = '';
        foreach ($this->keyColumns() as $column) {
            [$name, $value] = [$column->keySql(), $column->keyValueSql()];
            $ranges[] = "($equal$name > $value)";
            $equal .= "$name = $value AND ";
        }
        return '(' . implode(' OR ', $ranges) . ')';
    }

    /** Condition for rows up to and with a key. For boundAbove(), as aboveSql(). */
    public function upToSql(): string
    {
        $ranges = [];
        $equal = '';
        $columns = $this->keyColumns();
        foreach ($columns as $position => $column) {
            [$name, $value] = [$column->keySql(), $column->keyValueSql()];
            $below = $position === count($columns) - 1 ? '<=' : '<';
            $ranges[] = "($equal$name $below $value)";
            $equal .= "$name = $value AND ";
        }
        return '(' . implode(' OR ', $ranges) . ')';
    }

    /** `SELECT` of each row's sum (8 bytes, PROTOCOL.md) and its key in the wire's spelling, for keyOfSums(). */
    public function sumsSql(): string
    {
        $key = array_map(static function (Column $column): string {
            return $column->wireSql();
        }, $this->keyColumns());
        return 'SELECT ' . implode(', ', array_merge([$this->rowSumSql()], $key)) . ' FROM ' . Name::quoted($this->name);
    }

    /** The first 8 bytes of the SHA-256 of the row's values. No text in UTF-8 holds the bytes FE and FF. */
    public function rowSumSql(): string
    {
        $values = array_map(static function (Column $column): string {
            return 'IFNULL(CAST(' . $column->sumSql() . " AS BINARY), UNHEX('FE'))";
        }, array_values($this->columns));
        return "LEFT(UNHEX(SHA2(CONCAT_WS(UNHEX('FF'), " . implode(', ', $values) . '), 256)), 8)';
    }

    /**
     * @param array<int, string|null> $row of sumsSql()
     * @return string[] wire values
     */
    public function keyOfSums(array $row): array
    {
        $key = [];
        foreach ($this->keyColumns() as $position => $column) {
            $part = (string) $row[$position + 1];
            $key[] = $column->isBase64() ? base64_encode($part) : $part;
        }
        return $key;
    }

    public function orderSql(): string
    {
        return implode(', ', array_map(static function (Column $column): string {
            return $column->keySql();
        }, $this->keyColumns()));
    }

    /**
     * @param string[] $key wire values
     * @return string[]
     */
    public function boundKey(array $key): array
    {
        $bound = [];
        foreach ($this->keyColumns() as $position => $column) {
            $bound[] = $column->boundKey($key[$position]);
        }
        return $bound;
    }

    /**
     * @param string[] $key wire values
     * @return string[] as aboveSql() needs them: the first part, the first two, and so on
     */
    public function boundAbove(array $key): array
    {
        $parts = $this->boundKey($key);
        $bound = [];
        foreach (array_keys($parts) as $last) {
            array_push($bound, ...array_slice($parts, 0, $last + 1));
        }
        return $bound;
    }

    /**
     * Brings a row as it was read into the wire's spelling, in place.
     *
     * @param array<int, string|null> $row
     */
    public function encodeRow(array &$row): void
    {
        foreach ($this->base64Positions as $position) {
            if ($row[$position] !== null) {
                $row[$position] = base64_encode($row[$position]);
            }
        }
    }

    /**
     * The row key of an encoded row.
     *
     * @param array<int, string|null> $row
     * @return string[]
     */
    public function keyOf(array $row): array
    {
        $key = [];
        foreach ($this->keyPositions as $position) {
            $key[] = (string) $row[$position];
        }
        return $key;
    }

    /**
     * One text per row: equal exactly when two spellings name the same row, byte for byte in text columns.
     *
     * @param string[] $key wire values
     */
    public function keyId(array $key): string
    {
        $parts = [];
        foreach ($this->keyColumns() as $position => $column) {
            $parts[] = base64_encode(Spelling::canonical($column, $key[$position]));
        }
        return implode('.', $parts);
    }
}
