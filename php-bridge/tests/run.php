<?php
/** Runs every *Test.php beside it: `php php-bridge/tests/run.php`. Needs no database. */

declare(strict_types=1);

if (PHP_SAPI !== 'cli') {
    http_response_code(404);
    exit;
}

require __DIR__ . '/../src/autoload.php';
require __DIR__ . '/Checks.php';
require __DIR__ . '/samples.php';

set_error_handler(static function (int $level, string $text, string $file, int $line): bool {
    throw new ErrorException($text, 0, $level, $file, $line);
});

$checks = new Checks();
foreach (glob(__DIR__ . '/*Test.php') ?: [] as $file) {
    $tests = require $file;
    foreach ($tests as $name => $test) {
        $checks->run(basename($file, '.php') . ': ' . $name, $test);
    }
}
printf("%d passed, %d failed\n", $checks->n_passed(), $checks->n_failed());
exit($checks->n_failed() === 0 && $checks->n_passed() > 0 ? 0 : 1);
