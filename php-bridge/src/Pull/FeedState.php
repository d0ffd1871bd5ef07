<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Access\Caller;
use Physio\Database\Database;
use Physio\Failure;

/**
 * The feed's last number, its floor and epoch, what this device has had applied and how far it was seen to have come:
 * all of one moment.
 */
final class FeedState
{
    private int $seq;
    private int $floor;
    private string $epoch;
    private bool $hasInbox;
    private int $ack;
    private bool $isScanDue;
    private ?int $readerSeq;
    private int $readerAge;

    private function __construct(array $row, Caller $caller)
    {
        $this->seq = (int) $row[0];
        $this->floor = (int) $row[1];
        $this->epoch = $caller->epoch((string) $row[2]);
        $this->hasInbox = $row[3] !== null;
        $this->ack = (int) $row[4];
        $this->isScanDue = $row[5] !== null;
        $reader = $row[6] === null ? null : explode('.', $row[6]);
        $this->readerSeq = $reader === null ? null : (int) $reader[0];
        $this->readerAge = $reader === null ? 0 : (int) $reader[1];
    }

    /** One statement, so one snapshot: an idle poll needs nothing else, a few look-ups however long the feed is. */
    public static function load(Database $database, string $device, Caller $caller): self
    {
        $rows = $database->fetchAll(
            'SELECT seq, floor_seq, epoch, (SELECT 1 FROM _physio_inbox LIMIT 1),'
            . ' (SELECT last_batch FROM _physio_device WHERE device = ?),'
            . ' (SELECT 1 FROM _physio_table WHERE scan_s <= UNIX_TIMESTAMP() LIMIT 1),'
            . " (SELECT CONCAT(seq, '.', UNIX_TIMESTAMP() - LEAST(seen_s, UNIX_TIMESTAMP())) FROM _physio_reader WHERE device = ?)"
            . ' FROM _physio_state WHERE id = 1',
            [$device, $device]
        );
        if ($rows === []) {
            throw new Failure('not_installed', null, null, 'the state row is missing');
        }
        return new self($rows[0], $caller);
    }

    /** The feed's epoch as the caller sees it: what rows of one answer belong to. */
    public static function epochFor(Database $database, Caller $caller): string
    {
        $rows = $database->fetchAll('SELECT epoch FROM _physio_state WHERE id = 1');
        if ($rows === []) {
            throw new Failure('not_installed', null, null, 'the state row is missing');
        }
        return $caller->epoch((string) $rows[0][0]);
    }

    public function seq(): int
    {
        return $this->seq;
    }

    public function epoch(): string
    {
        return $this->epoch;
    }

    /** Whether committed changes wait for their number. */
    public function hasInbox(): bool
    {
        return $this->hasInbox;
    }

    /** The device's last applied batch, 0 before the first. */
    public function ack(): int
    {
        return $this->ack;
    }

    /** Whether a table without triggers is to be looked at. */
    public function isScanDue(): bool
    {
        return $this->isScanDue;
    }

    /** Where the device was noted to be; null when it never was. */
    public function readerSeq(): ?int
    {
        return $this->readerSeq;
    }

    /** Seconds since the device was noted. */
    public function readerAge(): int
    {
        return $this->readerAge;
    }

    public function cursor(int $seq): string
    {
        return $this->epoch . '.' . $seq;
    }

    /** The number that a cursor stands for. */
    public function since(string $cursor): int
    {
        if (preg_match('/^([0-9a-f]{8})\.(\d{1,18})$/Di', $cursor, $part) !== 1) {
            throw new Failure('bad_request', 'since');
        }
        $seq = (int) $part[2];
        // A cursor from the future belongs to a feed that was lost: the database was restored from a backup.
        if ($part[1] !== $this->epoch || $seq > $this->seq) {
            throw new Failure('epoch_changed');
        }
        if ($seq < $this->floor) {
            throw new Failure('cursor_expired');
        }
        return $seq;
    }
}
