<?php
/** GET sync.php: what changed since a cursor, or what this host is (PROTOCOL.md). */

declare(strict_types=1);

use Physio\Bridge;
use Physio\Failure;
use Physio\Pull\SyncPage;
use Physio\Report;

/** @var Bridge $bridge */
$bridge = require __DIR__ . '/config.php';

$bridge->answer('GET', ['since', 'limit', 'tables', 'describe', 'report'], static function (Bridge $bridge): void {
    $request = $bridge->request();
    if ($request->parameter('report') !== null) {
        (new Report($bridge))->send();
        return;
    }
    $since = $request->parameter('since');
    if ($since === null) {
        throw new Failure('bad_request', 'since');
    }
    if ($since !== 'new') {
        $bridge->checkAcquainted();
    }
    $device = $request->device();
    $limit = $request->limit(2000, 10000);
    $tables = $bridge->whitelist()->listed($request->parameter('tables'));
    $described = $bridge->whitelist()->listed($request->parameter('describe') ?? '');
    (new SyncPage($bridge, $device, $tables, $described))->send($since, $limit);
});
