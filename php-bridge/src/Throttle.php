<?php

declare(strict_types=1);

namespace Physio;

use Physio\Database\Database;
use Physio\Database\DatabaseError;

/**
 * Counts refused tokens per address, so that a broken client or a guesser is told to stop and costs little. A good token
 * is never asked about: behind one address may be a whole clinic. What stops guessing is the length of tokens.
 *
 * One number per address: until when its attempts count. Each refused one adds SECONDS_EACH to it, time takes it away.
 */
final class Throttle
{
    /** Refused tokens in a row before an address is told so. */
    public const MOST = 20;

    /** One attempt is forgotten after so long. */
    public const SECONDS_EACH = 15;

    /** Rows of the table at the most: an address has one place, and takes it over from another that fell into it. */
    public const PLACES = 4096;

    private Database $database;
    private int $place;
    private string $name;

    /** @param string $secret of this host: without it nobody finds the address of an entry by trying them all */
    public function __construct(Database $database, string $address, string $secret)
    {
        $this->database = $database;
        $hash = hash_hmac('sha256', self::network($address), 'physio-attempt ' . $secret);
        $this->place = (int) hexdec(substr($hash, 0, 8)) % self::PLACES;
        $this->name = substr($hash, 8, 32);
    }

    /** Counts a refused token and says what it is answered with. */
    public function refusal(): Failure
    {
        try {
            $counted = $this->database->fetchAll(
                'SELECT 1 FROM _physio_attempt WHERE place = ? AND address = ? AND until_s > UNIX_TIMESTAMP() + ?',
                [$this->place, $this->name, (self::MOST - 1) * self::SECONDS_EACH]
            );
            if ($counted !== []) {
                return new Failure('too_many_attempts');
            }
            $this->database->run(
                'INSERT INTO _physio_attempt (place, address, until_s) VALUES (?, ?, UNIX_TIMESTAMP() + ?)'
                . ' ON DUPLICATE KEY UPDATE'
                . ' until_s = IF(address = VALUES(address), GREATEST(until_s, UNIX_TIMESTAMP()), UNIX_TIMESTAMP()) + ?,'
                . ' address = VALUES(address)',
                [$this->place, $this->name, self::SECONDS_EACH, self::SECONDS_EACH]
            );
        } catch (DatabaseError $error) {
            // An older install.sql, or a database that only reads: the token is refused all the same.
            return new Failure('token_refused');
        }
        return new Failure('token_refused');
    }

    /** The address, or the network of 2^64 that one customer has with IPv6. */
    public static function network(string $address): string
    {
        $bytes = @inet_pton($address);
        if ($bytes === false || strlen($bytes) === 4) {
            return $address;
        }
        // ::ffff:1.2.3.4 is an IPv4 address.
        $isMapped = strncmp($bytes, str_repeat("\0", 10) . "\xFF\xFF", 12) === 0;
        return $isMapped ? (string) inet_ntop(substr($bytes, 12)) : bin2hex(substr($bytes, 0, 8)) . '/64';
    }
}
