<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Bridge;
use Physio\Database\DatabaseError;
use Physio\Http\Reply;
use Physio\Http\Stream;
use Physio\Schema\Table;

/**
 * `GET read.php` with `sums`: for every so many rows in key order their number, their sum and the last key, by which a
 * device finds out which ranges of its own differ.
 */
final class RangeSums
{
    /** Rows of one range at the most. */
    public const MAX_ROWS = 10000;

    private const ROWS_PER_LOOK = 500;
    private const NOTHING = "\0\0\0\0\0\0\0\0";

    private Bridge $bridge;
    private Table $table;
    private string $epoch;

    public function __construct(Bridge $bridge, Table $table)
    {
        $this->bridge = $bridge;
        $this->table = $table;
        $this->epoch = FeedState::epochFor($bridge->database(), $bridge->caller());
    }

    /** @param int $limit rows of all ranges together at the most */
    public function send(?string $after, ?string $until, int $rowsPerRange, int $limit): void
    {
        $range = KeyRange::parse($this->table, $after, $until, $this->bridge->caller()->visible($this->table));
        try {
            $rows = $this->bridge->database()->stream($this->table->sumsSql() . $range->sql($limit + 1), $range->bound());
        } catch (DatabaseError $error) {
            throw $error->failureIn($this->table);
        }
        $stream = $this->begin();
        [$n_rows, $n_ranges, $n_open, $sum, $key, $more] = [0, 0, 0, self::NOTHING, null, false];
        while (($row = $rows->next()) !== null) {
            if ($n_rows === $limit || ($n_rows % self::ROWS_PER_LOOK === 0 && $n_rows > 0 && $this->bridge->secondsLeft() < 0)) {
                $more = true;
                break;
            }
            $n_rows++;
            $n_open++;
            // MySQL gives no sum for a row that is longer than its packets: the range differs, and its rows are read.
            $sum ^= $row[0] ?? self::NOTHING;
            $key = $this->table->keyOfSums($row);
            if ($n_open === $rowsPerRange) {
                $this->line($stream, $n_open, $sum, $key);
                $n_ranges++;
                [$n_open, $sum] = [0, self::NOTHING];
            }
        }
        $rows->close();
        if ($n_open > 0) {
            $this->line($stream, $n_open, $sum, $key);
            $n_ranges++;
        }
        $stream->line(['end' => true, 'rows' => $n_ranges, 'more' => $more, 'after' => $key]);
        $stream->end();
    }

    private function line(Stream $stream, int $n_rows, string $sum, array $key): void
    {
        $stream->text(json_encode(array_merge([(string) $n_rows, bin2hex($sum)], $key), Reply::JSON_FLAGS) . "\n");
    }

    private function begin(): Stream
    {
        $stream = $this->bridge->reply()->stream();
        $stream->line([
            'v' => 1,
            'fingerprint' => $this->bridge->whitelist()->fingerprint(),
            'epoch' => $this->epoch,
            'table' => $this->table->name(),
            'columns' => array_merge(['n', 'sum'], $this->table->key()),
            'base64' => [],
        ] + $this->bridge->fingerprintsForStranger());
        return $stream;
    }
}
