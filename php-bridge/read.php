<?php
/** GET read.php: pages of a table in key order, or one row (PROTOCOL.md). */

declare(strict_types=1);

use Physio\Bridge;
use Physio\Failure;
use Physio\Pull\TablePage;

/** @var Bridge $bridge */
$bridge = require __DIR__ . '/config.php';

$bridge->answer('GET', ['table', 'after', 'key', 'limit'], static function (Bridge $bridge): void {
    $request = $bridge->request();
    [$name, $after, $key] = [$request->parameter('table'), $request->parameter('after'), $request->parameter('key')];
    $limit = $request->limit(20000, 100000);
    if ($name === null || ($after !== null && $key !== null)) {
        throw new Failure('bad_request');
    }
    $bridge->checkAcquainted();
    $table = $bridge->whitelist()->table($name);
    if ($table === null) {
        throw new Failure('unknown_table');
    }
    $page = new TablePage($bridge, $table);
    $key === null ? $page->sendAbove($after, $limit) : $page->sendRow($key);
});
