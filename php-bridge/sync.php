<?php
/** GET sync.php: what changed since a cursor (PROTOCOL.md). */

declare(strict_types=1);

use Physio\Bridge;
use Physio\Failure;
use Physio\Pull\SyncPage;

/** @var Bridge $bridge */
$bridge = require __DIR__ . '/config.php';

$bridge->answer('GET', ['since', 'limit', 'tables', 'describe'], static function (Bridge $bridge): void {
    $request = $bridge->request();
    $since = $request->parameter('since');
    if ($since === null) {
        throw new Failure('bad_request');
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
