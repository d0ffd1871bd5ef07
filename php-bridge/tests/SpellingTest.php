<?php

declare(strict_types=1);

use Physio\Schema\Spelling;

function spellings(string $type, array $facts, array $same, array $different): callable
{
    return static function (Checks $t) use ($type, $facts, $same, $different): void {
        $column = sample_column($type, $facts);
        foreach ($same as [$a, $b]) {
            $t->same(true, Spelling::isSame($column, $a, $b), "$type $a = $b");
        }
        foreach ($different as [$a, $b]) {
            $t->same(false, Spelling::isSame($column, $a, $b), "$type " . var_export($a, true) . ' <> ' . var_export($b, true));
        }
    };
}

return [
    'null is only itself' => spellings('text', ['length' => 9], [[null, null]], [[null, ''], ['', null]]),
    'integers' => spellings('integer', [], [['000042', '42'], ['-0', '0'], ['-007', '-7'], ['0000', '0']], [['42', '-42'], ['4', '40']]),
    'decimals' => spellings('decimal', [], [['10.5', '10.50'], ['10', '10.00'], ['-0.00', '0']], [['10.5', '10.05'], ['1.10', '11.0']]),
    'floats hold single precision' => spellings('float', [], [['0.1', '0.10000000149011612'], ['16777216', '1.6777216e7']], [['0.1', '0.2']]),
    'doubles hold all their digits' => spellings('double', [], [['0.1', '1e-1'], ['0', '-0']], [['0.1', '0.10000000149011612']]),
    'text is bytes' => spellings('text', ['length' => 9], [['a ', 'a ']], [['a ', 'a'], ['a', 'A'], ['1.0', '1']]),
    'CHAR drops trailing spaces' => spellings('text', ['length' => 9, 'fixed' => true], [['a  ', 'a']], [[' a', 'a']]),
    'BINARY is padded' => spellings('binary', ['bytes' => 4, 'fixed' => true], [['AQAAAA==', 'AQ==']], [['AQ==', 'Ag==']]),
    'VARBINARY is not' => spellings('binary', ['bytes' => 4], [], [['AQAAAA==', 'AQ==']]),
    'fractions of a second' => spellings('datetime', ['fraction' => 3], [['2024-01-01 00:00:00', '2024-01-01 00:00:00.000']], [
        ['2024-01-01 00:00:00', '2024-01-01 00:00:00.001'], ['2024-01-01 00:00:10', '2024-01-01 00:00:01'],
    ]),
    'times' => spellings('time', ['fraction' => 0], [['8:00:00', '08:00:00'], ['-008:00:00', '-08:00:00']], [['08:00:00', '80:00:00']]),
    'sets have no order' => spellings('set', ['members' => ['x', 'y']], [['x,y', 'y,x'], ['', '']], [['x', 'y']]),
    'json has no order and no spaces' => spellings('json', [], [['{"a":1,"b":[2]}', '{ "b": [2.0], "a": 1 }']], [['[1,2]', '[2,1]'], ['{}', '[]'], ['"1"', '1']]),
    'uuid' => spellings('uuid', [], [['123E4567-e89b-12d3-a456-426655440000', '123e4567e89b12d3a456426655440000']], []),
];
