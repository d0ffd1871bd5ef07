<?php
// The read endpoint of the reference design: a page of a table by LIMIT and OFFSET, rows as objects.
// For the benchmark only, on loopback; the two table names below are all it knows.
declare(strict_types=1);

$orders = ['payments' => 'payment_id', 'attendance' => 'attendance_id'];
$table = (string) ($_GET['table'] ?? '');
if (!isset($orders[$table])) {
    http_response_code(404);
    exit;
}
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
$limit = max(1, min(5000, (int) ($_GET['limit'] ?? 500)));
$offset = max(0, (int) ($_GET['offset'] ?? 0));
$result = $db->query("SELECT * FROM `$table` ORDER BY `{$orders[$table]}` LIMIT $limit OFFSET $offset");
header('Content-Type: application/json');
echo json_encode(['status' => 'success', 'data' => $result->fetch_all(MYSQLI_ASSOC)]);
