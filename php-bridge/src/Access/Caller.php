<?php

declare(strict_types=1);

namespace Physio\Access;

use Physio\Schema\Table;
use Physio\Schema\Whitelist;

/**
 * Who asks, as the token says and nothing else: what the user's role may do, and which rows are in the user's scope.
 *
 * A row outside of the scope is treated as one that does not exist, on every way to it.
 */
final class Caller
{
    private ?string $role;
    private ?string $scope;
    private bool $seesAll;
    /** Fingerprint of the rules; null where every token may do everything. */
    private ?string $rules;

    private function __construct(?string $role, ?string $scope, bool $seesAll, ?string $rules)
    {
        $this->role = $role;
        $this->scope = $scope;
        $this->seesAll = $seesAll;
        $this->rules = $rules;
    }

    /** The bearer of any valid token, where access is open. */
    public static function anybody(): self
    {
        return new self(null, null, true, null);
    }

    public static function user(Whitelist $whitelist, ?string $role, ?string $scope): self
    {
        $access = $whitelist->access();
        if ($access === null) {
            return self::anybody();
        }
        $seesAll = $access['scope'] === null || ($role !== null && in_array($role, $access['all_scopes'], true));
        return new self($role, $scope, $seesAll, $access['fingerprint']);
    }

    /** Whether no row is hidden from the caller by its scope. */
    public function seesAll(): bool
    {
        return $this->seesAll;
    }

    /** @param string $operation `read`, `insert`, `update` or `delete` */
    public function may(Table $table, string $operation): bool
    {
        $roles = $table->may($operation);
        return in_array('*', $roles, true) || ($this->role !== null && in_array($this->role, $roles, true));
    }

    /**
     * Those of the tables that the caller may read.
     *
     * @param array<int, Table> $tables
     * @return array<int, Table>
     */
    public function readable(array $tables): array
    {
        return array_filter($tables, function (Table $table): bool {
            return $this->may($table, 'read');
        });
    }

    /** Which rows of a table are the caller's. */
    public function visible(Table $table): Condition
    {
        if ($this->seesAll || !$table->hasScope()) {
            return Condition::none();
        }
        return $this->scope === null ? new Condition('0', []) : new Condition($table->scopeSql(), [$this->scope]);
    }

    /**
     * The feed's epoch as this caller sees it. One who sees other rows than before (another branch, another role, other
     * rules) finds another epoch and reads everything anew, so what is no more visible leaves the device.
     */
    public function epoch(string $epoch): string
    {
        if ($this->rules === null) {
            return $epoch;
        }
        $who = json_encode([$epoch, $this->rules, $this->role, $this->seesAll ? true : $this->scope], JSON_THROW_ON_ERROR);
        return substr(hash('sha256', $who), 0, 8);
    }
}
