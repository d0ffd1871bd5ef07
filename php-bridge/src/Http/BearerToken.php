<?php

declare(strict_types=1);

namespace Physio\Http;

/** Finds the caller's token. Hosts strip `Authorization` in different ways, so it is looked for in five places. */
final class BearerToken
{
    /**
     * The token, or null when none came. A token in the URL is not looked at.
     *
     * @param array<string, mixed> $server $_SERVER
     * @param array<string, string> $headers getallheaders(), empty where PHP does not offer it
     */
    public static function find(array $server, array $headers): ?string
    {
        $candidates = [$server['HTTP_AUTHORIZATION'] ?? null, $server['REDIRECT_HTTP_AUTHORIZATION'] ?? null];
        foreach ($headers as $name => $value) {
            if (strcasecmp((string) $name, 'Authorization') === 0) {
                $candidates[] = $value;
            }
        }
        foreach ($candidates as $candidate) {
            if (is_string($candidate) && preg_match('/^\s*Bearer\s+(\S+)\s*$/i', $candidate, $found) === 1) {
                return $found[1];
            }
        }
        $plain = $server['HTTP_X_PHYSIO_TOKEN'] ?? $server['REDIRECT_HTTP_X_PHYSIO_TOKEN'] ?? null;
        return is_string($plain) && trim($plain) !== '' ? trim($plain) : null;
    }

    /** Whether it can be a token at all: printable ASCII without spaces, of a sensible length. */
    public static function isWellFormed(string $token): bool
    {
        return preg_match('/^[\x21-\x7E]{1,512}$/D', $token) === 1;
    }
}
