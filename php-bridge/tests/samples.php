<?php
/** Columns and tables for the tests, in the form of generated/whitelist.php. */

declare(strict_types=1);

use Physio\Schema\Column;
use Physio\Schema\Whitelist;

function sample_facts(string $type, array $more = []): array
{
    $wires = ['float' => 'float', 'double' => 'float', 'bit' => 'bits', 'binary' => 'base64', 'spatial' => 'base64'];
    return $more + [
        'type' => $type,
        'sql' => $type,
        'wire' => $wires[$type] ?? 'text',
        'null' => false,
        'optional' => false,
        'generated' => false,
        'conflict' => 'manual',
    ];
}

function sample_column(string $type, array $more = []): Column
{
    return new Column('c', sample_facts($type, $more));
}

function sample_table(int $id, array $key, ?string $auto, array $columns, array $more = []): array
{
    return $more + [
        'id' => $id, 'fingerprint' => str_repeat('b', 32), 'writable' => true, 'conflict' => 'manual',
        'key' => $key, 'auto' => $auto, 'columns' => $columns, 'unique' => [], 'references' => [],
    ];
}

function sample_whitelist(): Whitelist
{
    $int = ['min' => '-2147483648', 'max' => '2147483647'];
    return new Whitelist([
        'format' => 2, 'app' => 'sample', 'fingerprint' => str_repeat('a', 32), 'utc_offset' => '-03:30',
        'tokens' => ['table' => 't', 'token' => 'token', 'user' => null, 'expires' => null, 'expires_type' => null, 'revoked' => null],
        'tables' => [
            'patients' => sample_table(7, ['id'], 'id', [
                'id' => sample_facts('integer', $int + ['optional' => true]),
                'name' => sample_facts('text', ['length' => 5]),
                'age' => sample_facts('integer', $int + ['generated' => true, 'null' => true]),
            ], ['unique' => ['name_u' => ['name']]]),
            'stock' => sample_table(8, ['code', 'part'], null, [
                'code' => sample_facts('text', ['length' => 9]),
                'part' => sample_facts('binary', ['bytes' => 4]),
                'patient' => sample_facts('integer', $int + ['null' => true]),
            ], ['references' => [[['patient'], 'patients', ['id'], null]]]),
            'roles' => sample_table(9, ['id'], 'id', ['id' => sample_facts('integer', $int)], ['writable' => false]),
        ],
    ]);
}
