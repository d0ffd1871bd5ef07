<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Bridge;
use Physio\Database\DatabaseError;
use Physio\Http\Reply;
use Physio\Http\Stream;
use Physio\Schema\RowKey;
use Physio\Schema\Table;

/** `GET read.php`: rows of one table in key order, or one row. */
final class TablePage
{
    /** Rows between two looks at the clock. */
    private const ROWS_PER_LOOK = 500;

    private Bridge $bridge;
    private Table $table;
    private string $epoch;

    public function __construct(Bridge $bridge, Table $table)
    {
        $this->bridge = $bridge;
        $this->table = $table;
        $this->epoch = FeedState::epochFor($bridge->database(), $bridge->caller());
    }

    /** The row of a key, if it exists under exactly this spelling. */
    public function sendRow(string $key): void
    {
        $parts = RowKey::parse($this->table, $key);
        $line = '';
        $take = static function (array $row) use (&$line): void {
            $line = json_encode($row, Reply::JSON_FLAGS) . "\n";
        };
        $keys = [$this->table->keyId($parts) => $parts];
        $visible = $this->bridge->caller()->visible($this->table);
        $isGone = RowsByKey::fetch($this->bridge->database(), $this->table, $keys, $visible, $take) !== [];
        $stream = $this->begin();
        $this->end($stream, $isGone ? '' : $line, $isGone ? 0 : 1, false, $isGone ? null : $parts);
    }

    /** At most $limit rows above a key (or from the first) and up to another (or to the last). */
    public function sendAbove(?string $after, ?string $until, int $limit): void
    {
        $range = KeyRange::parse($this->table, $after, $until, $this->bridge->caller()->visible($this->table));
        $sql = $this->table->selectSql() . $range->sql($limit + 1);
        $bound = $range->bound();
        try {
            $rows = $this->bridge->database()->stream($sql, $bound);
        } catch (DatabaseError $error) {
            throw $error->failureIn($this->table);
        }

        $stream = $this->begin();
        $hasBase64 = $this->table->base64Positions() !== [];
        [$n_rows, $more, $lines, $line] = [0, false, '', ''];
        while (($row = $rows->next()) !== null) {
            if ($n_rows === $limit || $this->isTimeUp($n_rows)) {
                $more = true;
                break;
            }
            if ($hasBase64) {
                $this->table->encodeRow($row);
            }
            $n_rows++;
            $line = json_encode($row, Reply::JSON_FLAGS);
            $lines .= $line . "\n";
            if (strlen($lines) >= 8192) {
                $stream->text($lines);
                $lines = '';
            }
        }
        $rows->close();
        // The row itself is gone with the cursor; its line is still here.
        $last = $n_rows === 0 ? null : $this->table->keyOf(json_decode($line, true, 2, JSON_THROW_ON_ERROR));
        $this->end($stream, $lines, $n_rows, $more, $last);
    }

    private function isTimeUp(int $n_rows): bool
    {
        return $n_rows > 0 && $n_rows % self::ROWS_PER_LOOK === 0 && $this->bridge->secondsLeft() < 0;
    }

    private function begin(): Stream
    {
        $stream = $this->bridge->reply()->stream();
        $stream->line([
            'v' => 1,
            'fingerprint' => $this->bridge->whitelist()->fingerprint(),
            'epoch' => $this->epoch,
            'table' => $this->table->name(),
            'columns' => $this->table->columnNames(),
            'base64' => $this->table->base64Positions(),
        ] + $this->bridge->fingerprintsForStranger());
        return $stream;
    }

    /** @param string[]|null $after key of the last row */
    private function end(Stream $stream, string $lines, int $n_rows, bool $more, ?array $after): void
    {
        $stream->text($lines);
        $stream->line(['end' => true, 'rows' => $n_rows, 'more' => $more, 'after' => $after]);
        $stream->end();
    }
}
