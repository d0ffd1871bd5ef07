<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Schema\Table;

/** What a row must be, byte for byte, for a change to be made without reading the row first. */
final class ExactRow
{
    private string $sql;
    /** @var array<int, string|null> */
    private array $bound;

    /** @param array<int, string|null> $bound */
    private function __construct(string $sql, array $bound)
    {
        $this->sql = $sql;
        $this->bound = $bound;
    }

    /**
     * For a row key and values in the wire's spelling; null when a column's type has several spellings of one value.
     *
     * @param string[] $key
     * @param array<string, string|null> $values
     */
    public static function condition(Table $table, array $key, array $values): ?self
    {
        $sql = '';
        $bound = $table->boundKey($key);
        foreach ($table->keyColumns() as $position => $column) {
            // A write is refused for a text that the column's character set cannot spell; reading the row finds none.
            if ($column->fact('collation') !== null && preg_match('/[\x80-\xFF]/', $key[$position]) === 1) {
                return null;
            }
            // Numbers are found by their value; a text is found under other spellings too.
            if ($column->type() === 'integer') {
                continue;
            }
            $exact = $column->exactSql();
            if ($exact === null) {
                return null;
            }
            $sql .= ' AND ' . $exact;
            $bound[] = $key[$position];
        }
        foreach ($values as $name => $value) {
            $column = $table->column((string) $name);
            $exact = $column === null ? null : $column->exactSql();
            if ($exact === null) {
                return null;
            }
            $sql .= ' AND ' . $exact;
            $bound[] = $value;
        }
        return new self($sql, $bound);
    }

    /** Conditions that follow keySql(). */
    public function sql(): string
    {
        return $this->sql;
    }

    /** @return array<int, string|null> for keySql() and sql() */
    public function bound(): array
    {
        return $this->bound;
    }
}
