<?php

declare(strict_types=1);

namespace Physio\Database;

use mysqli;
use mysqli_sql_exception;
use mysqli_stmt;
use Physio\Settings;

/** The connection over mysqli. */
final class MysqliDatabase implements Database
{
    /** Prepared statements kept for repeated use in one request. */
    private const MAX_KEPT = 40;

    private mysqli $link;
    /** @var array<string, mysqli_stmt> */
    private array $kept = [];

    public function __construct(Settings $settings)
    {
        mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
        try {
            $this->link = mysqli_init();
            $this->link->options(MYSQLI_OPT_CONNECT_TIMEOUT, 5);
            $this->link->options(MYSQLI_SET_CHARSET_NAME, 'utf8mb4');
            // FOUND_ROWS: an UPDATE that changes nothing still says that the row is there.
            $this->link->real_connect(
                $settings->text('db_host'),
                $settings->text('db_user'),
                $settings->text('db_password'),
                $settings->text('db_name'),
                (int) $settings->text('db_port'),
                $settings->text('db_socket') === '' ? null : $settings->text('db_socket'),
                MYSQLI_CLIENT_FOUND_ROWS
            );
        } catch (mysqli_sql_exception $error) {
            throw DatabaseError::ofConnection((int) $error->getCode());
        }
    }

    public function command(string $sql): void
    {
        try {
            $this->link->query($sql);
        } catch (mysqli_sql_exception $error) {
            throw DatabaseError::of((int) $error->getCode(), $error->getMessage());
        }
    }

    public function run(string $sql, array $values = []): int
    {
        try {
            $statement = $this->execute($sql, $values);
            return (int) $statement->affected_rows;
        } catch (mysqli_sql_exception $error) {
            throw DatabaseError::of((int) $error->getCode(), $error->getMessage());
        }
    }

    public function fetchAll(string $sql, array $values = []): array
    {
        $rows = $this->stream($sql, $values);
        $all = [];
        while (($row = $rows->next()) !== null) {
            $texts = [];
            foreach ($row as $value) {
                $texts[] = $value === null ? null : (string) $value;
            }
            $all[] = $texts;
        }
        return $all;
    }

    public function stream(string $sql, array $values = []): Rows
    {
        try {
            return new MysqliRows($this->execute($sql, $values));
        } catch (mysqli_sql_exception $error) {
            throw DatabaseError::of((int) $error->getCode(), $error->getMessage());
        }
    }

    public function insertId(): string
    {
        return (string) $this->link->insert_id;
    }

    private function execute(string $sql, array $values): mysqli_stmt
    {
        if (!isset($this->kept[$sql])) {
            if (count($this->kept) >= self::MAX_KEPT) {
                array_shift($this->kept)->close();
            }
            $this->kept[$sql] = $this->link->prepare($sql);
        }
        $statement = $this->kept[$sql];
        if ($values !== []) {
            $types = '';
            foreach ($values as $value) {
                $types .= is_int($value) ? 'i' : 's';
            }
            $statement->bind_param($types, ...$values);
        }
        $statement->execute();
        return $statement;
    }
}
