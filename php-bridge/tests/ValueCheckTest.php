<?php

declare(strict_types=1);

use Physio\Schema\ValueCheck;

/** @return callable(Checks): void for rows of [value, expected code or null] */
function values_of(string $type, array $facts, array $rows): callable
{
    return static function (Checks $t) use ($type, $facts, $rows): void {
        $column = sample_column($type, $facts);
        foreach ($rows as [$value, $expected]) {
            $t->same($expected, ValueCheck::check($column, $value), $type . ' ' . var_export($value, true));
        }
    };
}

return [
    'null only where the column takes it' => static function (Checks $t): void {
        $t->same('not_null', ValueCheck::check(sample_column('text', ['length' => 3]), null));
        $t->same(null, ValueCheck::check(sample_column('text', ['length' => 3, 'null' => true]), null));
    },
    'integers by range, of any size' => values_of('integer', ['min' => '0', 'max' => '18446744073709551615'], [
        ['0', null], ['-0', null], ['007', null], ['18446744073709551615', null],
        ['18446744073709551616', 'out_of_range'], ['-1', 'out_of_range'], ['99999999999999999999999', 'out_of_range'],
        ['3.0', 'bad_value'], ['', 'bad_value'], ['-', 'bad_value'], ['+1', 'bad_value'], ['1e3', 'bad_value'], ["1\n", 'bad_value'],
    ]),
    'signed integers' => values_of('integer', ['min' => '-128', 'max' => '127'], [
        ['-128', null], ['127', null], ['-129', 'out_of_range'], ['128', 'out_of_range'],
    ]),
    'decimals keep every place or are refused' => values_of('decimal', ['precision' => 5, 'scale' => 2, 'unsigned' => false], [
        ['999.99', null], ['-999.9', null], ['1.500', null], ['0001.5', null],
        ['1000', 'out_of_range'], ['1.234', 'out_of_range'], ['.5', null], ['5.', 'bad_value'], ['-', 'bad_value'], ['1,5', 'bad_value'],
    ]),
    'unsigned decimals' => values_of('decimal', ['precision' => 5, 'scale' => 2, 'unsigned' => true], [
        ['-0.00', null], ['-0.01', 'out_of_range'],
    ]),
    'floats' => values_of('float', ['unsigned' => false], [
        ['1e38', null], ['-0.5', null], ['1.0e+20', null], ['3.5e38', 'out_of_range'], ['inf', 'bad_value'], ['NaN', 'bad_value'], ['0x1', 'bad_value'],
    ]),
    'doubles' => values_of('double', ['unsigned' => true], [['1e308', null], ['1e309', 'out_of_range'], ['-1', 'out_of_range']]),
    'bits' => values_of('bit', ['bits' => 8, 'max' => '255'], [['255', null], ['256', 'out_of_range'], ['b1', 'bad_value']]),
    'two-digit years are no years' => values_of('year', [], [
        ['0', null], ['0000', null], ['1901', null], ['2155', null], ['24', 'out_of_range'], ['1900', 'out_of_range'], ['x', 'bad_value'],
    ]),
    'text counts characters' => values_of('text', ['length' => 3], [['äöü', null], ['😀😀😀', null], ['abcd', 'too_long'], ['', null]]),
    'text counts bytes only where they are certain' => values_of('text', ['bytes' => 4], [['äöü', null], ['abcde', 'too_long']]),
    'binary is strict base64' => values_of('binary', ['bytes' => 3], [
        ['AAEC', null], ['', null], ['AA==', null], ['AAECAw==', 'too_long'], ['AAE', 'bad_value'], ['A*==', 'bad_value'],
    ]),
    'enum members exactly, never their numbers' => values_of('enum', ['members' => ['open', 'done']], [
        ['open', null], ['Open', 'bad_value'], ['1', 'bad_value'], ['', 'bad_value'],
    ]),
    'sets' => values_of('set', ['members' => ['x', 'y']], [['', null], ['y,x', null], ['x,z', 'bad_value'], ['3', 'bad_value']]),
    'dates: zero dates are values, impossible ones are not' => values_of('date', [], [
        ['0000-00-00', null], ['2024-00-15', null], ['2024-02-00', null], ['2024-02-29', null], ['0000-02-29', null],
        ['2023-02-29', 'bad_value'], ['2024-13-01', 'bad_value'], ['2024-00-32', 'bad_value'], ['24-01-01', 'bad_value'],
    ]),
    'datetimes' => values_of('datetime', ['fraction' => 3], [
        ['2024-01-02 03:04:05', null], ['2024-01-02 03:04:05.123', null], ['2024-01-02 03:04:05.120000', null],
        ['2024-01-02 03:04:05.1234', 'bad_value'], ['2024-01-02T03:04:05', 'bad_value'], ['2024-01-02 24:00:00', 'bad_value'],
    ]),
    'times beyond a day' => values_of('time', ['fraction' => 0], [
        ['-838:59:59', null], ['25:00:00', null], ['8:00:00', null], ['839:00:00', 'out_of_range'], ['10:60:00', 'bad_value'], ['10:00', 'bad_value'],
    ]),
    'json, uuid and addresses' => static function (Checks $t): void {
        $t->same(null, ValueCheck::check(sample_column('json'), '{"a":[1,null]}'));
        $t->same('bad_value', ValueCheck::check(sample_column('json'), '{a:1}'));
        $t->same(null, ValueCheck::check(sample_column('uuid'), '123e4567-e89b-12d3-a456-426655440000'));
        $t->same('bad_value', ValueCheck::check(sample_column('uuid'), '123'));
        $t->same(null, ValueCheck::check(sample_column('inet6'), '::1'));
        $t->same('bad_value', ValueCheck::check(sample_column('inet4'), '::1'));
    },
    'a type that nobody knows takes nothing' => values_of('novelty', [], [['1', 'bad_value']]),
];
