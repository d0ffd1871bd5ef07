//! How fast dumps are read: rows are run past, and a large structure becomes a model. `cargo xtask bench` runs
//! it. Exit code 0: every promise was kept; 1: one was not.

#![allow(clippy::print_stdout, reason = "a benchmark prints its figures")]

use physio_schema::dump::{DumpOptions, DumpReader, parse};
use sqlparser::dialect::MySqlDialect;
use sqlparser::parser::Parser;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

const MB: usize = 1 << 20;
/// As files are read by the commands.
const PIECE: usize = MB;

fn main() -> ExitCode {
    let is_quick = std::env::args().any(|argument| argument == "--quick");
    let n_bytes = if is_quick { 64 * MB } else { 1024 * MB };
    let kept = [stream(n_bytes), five_hundred_tables()];
    if kept.iter().all(|kept| *kept) { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Rows are run past at many times the speed of a parser, in memory that does not grow.
fn stream(n_bytes: usize) -> bool {
    let rows = insert_statements(16 * MB);
    let options = DumpOptions::default();
    let mut reader = DumpReader::new(&options);
    reader.feed(b"CREATE TABLE `orders` (`id` int NOT NULL AUTO_INCREMENT, PRIMARY KEY (`id`));\n");
    let (mut n_read, mut early) = (0, None);
    let start = Instant::now();
    while n_read < n_bytes {
        for piece in rows.as_bytes().chunks(PIECE) {
            reader.feed(piece);
            n_read += piece.len();
        }
        early = early.or_else(peak_memory_kib);
    }
    let took = start.elapsed();
    let late = peak_memory_kib();
    reader.feed(b"ALTER TABLE `orders` ADD `total` decimal(10,2);");
    let dump = reader.finish().unwrap_or_else(|errors| panic!("the dump is well-formed: {errors}"));
    assert_eq!(dump.schema.tables[0].columns.len(), 2, "the structure around the rows is read");

    let sample = &rows[..rows[..2 * MB].rfind(";\n").map_or(0, |end| end + 2)];
    let start = Instant::now();
    let statements = Parser::parse_sql(&MySqlDialect {}, sample);
    let reference = start.elapsed();
    assert!(statements.is_ok_and(|statements| !statements.is_empty()), "sqlparser reads the rows too");

    let (ours, theirs) = (speed(n_read, took), speed(sample.len(), reference));
    let ratio = ours / theirs;
    println!(
        "a dump with {} MB of rows: {ours:.0} MB/s, sqlparser {theirs:.1} MB/s: {ratio:.0} x as fast \
         (promise: 40 x): {}",
        n_read / MB,
        verdict(ratio >= 40.0)
    );
    let Some((early, late)) = early.zip(late) else { return ratio >= 40.0 };
    let growth = late.saturating_sub(early);
    println!(
        "memory after {} MB: {early} KiB, after {} MB: {late} KiB: {growth} KiB more (promise: < 1024): {}",
        rows.len() / MB,
        n_read / MB,
        verdict(growth < 1024)
    );
    ratio >= 40.0 && growth < 1024
}

/// The model of a dump with 500 tables is there before anyone notices.
fn five_hundred_tables() -> bool {
    let sql = tables(500);
    let options = DumpOptions::default();
    let mut times: Vec<Duration> = (0..15)
        .map(|_| {
            let start = Instant::now();
            let dump =
                parse(sql.as_bytes(), &options).unwrap_or_else(|errors| panic!("well-formed: {errors}"));
            let took = start.elapsed();
            assert_eq!(dump.schema.tables.len(), 500);
            took
        })
        .collect();
    times.sort();
    let median = times[times.len() / 2];
    let is_kept = median < Duration::from_millis(100);
    println!(
        "the model of 500 tables ({} columns, {} KB): {:.1} ms (promise: < 100 ms): {}",
        500 * 14,
        sql.len() / 1024,
        median.as_secs_f64() * 1e3,
        verdict(is_kept)
    );
    is_kept
}

fn verdict(is_kept: bool) -> &'static str {
    if is_kept { "kept" } else { "NOT KEPT" }
}

fn speed(n_bytes: usize, took: Duration) -> f64 {
    n_bytes as f64 / MB as f64 / took.as_secs_f64()
}

/// Rows as mysqldump writes them: numbers, dates, decimals, escaped text, NULL, in statements of 1 MB.
fn insert_statements(n_bytes: usize) -> String {
    let mut sql = String::with_capacity(n_bytes + 2 * MB);
    let mut id = 0_u64;
    while sql.len() < n_bytes {
        sql.push_str("INSERT INTO `orders` VALUES ");
        let start = sql.len();
        while sql.len() - start < MB {
            id += 1;
            let separator = if sql.len() == start { "" } else { "," };
            let noise = id.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
            // Writing to a String cannot fail.
            let _ = write!(
                sql,
                "{separator}({id},{noise},'2024-0{}-1{} 08:3{}:00','{}.{:02}','Customer O\\'Neil {noise} said \
                 \\\"fine; thanks\\\"',NULL,-{},'note \\\\ of order {id}, paid (in cash) -- and shipped')",
                noise % 9 + 1,
                noise % 10,
                noise % 10,
                noise % 100_000,
                noise % 100,
                noise % 977,
            );
        }
        sql.push_str(";\n");
    }
    sql
}

/// Tables as mysqldump writes them, each with keys and a foreign key to the one before.
fn tables(n_tables: usize) -> String {
    let mut sql = String::from(
        "-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n/*!40101 SET NAMES utf8mb4 */;\n",
    );
    for n in 0..n_tables {
        let parent = n.saturating_sub(1);
        let _ = write!(
            sql,
            "DROP TABLE IF EXISTS `table_{n}`;\n/*!40101 SET @saved_cs_client = @@character_set_client */;\n\
             CREATE TABLE `table_{n}` (\n  `id` int unsigned NOT NULL AUTO_INCREMENT,\n  \
             `parent_id` int unsigned DEFAULT NULL,\n  `name` varchar(120) COLLATE utf8mb4_unicode_ci NOT NULL,\n  \
             `slug` varchar(191) CHARACTER SET latin1 DEFAULT '',\n  `price` decimal(12,2) NOT NULL DEFAULT '0.00',\n  \
             `state` enum('new','paid','sent','void') NOT NULL DEFAULT 'new',\n  `flags` set('a','b') DEFAULT NULL,\n  \
             `is_active` tinyint(1) NOT NULL DEFAULT '1',\n  `notes` mediumtext COMMENT 'free text; see §4',\n  \
             `extra` json DEFAULT NULL,\n  `photo` longblob,\n  `score` double DEFAULT NULL,\n  \
             `created_at` datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),\n  \
             `updated_at` timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP,\n  PRIMARY KEY (`id`),\n  \
             UNIQUE KEY `slug` (`slug`),\n  KEY `name` (`name`(40),`state`),\n  KEY `parent_id` (`parent_id`),\n  \
             CONSTRAINT `table_{n}_ibfk_1` FOREIGN KEY (`parent_id`) REFERENCES `table_{parent}` (`id`) ON DELETE SET NULL\n\
             ) ENGINE=InnoDB AUTO_INCREMENT=9 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;\n"
        );
    }
    sql
}

/// The most memory that this process ever had; `None` where the system does not tell.
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
