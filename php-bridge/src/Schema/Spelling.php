<?php

declare(strict_types=1);

namespace Physio\Schema;

/** Whether two wire texts mean the same stored value: `1.5` and `1.50` do in a DECIMAL, not in a VARCHAR. */
final class Spelling
{
    public static function isSame(Column $column, ?string $a, ?string $b): bool
    {
        if ($a === null || $b === null || $a === $b) {
            return $a === $b;
        }
        return self::canonical($column, $a) === self::canonical($column, $b);
    }

    /** The one text that stands for all spellings of a value. */
    public static function canonical(Column $column, string $text): string
    {
        switch ($column->type()) {
            case 'integer':
            case 'bit':
            case 'year':
                return self::number($text);
            case 'decimal':
                return self::number($text);
            case 'float':
                return self::double(self::single((float) $text));
            case 'double':
                return self::double((float) $text);
            case 'datetime':
            case 'timestamp':
                return self::withoutFractionZeros($text);
            case 'time':
                return self::withoutFractionZeros((string) preg_replace('/^(-?)0+(?=\d\d:|\d:)/', '$1', $text));
            case 'text':
                return $column->fact('fixed') ? rtrim($text, ' ') : $text;
            case 'binary':
                $bytes = (string) base64_decode($text, true);
                return $column->fact('fixed') ? rtrim($bytes, "\0") : $bytes;
            case 'spatial':
            case 'vector':
                return (string) base64_decode($text, true);
            case 'set':
                return self::set($column, $text);
            case 'json':
                return self::json($text);
            case 'uuid':
                return strtolower(str_replace('-', '', $text));
            default:
                return $text;
        }
    }

    /** A decimal number without superfluous zeros and sign. */
    private static function number(string $text): string
    {
        if (preg_match('/^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/D', $text, $part) !== 1) {
            return $text;
        }
        $fraction = $part[3] ?? '';
        $number = $part[2] . ($fraction === '' ? '' : '.' . $fraction);
        return $number === '0' ? '0' : $part[1] . $number;
    }

    private static function double(float $value): string
    {
        // Adding zero turns -0.0 into 0.0: MySQL stores no negative zero.
        return bin2hex(pack('E', $value + 0.0));
    }

    /** The nearest single-precision number: all that a FLOAT column can hold. */
    private static function single(float $value): float
    {
        return unpack('f', pack('f', $value))[1];
    }

    private static function withoutFractionZeros(string $text): string
    {
        return strpos($text, '.') === false ? $text : rtrim(rtrim($text, '0'), '.');
    }

    private static function set(Column $column, string $text): string
    {
        $given = $text === '' ? [] : explode(',', $text);
        $known = array_values(array_intersect($column->fact('members'), $given));
        return implode(',', array_merge($known, array_diff($given, $known)));
    }

    private static function json(string $text): string
    {
        $value = json_decode($text, false, 512, JSON_BIGINT_AS_STRING);
        return json_last_error() === JSON_ERROR_NONE ? serialize(self::sorted($value)) : $text;
    }

    /** @param mixed $value decoded JSON; objects are compared without the order of their members */
    private static function sorted($value)
    {
        if ($value instanceof \stdClass) {
            $members = array_map([self::class, 'sorted'], get_object_vars($value));
            ksort($members, SORT_STRING);
            return ['object', $members];
        }
        if (is_array($value)) {
            return array_map([self::class, 'sorted'], $value);
        }
        return is_int($value) || is_float($value) ? self::double((float) $value) : $value;
    }
}
