<?php
/** Finds a class Physio\Folder\Name in src/Folder/Name.php. No Composer: the folder is uploaded as it is. */

declare(strict_types=1);

spl_autoload_register(static function (string $class): void {
    if (strncmp($class, 'Physio\\', 7) === 0) {
        $file = __DIR__ . '/' . strtr(substr($class, 7), '\\', '/') . '.php';
        if (is_file($file)) {
            require $file;
        }
    }
});
