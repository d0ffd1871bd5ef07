<?php
/** GET read.php: pages of a table in key order, one row, or sums of its ranges (PROTOCOL.md). */

declare(strict_types=1);

use Physio\Bridge;
use Physio\Failure;
use Physio\Pull\RangeSums;
use Physio\Pull\TablePage;

/** @var Bridge $bridge */
$bridge = require __DIR__ . '/config.php';

$bridge->answer('GET', ['table', 'after', 'until', 'key', 'limit', 'sums'], static function (Bridge $bridge): void {
    $request = $bridge->request();
    [$name, $after, $until] = [$request->parameter('table'), $request->parameter('after'), $request->parameter('until')];
    [$key, $sums] = [$request->parameter('key'), $request->count('sums', RangeSums::MAX_ROWS)];
    $limit = $request->limit(20000, 100000);
    $hasRange = $after !== null || $until !== null || $sums !== null;
    if ($name === null || ($hasRange && $key !== null)) {
        throw new Failure('bad_request', $name === null ? 'table' : 'key');
    }
    $bridge->checkAcquainted();
    $table = $bridge->whitelist()->table($name);
    if ($table === null) {
        throw new Failure('unknown_table');
    }
    if (!$bridge->caller()->may($table, 'read')) {
        throw new Failure('forbidden', $table->name());
    }
    if ($sums !== null) {
        (new RangeSums($bridge, $table))->send($after, $until, $sums, $limit);
        return;
    }
    $page = new TablePage($bridge, $table);
    $key === null ? $page->sendAbove($after, $until, $limit) : $page->sendRow($key);
});
