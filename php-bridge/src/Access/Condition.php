<?php

declare(strict_types=1);

namespace Physio\Access;

/** A part of a WHERE that rows must meet, with the values that it binds; or none at all. */
final class Condition
{
    private string $sql;
    /** @var string[] */
    private array $bound;

    /** @param string[] $bound */
    public function __construct(string $sql, array $bound)
    {
        $this->sql = $sql;
        $this->bound = $bound;
    }

    /** Every row meets it. */
    public static function none(): self
    {
        return new self('', []);
    }

    public function isNone(): bool
    {
        return $this->sql === '';
    }

    /** The condition alone, `1` where there is none. */
    public function sql(): string
    {
        return $this->sql === '' ? '1' : $this->sql;
    }

    /** ` AND …` behind another condition, nothing where there is none. */
    public function andSql(): string
    {
        return $this->sql === '' ? '' : ' AND ' . $this->sql;
    }

    /** @return string[] */
    public function bound(): array
    {
        return $this->bound;
    }
}
