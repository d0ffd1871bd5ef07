<?php
/** Runs in PHP 7.4: names every file below /bridge that it does not parse, and every name that it does not know. */

declare(strict_types=1);

if (PHP_MAJOR_VERSION !== 7 || PHP_MINOR_VERSION !== 4) {
    echo 'this is PHP ', PHP_VERSION, ", not 7.4\n";
    exit(2);
}

/** @return array<int, array{0: int|string, 1: string, 2: int}> tokens that mean something: kind, text, line */
function meaningful(string $code): array
{
    $tokens = [];
    $line = 1;
    foreach (token_get_all($code, TOKEN_PARSE) as $token) {
        [$kind, $text] = is_array($token) ? $token : [$token, $token];
        if (!in_array($kind, [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT], true)) {
            $tokens[] = [$kind, $text, $line];
        }
        $line += substr_count($text, "\n");
    }
    return $tokens;
}

/** Functions, classes and constants that a file uses without having been given them, as `line: what`. */
function unknown_names(array $tokens, array $ownFunctions, array $ownClasses): array
{
    $unknown = [];
    foreach ($tokens as $position => [$kind, $text]) {
        // What is asked for before it is used may be missing.
        if ($kind === T_STRING && $text === 'function_exists' && isset($tokens[$position + 2])) {
            $ownFunctions[strtolower(trim($tokens[$position + 2][1], '\'"'))] = true;
        }
    }
    foreach ($tokens as $position => [$kind, $text, $line]) {
        $before = $tokens[$position - 1][0] ?? '';
        $after = $tokens[$position + 1][0] ?? '';
        if ($kind !== T_STRING || in_array($before, [T_OBJECT_OPERATOR, T_DOUBLE_COLON, T_FUNCTION, T_CONST], true)) {
            continue;
        }
        $isClass = in_array($before, [T_NEW, T_INSTANCEOF, T_EXTENDS, T_IMPLEMENTS, T_USE], true) || $after === T_DOUBLE_COLON;
        if ($after === T_NS_SEPARATOR || in_array(strtolower($text), ['self', 'static', 'parent'], true)) {
            continue;
        }
        if ($isClass && $before !== T_NS_SEPARATOR) {
            $isKnown = isset($ownClasses[$text]) || class_exists($text, false) || interface_exists($text, false);
            $what = 'class ' . $text;
        } elseif ($after === '(' && $before !== T_NEW && $before !== T_NS_SEPARATOR) {
            $isKnown = isset($ownFunctions[strtolower($text)]) || function_exists($text);
            $what = 'function ' . $text;
        } elseif (preg_match('/^[A-Z][A-Z0-9]*_[A-Z0-9_]+$/D', $text) === 1 && !isset($ownClasses[$text])) {
            $isKnown = defined($text);
            $what = 'constant ' . $text;
        } else {
            continue;
        }
        if (!$isKnown) {
            $unknown[] = $line . ': PHP 7.4 has no ' . $what;
        }
    }
    return $unknown;
}

$all = [];
$ownFunctions = [];
$ownClasses = [];
$nRefused = 0;
$files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator('/bridge', FilesystemIterator::SKIP_DOTS));
foreach ($files as $file) {
    $path = $file->getPathname();
    try {
        $tokens = meaningful((string) file_get_contents($path));
    } catch (ParseError $error) {
        $nRefused++;
        echo $path, ':', $error->getLine(), ': ', $error->getMessage(), "\n";
        continue;
    }
    $all[$path] = $tokens;
    foreach ($tokens as $position => [$kind]) {
        $name = $tokens[$position + 1] ?? ['', ''];
        if ($name[0] === T_STRING && in_array($kind, [T_CLASS, T_INTERFACE, T_TRAIT], true)) {
            $ownClasses[$name[1]] = true;
        } elseif ($name[0] === T_STRING && $kind === T_FUNCTION) {
            // A method of that name is no function, but a call of it has `->` or `::` before it.
            $ownFunctions[strtolower($name[1])] = true;
        }
    }
}
foreach ($all as $path => $tokens) {
    foreach (unknown_names($tokens, $ownFunctions, $ownClasses) as $unknown) {
        $nRefused++;
        echo $path, ':', $unknown, "\n";
    }
}
// What a parser alone does not see (types, constant expressions) is seen when the classes are made.
foreach (array_keys($nRefused === 0 ? $all : []) as $path) {
    if (strncmp($path, '/bridge/src/', 12) === 0 && basename($path) !== 'autoload.php') {
        require_once '/bridge/src/autoload.php';
        require_once $path;
    }
}
printf("PHP %s: %d files, %d complaints\n", PHP_VERSION, count($all), $nRefused);
exit($nRefused === 0 ? 0 : 1);
