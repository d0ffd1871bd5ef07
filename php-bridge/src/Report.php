<?php

declare(strict_types=1);

namespace Physio;

use Physio\Database\Database;
use Physio\Database\DatabaseError;
use Physio\Database\MysqliDatabase;

/** What this host is and allows, for its owner: nothing of the data, and only for a caller with a good token. */
final class Report
{
    private Bridge $bridge;

    public function __construct(Bridge $bridge)
    {
        $this->bridge = $bridge;
    }

    public function send(): void
    {
        $database = $this->bridge->database();
        $report = [
            'v' => 1,
            'fingerprint' => $this->bridge->whitelist()->fingerprint(),
            'php' => PHP_VERSION,
            'sapi' => PHP_SAPI,
            'driver' => $database instanceof MysqliDatabase ? 'mysqli' : 'pdo',
            'database' => (string) $database->fetchAll('SELECT CONCAT(VERSION())')[0][0],
            'time' => gmdate('Y-m-d H:i:s'),
            'database_time' => (string) $database->fetchAll('SELECT CONCAT(UTC_TIMESTAMP())')[0][0],
            'max_execution_time' => (string) ini_get('max_execution_time'),
            'memory_limit' => (string) ini_get('memory_limit'),
            'post_max_size' => (string) ini_get('post_max_size'),
            'gzip' => function_exists('deflate_init'),
            'triggers' => $this->triggers($database),
            'display_errors' => (string) ini_get('display_errors'),
        ];
        $this->bridge->reply()->json((string) json_encode($report, Http\Reply::JSON_FLAGS));
    }

    /**
     * Synced tables of which triggers note the changes; null where install.sql was not imported.
     *
     * @return string[]|null
     */
    private function triggers(Database $database): ?array
    {
        try {
            $database->fetchAll('SELECT 1 FROM _physio_state LIMIT 1');
        } catch (DatabaseError $error) {
            return null;
        }
        $rows = $database->fetchAll(
            "SELECT DISTINCT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS
             WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME LIKE '\\_physio\\_%'"
        );
        $named = array_map(static fn (array $row): string => (string) $row[0], $rows);
        $synced = array_keys($this->bridge->whitelist()->tableFingerprints());
        return array_values(array_filter($synced, static fn ($name): bool => in_array((string) $name, $named, true)));
    }
}
