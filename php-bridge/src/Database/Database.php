<?php

declare(strict_types=1);

namespace Physio\Database;

/**
 * A connection. Statements are prepared on the server, values are always bound; integers may be bound as int.
 * Every method throws DatabaseError.
 */
interface Database
{
    /** Runs a statement without values and result, such as START TRANSACTION. */
    public function command(string $sql): void;

    /**
     * Runs a writing statement and returns how many rows it matched.
     *
     * @param array<int, string|int|null> $values
     */
    public function run(string $sql, array $values = []): int;

    /**
     * All rows of a small result, every value a string or null.
     *
     * @param array<int, string|int|null> $values
     * @return array<int, array<int, string|null>>
     */
    public function fetchAll(string $sql, array $values = []): array;

    /**
     * The rows of a large result, one at a time. Nothing else may run before they are read to the end or closed.
     *
     * @param array<int, string|int|null> $values
     */
    public function stream(string $sql, array $values = []): Rows;

    /** The key that AUTO_INCREMENT gave to the last inserted row. */
    public function insertId(): string;
}
