<?php
/**
 * Copy this file to physio-config.php, fill it in, and upload it ABOVE the web root: for a bridge in
 * public_html/physio/ that is the folder that contains public_html. There no browser can fetch it.
 *
 * A setting that is left out is taken from the environment variable named beside it, else it has the value below.
 */

declare(strict_types=1);

return [
    // The database, as the host's panel shows it.
    'db_host' => 'localhost',           // PHYSIO_DB_HOST
    'db_port' => '3306',                // PHYSIO_DB_PORT
    'db_socket' => '',                  // PHYSIO_DB_SOCKET: used in place of host and port when it is set
    'db_name' => '',                    // PHYSIO_DB_NAME
    'db_user' => '',                    // PHYSIO_DB_USER
    'db_password' => '',                // PHYSIO_DB_PASSWORD

    // How the token table holds tokens: 'sha256' (64 hex digits of SHA-256) or 'plain' (as they are sent).
    'token_storage' => 'sha256',        // PHYSIO_TOKEN_STORAGE

    // Refuse plain HTTP. Requests from this machine itself are always let in.
    'require_tls' => true,              // PHYSIO_REQUIRE_TLS

    // Believe X-Forwarded-Proto. Only where every request comes through a proxy of the host.
    'trust_proxy' => false,             // PHYSIO_TRUST_PROXY

    // 'mysqli', 'pdo', or '' for whichever PHP has.
    'database_driver' => '',            // PHYSIO_DATABASE_DRIVER

    // Compress answers: 'auto' (not for requests from this machine), 'always' or 'never'.
    'gzip' => 'auto',                   // PHYSIO_GZIP
];
