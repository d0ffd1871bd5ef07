<?php

declare(strict_types=1);

namespace Physio\Schema;

/** One visible column: how it is read, bound and spelt. */
final class Column
{
    /** Types that MySQL hands over as numbers or parts in a prepared statement; CONCAT makes it print them. */
    private const PRINTED = ['integer', 'decimal', 'year', 'date', 'datetime', 'timestamp', 'time'];

    /**
     * A bound number that may need all 64 bits. MySQL 8 would take a bare parameter in a CAST for a signed one, as it would
     * give one in a CONVERT the character set of the result: inside of CONCAT it stays the text that it is.
     */
    private const UNSIGNED = 'CAST(CONCAT(?) AS UNSIGNED)';

    private string $name;
    /** @var array<string, mixed> the whitelist's entry */
    private array $facts;

    public function __construct(string $name, array $facts)
    {
        $this->name = $name;
        $this->facts = $facts;
    }

    public function name(): string
    {
        return $this->name;
    }

    public function type(): string
    {
        return $this->facts['type'];
    }

    /** `manual`, `client` or `server`. */
    public function conflict(): string
    {
        return $this->facts['conflict'];
    }

    public function isNullable(): bool
    {
        return $this->facts['null'];
    }

    public function isOptional(): bool
    {
        return $this->facts['optional'];
    }

    public function isGenerated(): bool
    {
        return $this->facts['generated'];
    }

    /** @return array<string, string|bool> */
    public function description(): array
    {
        return [
            'name' => $this->name,
            'type' => (string) $this->fact('sql'),
            'null' => $this->isNullable(),
            'optional' => $this->isOptional(),
            'generated' => $this->isGenerated(),
        ];
    }

    public function isBase64(): bool
    {
        return $this->facts['wire'] === 'base64';
    }

    /** A further fact of the type (`min`, `length`, `members` …), null when the type has none. */
    public function fact(string $name)
    {
        return $this->facts[$name] ?? null;
    }

    /** Fraction digits when MySQL would fill in the present time by itself, in its own zone. */
    public function nowDefault(): ?int
    {
        return $this->facts['now_default'] ?? null;
    }

    public function nowUpdate(): ?int
    {
        return $this->facts['now_update'] ?? null;
    }

    /** SQL that reads the value as the text of the wire (bytes for base64 columns). */
    public function wireSql(): string
    {
        $name = Name::quoted($this->name);
        switch ($this->facts['wire']) {
            case 'float':
                return $this->realSql();
            case 'bits':
                return "CONCAT($name + 0)";
            case 'text':
                return in_array($this->type(), self::PRINTED, true) ? "CONCAT($name)" : $name;
            default:
                return $name;
        }
    }

    /**
     * SQL of a FLOAT or DOUBLE in as many digits as tell it from every other. MySQL 8 cuts the text of a calculated number
     * at 22 characters and rounds it without a word: a column itself is never cut, nor is a FLOAT without its sign.
     */
    private function realSql(): string
    {
        $name = Name::quoted($this->name);
        if (in_array($this->fact('sql'), ['double', 'double unsigned'], true)) {
            return "CONCAT($name)";
        }
        return "CONCAT(IF($name < 0, '-', ''), ABS($name + 0e0))";
    }

    /**
     * Condition, with one bound wire value, that holds only when the stored value is spelt exactly so; null for types
     * that have several spellings. It may miss an equal value, it never takes another for equal: no collation, no
     * padding. Every character the column's character set has is the same byte for byte in utf8mb4.
     */
    public function exactSql(): ?string
    {
        $name = Name::quoted($this->name);
        if (in_array($this->type(), self::PRINTED, true) || $this->type() === 'bit') {
            return 'CAST(' . $this->printedSql() . ' AS BINARY) <=> CAST(? AS BINARY)';
        }
        if ($this->type() === 'text' || $this->type() === 'enum') {
            return "CAST(CONVERT($name USING utf8mb4) AS BINARY) <=> CAST(? AS BINARY)";
        }
        return null;
    }

