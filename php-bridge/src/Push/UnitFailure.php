<?php

declare(strict_types=1);

namespace Physio\Push;

use RuntimeException;

/** Why one unit is not applied. The batch goes on with the next one. */
final class UnitFailure extends RuntimeException
{
    private string $status;
    private string $unitCode;
    private ?string $field;
    private ?string $blockedBy;

    private function __construct(string $status, string $unitCode, ?string $field, ?string $blockedBy)
    {
        parent::__construct($unitCode);
        $this->status = $status;
        $this->unitCode = $unitCode;
        $this->field = $field;
        $this->blockedBy = $blockedBy;
    }

    /** The server does not take it. */
    public static function failed(string $unitCode, ?string $field = null): self
    {
        return new self('failed', $unitCode, $field, null);
    }

    /** Both sides changed the same thing. */
    public static function conflict(string $unitCode, ?string $field): self
    {
        return new self('conflict', $unitCode, $field, null);
    }

    /** It depends on a unit that was not applied. */
    public static function blocked(string $unit): self
    {
        return new self('failed', 'blocked', null, $unit);
    }

    public function isConflict(): bool
    {
        return $this->status === 'conflict';
    }

    /** @return array<string, string|int> the unit's entry in the answer */
    public function outcome(string $unit, int $change): array
    {
        $outcome = ['unit' => $unit, 'status' => $this->status, 'change' => $change, 'code' => $this->unitCode];
        if ($this->field !== null) {
            $outcome['field'] = $this->field;
        }
        if ($this->blockedBy !== null) {
            $outcome['blocked_by'] = $this->blockedBy;
        }
        return $outcome;
    }
}
