<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Database\Database;
use Physio\Database\DatabaseError;

/**
 * Moves committed inbox rows into the feed and numbers them, under the lock of the state row: so the order of the
 * numbers is the order of commits, and no cursor can pass a change that becomes visible later.
 */
final class Sequencer
{
    private const ROWS_PER_STEP = 1000;
    private const ROWS_PER_STATEMENT = 500;
    private const BUDGET_SECONDS = 2.0;

    /** Whenever the feed's numbers have grown by this, what every device has passed is forgotten. */
    private const PURGE_EVERY = 2048;

    private Database $database;
    private int $deviceDays;
    private bool $isPurgeDue = false;

    /** @param int $deviceDays after which a device that was not seen does not count any more */
    public function __construct(Database $database, int $deviceDays)
    {
        $this->database = $database;
        $this->deviceDays = $deviceDays;
    }

    /** Works until the inbox is empty or the time is up. What stays is moved by the next request. */
    public function drain(): void
    {
        // The state row's lock makes this right; the named lock only keeps other requests from queueing for it.
        $name = "CONCAT('physio.', LEFT(SHA2(DATABASE(), 256), 20))";
        if ($this->database->fetchAll("SELECT GET_LOCK($name, 0)")[0][0] !== '1') {
            return;
        }
        $end = microtime(true) + self::BUDGET_SECONDS;
        try {
            do {
                $n_moved = $this->step();
            } while ($n_moved === self::ROWS_PER_STEP && microtime(true) < $end);
            if ($this->isPurgeDue) {
                (new Readers($this->database))->purge($this->deviceDays);
            }
        } catch (DatabaseError $error) {
            $this->database->command('ROLLBACK');
            if (!$error->isRetryable()) {
                throw $error;
            }
        }
        $this->database->fetchAll("SELECT RELEASE_LOCK($name)");
    }

    private function step(): int
    {
        $this->database->command('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
        $this->database->command('START TRANSACTION');
        $state = $this->database->fetchAll('SELECT seq FROM _physio_state WHERE id = 1 FOR UPDATE');
        // A plain read: rows of transactions that still run must be neither seen nor waited for.
        $inbox = $this->database->fetchAll('SELECT id, t, pk FROM _physio_inbox ORDER BY id LIMIT ' . self::ROWS_PER_STEP);
        if ($state === [] || $inbox === []) {
            $this->database->command('ROLLBACK');
            return 0;
        }
        // A key's last place counts.
        $entries = [];
        foreach ($inbox as [, $t, $pk]) {
            $key = $t . ':' . $pk;
            unset($entries[$key]);
            $entries[$key] = [(int) $t, (string) $pk];
        }
        $seq = $before = (int) $state[0][0];
        foreach (array_chunk($entries, self::ROWS_PER_STATEMENT) as $some) {
            $bound = [];
            foreach ($some as [$t, $pk]) {
                array_push($bound, $t, $pk, ++$seq);
            }
            $rows = implode(', ', array_fill(0, count($some), '(?, ?, ?)'));
            $this->database->run(
                "INSERT INTO _physio_feed (t, pk, seq) VALUES $rows ON DUPLICATE KEY UPDATE seq = VALUES(seq)",
                $bound
            );
        }
        $this->database->run('UPDATE _physio_state SET seq = ? WHERE id = 1', [$seq]);
        foreach (array_chunk($inbox, self::ROWS_PER_STATEMENT) as $some) {
            $this->forget(array_column($some, 0));
        }
        $this->database->command('COMMIT');
        $this->isPurgeDue = $this->isPurgeDue || intdiv($before, self::PURGE_EVERY) !== intdiv($seq, self::PURGE_EVERY);
        return count($inbox);
    }

    /**
     * Deletes inbox rows one by one through the index. `WHERE id IN (…)` may become a scan, which would wait for
     * every transaction that is still writing.
     *
     * @param array<int, string|null> $ids
     */
    private function forget(array $ids): void
    {
        $list = 'SELECT CAST(? AS UNSIGNED) AS id' . str_repeat(' UNION ALL SELECT CAST(? AS UNSIGNED)', count($ids) - 1);
        $this->database->run(
            "DELETE i FROM ($list) AS k STRAIGHT_JOIN _physio_inbox AS i ON i.id = k.id",
            $ids
        );
    }
}
