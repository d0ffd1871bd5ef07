<?php

declare(strict_types=1);

namespace Physio\Http;

/** An answer of one JSON value a line, sent in pieces of 64 KB so that memory stays flat. */
final class Stream
{
    private const PIECE_BYTES = 65536;

    private string $buffer = '';
    private bool $isSent = false;
    /** @var callable(): void */
    private $sendHeaders;
    /** @var \DeflateContext|resource|null */
    private $deflate = null;

    /** @param callable(): void $sendHeaders called before the first byte leaves */
    public function __construct(bool $gzip, callable $sendHeaders)
    {
        $this->sendHeaders = $sendHeaders;
        if ($gzip) {
            $this->deflate = deflate_init(ZLIB_ENCODING_GZIP, ['level' => 1]) ?: null;
        }
    }

    /** Whether bytes have left: from then on an error can only be a line of its own. */
    public function isSent(): bool
    {
        return $this->isSent;
    }

    public function line(array $value): void
    {
        $this->text(json_encode($value, Reply::JSON_FLAGS) . "\n");
    }

    /** Finished lines, each with its line feed. */
    public function text(string $lines): void
    {
        $this->buffer .= $lines;
        if (strlen($this->buffer) >= self::PIECE_BYTES) {
            $this->send(ZLIB_NO_FLUSH);
        }
    }

    public function end(): void
    {
        $this->send(ZLIB_FINISH);
    }

    private function send(int $mode): void
    {
        if (!$this->isSent) {
            ($this->sendHeaders)();
            $this->isSent = true;
        }
        $piece = $this->buffer;
        $this->buffer = '';
        echo $this->deflate === null ? $piece : deflate_add($this->deflate, $piece, $mode);
        flush();
    }
}
