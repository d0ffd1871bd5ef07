<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Access\Condition;
use Physio\Bridge;
use Physio\Database\Database;
use Physio\Database\DatabaseError;
use Physio\Schema\Name;
use Physio\Schema\RowKey;
use Physio\Schema\Table;

/**
 * Finds the changes of tables without triggers: compares the sums of their rows with those of the last look and puts
 * the keys that differ into the inbox, as triggers would. So the feed and the devices know no difference.
 *
 * A look at all rows goes on where the time was up, over several requests.
 */
final class Scanner
{
    private const BUDGET_SECONDS = 2.0;
    private const ROWS_PER_STEP = 2000;
    private const TABLES_PER_REQUEST = 20;

    /** A row is written at its time and visible at its commit: transactions up to this long are seen at once. */
    private const OVERLAP_SECONDS = 300;

    private Bridge $bridge;
    private Database $database;
    private Shadow $shadow;

    public function __construct(Bridge $bridge)
    {
        $this->bridge = $bridge;
        $this->database = $bridge->database();
        $this->shadow = new Shadow($this->database, $bridge->whitelist());
    }

    /** Works until no table is due or the time is up. */
    public function scan(): void
    {
        $lock = "CONCAT('physio-scan.', LEFT(SHA2(DATABASE(), 256), 20))";
        if ($this->database->fetchAll("SELECT GET_LOCK($lock, 0)")[0][0] !== '1') {
            return;
        }
        $end = microtime(true) + self::BUDGET_SECONDS;
        try {
            $due = $this->database->fetchAll(
                'SELECT t, mode, full_s <= UNIX_TIMESTAMP(), since_s, after_key, n_walked, after_pk, UNIX_TIMESTAMP()'
                . ' FROM _physio_table WHERE scan_s <= UNIX_TIMESTAMP() ORDER BY scan_s LIMIT ' . self::TABLES_PER_REQUEST
            );
            foreach ($due as $row) {
                $this->look($row, $end);
                if (microtime(true) > $end) {
                    break;
                }
            }
        } catch (DatabaseError $error) {
            $this->database->command('ROLLBACK');
            if (!$error->isRetryable() && !$error->isMismatch()) {
                throw $error;
            }
        }
        $this->database->fetchAll("SELECT RELEASE_LOCK($lock)");
    }

    /** @param array<int, string|null> $row of _physio_table */
    private function look(array $row, float $end): void
    {
        [$t, $mode, $isFullDue, $since, $afterKey, $n_walked, $afterPk, $now] = $row;
        $table = $this->bridge->whitelist()->numbered((int) $t);
        if ($table === null) {
            $this->database->run('UPDATE _physio_table SET scan_s = NULL WHERE t = ?', [(int) $t]);
            return;
        }
        $isUnderWay = $afterKey !== null || $afterPk !== null;
        if ($mode === 'timestamp' && $table->touched() !== null && $isFullDue !== '1' && !$isUnderWay) {
            $this->lookAtTouched($table, (int) $since);
            $this->put($table, (int) $now, ['since_s' => (int) $now]);
            return;
        }
        if (!$isUnderWay) {
            // What is written from here on is younger than this look.
            $this->database->run('UPDATE _physio_table SET since_s = ?, n_walked = 0 WHERE t = ?', [(int) $now, $table->id()]);
        }
        if ($afterPk === null) {
            $n_walked = $this->walkTable($table, $afterKey, (int) $n_walked, $end);
            if ($n_walked === null) {
                return;
            }
            // Every row of the table is in the shadow by now: with more rows there, some are gone from the table.
            $isMore = $this->shadow->count($table) > $n_walked;
            if ($isMore && !$this->walkShadow($table, '', $end)) {
                return;
            }
        } elseif (!$this->walkShadow($table, $afterPk, $end)) {
            return;
        }
        $full = (int) $now + $this->bridge->whitelist()->fullScanInterval();
        $this->put($table, (int) $now, ['full_s' => $full, 'after_key' => null, 'n_walked' => 0, 'after_pk' => null]);
    }

    /** The look is complete: notes it, and when the next one is due. */
    private function put(Table $table, int $now, array $facts): void
    {
        $facts['scan_s'] = $now + $this->bridge->whitelist()->scanInterval();
        $names = implode(', ', array_map(static function (string $name): string {
            return $name . ' = ?';
        }, array_keys($facts)));
        $this->database->run("UPDATE _physio_table SET $names WHERE t = ?", array_merge(array_values($facts), [$table->id()]));
    }

    /** Rows that were written lately, as their time column says. */
    private function lookAtTouched(Table $table, int $since): void
    {
        $column = Name::quoted((string) $table->touched());
        $rows = $this->database->stream(
            $table->sumsSql() . " WHERE $column >= FROM_UNIXTIME(?)",
            [max(1, $since - self::OVERLAP_SECONDS)]
        );
        $sums = [];
        while (($row = $rows->next()) !== null) {
            $sums[] = [RowKey::toFeed($table, $table->keyOfSums($row)), bin2hex((string) $row[0])];
        }
        foreach (array_chunk($sums, self::ROWS_PER_STEP) as $some) {
            $this->shadow->compare($table, $some, null, 0);
        }
    }

    /** All rows in key order. Gives how many there are, null when the time was up before the last. */
    private function walkTable(Table $table, ?string $after, int $n_walked, float $end): ?int
    {
        do {
            if (microtime(true) > $end) {
                return null;
            }
            $range = KeyRange::parse($table, $after, null, Condition::none());
            $rows = $this->database->stream($table->sumsSql() . $range->sql(self::ROWS_PER_STEP), $range->bound());
            $sums = [];
            while (($row = $rows->next()) !== null) {
                $key = $table->keyOfSums($row);
                $after = (string) json_encode($key, \Physio\Http\Reply::JSON_FLAGS);
                $sums[] = [RowKey::toFeed($table, $key), bin2hex((string) $row[0])];
            }
            $n_walked += count($sums);
            $this->shadow->compare($table, $sums, $after, $n_walked);
        } while (count($sums) === self::ROWS_PER_STEP);
        return $n_walked;
    }

    /** Keys that were there and are gone. False when the time was up before the last. */
    private function walkShadow(Table $table, string $after, float $end): bool
    {
        do {
            if (microtime(true) > $end) {
                return false;
            }
            $known = $this->shadow->above($table, $after, self::ROWS_PER_STEP);
            $keys = [];
            foreach ($known as $pk) {
                $after = $pk;
                $key = RowKey::ofFeed($table, $pk);
                if ($key !== null) {
                    $keys[$table->keyId($key)] = $key;
                }
            }
            $gone = RowsByKey::fetch($this->database, $table, $keys, Condition::none(), static function (): void {
            });
            $this->shadow->forget($table, array_map(static function (array $key) use ($table): string {
                return RowKey::toFeed($table, $key);
            }, $gone), $after);
        } while (count($known) === self::ROWS_PER_STEP);
        return true;
    }
}
