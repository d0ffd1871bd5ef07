<?php

declare(strict_types=1);

namespace Physio\Database;

use mysqli_sql_exception;
use mysqli_stmt;

/** Rows of a prepared mysqli statement, read from the wire one by one. */
final class MysqliRows implements Rows
{
    private mysqli_stmt $statement;
    /** @var array<int, mixed> bound by reference to the statement */
    private array $row;

    public function __construct(mysqli_stmt $statement)
    {
        $this->statement = $statement;
        $this->row = array_fill(0, $statement->field_count, null);
        $places = [];
        foreach (array_keys($this->row) as $position) {
            $places[] = &$this->row[$position];
        }
        $statement->bind_result(...$places);
    }

    public function next(): ?array
    {
        try {
            if ($this->statement->fetch()) {
                return $this->row;
            }
        } catch (mysqli_sql_exception $error) {
            throw DatabaseError::of((int) $error->getCode(), $error->getMessage());
        }
        $this->close();
        return null;
    }

    public function close(): void
    {
        $this->statement->free_result();
    }
}
