<?php

declare(strict_types=1);

namespace Physio\Schema;

/** Dates and times as MySQL stores them: zero dates and zero parts are values like any other. */
final class TimeCheck
{
    public static function check(Column $column, string $value): ?string
    {
        switch ($column->type()) {
            case 'date':
                return self::date($value);
            case 'time':
                return self::time($value, $column->fact('fraction') ?? 0);
            default:
                return self::dateTime($value, $column->fact('fraction') ?? 0);
        }
    }

    private static function date(string $value): ?string
    {
        if (preg_match('/^(\d{4})-(\d\d)-(\d\d)$/D', $value, $part) !== 1) {
            return 'bad_value';
        }
        [$year, $month, $day] = [(int) $part[1], (int) $part[2], (int) $part[3]];
        if ($month === 0 || $day === 0) {
            return $month <= 12 && $day <= 31 ? null : 'bad_value';
        }
        // checkdate() knows no year 0; 4 is a leap year just as 0 is.
        return checkdate($month, $day, $year === 0 ? 4 : $year) ? null : 'bad_value';
    }

    private static function dateTime(string $value, int $fraction): ?string
    {
        $isSplit = preg_match('/^(\S+) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/D', $value, $part) === 1;
        if (!$isSplit || $part[2] > 23 || $part[3] > 59 || $part[4] > 59) {
            return 'bad_value';
        }
        return self::date($part[1]) ?? self::fraction($part[5] ?? '', $fraction);
    }

    private static function time(string $value, int $fraction): ?string
    {
        if (preg_match('/^-?(\d{1,3}):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/D', $value, $part) !== 1) {
            return 'bad_value';
        }
        if ($part[2] > 59 || $part[3] > 59) {
            return 'bad_value';
        }
        $isLastSecond = $part[1] . $part[2] . $part[3] === '8385959' && trim($part[4] ?? '', '0') !== '';
        if ((int) $part[1] > 838 || $isLastSecond) {
            return 'out_of_range';
        }
        return self::fraction($part[4] ?? '', $fraction);
    }

    /** MySQL would round surplus digits without a word. */
    private static function fraction(string $digits, int $fraction): ?string
    {
        return strlen(rtrim($digits, '0')) <= $fraction ? null : 'bad_value';
    }
}
