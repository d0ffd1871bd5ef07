<?php

declare(strict_types=1);

namespace Physio\Database;

use Physio\Failure;
use Physio\Settings;

/** Opens the connection with whichever driver the host has, and brings its session into the one known state. */
final class Connection
{
    /**
     * Strict, so that nothing is cut or rounded in silence; but dates that the database already holds (zero dates,
     * impossible ones) and a key of 0 must go in as they came out.
     */
    private const SQL_MODE = 'STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';

    /** Seconds that a statement waits for a row that somebody else holds. */
    public const LOCK_WAIT_SECONDS = 4;

    public static function open(Settings $settings): Database
    {
        if ($settings->text('db_name') === '') {
            throw new Failure('database_unavailable', null, null, 'no database is named: physio-config.php is missing');
        }
        $driver = $settings->text('database_driver');
        if ($driver !== 'pdo' && extension_loaded('mysqli')) {
            $database = new MysqliDatabase($settings);
        } elseif ($driver !== 'mysqli' && extension_loaded('pdo_mysql')) {
            $database = new PdoDatabase($settings);
        } else {
            throw new Failure('database_unavailable', null, null, 'PHP has neither mysqli nor pdo_mysql');
        }
        // Some servers ignore the charset of the handshake, so it is named once more.
        $database->command(
            'SET NAMES utf8mb4, SESSION sql_mode = \'' . self::SQL_MODE . '\', SESSION time_zone = \'+00:00\', '
            . 'SESSION innodb_lock_wait_timeout = ' . self::LOCK_WAIT_SECONDS . ', SESSION lock_wait_timeout = 4, SESSION sql_big_selects = 1'
        );
        return $database;
    }
}
