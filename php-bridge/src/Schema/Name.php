<?php

declare(strict_types=1);

namespace Physio\Schema;

/** Names in SQL. They come from the whitelist only; quoting keeps odd ones (spaces, reserved words) working. */
final class Name
{
    public static function quoted(string $name): string
    {
        return '`' . str_replace('`', '``', $name) . '`';
    }

    /** @param string[] $names */
    public static function quotedList(array $names): string
    {
        return implode(', ', array_map([self::class, 'quoted'], $names));
    }
}
