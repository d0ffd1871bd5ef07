<?php

declare(strict_types=1);

namespace Physio\Database;

/** Rows that arrive one at a time. */
interface Rows
{
    /**
     * The next row, null after the last. The array is good until the next call.
     *
     * @return array<int, string|null>|null
     */
    public function next(): ?array;

    /** Lets go of the rows that were not read. */
    public function close(): void;
}
