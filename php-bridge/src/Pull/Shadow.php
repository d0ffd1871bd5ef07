<?php

declare(strict_types=1);

namespace Physio\Pull;

use Physio\Database\Database;
use Physio\Schema\Name;
use Physio\Schema\RowKey;
use Physio\Schema\Table;
use Physio\Schema\Whitelist;

/** What the last look at a table without triggers found: the sum of every row, by its key as the feed spells it. */
final class Shadow
{
    private const ROWS_PER_STATEMENT = 500;

    private Database $database;
    private Whitelist $whitelist;

    public function __construct(Database $database, Whitelist $whitelist)
    {
        $this->whitelist = $whitelist;
        $this->database = $database;
    }

    public function count(Table $table): int
    {
        return (int) $this->database->fetchAll('SELECT COUNT(*) FROM _physio_shadow WHERE t = ?', [$table->id()])[0][0];
    }

    /** @return string[] keys above this one, in their order here */
    public function above(Table $table, string $after, int $limit): array
    {
        return array_column($this->database->fetchAll(
            'SELECT pk FROM _physio_shadow WHERE t = ? AND pk > ? ORDER BY pk LIMIT ' . $limit,
            [$table->id(), $after]
        ), 0);
    }

    /**
     * Puts the keys of new and changed rows into the inbox and remembers their sums, in one transaction with how far
     * the look has come.
     *
     * @param array<int, array{0: string, 1: string}> $sums key and sum of each row
     * @param string|null $after the last key of a look at all rows
     */
    public function compare(Table $table, array $sums, ?string $after, int $n_walked): void
    {
        $changed = [];
        foreach (array_chunk($sums, self::ROWS_PER_STATEMENT) as $some) {
            $known = [];
            $marks = implode(', ', array_fill(0, count($some), '?'));
            $rows = $this->database->fetchAll(
                "SELECT pk, sum FROM _physio_shadow WHERE t = ? AND pk IN ($marks)",
                array_merge([$table->id()], array_column($some, 0))
            );
            foreach ($rows as [$pk, $sum]) {
                $known['=' . $pk] = $sum;
            }
            foreach ($some as [$pk, $sum]) {
                if (($known['=' . $pk] ?? null) !== $sum) {
                    $changed[] = [$pk, $sum];
                }
            }
        }
        $this->begin();
        $this->announce($table, array_column($changed, 0));
        foreach (array_chunk($changed, self::ROWS_PER_STATEMENT) as $some) {
            $bound = [];
            foreach ($some as [$pk, $sum]) {
                array_push($bound, $table->id(), $pk, $sum);
            }
            $rows = implode(', ', array_fill(0, count($some), '(?, ?, ?)'));
            $this->database->run(
                "INSERT INTO _physio_shadow (t, pk, sum) VALUES $rows ON DUPLICATE KEY UPDATE sum = VALUES(sum)",
                $bound
            );
        }
        if ($after !== null) {
            $this->database->run(
                'UPDATE _physio_table SET after_key = ?, n_walked = ? WHERE t = ?',
                [$after, $n_walked, $table->id()]
            );
        }
        $this->database->command('COMMIT');
    }

    /**
     * Puts keys that are gone into the inbox and forgets them.
     *
     * @param string[] $gone
     */
    public function forget(Table $table, array $gone, string $after): void
    {
        $this->begin();
        $this->announce($table, $gone);
        foreach (array_chunk($gone, self::ROWS_PER_STATEMENT) as $some) {
            $marks = implode(', ', array_fill(0, count($some), '?'));
            $this->database->run(
                "DELETE FROM _physio_shadow WHERE t = ? AND pk IN ($marks)",
                array_merge([$table->id()], $some)
            );
        }
        $this->database->run('UPDATE _physio_table SET after_pk = ? WHERE t = ?', [$after, $table->id()]);
        $this->database->command('COMMIT');
    }

    private function begin(): void
    {
        $this->database->command('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
        $this->database->command('START TRANSACTION');
    }

    /** @param string[] $keys */
    private function announce(Table $table, array $keys): void
    {
        foreach (array_chunk($keys, self::ROWS_PER_STATEMENT) as $some) {
            $bound = [];
            foreach ($some as $pk) {
                array_push($bound, $table->id(), $pk);
            }
            $rows = implode(', ', array_fill(0, count($some), '(?, ?)'));
            $this->database->run("INSERT INTO _physio_inbox (t, pk) VALUES $rows", $bound);
            $this->announceHeirs($table, $some);
        }
    }

    /**
     * Rows whose scope is that of these rows may have entered or left it with them.
     *
     * @param string[] $keys
     */
    private function announceHeirs(Table $table, array $keys): void
    {
        foreach ($table->heirs() as [$name, $column]) {
            $heir = $this->whitelist->table($name);
            $bound = [];
            foreach ($keys as $pk) {
                $key = RowKey::ofFeed($table, $pk);
                if ($key !== null) {
                    array_push($bound, ...$table->boundKey($key));
                }
            }
            if ($heir === null || $bound === []) {
                continue;
            }
            $marks = implode(', ', array_fill(0, count($bound), '?'));
            $rows = $this->database->fetchAll($heir->keysSql() . ' WHERE ' . Name::quoted($column) . " IN ($marks)", $bound);
            $this->announce($heir, array_map(static function (array $key) use ($heir): string {
                foreach ($heir->keyColumns() as $position => $part) {
                    $key[$position] = $part->isBase64() ? base64_encode((string) $key[$position]) : (string) $key[$position];
                }
                return RowKey::toFeed($heir, $key);
            }, $rows));
        }
    }
}
