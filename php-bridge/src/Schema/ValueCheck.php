<?php

declare(strict_types=1);

namespace Physio\Schema;

/** Checks a wire value against its column before SQL sees it. Answers a unit code, or null when it fits. */
final class ValueCheck
{
    public static function check(Column $column, ?string $value): ?string
    {
        if ($value === null) {
            return $column->isNullable() ? null : 'not_null';
        }
        switch ($column->type()) {
            case 'integer':
                return self::integer($value, (string) $column->fact('min'), (string) $column->fact('max'));
            case 'bit':
                return self::integer($value, '0', (string) $column->fact('max'));
            case 'year':
                $isYear = preg_match('/^(0{1,4}|\d{4})$/D', $value) === 1;
                return $isYear ? self::within((int) $value === 0 || ((int) $value > 1900 && (int) $value < 2156))
                    : (self::isMatch('/^\d{1,9}$/D', $value) === null ? 'out_of_range' : 'bad_value');
            case 'decimal':
                return self::decimal($column, $value);
            case 'float':
            case 'double':
                return self::real($column, $value);
            case 'text':
                return self::text($column, $value);
            case 'binary':
            case 'spatial':
            case 'vector':
                return self::bytes($column, $value);
            case 'enum':
                return in_array($value, $column->fact('members'), true) ? null : 'bad_value';
            case 'set':
                $parts = $value === '' ? [] : explode(',', $value);
                return array_diff($parts, $column->fact('members')) === [] ? null : 'bad_value';
            case 'date':
            case 'datetime':
            case 'timestamp':
            case 'time':
                return TimeCheck::check($column, $value);
            case 'json':
                json_decode($value, false, 512, JSON_BIGINT_AS_STRING);
                return json_last_error() === JSON_ERROR_NONE ? null : 'bad_value';
            case 'uuid':
                return self::isMatch('/^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/Di', $value);
            case 'inet4':
                return filter_var($value, FILTER_VALIDATE_IP, FILTER_FLAG_IPV4) === false ? 'bad_value' : null;
            case 'inet6':
                return filter_var($value, FILTER_VALIDATE_IP) === false ? 'bad_value' : null;
            default:
                return 'bad_value';
        }
    }

    private static function isMatch(string $pattern, string $value): ?string
    {
        return preg_match($pattern, $value) === 1 ? null : 'bad_value';
    }

    private static function within(bool $isInRange): ?string
    {
        return $isInRange ? null : 'out_of_range';
    }

    private static function integer(string $value, string $min, string $max): ?string
    {
        if (preg_match('/^-?\d{1,64}$/D', $value) !== 1) {
            return 'bad_value';
        }
        return self::within(self::compare($value, $min) >= 0 && self::compare($value, $max) <= 0);
    }

    /** Compares two integers of any size. */
    private static function compare(string $a, string $b): int
    {
        [$isNegativeA, $digitsA] = self::signed($a);
        [$isNegativeB, $digitsB] = self::signed($b);
        if ($isNegativeA !== $isNegativeB) {
            return $isNegativeA ? -1 : 1;
        }
        $order = strlen($digitsA) <=> strlen($digitsB) ?: strcmp($digitsA, $digitsB);
        return $isNegativeA ? -$order : $order;
    }

    /** @return array{0: bool, 1: string} */
    private static function signed(string $number): array
    {
        $digits = ltrim($number, '-0');
        return [$number[0] === '-' && $digits !== '', $digits];
    }

    private static function decimal(Column $column, string $value): ?string
    {
        if (preg_match('/^(-?)0*(\d{0,200})(?:\.(\d{1,200}))?$/D', $value, $part) !== 1 || $value === '' || $value === '-') {
            return 'bad_value';
        }
        $fraction = rtrim($part[3] ?? '', '0');
        if ($part[1] === '-' && $column->fact('unsigned') && ($part[2] !== '' || $fraction !== '')) {
            return 'out_of_range';
        }
        // MySQL would round surplus places without a word.
        if (strlen($fraction) > $column->fact('scale')) {
            return 'out_of_range';
        }
        return self::within(strlen($part[2]) <= $column->fact('precision') - $column->fact('scale'));
    }

    private static function real(Column $column, string $value): ?string
    {
        if (preg_match('/^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?$/D', $value) !== 1) {
            return 'bad_value';
        }
        $number = (float) $value;
        $most = $column->type() === 'float' ? 3.4028234663852886e38 : PHP_FLOAT_MAX;
        return self::within(abs($number) <= $most && !($number < 0 && $column->fact('unsigned')));
    }

    private static function text(Column $column, string $value): ?string
    {
        // `bytes` counts in the column's charset, which needs one byte a character at least: MySQL knows the rest.
        $most = $column->fact('length') ?? $column->fact('bytes');
        if ($most === null || strlen($value) <= $most) {
            return null;
        }
        $n_characters = strlen($value) - (int) preg_match_all('/[\x80-\xBF]/', $value);
        return $n_characters <= $most ? null : 'too_long';
    }

    private static function bytes(Column $column, string $value): ?string
    {
        // Strict decoding still takes missing padding, which other decoders refuse.
        $bytes = strlen($value) % 4 === 0 ? base64_decode($value, true) : false;
        if ($bytes === false) {
            return 'bad_value';
        }
        $most = $column->fact('bytes');
        return $most === null || strlen($bytes) <= $most ? null : 'too_long';
    }
}