    private function printedSql(): string
    {
        $name = Name::quoted($this->name);
        return $this->facts['wire'] === 'bits' ? "CONCAT($name + 0)" : "CONCAT($name)";
    }

    /**
     * SQL of the value as it goes into a row's sum: its wire text in UTF-8, whatever the column's character set.
     * Bytes, and texts that may be longer than one packet of MySQL, stand there by their own SHA-256.
     */
    public function sumSql(): string
    {
        if ($this->isBase64()) {
            return 'SHA2(' . Name::quoted($this->name) . ', 256)';
        }
        $text = $this->wireSql();
        if (in_array($this->type(), ['text', 'enum', 'set', 'json'], true)) {
            $text = "CONVERT($text USING utf8mb4)";
        }
        $isLong = $this->type() === 'json' || (int) $this->fact('bytes') > 65535;
        if ($isLong) {
            return "SHA2($text, 256)";
        }
        // UUID and INET values would otherwise be merged with the sign of NULL by their own rules.
        return strncmp($text, 'CON', 3) === 0 ? $text : "CONCAT($text)";
    }

    /** SQL of a bound value that is to be stored. */
    public function valueSql(): string
    {
        if ($this->isBase64()) {
            return 'FROM_BASE64(?)';
        }
        return $this->facts['wire'] === 'bits' ? self::UNSIGNED : '?';
    }

    /** SQL by which rows are ordered and found; the index serves it wherever that is possible. */
    public function keySql(): string
    {
        $name = Name::quoted($this->name);
        if ($this->facts['wire'] === 'float') {
            return "($name + 0e0)";
        }
        // ENUM and SET are ordered by number but compared as text: printed, both are text.
        return in_array($this->type(), ['enum', 'set'], true) ? "CONCAT($name)" : $name;
    }

    /** SQL of a bound value that is compared with keySql(). Typed, so that no text comparison hides the index. */
    public function keyValueSql(): string
    {
        switch ($this->type()) {
            case 'integer':
                return strncmp((string) $this->fact('min'), '-', 1) === 0 ? 'CAST(? AS SIGNED)' : self::UNSIGNED;
            case 'year':
            case 'bit':
                return self::UNSIGNED;
            case 'decimal':
                return sprintf('CAST(? AS DECIMAL(%d,%d))', $this->fact('precision'), $this->fact('scale'));
            case 'float':
            case 'double':
                return '(? + 0e0)';
            default:
                return $this->isBase64() ? 'FROM_BASE64(?)' : $this->textValueSql();
        }
    }

    /**
     * A text to compare with a column whose character set is not the connection's. MySQL refuses to compare it with what
     * it cannot spell; converted, such a text finds nothing or a row of another key, which its bytes then tell apart.
     */
    private function textValueSql(): string
    {
        $collation = (string) $this->fact('collation');
        if ($this->isThreeByteUtf8() || preg_match('/^([a-z0-9]+)_[a-z0-9_]+$/D', $collation, $part) !== 1) {
            return '?';
        }
        return "CONVERT(CONCAT(?) USING $part[1]) COLLATE $collation";
    }

    /** Old servers know its collations by names of their own (utf8_…), so none is named: boundKey() converts. */
    private function isThreeByteUtf8(): bool
    {
        return strncmp((string) $this->fact('collation'), 'utf8mb3_', 8) === 0;
    }

    /** The text to bind for a checked wire value that is compared by keyValueSql(). */
    public function boundKey(string $value): string
    {
        // What CONVERT makes of a character that the character set lacks.
        return $this->isThreeByteUtf8() ? (string) preg_replace('/[\xF0-\xF7][\x80-\xBF]{3}/', '?', $value)
            : (string) $this->bound($value);
    }

    /** The text to bind for a checked wire value. */
    public function bound(?string $value): ?string
    {
        // MySQL takes the texts '0' to '99' for years of this century and the one before.
        return $value !== null && $this->type() === 'year' ? str_pad($value, 4, '0', STR_PAD_LEFT) : $value;
    }
}
