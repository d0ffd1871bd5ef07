<?php

declare(strict_types=1);

namespace Physio;

/** What the owner decides: from physio-config.php where there is one, else from the environment, else the default. */
final class Settings
{
    /** Setting => [environment variable, default]. */
    private const KNOWN = [
        'db_host' => ['PHYSIO_DB_HOST', 'localhost'],
        'db_port' => ['PHYSIO_DB_PORT', '3306'],
        'db_socket' => ['PHYSIO_DB_SOCKET', ''],
        'db_name' => ['PHYSIO_DB_NAME', ''],
        'db_user' => ['PHYSIO_DB_USER', ''],
        'db_password' => ['PHYSIO_DB_PASSWORD', ''],
        'database_driver' => ['PHYSIO_DATABASE_DRIVER', ''],
        'token_storage' => ['PHYSIO_TOKEN_STORAGE', 'sha256'],
        'require_tls' => ['PHYSIO_REQUIRE_TLS', '1'],
        'trust_proxy' => ['PHYSIO_TRUST_PROXY', '0'],
        'gzip' => ['PHYSIO_GZIP', 'auto'],
    ];

    /** Settings with a closed list of values. */
    private const CHOICES = [
        'database_driver' => ['', 'mysqli', 'pdo'],
        'token_storage' => ['sha256', 'plain'],
        'gzip' => ['auto', 'always', 'never'],
    ];

    /** @var array<string, string> */
    private array $values;

    /** @param array<string, string> $values */
    private function __construct(array $values)
    {
        $this->values = $values;
    }

    /**
     * Reads the first physio-config.php of the folders, in order.
     *
     * @param string[] $folders
     */
    public static function load(array $folders): self
    {
        foreach ($folders as $folder) {
            $file = $folder . '/physio-config.php';
            // A folder above the web root may be closed by open_basedir: that is no warning, just not there.
            if (@is_file($file)) {
                $given = require $file;
                if (!is_array($given)) {
                    throw new Failure('internal', null, null, 'physio-config.php returns no array');
                }
                return self::of($given);
            }
        }
        return self::of([]);
    }

    /** Checks given settings and fills in the others. */
    public static function of(array $given): self
    {
        foreach (array_keys($given) as $name) {
            if (!isset(self::KNOWN[$name])) {
                throw new Failure('internal', null, null, 'physio-config.php has an unknown setting');
            }
        }
        $values = [];
        foreach (self::KNOWN as $name => [$variable, $default]) {
            $value = $given[$name] ?? self::environment($variable) ?? $default;
            if (is_bool($value)) {
                $value = $value ? '1' : '0';
            }
            if (!is_string($value) && !is_int($value)) {
                throw new Failure('internal', null, null, 'setting ' . $name . ' is not a text');
            }
            $values[$name] = (string) $value;
            if (isset(self::CHOICES[$name]) && !in_array($values[$name], self::CHOICES[$name], true)) {
                throw new Failure('internal', null, null, 'setting ' . $name . ' has an unknown value');
            }
        }
        return new self($values);
    }

    public function text(string $name): string
    {
        return $this->values[$name];
    }

    public function isOn(string $name): bool
    {
        return in_array(strtolower($this->values[$name]), ['1', 'true', 'yes', 'on'], true);
    }

    private static function environment(string $variable): ?string
    {
        $value = getenv($variable);
        if ($value === false) {
            $value = $_SERVER[$variable] ?? null;
        }
        return is_string($value) && $value !== '' ? $value : null;
    }
}
