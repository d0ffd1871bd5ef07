<?php

declare(strict_types=1);

use Physio\Http\BearerToken;
use Physio\Http\Request;
use Physio\Http\Stream;
use Physio\Settings;
use Physio\Throttle;

return [
    'the token is found wherever the host left it' => static function (Checks $t): void {
        $t->same('abc', BearerToken::find(['HTTP_AUTHORIZATION' => 'Bearer abc'], []));
        $t->same('abc', BearerToken::find(['REDIRECT_HTTP_AUTHORIZATION' => 'bearer  abc '], []));
        $t->same('abc', BearerToken::find([], ['authorization' => 'BEARER abc']));
        $t->same('abc', BearerToken::find(['HTTP_X_PHYSIO_TOKEN' => ' abc '], []));
        $t->same('abc', BearerToken::find(['HTTP_AUTHORIZATION' => 'Basic eDp5', 'HTTP_X_PHYSIO_TOKEN' => 'abc'], []));
        $t->same('abc', BearerToken::find(['HTTP_AUTHORIZATION' => 'Bearer abc', 'HTTP_X_PHYSIO_TOKEN' => 'other'], []));
    },
    'no token is no token' => static function (Checks $t): void {
        $t->same(null, BearerToken::find([], []));
        $t->same(null, BearerToken::find(['HTTP_AUTHORIZATION' => 'Bearer '], []));
        $t->same(null, BearerToken::find(['HTTP_AUTHORIZATION' => 'Bearer a b'], []));
        $t->same(null, BearerToken::find(['HTTP_X_PHYSIO_TOKEN' => '  '], []));
        $t->same(null, BearerToken::find(['QUERY_STRING' => 'token=abc'], []));
    },
    'odd tokens never reach the database' => static function (Checks $t): void {
        $t->same(true, BearerToken::isWellFormed('aZ09-._~+/='));
        foreach (['', 'a b', "a\n", "a\0", 'ä', str_repeat('x', 513)] as $token) {
            $t->same(false, BearerToken::isWellFormed($token));
        }
    },
    'a token in the URL is refused like any unknown parameter' => static function (Checks $t): void {
        $t->refused('bad_request', static function (): void {
            (new Request([], ['table' => 'a', 'token' => 'x']))->checkParameters(['table']);
        });
        $t->refused('bad_request', static function (): void {
            (new Request([], ['table' => ['a']]))->checkParameters(['table']);
        });
        $t->refused('bad_request', static function (): void {
            (new Request([], ['table' => "\xFF"]))->checkParameters(['table']);
        });
        (new Request([], ['table' => 'a']))->checkParameters(['table']);
    },
    'a query is bounded, and no parameter comes twice' => static function (Checks $t): void {
        foreach (['a=1&a=2', 'a=' . str_repeat('x', Request::MAX_QUERY_BYTES), 'a=1&b=2'] as $query) {
            $t->refused('bad_request', static function () use ($query): void {
                (new Request(['QUERY_STRING' => $query], ['a' => '2']))->checkParameters(['a']);
            }, substr($query, 0, 20));
        }
        (new Request(['QUERY_STRING' => 'a=1&'], ['a' => '1']))->checkParameters(['a']);
    },
    'a form is no batch' => static function (Checks $t): void {
        foreach (['multipart/form-data; boundary=x', 'application/x-www-form-urlencoded', 'application/jsonp'] as $type) {
            $t->refused('bad_request', static function () use ($type): void {
                (new Request(['CONTENT_TYPE' => $type], []))->body();
            }, $type);
        }
        $t->same('', (new Request(['CONTENT_TYPE' => 'application/json; charset=utf-8'], []))->body());
    },
    'fingerprints are hex digits' => static function (Checks $t): void {
        (new Request(['HTTP_X_PHYSIO_KNOWN' => str_repeat('0a', 16)], []))->checkHeaders();
        foreach (['HTTP_X_PHYSIO_KNOWN', 'HTTP_X_PHYSIO_FINGERPRINT', 'HTTP_X_PHYSIO_PROTOCOL'] as $name) {
            $t->refused('bad_request', static function () use ($name): void {
                (new Request([$name => str_repeat('x', 32)], []))->checkHeaders();
            }, $name);
        }
    },
    'limits' => static function (Checks $t): void {
        $t->same(5, (new Request([], []))->limit(5, 9));
        $t->same(9, (new Request([], ['limit' => '100']))->limit(5, 9));
        foreach (['0', '-1', '1e3', '', "5\n", '9999999999'] as $limit) {
            $t->refused('bad_request', static function () use ($limit): void {
                (new Request([], ['limit' => $limit]))->limit(5, 9);
            }, $limit);
        }
    },
    'devices' => static function (Checks $t): void {
        $device = str_repeat('0a', 16);
        $t->same($device, (new Request(['HTTP_X_PHYSIO_DEVICE' => $device], []))->device());
        foreach (['', strtoupper($device), $device . '0', "$device\n0"] as $wrong) {
            $t->refused('bad_request', static function () use ($wrong): void {
                (new Request(['HTTP_X_PHYSIO_DEVICE' => $wrong], []))->device();
            }, $wrong);
        }
    },
    'a proxy on this machine does not make its clients local' => static function (Checks $t): void {
        $t->same(true, (new Request(['REMOTE_ADDR' => '127.0.0.1'], []))->isLoopback());
        $t->same(true, (new Request(['REMOTE_ADDR' => '::1'], []))->isLoopback());
        $t->same(false, (new Request(['REMOTE_ADDR' => '10.0.0.1'], []))->isLoopback());
        $t->same(false, (new Request(['REMOTE_ADDR' => '127.0.0.1', 'HTTP_X_FORWARDED_FOR' => '1.2.3.4'], []))->isLoopback());
    },
    'the address is the connection\'s, behind a trusted proxy the last one that it names' => static function (Checks $t): void {
        $request = new Request(['REMOTE_ADDR' => '10.0.0.1', 'HTTP_X_FORWARDED_FOR' => '1.1.1.1, 2.2.2.2'], []);
        $t->same(['10.0.0.1', '2.2.2.2'], [$request->address(false), $request->address(true)]);
        $t->same('10.0.0.1', (new Request(['REMOTE_ADDR' => '10.0.0.1'], []))->address(true));
        $t->same(['1.2.3.4', '1.2.3.4'], [Throttle::network('1.2.3.4'), Throttle::network('::ffff:1.2.3.4')]);
        $t->same(Throttle::network('2001:db8:1:2::1'), Throttle::network('2001:db8:1:2:ffff::9'));
        $t->same(false, Throttle::network('2001:db8:1:2::1') === Throttle::network('2001:db8:1:3::1'));
        $t->same('unknown', Throttle::network('unknown'));
    },
    'TLS by the server, by a proxy only when it is trusted' => static function (Checks $t): void {
        $t->same(true, (new Request(['HTTPS' => 'on'], []))->isTls(false));
        $t->same(false, (new Request(['HTTPS' => 'off'], []))->isTls(true));
        $proxied = new Request(['HTTP_X_FORWARDED_PROTO' => 'https'], []);
        $t->same([false, true], [$proxied->isTls(false), $proxied->isTls(true)]);
    },
    'gzip when it is accepted' => static function (Checks $t): void {
        foreach (['gzip' => true, 'deflate, gzip;q=0.5, br' => true, 'gzip;q=0' => false, 'br' => false, 'x-gzip' => false] as $accepted => $expected) {
            $t->same($expected, (new Request(['HTTP_ACCEPT_ENCODING' => (string) $accepted], []))->acceptsGzip(), (string) $accepted);
        }
    },
    'a declared body that is too large is not read' => static function (Checks $t): void {
        $t->refused('body_too_large', static function (): void {
            (new Request(['CONTENT_LENGTH' => '131073'], []))->body();
        });
    },
    'a compressed stream is one gzip file, and nothing leaves before the first piece' => static function (Checks $t): void {
        $n_headers = 0;
        ob_start();
        $stream = new Stream(true, static function () use (&$n_headers): void {
            $n_headers++;
        });
        $stream->line(['a' => 'ä/']);
        $t->same([false, 0], [$stream->isSent(), $n_headers]);
        $row = str_repeat('x', 1000) . "\n";
        for ($i = 0; $i < 200; $i++) {
            $stream->text($row);
        }
        $t->same(true, $stream->isSent());
        $stream->end();
        $bytes = (string) ob_get_clean();
        $t->same(1, $n_headers);
        $t->same("{\"a\":\"ä/\"}\n" . str_repeat($row, 200), gzdecode($bytes));
    },
    'settings are checked' => static function (Checks $t): void {
        $settings = Settings::of(['db_port' => 3307, 'require_tls' => false]);
        $t->same(['3307', false, 'sha256'], [$settings->text('db_port'), $settings->isOn('require_tls'), $settings->text('token_storage')]);
        foreach ([['dbname' => 'x'], ['token_storage' => 'md5'], ['db_name' => ['x']]] as $wrong) {
            $t->refused('internal', static function () use ($wrong): void {
                Settings::of($wrong);
            });
        }
    },
];
