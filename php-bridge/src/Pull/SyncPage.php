<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Bridge;
use Physio\Database\Database;
use Physio\Http\Reply;
use Physio\Http\Stream;
use Physio\Schema\RowKey;
use Physio\Schema\Table;

/** `GET sync.php`: the present rows of the keys that changed since a cursor. */
final class SyncPage
{
    /** Inbox rows added to the last page at the most; with more, the page is not exact and the next poll goes on. */
    private const MAX_INBOX = 2000;

    private Bridge $bridge;
    private Database $database;
    private string $device;
    /** @var array<int, Table> by their number in the feed */
    private array $tables;
    /** @var array<int, Table> */
    private array $described;

    /**
     * @param array<int, Table> $tables whose rows are sent, as far as the caller may read them
     * @param array<int, Table> $described whose columns are described before
     */
    public function __construct(Bridge $bridge, string $device, array $tables, array $described)
    {
        $this->bridge = $bridge;
        $this->database = $bridge->database();
        $this->device = $device;
        $this->tables = $bridge->caller()->readable($tables);
        $this->described = $described;
    }

    public function send(string $cursor, int $limit): void
    {
        $state = $this->state();
        if ($state->isScanDue()) {
            (new Scanner($this->bridge))->scan();
            $state = $this->state();
        }
        $since = $cursor === 'new' ? $state->seq() : $state->since($cursor);
        $readers = new Readers($this->database);
        $cursor === 'new' ? $readers->begin($this->device, $state) : $readers->note($this->device, $state, $since);
        if ($cursor === 'new' || (!$state->hasInbox() && $since === $state->seq())) {
            $stream = $this->begin($state);
            $this->end($stream, $state, $state->seq(), false, true);
            return;
        }
        if ($state->hasInbox()) {
            (new Sequencer($this->database, $this->bridge->whitelist()->deviceDays()))->drain();
        }
        $this->database->command('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
        $this->database->command('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
        $this->sendSnapshot($cursor, $limit);
    }

    private function sendSnapshot(string $cursor, int $limit): void
    {
        $state = $this->state();
        $since = $state->since($cursor);
        $entries = $this->tables === [] ? [] : $this->database->fetchAll(
            'SELECT t, pk, seq FROM _physio_feed WHERE seq > ? AND t IN (' . $this->tableList() . ')'
            . ' ORDER BY seq LIMIT ' . ($limit + 1),
            [$since]
        );
        $more = count($entries) > $limit;
        $last = $state->seq();
        $isExact = false;
        if ($more) {
            array_pop($entries);
            $last = (int) $entries[$limit - 1][2];
        } else {
            $waiting = $state->hasInbox() ? $this->waiting() : [];
            $isExact = count($waiting) <= self::MAX_INBOX;
            if ($isExact) {
                $entries = array_merge($entries, $waiting);
            }
        }
        $stream = $this->begin($state);
        foreach ($this->keysByTable($entries) as $t => $keys) {
            $this->sendTable($stream, $this->tables[$t], $keys);
        }
        $this->database->command('COMMIT');
        $this->end($stream, $state, $last, $more, $isExact);
    }

    private function state(): FeedState
    {
        return FeedState::load($this->database, $this->device, $this->bridge->caller());
    }

    /** Changes that are committed but not yet numbered: with them the page is exactly the snapshot. */
    private function waiting(): array
    {
        return $this->tables === [] ? [] : $this->database->fetchAll(
            'SELECT t, pk FROM _physio_inbox WHERE t IN (' . $this->tableList() . ') ORDER BY id LIMIT ' . (self::MAX_INBOX + 1)
        );
    }

    private function tableList(): string
    {
        return implode(', ', array_keys($this->tables));
    }

    /** @return array<int, array<string, string[]>> keys by table and keyId(), in the whitelist's order of tables */
    private function keysByTable(array $entries): array
    {
        $keys = array_fill_keys(array_keys($this->tables), []);
        foreach ($entries as $entry) {
            $table = $this->tables[(int) $entry[0]];
            $key = RowKey::ofFeed($table, (string) $entry[1]);
            if ($key !== null) {
                $keys[$table->id()][$table->keyId($key)] = $key;
            }
        }
        return array_filter($keys);
    }

    private function sendTable(Stream $stream, Table $table, array $keys): void
    {
        $isOpen = false;
        $visible = $this->bridge->caller()->visible($table);
        $take = static function (array $row) use ($stream, $table, &$isOpen): void {
            if (!$isOpen) {
                $isOpen = true;
                $stream->line([
                    'table' => $table->name(),
                    'columns' => $table->columnNames(),
                    'base64' => $table->base64Positions(),
                ]);
            }
            $stream->text(json_encode($row, Reply::JSON_FLAGS) . "\n");
        };
        $gone = RowsByKey::fetch($this->database, $table, $keys, $visible, $take);
        if ($gone !== []) {
            $stream->line(['table' => $table->name(), 'deleted' => $gone]);
        }
    }

    private function begin(FeedState $state): Stream
    {
        $stream = $this->bridge->reply()->stream();
        $whitelist = $this->bridge->whitelist();
        $head = ['v' => 1, 'fingerprint' => $whitelist->fingerprint(), 'epoch' => $state->epoch()];
        $stream->line($head + $this->bridge->fingerprintsForStranger());
        foreach ($this->described as $table) {
            $stream->line(['describe' => $table->description()]);
        }
        return $stream;
    }

    private function end(Stream $stream, FeedState $state, int $seq, bool $more, bool $isExact): void
    {
        $stream->line([
            'end' => true,
            'cursor' => $state->cursor($seq),
            'more' => $more,
            'exact' => $isExact,
            'ack' => $state->ack(),
        ]);
        $stream->end();
    }
}
