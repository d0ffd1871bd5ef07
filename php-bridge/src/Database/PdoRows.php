<?php

declare(strict_types=1);

namespace Physio\Database;

use PDO;
use PDOException;
use PDOStatement;

/** Rows of an unbuffered PDO statement. */
final class PdoRows implements Rows
{
    private PDOStatement $statement;

    public function __construct(PDOStatement $statement)
    {
        $this->statement = $statement;
    }

    public function next(): ?array
    {
        try {
            $row = $this->statement->fetch(PDO::FETCH_NUM);
        } catch (PDOException $error) {
            throw PdoDatabase::error($error);
        }
        if ($row !== false) {
            return $row;
        }
        $this->close();
        return null;
    }

    public function close(): void
    {
        $this->statement->closeCursor();
    }
}
