<?php

declare(strict_types=1);

/** Counts tests and compares what they got with what they expect. */
final class Checks
{
    private int $n_passed = 0;
    private int $n_failed = 0;

    /** @param callable(self): void $test throws when something is not as expected */
    public function run(string $name, callable $test): void
    {
        try {
            $test($this);
            $this->n_passed++;
        } catch (Throwable $error) {
            $this->n_failed++;
            printf("FAILED %s\n  %s (%s:%d)\n", $name, $error->getMessage(), basename($error->getFile()), $error->getLine());
        }
    }

    public function same($expected, $got, string $about = ''): void
    {
        if ($expected !== $got) {
            throw new LogicException($about . ' expected ' . var_export($expected, true) . ', got ' . var_export($got, true));
        }
    }

    /** The work must be refused with this wire or unit code. */
    public function refused(string $code, callable $work, string $about = ''): void
    {
        try {
            $work();
        } catch (Physio\Failure | Physio\Push\UnitFailure $failure) {
            $this->same($code, $failure->getMessage(), $about);
            return;
        }
        throw new LogicException($about . ' expected ' . $code . ', but nothing was refused');
    }

    public function n_passed(): int
    {
        return $this->n_passed;
    }

    public function n_failed(): int
    {
        return $this->n_failed;
    }
}
