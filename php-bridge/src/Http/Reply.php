<?php

declare(strict_types=1);

namespace Physio\Http;

use Physio\Failure;
use Physio\Throttle;
use Throwable;

/** The one place that answers: headers, JSON, errors, and the streamed lines. */
final class Reply
{
    public const JSON_FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR;

    private string $errorsFile;
    private string $fingerprint = '';
    private bool $gzip = false;
    private bool $isDone = false;
    private ?Stream $stream = null;

    /** @param string $errorsFile generated/errors.php */
    public function __construct(string $errorsFile)
    {
        $this->errorsFile = $errorsFile;
    }

    /** The bridge's fingerprint, once the whitelist is read. */
    public function setFingerprint(string $fingerprint): void
    {
        $this->fingerprint = $fingerprint;
    }

    /** Whether answers may be compressed. */
    public function setGzip(bool $gzip): void
    {
        $this->gzip = $gzip && function_exists('deflate_init');
    }

    /** Answers 200 with a finished JSON text. */
    public function json(string $body): void
    {
        $this->whole(200, $body, []);
    }

    /** Begins the answer of one JSON value a line. Nothing leaves before the first 64 KB or the end. */
    public function stream(): Stream
    {
        $this->stream = new Stream($this->gzip, function (): void {
            $this->headers(200, 'application/x-ndjson; charset=utf-8', $this->gzip ? ['Content-Encoding: gzip'] : []);
            $this->isDone = true;
        });
        return $this->stream;
    }

    /** Answers with the error, or appends it as a last line when lines are already on their way. */
    public function fail(Failure $failure, array $headers = []): void
    {
        [$status, $message] = $this->errorText($failure->wireCode());
        $note = 'physio: ' . $failure->wireCode() . ($failure->cause() === '' ? '' : ' (' . $failure->cause() . ')');
        if ($status >= 500) {
            error_log($note);
        }
        $error = ['error' => $failure->members($message)];
        if ($this->stream !== null && $this->stream->isSent()) {
            $this->stream->line($error);
            $this->stream->end();
            return;
        }
        if ($this->isDone) {
            return;
        }
        if ($status === 401) {
            $headers[] = 'WWW-Authenticate: Bearer';
        } elseif ($status === 429 || $status === 503) {
            $seconds = $status === 429 ? Throttle::SECONDS_EACH : ($failure->wireCode() === 'busy' ? 1 : 5);
            $headers[] = 'Retry-After: ' . $seconds;
        }
        $flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE;
        $this->whole($status, (string) json_encode($error, $flags), $headers);
    }

    /** Answers an error that nobody foresaw; the log gets its kind and place, never its text. */
    public function failUnforeseen(Throwable $error): void
    {
        $kind = (new \ReflectionClass($error))->getShortName();
        $place = basename($error->getFile()) . ':' . $error->getLine();
        $this->fail(new Failure('internal', null, null, $kind . ' at ' . $place));
    }

    private function whole(int $status, string $body, array $headers): void
    {
        $this->isDone = true;
        if ($this->gzip && strlen($body) > 1400) {
            $body = (string) gzencode($body, 1);
            $headers[] = 'Content-Encoding: gzip';
        }
        $headers[] = 'Content-Length: ' . strlen($body);
        $this->headers($status, 'application/json; charset=utf-8', $headers);
        echo $body;
        flush();
    }

    private function headers(int $status, string $type, array $more): void
    {
        // Whatever was printed by accident (a BOM of an edited file, a host's notice) must not precede the JSON.
        while (ob_get_level() > 0 && @ob_end_clean()) {
            continue;
        }
        if (headers_sent()) {
            return;
        }
        http_response_code($status);
        header_remove('X-Powered-By');
        $headers = [
            'Content-Type: ' . $type,
            'X-Physio-Protocol: 1',
            'X-Physio-Fingerprint: ' . $this->fingerprint,
            'Cache-Control: no-store',
            'X-LiteSpeed-Cache-Control: no-cache',
            'X-Accel-Buffering: no',
            // Nothing of an answer is a page, whoever opens it in a browser.
            'X-Content-Type-Options: nosniff',
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
            'X-Frame-Options: DENY',
            'Referrer-Policy: no-referrer',
            'Cross-Origin-Resource-Policy: same-origin',
            'X-Robots-Tag: noindex',
            'Vary: Accept-Encoding',
        ];
        foreach (array_merge($headers, $more) as $header) {
            header($header);
        }
    }

    /** @return array{0: int, 1: string} status and message */
    private function errorText(string $code): array
    {
        $errors = is_file($this->errorsFile) ? require $this->errorsFile : [];
        return $errors['wire'][$code] ?? [500, 'The bridge failed; the host\'s error log has the details.'];
    }
}
