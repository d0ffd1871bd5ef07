//! No input makes the reader panic, and cutting the input into pieces never changes the answer.

use physio_schema::dump::{DumpOptions, Flavour, Server, parse, parse_chunks};
use proptest::prelude::*;

/// Scraps of dumps that meet in any order.
const SCRAPS: &[&str] = &[
    "CREATE TABLE ",
    "ALTER TABLE ",
    "t",
    "`t`",
    "u",
    " (",
    ")",
    ",",
    ";",
    " int",
    " varchar(10)",
    " NOT NULL",
    " DEFAULT ",
    "'x'",
    "\"y\"",
    "'",
    "\"",
    "`",
    "\\",
    "/*!40101 ",
    "/*!80000 ",
    "/*M!100100 ",
    "*/",
    "/*",
    "--",
    "-- c\n",
    "# h\n",
    "\n",
    " PRIMARY KEY",
    " KEY k (a(3))",
    " UNIQUE",
    " FOREIGN KEY (a) REFERENCES p (id)",
    " ON DELETE CASCADE",
    "a",
    "b",
    "1",
    "-1",
    "0x4",
    "b'01'",
    " enum('a','b')",
    " ADD ",
    " DROP ",
    " CHANGE a b int",
    " MODIFY a text",
    " RENAME TO ",
    " AFTER a",
    " FIRST",
    " CHARACTER SET utf8",
    " COLLATE ",
    "DELIMITER $$\n",
    "$$",
    "DELIMITER ;\n",
    " ENGINE=InnoDB",
    " PARTITION BY ",
    " LIKE ",
    "INSERT INTO t VALUES ",
    "USE x\n",
    "SET sql_mode='ANSI_QUOTES'",
    "SET NAMES latin1",
    " AS (a+1)",
    " CHECK (",
    "\u{feff}",
    "\u{a0}",
    "é",
    "CREATE DATABASE x",
    "DROP TABLE ",
    "CREATE TRIGGER ",
    " BEGIN ",
    " END",
    " PERIOD FOR ",
    " decimal(65,30)",
    " timestamp",
    " now()",
    "1e999",
    "9999999999999999999999",
    " json",
    ".",
    "@",
    "{$p}",
    " CONVERT TO CHARACTER SET binary",
];

fn options(is_mysql: bool) -> DumpOptions {
    let mysql = Server { flavour: Flavour::MySql, version: 80_036 };
    DumpOptions { server: Some(if is_mysql { mysql } else { Server::DEFAULT }), ..DumpOptions::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), step in 1_usize..50) {
        let whole = parse(&bytes, &options(false));
        prop_assert_eq!(parse_chunks(bytes.chunks(step), &options(false)), whole);
    }

    #[test]
    fn arbitrary_text_in_a_table_does_not_panic(text in "\\PC{0,80}") {
        let _ = parse(format!("CREATE TABLE t (a int, {text});").as_bytes(), &options(false));
        let _ = parse(format!("CREATE TABLE t (a int DEFAULT ({text}));").as_bytes(), &options(true));
    }

    #[test]
    fn scraps_of_dumps_do_not_panic(
        scraps in proptest::collection::vec(proptest::sample::select(SCRAPS), 0..60),
        step in 1_usize..90,
        is_mysql: bool,
    ) {
        let sql = scraps.concat();
        let whole = parse(sql.as_bytes(), &options(is_mysql));
        prop_assert_eq!(parse_chunks(sql.as_bytes().chunks(step), &options(is_mysql)), whole);
    }

    #[test]
    fn a_damaged_dump_does_not_panic(at in 0_usize..11_000, damage in "\\PC{0,6}", cut in 0_usize..30) {
        let dump = include_str!("fixtures/dumps/mariadb-dump-full.sql");
        let mut at = at.min(dump.len());
        while !dump.is_char_boundary(at) { at -= 1; }
        let mut end = (at + cut).min(dump.len());
        while !dump.is_char_boundary(end) { end += 1; }
        let sql = format!("{}{damage}{}", &dump[..at], &dump[end..]);
        if let Err(errors) = parse(sql.as_bytes(), &options(false)) {
            prop_assert!(errors.errors.iter().all(|error| error.line > 0 && !error.message.is_empty()));
        }
    }
}

/// Seeds of the fuzzer, among them what it has found.
#[test]
fn every_seed_is_read_in_pieces_as_it_is_in_one() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/dump");
    let seeds: Vec<_> = std::fs::read_dir(folder).expect("the seeds are there").flatten().collect();
    assert!(seeds.len() > 100, "only {} seeds", seeds.len());
    for seed in seeds {
        let input = std::fs::read(seed.path()).expect("a seed can be read");
        let (_, sql) = input.split_first().expect("a seed begins with its choices");
        for (server, step) in [(None, 1), (None, 14), (Some(Server::DEFAULT), 66)] {
            let options = DumpOptions { server, every_database: true, ..DumpOptions::default() };
            let whole = parse(sql, &options);
            assert_eq!(parse_chunks(sql.chunks(step), &options), whole, "{:?} by {step}", seed.path());
        }
    }
}

#[test]
fn deep_nesting_does_not_overflow() {
    for (open, close) in [("(", ")"), ("f(", ")"), ("-", ""), ("not ", "")] {
        let sql =
            format!("CREATE TABLE t (a int DEFAULT ({}1{}));", open.repeat(20_000), close.repeat(20_000));
        let _ = parse(sql.as_bytes(), &options(false));
    }
    let comments = format!("CREATE TABLE t (a int {} );", "/*!40101 ".repeat(20_000));
    let _ = parse(comments.as_bytes(), &options(false));
}
