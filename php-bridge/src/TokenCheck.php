<?php

declare(strict_types=1);

namespace Physio;

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

    public function admit(Database $database, string $token): void
    {
        $isWellFormed = BearerToken::isWellFormed($token);
        $wanted = $this->storage === 'plain' ? $token : hash('sha256', $token);
        $isGood = false;
        // The column's collation may fold case, so the database proposes and the comparison of bytes decides.
        foreach ($database->fetchAll($this->sql(), [$isWellFormed ? $wanted : '']) as [$stored, $isUsable]) {
            if (hash_equals((string) $stored, $wanted) && $isUsable === '1') {
                $isGood = true;
            }
        }
        if (!$isGood || !$isWellFormed) {
            throw new Failure('token_refused');
        }
    }

    private function sql(): string
    {
        $tokens = $this->whitelist->tokens();
        $conditions = [];
        if ($tokens['revoked'] !== null) {
            // A flag (0 or 1) or a time of revocation (NULL until then).
            $revoked = Name::quoted($tokens['revoked']);
            $conditions[] = "($revoked IS NULL OR CONCAT($revoked) IN ('', '0'))";
        }
        if ($tokens['expires'] !== null) {
            $expires = Name::quoted($tokens['expires']);
            $now = $tokens['expires_type'] === 'datetime' ? $this->whitelist->localTime(6) : 'UTC_TIMESTAMP(6)';
            $conditions[] = "($expires IS NULL OR $expires > $now)";
        }
        $isUsable = $conditions === [] ? '1' : '(' . implode(' AND ', $conditions) . ')';
        $column = Name::quoted($tokens['token']);
        $table = Name::quoted($tokens['table']);
        return "SELECT $column, CONCAT($isUsable) FROM $table WHERE $column = ? LIMIT 10";
    }
}
