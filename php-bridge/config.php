<?php
/**
 * Begins every request: PHP answers nothing by itself any more, and the owner's settings are read.
 *
 * The settings (see config.sample.php) are looked for in physio-config.php two folders above this one, then one
 * above, then beside this file, then in the environment. A file above the web root cannot be fetched by a browser.
 */

declare(strict_types=1);

if (realpath((string) ($_SERVER['SCRIPT_FILENAME'] ?? '')) === __FILE__) {
    // Asked for by itself: there is nothing here for a browser.
    http_response_code(404);
    exit;
}

require_once __DIR__ . '/src/autoload.php';

$bridge = Physio\Bridge::boot(__DIR__);
$bridge->configure(Physio\Settings::load([dirname(__DIR__, 2), dirname(__DIR__), __DIR__]));

return $bridge;
