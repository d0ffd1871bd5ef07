<?php
/** POST batch.php: a numbered batch of units, applied once however often it is sent (PROTOCOL.md). */

declare(strict_types=1);

use Physio\Bridge;
use Physio\Push\BatchRequest;
use Physio\Push\BatchRun;

/** @var Bridge $bridge */
$bridge = require __DIR__ . '/config.php';

$bridge->answer('POST', [], static function (Bridge $bridge): void {
    $device = $bridge->request()->device();
    $request = BatchRequest::parse($bridge->request()->body(), $device, false);
    $run = new BatchRun($bridge->database(), $bridge->whitelist(), $bridge->caller());
    $bridge->reply()->json($run->answer($request, $device, $bridge->isAcquainted()));
});
