<?php

declare(strict_types=1);

use Physio\Schema\Name;
use Physio\Schema\RowKey;

return [
    'names are quoted' => static function (Checks $t): void {
        $t->same('`a``; DROP`', Name::quoted('a`; DROP'));
    },
    'values are read in the spelling of the wire' => static function (Checks $t): void {
        $t->same('CONCAT(IF(`c` < 0, \'-\', \'\'), ABS(`c` + 0e0))', sample_column('float')->wireSql());
        $t->same('CONCAT(`c`)', sample_column('double', ['sql' => 'double'])->wireSql());
        $t->same('CONCAT(`c` + 0)', sample_column('bit')->wireSql());
        $t->same('CONCAT(`c`)', sample_column('decimal')->wireSql());
        $t->same('`c`', sample_column('text')->wireSql());
        $t->same('`c`', sample_column('binary')->wireSql());
    },
    'values are bound so that MySQL stores what was sent' => static function (Checks $t): void {
        $t->same('FROM_BASE64(?)', sample_column('binary')->valueSql());
        $t->same('CAST(CONCAT(?) AS UNSIGNED)', sample_column('bit')->valueSql());
        $t->same('0000', sample_column('year')->bound('0'));
        $t->same(null, sample_column('year')->bound(null));
    },
    'a text key is compared in the characters of its column' => static function (Checks $t): void {
        $ascii = sample_column('text', ['collation' => 'ascii_bin']);
        $t->same('CONVERT(CONCAT(?) USING ascii) COLLATE ascii_bin', $ascii->keyValueSql());
        $t->same('X-é😀', $ascii->boundKey('X-é😀'));
        // Servers have two names for this collation, so it is not named.
        $old = sample_column('text', ['collation' => 'utf8mb3_general_ci']);
        $t->same('?', $old->keyValueSql());
        $t->same('X-é?', $old->boundKey('X-é😀'));
        $t->same('X-é😀', $old->bound('X-é😀'));
    },
    'a composite key is compared range by range' => static function (Checks $t): void {
        $table = sample_whitelist()->table('stock');
        $t->same('((`code` > ?) OR (`code` = ? AND `part` > FROM_BASE64(?)))', $table->aboveSql());
        $t->same(['A', 'A', 'AQ=='], $table->boundAbove(['A', 'AQ==']));
        $t->same('(`code` = ? AND `part` = FROM_BASE64(?)) OR (`code` = ? AND `part` = FROM_BASE64(?))', $table->anyKeySql(2));
    },
    'rows are encoded and know their key' => static function (Checks $t): void {
        $table = sample_whitelist()->table('stock');
        $row = ['A', "\x00\xFF", null];
        $table->encodeRow($row);
        $t->same(['A', 'AP8=', null], $row);
        $t->same(['A', 'AP8='], $table->keyOf($row));
    },
    'one row has one id, however its key is spelt' => static function (Checks $t): void {
        $whitelist = sample_whitelist();
        $t->same($whitelist->table('patients')->keyId(['7']), $whitelist->table('patients')->keyId(['007']));
        $stock = $whitelist->table('stock');
        $t->same(false, $stock->keyId(['a', 'AQ==']) === $stock->keyId(['A', 'AQ==']));
        $t->same(false, $stock->keyId(['a', '']) === $stock->keyId(['', 'YQ==']));
    },
    'keys of the URL' => static function (Checks $t): void {
        $whitelist = sample_whitelist();
        $t->same(['7'], RowKey::parse($whitelist->table('patients'), '["7"]'));
        $wrong = ['', '7', '[7]', '["7","8"]', '[null]', '["x"]', '["7"', '[["7"]]', '{"id":"7"}'];
        foreach ($wrong as $json) {
            $t->refused('bad_request', static function () use ($whitelist, $json): void {
                RowKey::parse($whitelist->table('patients'), $json);
            }, $json);
        }
    },
    'keys of the feed' => static function (Checks $t): void {
        $whitelist = sample_whitelist();
        $t->same(['17'], RowKey::ofFeed($whitelist->table('patients'), '17'));
        $t->same(['S"1', 'AP8='], RowKey::ofFeed($whitelist->table('stock'), '["S\\"1", "00FF"]'));
        $t->same(null, RowKey::ofFeed($whitelist->table('stock'), '["S", "0"]'));
        $t->same(null, RowKey::ofFeed($whitelist->table('stock'), 'S'));
    },
    'lists of tables' => static function (Checks $t): void {
        $whitelist = sample_whitelist();
        $t->same([7, 8, 9], array_keys($whitelist->listed(null)));
        $t->same([7, 8], array_keys($whitelist->listed('stock,patients,stock')));
        $t->same([], $whitelist->listed(''));
        $t->refused('unknown_table', static function () use ($whitelist): void {
            $whitelist->listed('patients,api_tokens');
        });
    },
    'local time of the application' => static function (Checks $t): void {
        $t->same('TIMESTAMPADD(MINUTE, -210, UTC_TIMESTAMP(3))', sample_whitelist()->localTime(3));
    },
];
