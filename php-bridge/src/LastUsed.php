<?php

declare(strict_types=1);

namespace Physio;

use Physio\Database\Connection;
use Physio\Database\Database;
use Physio\Database\DatabaseError;
use Physio\Schema\Name;
use Physio\Schema\Whitelist;

/** Notes when a good token was last used: once a minute at the most, so that polls write nothing. */
final class LastUsed
{
    private const NOTE_SECONDS = 60;

    /** @param string $stored the token as its table holds it */
    public static function note(Database $database, Whitelist $whitelist, string $stored): void
    {
        $tokens = $whitelist->tokens();
        if (($tokens['last_used'] ?? null) === null) {
            return;
        }
        $now = $tokens['last_used_type'] === 'datetime' ? $whitelist->localTime(0) : 'UTC_TIMESTAMP()';
        [$table, $token, $column] = array_map([Name::class, 'quoted'], [$tokens['table'], $tokens['token'], $tokens['last_used']]);
        $due = "$token = ? AND ($column IS NULL OR $column <= TIMESTAMPADD(SECOND, -" . self::NOTE_SECONDS . ", $now) OR $column > $now)";
        // A column that MySQL sets by itself on every write (ON UPDATE) keeps its value only when it is named.
        $kept = $tokens['expires'] === null ? '' : ', ' . Name::quoted($tokens['expires']) . ' = ' . Name::quoted($tokens['expires']);
        try {
            // Looked at without a lock first, and then not waited for long: an application may hold the row.
            if ($database->fetchAll("SELECT 1 FROM $table WHERE $due LIMIT 1", [$stored]) !== []) {
                $database->command('SET SESSION innodb_lock_wait_timeout = 1');
                try {
                    $database->run("UPDATE $table SET $column = $now$kept WHERE $due", [$stored]);
                } finally {
                    $database->command('SET SESSION innodb_lock_wait_timeout = ' . Connection::LOCK_WAIT_SECONDS);
                }
            }
        } catch (DatabaseError $error) {
            // A note that cannot be made (no right to write, a lock) keeps nobody out.
            if ($error->isUnavailable()) {
                throw $error;
            }
        }
    }
}
