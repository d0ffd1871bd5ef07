<?php

declare(strict_types=1);

namespace Physio;

use Physio\Access\Caller;
use Physio\Database\Database;
use Physio\Http\BearerToken;
use Physio\Schema\Name;
use Physio\Schema\Whitelist;

/** Looks a bearer token up: it must exist, not be revoked and not be expired. All three look the same outside. */
final class TokenCheck
{
    private Whitelist $whitelist;
    private string $storage;

    /** @param string $storage `sha256` (the table holds SHA-256 in hex) or `plain` */
    public function __construct(Whitelist $whitelist, string $storage)
    {
        $this->whitelist = $whitelist;
        $this->storage = $storage;
    }

    /** Who bears the token. */
    public function admit(Database $database, string $token): Caller
    {
        $isWellFormed = BearerToken::isWellFormed($token);
        $wanted = $this->storage === 'plain' ? $token : hash('sha256', $token);
        $caller = null;
        // The column's collation may fold case, so the database proposes and the comparison of bytes decides. An unknown
        // token is compared with itself: the same work as for one that is revoked or expired.
        $found = $database->fetchAll($this->sql(), [$isWellFormed ? $wanted : '']) ?: [[$wanted, '0', null, null]];
        foreach ($found as [$stored, $isUsable, $role, $scope]) {
            if ((hash_equals((string) $stored, $wanted) & (int) ($isUsable === '1')) === 1) {
                $caller = Caller::user($this->whitelist, $role, $scope);
            }
        }
        if ($caller === null || !$isWellFormed) {
            throw new Failure('token_refused');
        }
        LastUsed::note($database, $this->whitelist, $wanted);
        return $caller;
    }

    /** The token, whether it is good, its user's role and scope. */
    private function sql(): string
    {
        $tokens = $this->whitelist->tokens();
        $access = $this->whitelist->access();
        $conditions = [];
        if ($tokens['revoked'] !== null) {
            // A flag (0 or 1) or a time of revocation (NULL until then).
            $revoked = 'k.' . Name::quoted($tokens['revoked']);
            $conditions[] = "($revoked IS NULL OR CONCAT($revoked) IN ('', '0'))";
        }
        if ($tokens['expires'] !== null) {
            $expires = 'k.' . Name::quoted($tokens['expires']);
            $now = $tokens['expires_type'] === 'datetime' ? $this->whitelist->localTime(6) : 'UTC_TIMESTAMP(6)';
            $conditions[] = "($expires IS NULL OR $expires > $now)";
        }
        [$role, $scope, $joins] = ['NULL', 'NULL', ''];
        if ($access !== null) {
            $key = 'u.' . Name::quoted($access['key']);
            $conditions[] = "$key IS NOT NULL";
            if ($access['active'] !== null) {
                $active = 'u.' . Name::quoted($access['active']);
                $conditions[] = "($active IS NOT NULL AND CONCAT($active) NOT IN ('', '0'))";
            }
            $joins = ' LEFT JOIN ' . Name::quoted($access['users']) . " u ON $key = k." . Name::quoted((string) $tokens['user']);
            $role = 'u.' . Name::quoted($access['role'][0]);
            if (count($access['role']) > 1) {
                [, $table, $roleKey, $name] = $access['role'];
                $joins .= ' LEFT JOIN ' . Name::quoted($table) . ' r ON r.' . Name::quoted($roleKey) . " = $role";
                $role = 'r.' . Name::quoted($name);
            }
            $scope = $access['scope'] === null ? 'NULL' : 'u.' . Name::quoted($access['scope']);
        }
        $isUsable = $conditions === [] ? '1' : '(' . implode(' AND ', $conditions) . ')';
        $column = 'k.' . Name::quoted($tokens['token']);
        $table = Name::quoted($tokens['table']);
        return "SELECT $column, CONCAT($isUsable), CONCAT($role), CONCAT($scope) FROM $table k$joins WHERE $column = ? LIMIT 10";
    }
}
