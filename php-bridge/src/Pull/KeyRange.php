<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Access\Condition;
use Physio\Schema\RowKey;
use Physio\Schema\Table;

/** Rows of a table above one key and up to another, in key order. */
final class KeyRange
{
    private Table $table;
    /** @var string[]|null */
    private ?array $after;
    /** @var string[]|null */
    private ?array $until;
    private Condition $visible;

    private function __construct(Table $table, ?array $after, ?array $until, Condition $visible)
    {
        $this->visible = $visible;
        $this->table = $table;
        $this->after = $after;
        $this->until = $until;
    }

    /** From two keys of the URL; null stands for the table's beginning or end. */
    public static function parse(Table $table, ?string $after, ?string $until, Condition $visible): self
    {
        return new self(
            $table,
            $after === null ? null : RowKey::parse($table, $after),
            $until === null ? null : RowKey::parse($table, $until),
            $visible
        );
    }

    /** What follows `SELECT … FROM table`, for at most $limit rows. */
    public function sql(int $limit): string
    {
        $conditions = [];
        if ($this->after !== null) {
            $conditions[] = $this->table->aboveSql();
        }
        if ($this->until !== null) {
            $conditions[] = $this->table->upToSql();
        }
        if (!$this->visible->isNone()) {
            $conditions[] = $this->visible->sql();
        }
        $where = $conditions === [] ? '' : ' WHERE ' . implode(' AND ', $conditions);
        return $where . ' ORDER BY ' . $this->table->orderSql() . ' LIMIT ' . $limit;
    }

    /** @return string[] */
    public function bound(): array
    {
        $after = $this->after === null ? [] : $this->table->boundAbove($this->after);
        $until = $this->until === null ? [] : $this->table->boundAbove($this->until);
        return array_merge($after, $until, $this->visible->bound());
    }
}
