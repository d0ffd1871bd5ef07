<?php

declare(strict_types=1);

use Physio\Access\Caller;
use Physio\Database\DatabaseError;
use Physio\Failure;
use Physio\Push\BatchRequest;
use Physio\Push\BatchState;
use Physio\Push\DatabaseRefusal;
use Physio\Push\Resolver;

const DEVICE = '000102030405060708090a0b0c0d0e0f';

function batch_json(array $change): string
{
    $unit = ['unit' => '1', 'changes' => [$change]];
    return (string) json_encode(['v' => 1, 'device' => DEVICE, 'batch' => 1, 'units' => [$unit]]);
}

function refusal_of(int $errno, string $message): array
{
    $whitelist = sample_whitelist();
    return DatabaseRefusal::of(DatabaseError::of($errno, $message), $whitelist->table('patients'), $whitelist)->outcome('1', 0);
}

return [
    'a well-formed batch' => static function (Checks $t): void {
        $body = batch_json(['op' => 'delete', 'table' => 'patients', 'key' => ['7'], 'base' => new stdClass()]);
        $request = BatchRequest::parse($body, DEVICE, true);
        $t->same([1, hash('sha256', $body), '1'], [$request->batch(), $request->hash(), $request->units()[0]['unit']]);
    },
    'every other shape is refused whole' => static function (Checks $t): void {
        $insert = ['op' => 'insert', 'table' => 'patients', 'values' => ['name' => 'A']];
        $unit = ['unit' => '1', 'changes' => [$insert]];
        $head = ['v' => 1, 'device' => DEVICE, 'batch' => 1];
        $wrong = [
            '', '{', '[]', '"x"', str_repeat('[', 40),
            json_encode($head), json_encode($head + ['units' => []]), json_encode($head + ['units' => ['a' => $unit]]),
            json_encode(['v' => 2] + $head + ['units' => [$unit]]),
            json_encode(['batch' => '1'] + $head + ['units' => [$unit]]), json_encode(['batch' => 0] + $head + ['units' => [$unit]]),
            json_encode(['device' => strrev(DEVICE)] + $head + ['units' => [$unit]]),
            json_encode($head + ['units' => [$unit], 'more' => 1]), json_encode($head + ['units' => [$unit, $unit]]),
            json_encode($head + ['units' => [['unit' => 1] + $unit]]), json_encode($head + ['units' => [['unit' => '1', 'changes' => []]]]),
            batch_json(['op' => 'upsert'] + $insert), batch_json($insert + ['key' => ['1']]), batch_json(['table' => 5] + $insert),
            batch_json($insert + ['temp' => 5]), batch_json(['values' => 'x'] + $insert), batch_json(['op' => 'insert', 'table' => 'patients']),
            batch_json(['op' => 'update', 'table' => 'patients', 'key' => ['a' => '7'], 'values' => ['name' => 'B'], 'base' => ['name' => 'A']]),
        ];
        foreach ($wrong as $index => $body) {
            $t->refused('bad_request', static function () use ($body): void {
                BatchRequest::parse((string) $body, DEVICE, false);
            }, "shape $index");
        }
    },
    'write.php takes one unit' => static function (Checks $t): void {
        $insert = ['op' => 'insert', 'table' => 'patients', 'values' => ['name' => 'A']];
        $units = [['unit' => '1', 'changes' => [$insert]], ['unit' => '2', 'changes' => [$insert]]];
        $body = (string) json_encode(['v' => 1, 'device' => DEVICE, 'batch' => 1, 'units' => $units]);
        $t->same(2, count(BatchRequest::parse($body, DEVICE, false)->units()));
        $t->refused('bad_request', static function () use ($body): void {
            BatchRequest::parse($body, DEVICE, true);
        });
    },
    'references become keys, of this batch or the one before' => static function (Checks $t): void {
        $whitelist = sample_whitelist();
        $state = new BatchState([['table' => 'patients', 'temp' => '-1', 'key' => '41']]);
        $state->give('patients', '-2', '42');
        $resolver = new Resolver($whitelist, $state, Caller::anybody());
        $stock = $whitelist->table('stock');
        $t->same(['patient' => '41'], $resolver->values($stock, ['patient' => ['$ref' => ['patients', '-1']]]));
        $t->same(['42'], $resolver->key($whitelist->table('patients'), [['$ref' => ['patients', '-2']]]));
        foreach ([['patients', '-3'], ['stock', '-1']] as $unknown) {
            $t->refused('unknown_reference', static function () use ($resolver, $stock, $unknown): void {
                $resolver->values($stock, ['patient' => ['$ref' => $unknown]]);
            });
        }
        foreach ([5, 1.5, true, [], ['$ref' => 'x'], ['$ref' => ['a']], ['$ref' => ['a', 1]], ['$ref' => ['a', 'b'], 'c' => 1]] as $odd) {
            $t->refused('bad_value', static function () use ($resolver, $stock, $odd): void {
                $resolver->values($stock, ['patient' => $odd]);
            }, (string) json_encode($odd));
        }
    },
    'what depends on a parked unit is blocked' => static function (Checks $t): void {
        $whitelist = sample_whitelist();
        $state = new BatchState([]);
        $state->parkTemp('patients', '-1', '9');
        $state->parkRow($whitelist->table('patients'), ['77'], '9', true);
        $state->parkRow($whitelist->table('patients'), ['78'], '9', false);
        $resolver = new Resolver($whitelist, $state, Caller::anybody());
        foreach ([['$ref' => ['patients', '-1']], '077'] as $value) {
            $t->refused('blocked', static function () use ($resolver, $whitelist, $value): void {
                $resolver->values($whitelist->table('stock'), ['patient' => $value]);
            });
        }
        $t->same(['patient' => '78'], $resolver->values($whitelist->table('stock'), ['patient' => '78']));
        $t->same('9', $state->parkedRow($whitelist->table('patients'), ['0078']));
    },
    'names and values are checked against the whitelist' => static function (Checks $t): void {
        $whitelist = sample_whitelist();
        $resolver = new Resolver($whitelist, new BatchState([]), Caller::anybody());
        $patients = $whitelist->table('patients');
        $cases = [
            ['unknown_column', ['hidden' => 'x']], ['unknown_column', ['age' => '5']],
            ['too_long', ['name' => 'abcdef']], ['not_null', ['name' => null]], ['bad_value', ['id' => 'x']],
        ];
        foreach ($cases as [$code, $values]) {
            $t->refused($code, static function () use ($resolver, $patients, $values): void {
                $resolver->values($patients, $values);
            });
        }
        foreach (['unknown_table' => 'api_tokens', 'table_read_only' => 'roles'] as $code => $name) {
            $t->refused($code, static function () use ($resolver, $name): void {
                $resolver->table(['table' => $name]);
            });
        }
        foreach ([[], ['1', '2'], [null], ['x']] as $key) {
            $t->refused('bad_value', static function () use ($resolver, $patients, $key): void {
                $resolver->key($patients, $key);
            });
        }
    },
    'refusals of the database name the column, never the value' => static function (Checks $t): void {
        $cases = [
            [1062, "Duplicate entry 'x' for key 'name_u'", 'failed', 'duplicate_key', 'patients.name'],
            [1062, "Duplicate entry 'for key 'x'' for key 'patients.name_u'", 'failed', 'duplicate_key', 'patients.name'],
            [1062, "Duplicate entry '7' for key 'PRIMARY'", 'conflict', 'duplicate_key', 'patients.id'],
            [1048, "Column 'name' cannot be null", 'failed', 'not_null', 'patients.name'],
            [1364, "Field 'name' doesn't have a default value", 'failed', 'not_null', 'patients.name'],
            [1264, "Out of range value for column 'id' at row 1", 'failed', 'out_of_range', 'patients.id'],
            [1366, "Incorrect string value: '\\xF0' for column `clinic`.`patients`.`name` at row 1", 'failed', 'bad_value', 'patients.name'],
            [1406, "Data too long for column 'name' at row 1", 'failed', 'too_long', 'patients.name'],
            [4025, 'CONSTRAINT `patients.name` failed for `clinic`.`patients`', 'failed', 'check_failed', 'patients.name'],
            [3819, "Check constraint 'chk_1' is violated.", 'failed', 'check_failed', 'patients'],
            [1451, 'Cannot delete or update a parent row: a foreign key constraint fails (`c`.`stock`, CONSTRAINT `s_1` FOREIGN KEY (`patient`) REFERENCES `patients` (`id`))', 'failed', 'still_referenced', 'stock.patient'],
            [1644, 'the text of somebody\'s SIGNAL', 'failed', 'refused', 'patients'],
        ];
        foreach ($cases as [$errno, $message, $status, $code, $field]) {
            $expected = ['unit' => '1', 'status' => $status, 'change' => 0, 'code' => $code, 'field' => $field];
            $t->same($expected, refusal_of($errno, $message), (string) $errno);
        }
    },
    'a live table that is not the whitelist\'s stops the batch and is named' => static function (Checks $t): void {
        $cases = [
            [1146, "Table 'clinic.patients' doesn't exist", 'patients'],
            [1054, "Unknown column 'name' in 'SELECT'", 'patients.name'],
            [1054, "Unknown column 'patients.name' in 'field list'", 'patients.name'],
            [1054, "Unknown column 'NEW.other' in 'NEW'", 'patients'],
            [1364, "Field 'secret' doesn't have a default value", 'patients'],
        ];
        foreach ($cases as [$errno, $message, $field]) {
            try {
                refusal_of($errno, $message);
                $t->same('thrown', 'not thrown', $message);
            } catch (Failure $failure) {
                $members = $failure->members('');
                $t->same(['schema_changed', $field], [$members['code'], $members['field'] ?? null], $message);
            }
        }
        $patients = sample_whitelist()->table('patients');
        $failure = DatabaseError::of(1054, "Unknown column 'name' in 'SELECT'")->failureIn($patients);
        $t->same('patients.name', $failure->members('')['field']);
        $t->same('busy', DatabaseError::of(1213, 'x')->failureIn($patients)->wireCode());
    },
    'errors that are not the row\'s fault stop the batch' => static function (Checks $t): void {
        foreach ([1213, 1205, 1020, 2006, 1040] as $errno) {
            try {
                refusal_of($errno, 'x');
            } catch (DatabaseError $error) {
                $t->same($errno, $error->errno());
                continue;
            }
            $t->same('thrown', 'not thrown', (string) $errno);
        }
        $codes = [];
        foreach ([1213, 2006, 1054, 1064] as $errno) {
            $codes[] = DatabaseError::of($errno, 'x')->failure()->wireCode();
        }
        $t->same(['busy', 'database_unavailable', 'schema_changed', 'internal'], $codes);
        $t->same('not_installed', DatabaseError::of(1146, "Table 'c._physio_state' doesn't exist")->failure()->wireCode());
    },
];
