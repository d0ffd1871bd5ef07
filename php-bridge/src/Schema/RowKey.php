<?php

declare(strict_types=1);

namespace Physio\Schema;

use Physio\Failure;
use Physio\Http\Reply;

/** Row keys as they come in: a JSON array in the URL, or the text of the feed. */
final class RowKey
{
    /**
     * A key from the URL.
     *
     * @return string[] wire values
     */
    public static function parse(Table $table, string $json): array
    {
        $key = json_decode($json, true, 3, JSON_BIGINT_AS_STRING);
        $columns = $table->keyColumns();
        if (!is_array($key) || count($key) !== count($columns)) {
            throw new Failure('bad_request', $table->name());
        }
        foreach ($columns as $position => $column) {
            $part = $key[$position] ?? null;
            if (!is_string($part) || !self::isKeyPart($column, $part)) {
                throw new Failure('bad_request', $table->field($column->name()));
            }
        }
        return $key;
    }

    /** An ENUM or a date may hold what is none (its mode was not strict once): as a key it must be found all the same. */
    private static function isKeyPart(Column $column, string $part): bool
    {
        switch ($column->type()) {
            case 'enum':
            case 'set':
                return true;
            case 'date':
            case 'datetime':
            case 'timestamp':
                return preg_match('/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d(\.\d{1,6})?)?$/D', $part) === 1;
            default:
                return ValueCheck::check($column, $part) === null;
        }
    }

    /**
     * A key as the triggers wrote it: one column as text (binary as hex), several as a JSON array of texts.
     *
     * @return string[]|null wire values; null when it does not belong to this table's key
     */
    public static function ofFeed(Table $table, string $pk): ?array
    {
        $columns = $table->keyColumns();
        $parts = count($columns) === 1 ? [$pk] : json_decode($pk, true, 3, JSON_BIGINT_AS_STRING);
        if (!is_array($parts) || count($parts) !== count($columns)) {
            return null;
        }
        $key = [];
        foreach ($columns as $position => $column) {
            $part = $parts[$position] ?? null;
            if (!is_string($part) && !is_int($part)) {
                return null;
            }
            $part = (string) $part;
            if ($column->isBase64()) {
                $isHex = strlen($part) % 2 === 0 && preg_match('/^[0-9A-Fa-f]*$/D', $part) === 1;
                $part = $isHex ? base64_encode((string) hex2bin($part)) : null;
            }
            if ($part === null) {
                return null;
            }
            $key[] = $part;
        }
        return $key;
    }

    /**
     * A key as the triggers would write it.
     *
     * @param string[] $key wire values
     */
    public static function toFeed(Table $table, array $key): string
    {
        $parts = [];
        foreach ($table->keyColumns() as $position => $column) {
            $part = $key[$position];
            $parts[] = $column->isBase64() ? strtoupper(bin2hex((string) base64_decode($part, true))) : $part;
        }
        return count($parts) === 1 ? $parts[0] : json_encode($parts, Reply::JSON_FLAGS);
    }
}
