<?php

declare(strict_types=1);

namespace Physio;

use ErrorException;
use Physio\Access\Caller;
use Physio\Database\Connection;
use Physio\Database\Database;
use Physio\Database\DatabaseError;
use Physio\Http\Reply;
use Physio\Http\Request;
use Physio\Schema\Whitelist;
use Throwable;

/** One request from its first byte to its last: the guards, the token, the endpoint's work, the answer. */
final class Bridge
{
    private string $folder;
    private Request $request;
    private Reply $reply;
    private ?Settings $settings = null;
    private ?Whitelist $whitelist = null;
    private ?Database $database = null;
    private ?Caller $caller = null;

    private function __construct(string $folder)
    {
        $this->folder = $folder;
        $this->request = Request::current();
        $this->reply = new Reply($folder . '/generated/errors.php');
    }

    /** Closes every way in which PHP could answer by itself. From here on each answer is JSON. */
    public static function boot(string $folder): self
    {
        ini_set('display_errors', '0');
        ini_set('html_errors', '0');
        ini_set('zlib.output_compression', '0');
        error_reporting(E_ALL);
        ob_start();
        $bridge = new self($folder);
        $reply = $bridge->reply;
        set_error_handler(static function (int $level, string $text, string $file, int $line): bool {
            // The database drivers warn about what they throw as well.
            $isSaidTwice = basename(dirname($file)) === 'Database';
            $isHarmless = ($level & (E_DEPRECATED | E_USER_DEPRECATED)) !== 0;
            if ((error_reporting() & $level) === 0 || $isSaidTwice || $isHarmless) {
                return true;
            }
            throw new ErrorException('', 0, $level, $file, $line);
        });
        set_exception_handler(static function (Throwable $error) use ($reply): void {
            $error instanceof Failure ? $reply->fail($error) : $reply->failUnforeseen($error);
        });
        // Room for the answer when memory has run out.
        $reserve = str_repeat('x', 65536);
        register_shutdown_function(static function () use ($reply, &$reserve): void {
            $reserve = '';
            $error = error_get_last();
            $fatal = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR;
            if ($error !== null && ($error['type'] & $fatal) !== 0) {
                $isTimeout = strncmp($error['message'], 'Maximum execution time', 22) === 0;
                $place = basename($error['file']) . ':' . $error['line'];
                $reply->fail(new Failure($isTimeout ? 'busy' : 'internal', null, null, 'fatal at ' . $place));
            }
        });
        return $bridge;
    }

    public function configure(Settings $settings): void
    {
        $this->settings = $settings;
    }

    /**
     * Lets the request in, if it may, and runs the endpoint.
     *
     * @param string[] $parameters that the endpoint knows
     * @param callable(self): void $work
     */
    public function answer(string $method, array $parameters, callable $work): void
    {
        try {
            $this->admit($method, $parameters);
            $work($this);
        } catch (Failure $failure) {
            $this->reply->fail($failure, $failure->wireCode() === 'method_not_allowed' ? ['Allow: ' . $method] : []);
        } catch (DatabaseError $error) {
            $this->reply->fail($error->failure());
        } catch (Throwable $error) {
            $this->reply->failUnforeseen($error);
        }
    }

    public function request(): Request
    {
        return $this->request;
    }

    public function reply(): Reply
    {
        return $this->reply;
    }

    public function whitelist(): Whitelist
    {
        if ($this->whitelist === null) {
            $this->whitelist = Whitelist::load($this->folder . '/generated/whitelist.php');
        }
        return $this->whitelist;
    }

    public function database(): Database
    {
        if ($this->database === null) {
            $this->database = Connection::open($this->settings());
        }
        return $this->database;
    }

    /** Who asks; known from the moment on when the request was let in. */
    public function caller(): Caller
    {
        if ($this->caller === null) {
            throw new Failure('internal', null, null, 'a caller was asked for before the token');
        }
        return $this->caller;
    }

    /**
     * The bridge's fingerprint per table, for a caller that was compiled with another plan.
     *
     * @return array<string, array<string, string>>
     */
    public function fingerprintsForStranger(): array
    {
        $theirs = $this->request->fingerprint();
        $isStranger = $theirs !== null && $theirs !== $this->whitelist()->fingerprint();
        return $isStranger ? ['tables' => $this->whitelist()->tableFingerprints()] : [];
    }

    /** Whether the caller was compiled with this very plan, or has compared its own with it (PROTOCOL.md). */
    public function isAcquainted(): bool
    {
        $own = $this->whitelist()->fingerprint();
        $known = $this->request->knownFingerprint() ?? $this->request->fingerprint();
        return $known === null || $known === $own;
    }

    /** Refuses rows to a caller that has compared itself with another schema than the present one. */
    public function checkAcquainted(): void
    {
        if ($this->request->knownFingerprint() !== null && !$this->isAcquainted()) {
            throw new Failure('schema_changed');
        }
    }

    /** Seconds of work that the host surely allows, counted from now. */
    public function secondsLeft(): float
    {
        $limit = (int) ini_get('max_execution_time');
        $allowed = $limit > 0 ? min(20.0, $limit * 0.6) : 20.0;
        return $allowed - (microtime(true) - (float) ($_SERVER['REQUEST_TIME_FLOAT'] ?? microtime(true)));
    }

    private function admit(string $method, array $parameters): void
    {
        $settings = $this->settings();
        $this->reply->setFingerprint($this->whitelist()->fingerprint());
        $gzip = $settings->text('gzip');
        $this->reply->setGzip($this->request->acceptsGzip()
            && ($gzip === 'always' || ($gzip === 'auto' && !$this->request->isLoopback())));
        if ($this->request->method() !== $method) {
            throw new Failure('method_not_allowed');
        }
        $isSafe = $this->request->isTls($settings->isOn('trust_proxy')) || $this->request->isLoopback();
        if ($settings->isOn('require_tls') && !$isSafe) {
            throw new Failure('tls_required');
        }
        $this->request->checkParameters($parameters);
        $token = $this->request->token();
        if ($token === null) {
            throw new Failure('token_missing');
        }
        $this->request->checkHeaders();
        $check = new TokenCheck($this->whitelist(), $settings->text('token_storage'));
        try {
            $this->caller = $check->admit($this->database(), $token);
        } catch (Failure $failure) {
            throw $failure->wireCode() === 'token_refused' ? $this->throttle()->refusal() : $failure;
        }
    }

    private function throttle(): Throttle
    {
        $address = $this->request->address($this->settings()->isOn('trust_proxy'));
        return new Throttle($this->database(), $address, $this->settings()->text('db_password'));
    }

    private function settings(): Settings
    {
        if ($this->settings === null) {
            throw new Failure('internal', null, null, 'config.php did not run');
        }
        return $this->settings;
    }
}
