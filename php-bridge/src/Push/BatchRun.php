<?php

declare(strict_types=1);

namespace Physio\Push;

use Physio\Access\Caller;
use Physio\Database\Database;
use Physio\Database\DatabaseError;
use Physio\Failure;
use Physio\Http\Reply;
use Physio\Pull\FeedState;
use Physio\Pull\RowsByKey;
use Physio\Schema\Whitelist;

/** A batch from lock to commit. The stored answer makes a repeated request harmless. */
final class BatchRun
{
    private const MAX_TRIES = 5;

    /** No further try after this time: the host or the client would give up before the answer. */
    private const TRY_SECONDS = 8.0;

    /** Above this the answer goes without rows: they reach the device by sync.php all the same. */
    private const MAX_ANSWER_BYTES = 3000000;

    private Database $database;
    private Whitelist $whitelist;
    private Caller $caller;

    public function __construct(Database $database, Whitelist $whitelist, Caller $caller)
    {
        $this->caller = $caller;
        $this->database = $database;
        $this->whitelist = $whitelist;
    }

    /**
     * Applies the batch or finds what was answered the first time. Returns the JSON of the answer.
     *
     * @param bool $isAcquainted whether the caller knows the present schema: without that only a stored answer is given
     */
    public function answer(BatchRequest $request, string $device, bool $isAcquainted): string
    {
        $end = microtime(true) + self::TRY_SECONDS;
        for ($n_tries = 1; ; $n_tries++) {
            try {
                return $this->attempt($request, $device, $isAcquainted);
            } catch (DatabaseError $error) {
                $this->rollBack();
                if (!$error->isRetryable() || $n_tries === self::MAX_TRIES || microtime(true) > $end) {
                    throw $error;
                }
                // Two batches that collided should not collide again.
                usleep(random_int(5000, 40000) * $n_tries);
            } catch (Failure $failure) {
                $this->rollBack();
                throw $failure;
            }
        }
    }

    private function attempt(BatchRequest $request, string $device, bool $isAcquainted): string
    {
        // READ COMMITTED: no gap locks against the application, and no "record has changed" on newer servers.
        $this->database->command('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
        $this->database->command('START TRANSACTION');
        [$last, $hash, $stored] = $this->lockDevice($device);
        if ($request->batch() === $last && $hash === $request->hash()) {
            $this->database->command('ROLLBACK');
            return $stored;
        }
        if ($request->batch() === $last) {
            throw new Failure('batch_reused');
        }
        if ($request->batch() < $last) {
            throw new Failure('batch_stale');
        }
        if ($request->batch() > $last + 1) {
            throw new Failure('batch_gap', null, $last);
        }
        if (!$isAcquainted) {
            throw new Failure('schema_changed');
        }
        $answer = $this->apply($request, $stored);
        $this->database->run(
            'UPDATE _physio_device SET last_batch = ?, request_hash = ?, answer = ?, seen_at = CURRENT_TIMESTAMP WHERE device = ?',
            [$request->batch(), $request->hash(), $answer, $device]
        );
        try {
            $this->database->command('COMMIT');
        } catch (DatabaseError $error) {
            // Nobody knows whether it was carried out. The client sends the same bytes again and learns it.
            throw new Failure('busy', null, null, 'mysql ' . $error->errno() . ' at commit');
        }
        return $answer;
    }

    /** @return array{0: int, 1: string, 2: string} last batch, hash of its request, its answer */
    private function lockDevice(string $device): array
    {
        $sql = 'SELECT last_batch, request_hash, answer FROM _physio_device WHERE device = ? FOR UPDATE';
        $rows = $this->database->fetchAll($sql, [$device]);
        if ($rows === []) {
            $this->database->run(
                "INSERT IGNORE INTO _physio_device (device, last_batch, request_hash, answer) VALUES (?, 0, '', '')",
                [$device]
            );
            $rows = $this->database->fetchAll($sql, [$device]);
        }
        if ($rows === []) {
            throw new Failure('internal', null, null, 'the device row cannot be made');
        }
        return [(int) $rows[0][0], (string) $rows[0][1], (string) $rows[0][2]];
    }

    private function apply(BatchRequest $request, string $stored): string
    {
        $earlier = $stored === '' ? [] : json_decode($stored, true, 12, JSON_BIGINT_AS_STRING)['keys'] ?? [];
        $state = new BatchState($earlier);
        $runner = new UnitRunner($this->database, $this->whitelist, $state, $this->caller);
        $answer = ['v' => 1, 'fingerprint' => $this->whitelist->fingerprint()];
        $answer += ['epoch' => FeedState::epochFor($this->database, $this->caller), 'batch' => $request->batch(), 'units' => []];
        foreach ($request->units() as $unit) {
            $answer['units'][] = $runner->apply($unit);
        }
        $answer['keys'] = $state->keys();
        $json = json_encode($answer + $this->present($state), Reply::JSON_FLAGS);
        if (strlen($json) > self::MAX_ANSWER_BYTES) {
            $json = json_encode($answer + ['rows' => [], 'deleted' => []], Reply::JSON_FLAGS);
        }
        return $json;
    }

    /** Touched rows as they now stand, and the touched keys that have none. */
    private function present(BatchState $state): array
    {
        $present = ['rows' => [], 'deleted' => []];
        foreach ($state->touched() as $name => $keys) {
            $table = $this->whitelist->table((string) $name);
            if ($table === null) {
                continue;
            }
            $rows = [];
            $visible = $this->caller->visible($table);
            $gone = RowsByKey::fetch($this->database, $table, $keys, $visible, static function (array $row) use (&$rows): void {
                $copy = [];
                foreach ($row as $value) {
                    $copy[] = $value;
                }
                $rows[] = $copy;
            });
            if ($rows !== []) {
                $present['rows'][] = [
                    'table' => $table->name(),
                    'columns' => $table->columnNames(),
                    'base64' => $table->base64Positions(),
                    'rows' => $rows,
                ];
            }
            if ($gone !== []) {
                $present['deleted'][] = ['table' => $table->name(), 'keys' => $gone];
            }
        }
        return $present;
    }

    private function rollBack(): void
    {
        try {
            $this->database->command('ROLLBACK');
        } catch (DatabaseError $error) {
            // The connection is gone, and the transaction with it.
            return;
        }
    }
}
