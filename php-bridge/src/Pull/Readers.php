<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Database\Database;

/** How far each device has followed the feed: what all of them have passed need not be kept. */
final class Readers
{
    /** A device that asks again and again without news is noted once a day. */
    private const NOTE_SECONDS = 86400;

    /** Entries that one purge deletes at the most. */
    private const PURGED_ROWS = 5000;

    private Database $database;

    public function __construct(Database $database)
    {
        $this->database = $database;
    }

    /** Notes that the device has applied everything up to a number. An idle poll writes nothing. */
    public function note(string $device, FeedState $state, int $since): void
    {
        if ($state->readerSeq() === $since && $state->readerAge() < self::NOTE_SECONDS) {
            return;
        }
        $this->database->run(
            'INSERT INTO _physio_reader (device, seq, seen_s) VALUES (?, ?, UNIX_TIMESTAMP())'
            . ' ON DUPLICATE KEY UPDATE seq = VALUES(seq), seen_s = VALUES(seen_s)',
            [$device, $since]
        );
    }

    /** A device that begins: from here on changes are kept for it. One that is known already stays where it was. */
    public function begin(string $device, FeedState $state): void
    {
        if ($state->readerSeq() === null) {
            $this->database->run(
                'INSERT IGNORE INTO _physio_reader (device, seq, seen_s) VALUES (?, ?, UNIX_TIMESTAMP())',
                [$device, $state->seq()]
            );
        }
    }

    /**
     * Forgets the entries that every device has passed which was seen within so many days. An older one is told to read
     * everything anew.
     */
    public function purge(int $days): void
    {
        $this->database->command('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
        $this->database->command('START TRANSACTION');
        $state = $this->database->fetchAll('SELECT seq, floor_seq FROM _physio_state WHERE id = 1 FOR UPDATE');
        $passed = $this->database->fetchAll(
            'SELECT MIN(seq) FROM _physio_reader WHERE seen_s > UNIX_TIMESTAMP() - ?',
            [$days * 86400]
        );
        if ($state === []) {
            $this->database->command('ROLLBACK');
            return;
        }
        [$seq, $floor] = array_map('intval', $state[0]);
        $floor = max($floor, min($seq, $passed[0][0] === null ? $seq : (int) $passed[0][0]));
        $this->database->run('UPDATE _physio_state SET floor_seq = ? WHERE id = 1', [$floor]);
        $this->database->run(
            'DELETE FROM _physio_feed WHERE seq <= ? ORDER BY seq LIMIT ' . self::PURGED_ROWS,
            [$floor]
        );
        $this->database->command('COMMIT');
    }
}
