<?php

declare(strict_types=1);

namespace Physio\Http;

use Physio\Failure;

/** The request as PHP got it; every part is checked when it is asked for. */
final class Request
{
    /** Bytes of a body at the most: web application firewalls refuse more than this. */
    public const MAX_BODY_BYTES = 131072;

    /** Bytes of the part after `?`, and of a header that is looked at: more than any good request has. */
    public const MAX_QUERY_BYTES = 16384;
    public const MAX_HEADER_BYTES = 1024;

    /** @var array<string, mixed> */
    private array $server;
    /** @var array<string, mixed> */
    private array $query;

    /**
     * @param array<string, mixed> $server $_SERVER
     * @param array<string, mixed> $query $_GET
     */
    public function __construct(array $server, array $query)
    {
        $this->server = $server;
        $this->query = $query;
    }

    public static function current(): self
    {
        return new self($_SERVER, $_GET);
    }

    public function method(): string
    {
        return (string) ($this->server['REQUEST_METHOD'] ?? '');
    }

    /**
     * Refuses every parameter that the endpoint does not know, a token above all.
     *
     * @param string[] $known
     */
    public function checkParameters(array $known): void
    {
        $query = (string) ($this->server['QUERY_STRING'] ?? '');
        // PHP keeps the last of two parameters of one name; who looked at the first one was deceived.
        $n_named = count(array_filter(explode('&', $query), 'strlen'));
        if (strlen($query) > self::MAX_QUERY_BYTES || $n_named > count($this->query)) {
            throw new Failure('bad_request');
        }
        foreach ($this->query as $name => $value) {
            if (!in_array((string) $name, $known, true)) {
                throw new Failure('bad_request');
            }
            if (!is_string($value) || preg_match('//u', $value) !== 1) {
                throw new Failure('bad_request', (string) $name);
            }
        }
    }

    public function parameter(string $name): ?string
    {
        return $this->query[$name] ?? null;
    }

    /** The `limit` parameter: at least 1, at most $most. */
    public function limit(int $default, int $most): int
    {
        return $this->count('limit', $most) ?? $default;
    }

    /** A parameter that counts something: at least 1, at most $most; null when it is not there. */
    public function count(string $name, int $most): ?int
    {
        $text = $this->parameter($name);
        if ($text === null) {
            return null;
        }
        if (preg_match('/^\d{1,9}$/D', $text) !== 1 || (int) $text < 1) {
            throw new Failure('bad_request', $name);
        }
        return min((int) $text, $most);
    }

    public function token(): ?string
    {
        $headers = function_exists('getallheaders') ? getallheaders() : [];
        return BearerToken::find($this->server, is_array($headers) ? $headers : []);
    }

    /** Refuses a caller of another protocol, and fingerprints that are none. */
    public function checkHeaders(): void
    {
        if (($this->header('X-Physio-Protocol') ?? '1') !== '1') {
            throw new Failure('bad_request', 'X-Physio-Protocol');
        }
        foreach (['X-Physio-Fingerprint', 'X-Physio-Known'] as $name) {
            if (preg_match('/^[0-9a-f]{32}$/D', $this->header($name) ?? str_repeat('0', 32)) !== 1) {
                throw new Failure('bad_request', $name);
            }
        }
    }

    /** The cache file's name: 32 lower-case hex digits. */
    public function device(): string
    {
        $device = $this->header('X-Physio-Device') ?? '';
        if (preg_match('/^[0-9a-f]{32}$/D', $device) !== 1) {
            throw new Failure('bad_request', 'X-Physio-Device');
        }
        return $device;
    }

    /** Fingerprint of the caller's plan, null when it sends none. */
    public function fingerprint(): ?string
    {
        return $this->header('X-Physio-Fingerprint');
    }

    /** The bridge's fingerprint that the caller has compared its plan with, null when it has not. */
    public function knownFingerprint(): ?string
    {
        return $this->header('X-Physio-Known');
    }

    /** Whether the connection ends on this machine. A proxy on this machine does not count: it names a client. */
    public function isLoopback(): bool
    {
        foreach (['X-Forwarded-For', 'X-Real-Ip', 'Forwarded', 'Via'] as $proxied) {
            if ($this->header($proxied) !== null) {
                return false;
            }
        }
        $address = (string) ($this->server['REMOTE_ADDR'] ?? '');
        return $address === '::1' || strncmp($address, '127.', 4) === 0 || strncmp($address, '::ffff:127.', 11) === 0;
    }

    /** Where the request comes from. Of a trusted proxy only the last entry counts: the others are the caller's words. */
    public function address(bool $trustProxy): string
    {
        $forwarded = $trustProxy ? explode(',', $this->header('X-Forwarded-For') ?? '') : [''];
        $last = trim((string) end($forwarded));
        return $last !== '' ? $last : (string) ($this->server['REMOTE_ADDR'] ?? '');
    }

    public function isTls(bool $trustProxy): bool
    {
        $https = strtolower((string) ($this->server['HTTPS'] ?? ''));
        if ($https !== '' && $https !== 'off') {
            return true;
        }
        return $trustProxy && strtolower($this->header('X-Forwarded-Proto') ?? '') === 'https';
    }

    public function acceptsGzip(): bool
    {
        $accepted = $this->header('Accept-Encoding') ?? '';
        return preg_match('/(^|[\s,])gzip\s*(;\s*q\s*=\s*(1|0?\.0*[1-9]))?[^,;]*(,|$)/i', $accepted) === 1;
    }

    /** The body, once. Forms are refused: PHP would have taken their files and fields apart before anybody asked. */
    public function body(): string
    {
        $type = (string) ($this->server['CONTENT_TYPE'] ?? '');
        if ($type !== '' && preg_match('~^application/json\s*(;|$)~i', $type) !== 1) {
            throw new Failure('bad_request', 'Content-Type');
        }
        if ((int) ($this->server['CONTENT_LENGTH'] ?? 0) > self::MAX_BODY_BYTES) {
            throw new Failure('body_too_large');
        }
        $body = (string) file_get_contents('php://input', false, null, 0, self::MAX_BODY_BYTES + 1);
        if (strlen($body) > self::MAX_BODY_BYTES) {
            throw new Failure('body_too_large');
        }
        return $body;
    }

    private function header(string $name): ?string
    {
        $value = $this->server['HTTP_' . strtoupper(strtr($name, '-', '_'))] ?? null;
        return is_string($value) && $value !== '' ? substr(trim($value), 0, self::MAX_HEADER_BYTES) : null;
    }
}
