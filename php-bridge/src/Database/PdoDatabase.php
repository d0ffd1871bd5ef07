<?php

declare(strict_types=1);

namespace Physio\Database;

use PDO;
use PDOException;
use PDOStatement;
use Physio\Settings;

/** The connection over PDO, for hosts without mysqli. */
final class PdoDatabase implements Database
{
    private const MAX_KEPT = 40;

    private PDO $link;
    /** @var array<string, PDOStatement> */
    private array $kept = [];

    public function __construct(Settings $settings)
    {
        $socket = $settings->text('db_socket');
        $place = $socket !== '' ? 'unix_socket=' . $socket
            : 'host=' . $settings->text('db_host') . ';port=' . $settings->text('db_port');
        try {
            $this->link = new PDO(
                'mysql:' . $place . ';dbname=' . $settings->text('db_name') . ';charset=utf8mb4',
                $settings->text('db_user'),
                $settings->text('db_password'),
                [
                    PDO::ATTR_TIMEOUT => 5,
                    PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
                    PDO::ATTR_EMULATE_PREPARES => false,
                    PDO::ATTR_STRINGIFY_FETCHES => true,
                    PDO::MYSQL_ATTR_FOUND_ROWS => true,
                ]
            );
        } catch (PDOException $error) {
            throw DatabaseError::ofConnection((int) ($error->errorInfo[1] ?? $error->getCode()));
        }
    }

    public function command(string $sql): void
    {
        try {
            $this->link->exec($sql);
        } catch (PDOException $error) {
            throw self::error($error);
        }
    }

    public function run(string $sql, array $values = []): int
    {
        try {
            return $this->execute($this->prepared($sql), $values)->rowCount();
        } catch (PDOException $error) {
            throw self::error($error);
        }
    }

    public function fetchAll(string $sql, array $values = []): array
    {
        try {
            return $this->execute($this->prepared($sql), $values)->fetchAll(PDO::FETCH_NUM);
        } catch (PDOException $error) {
            throw self::error($error);
        }
    }

    public function stream(string $sql, array $values = []): Rows
    {
        try {
            $statement = $this->link->prepare($sql, [PDO::MYSQL_ATTR_USE_BUFFERED_QUERY => false]);
            return new PdoRows($this->execute($statement, $values));
        } catch (PDOException $error) {
            throw self::error($error);
        }
    }

    public function insertId(): string
    {
        return (string) $this->link->lastInsertId();
    }

    public static function error(PDOException $error): DatabaseError
    {
        return DatabaseError::of((int) ($error->errorInfo[1] ?? 0), (string) ($error->errorInfo[2] ?? ''));
    }

    private function prepared(string $sql): PDOStatement
    {
        if (!isset($this->kept[$sql])) {
            if (count($this->kept) >= self::MAX_KEPT) {
                array_shift($this->kept);
            }
            $this->kept[$sql] = $this->link->prepare($sql);
        }
        return $this->kept[$sql];
    }

    private function execute(PDOStatement $statement, array $values): PDOStatement
    {
        foreach ($values as $position => $value) {
            $type = is_int($value) ? PDO::PARAM_INT : ($value === null ? PDO::PARAM_NULL : PDO::PARAM_STR);
            $statement->bindValue($position + 1, $value, $type);
        }
        $statement->execute();
        return $statement;
    }
}
