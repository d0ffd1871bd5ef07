<?php

declare(strict_types=1);

namespace Physio;

use RuntimeException;

/** A request that is refused with one of the wire's codes (generated/errors.php). Never carries a value or SQL. */
final class Failure extends RuntimeException
{
    private string $wireCode;
    private ?string $field;
    private ?int $last;
    private string $cause;

    /**
     * @param string|null $field `table` or `table.column`, where one is to blame
     * @param int|null $last the device's last batch, for `batch_gap`
     * @param string $cause for the host's error log only: an error number or a place in our code
     */
    public function __construct(string $wireCode, ?string $field = null, ?int $last = null, string $cause = '')
    {
        parent::__construct($wireCode);
        $this->wireCode = $wireCode;
        $this->field = $field;
        $this->last = $last;
        $this->cause = $cause;
    }

    public function wireCode(): string
    {
        return $this->wireCode;
    }

    public function cause(): string
    {
        return $this->cause;
    }

    /** The `error` member of the answer. */
    public function members(string $message): array
    {
        $members = ['code' => $this->wireCode, 'message' => $message];
        if ($this->field !== null) {
            $members['field'] = $this->field;
        }
        if ($this->last !== null) {
            $members['last'] = $this->last;
        }
        return $members;
    }
}
