<?php
// What a push is measured against: the same changes as plain prepared statements, each in a transaction of its own,
// over the same kind of connection. It neither compares nor numbers nor answers anything.
// Prints the seconds of the updates and of the inserts as one line of JSON.
declare(strict_types=1);

[, $number] = $argv;
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$db = new mysqli(
    'localhost',
    (string) getenv('PHYSIO_DB_USER'),
    (string) getenv('PHYSIO_DB_PASSWORD'),
    (string) getenv('PHYSIO_DB_NAME'),
    0,
    (string) getenv('PHYSIO_DB_SOCKET')
);
$db->set_charset('utf8mb4');

function seconds(mysqli $db, string $sql, int $number): float
{
    $statement = $db->prepare($sql);
    $start = microtime(true);
    for ($n = 1; $n <= $number; $n++) {
        [$remark, $key] = ['plain ' . $n . ' ' . dechex(random_int(0, PHP_INT_MAX)), (string) $n];
        $db->query('START TRANSACTION');
        $statement->bind_param('ss', $remark, $key);
        $statement->execute();
        $db->query('COMMIT');
    }
    return microtime(true) - $start;
}

echo json_encode([
    'updates' => seconds($db, 'UPDATE payments SET remarks = ? WHERE payment_id = ?', (int) $number),
    'inserts' => seconds(
        $db,
        "INSERT INTO payments (remarks, patient_id, payment_date, amount)
         SELECT ?, patient_id, '2026-03-02', '450.00' FROM payments WHERE payment_id = ?",
        (int) $number
    ),
]);
