//! Every type, both ways, on real MariaDB through real PHP: what MySQL stored is read here as it is, and what is
//! written here is stored there byte for byte. The server's clocks are in India throughout.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]
#![allow(clippy::print_stdout, reason = "a failing test must name its seed")]

#[path = "round_trip/server.rs"]
mod server;

use physio_runtime::rusqlite::{Connection, Params, params_from_iter, types::Value};
use physio_runtime::{ErrorKind, Physio};
use physio_schema::plan::{Storage, TablePlan};
use physio_tests::harness::{ServerKind, compare};
use server::{Driver, Server};
use std::collections::BTreeMap;

/// Random rows: each is one value of every type.
const MANY: u64 = 2_000;
const FEW: u64 = 60;

#[tokio::test(flavor = "multi_thread")]
async fn over_mysqli_every_value_comes_and_goes_unchanged() {
    come_and_go(&Server::start(Driver::Mysqli, MANY)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn over_pdo_every_value_comes_and_goes_unchanged() {
    come_and_go(&Server::start(Driver::Pdo, FEW)).await;
}

async fn come_and_go(server: &Server) {
    let folder = tempfile::tempdir().unwrap();
    let physio = server.open(&folder.path().join("cache.db"));
    physio.wait_until_synced().await.unwrap();
    let stored = server.bytes("everything");
    assert!(stored.len() > 40, "edge rows and random rows");
    check(server, &physio);
    check_known_values(&physio);

    // A row that is touched keeps every value, also those that nobody can write on purpose.
    let list = columns(&physio, "everything").join(", ");
    for marker in stored.keys() {
        let touch = format!(
            "UPDATE everything SET ({list}, marker) = (SELECT {list}, marker || ' touched' FROM everything
             WHERE marker = ?1) WHERE marker = ?1"
        );
        write(&physio, &touch, [marker]);
    }
    sync(&physio).await;
    check(server, &physio);
    let touched = server.bytes("everything");
    for (marker, values) in &stored {
        assert_eq!(touched.get(&format!("{marker} touched")), Some(values), "{marker}");
    }

    // The same values in new rows, and in rows that held nothing; the old rows go.
    let written: BTreeMap<_, _> = stored.iter().filter(|(_, values)| !values.is_no_member()).collect();
    assert!(written.len() > 40, "{} rows are written back", written.len());
    for marker in written.keys() {
        let copy = format!(
            "INSERT INTO everything (marker, {list}) SELECT ?1 || ' copied', {list} FROM everything
             WHERE marker = ?1 || ' touched'"
        );
        write(&physio, &copy, [marker]);
        write(&physio, "INSERT INTO everything (marker) VALUES (?1 || ' filled')", [marker]);
    }
    sync(&physio).await;
    for marker in written.keys() {
        let fill = format!(
            "UPDATE everything SET ({list}) = (SELECT {list} FROM everything WHERE marker = ?1 || ' touched')
             WHERE marker = ?1 || ' filled'"
        );
        write(&physio, &fill, [marker]);
        write(&physio, "DELETE FROM everything WHERE marker = ?1 || ' touched'", [marker]);
    }
    sync(&physio).await;
    check(server, &physio);
    let moved = server.bytes("everything");
    assert_eq!(moved.len(), stored.len() + written.len(), "two new rows for one old");
    for (marker, values) in written {
        for what in ["copied", "filled"] {
            assert_eq!(moved.get(&format!("{marker} {what}")), Some(values), "{marker} {what}");
        }
    }

    // By the sums of both sides too: no row had to be read again to find that out.
    for audit in physio.audit().await.unwrap() {
        assert_eq!((audit.n_reread, audit.n_repaired), (0, 0), "{}", audit.table);
    }

    // Another device reads the same.
    let other = server.open(&folder.path().join("other.db"));
    other.wait_until_synced().await.unwrap();
    check(server, &other);
    server.stack.php.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_every_kind_find_their_row() {
    let server = Server::start(Driver::Mysqli, FEW);
    let folder = tempfile::tempdir().unwrap();
    let physio = server.open(&folder.path().join("cache.db"));
    physio.wait_until_synced().await.unwrap();
    check(&server, &physio);
    let stored = server.bytes("keyed");
    write(&physio, "UPDATE keyed SET marker = marker || ' touched'", []);
    write(
        &physio,
        "INSERT INTO keyed (number, bytes, word, moment, amount, marker)
         SELECT number, bytes, word, moment, '77.7000', replace(marker, ' touched', ' again') FROM keyed",
        [],
    );
    sync(&physio).await;
    check(&server, &physio);
    write(&physio, "DELETE FROM keyed WHERE marker LIKE '% touched'", []);
    sync(&physio).await;
    check(&server, &physio);
    let moved = server.bytes("keyed");
    assert_eq!(moved.len(), stored.len());
    let audits = physio.audit().await.unwrap();
    let keyed = audits.iter().find(|audit| audit.table == "keyed").unwrap();
    assert_eq!((keyed.n_rows, keyed.n_reread), (moved.len() as u64, 0));
    for (marker, values) in stored {
        let there = moved.get(&format!("{marker} again")).expect("the row is there under its new key");
        assert_eq!(there.without("amount"), values.without("amount"), "{marker}");
    }
    server.stack.php.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_numbers_of_a_script_become_integers() {
    let server = Server::start(Driver::Mysqli, FEW);
    let folder = tempfile::tempdir().unwrap();
    let physio = server.open(&folder.path().join("cache.db"));
    physio.wait_until_synced().await.unwrap();
    let table = plan_of(&physio, "everything");
    let is_whole = |storage| matches!(storage, Storage::Integer | Storage::Unsigned64);
    let whole: Vec<String> = table
        .columns
        .iter()
        .filter(|column| is_whole(column.storage) && column.name != "id" && column.name != "a_year")
        .map(|column| column.name.clone())
        .collect();
    assert!(whole.len() > 14, "{whole:?}");
    let write_all = |number: f64, marker: &str| {
        let numbers = whole.iter().map(|_| Value::Real(number));
        let values: Vec<Value> = numbers.chain([Value::Text(marker.to_owned())]).collect();
        let sql = format!(
            "INSERT INTO everything ({}, marker) VALUES ({})",
            whole.join(", "),
            vec!["?"; values.len()].join(", ")
        );
        physio.write(|tx| tx.execute(&sql, params_from_iter(values)))
    };
    write_all(1.0, "from a script").unwrap();
    assert_eq!(write_all(1.5, "not whole").unwrap_err().kind(), ErrorKind::Constraint);
    sync(&physio).await;
    check(&server, &physio);
    let rows = server.bytes("everything");
    let row = rows.get("from a script").expect("the row is on the server");
    for column in &whole {
        let number = row.text(column);
        assert_eq!(number.as_deref().map(|text| text.trim_start_matches('0')), Some("1"), "{column}");
    }
    assert!(!rows.contains_key("not whole"));
}

#[tokio::test(flavor = "multi_thread")]
async fn impossible_values_are_kept_but_cannot_be_written() {
    let server = Server::start(Driver::Mysqli, FEW);
    let folder = tempfile::tempdir().unwrap();
    let physio = server.open(&folder.path().join("cache.db"));
    physio.wait_until_synced().await.unwrap();
    for sql in [
        "INSERT INTO everything (marker, an_enum) SELECT 'copy', an_enum FROM everything WHERE marker = 'impossible'",
        "UPDATE everything SET an_enum = '' WHERE marker = 'ordinary'",
        "INSERT INTO everything (marker, a_date) SELECT 'copy', a_date FROM everything WHERE marker = 'impossible'",
        "UPDATE everything SET a_datetime6 = '2025-02-29 00:00:00' WHERE marker = 'ordinary'",
    ] {
        let error = physio.write(|tx| tx.execute(sql, [])).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Constraint, "{error}");
        assert!(error.to_string().contains("everything.a"), "{error}");
    }
    write(&physio, "UPDATE everything SET an_enum = 'small', an_int4 = 5 WHERE marker = 'impossible'", []);
    sync(&physio).await;
    check(&server, &physio);
    let row = server.bytes("everything").remove("impossible").expect("the row is on the server");
    assert_eq!(row.text("an_int4").as_deref(), Some("5"));
    assert_eq!(row.text("an_enum").as_deref(), Some("small"));
    assert!(row.is_no_member(), "the other column keeps what it had");
}

/// Both sides are equal, nothing waits, and every value is of the storage class of its column.
fn check(server: &Server, physio: &Physio) {
    let status = physio.status().unwrap();
    assert_eq!((status.n_pending, status.n_attention), (0, 0), "{:?}", physio.attention());
    physio
        .read(|connection| {
            let mut conn = server.stack.connect().unwrap();
            compare::check_equal(physio.plan(), &mut conn, connection).unwrap();
            physio.plan().tables.iter().for_each(|table| check_storage(connection, table));
            Ok(())
        })
        .unwrap();
}

fn check_storage(connection: &Connection, table: &TablePlan) {
    for column in &table.columns {
        let (class, or) = match column.storage {
            Storage::Integer => ("integer", None),
            // Above 2^63-1 SQLite has no integer.
            Storage::Unsigned64 => ("integer", Some("text")),
            Storage::Real => ("real", None),
            Storage::Text => ("text", None),
            Storage::Blob => ("blob", None),
        };
        let name = &column.name;
        let sql = format!(
            "SELECT count(*) FROM \"{}\" WHERE \"{name}\" IS NOT NULL AND typeof(\"{name}\") <> ?1
             AND NOT (typeof(\"{name}\") = ?2 AND CAST(\"{name}\" AS REAL) >= 9223372036854775807)",
            table.name
        );
        let n: u32 = connection.query_row(&sql, (class, or.unwrap_or(class)), |row| row.get(0)).unwrap();
        assert_eq!(n, 0, "{}.{name} holds something else than {class}", table.name);
    }
}

/// Literally what the edge rows of `rows.sql` must look like here.
fn check_known_values(physio: &Physio) {
    // MySQL's first moment is a second after MariaDB's.
    let is_mysql = ServerKind::asked_for().unwrap() == ServerKind::MySql;
    let first = if is_mysql { "'1970-01-01 00:00:01.001'" } else { "'1970-01-01 00:00:00.001'" };
    let known = [
        ("ordinary", "an_int4", "3"),
        ("ordinary", "an_int4_z", "42"),
        ("ordinary", "a_price", "'1234.50'"),
        ("ordinary", "a_float", "0.10000000149011612"),
        ("ordinary", "a_double", "0.1"),
        ("ordinary", "a_bit8", "10"),
        ("ordinary", "a_binary", "X'6162000000000000'"),
        ("ordinary", "a_set", "'red,größe'"),
        ("ordinary", "a_date", "'2026-01-15'"),
        ("ordinary", "a_datetime", "'2026-01-15 02:00:00'"),
        ("ordinary", "a_datetime6", "'2026-01-15 23:59:59.999999'"),
        ("ordinary", "a_timestamp", "'2026-01-14 20:30:00'"),
        ("ordinary", "a_timestamp3", "'2026-01-14 20:30:00.007'"),
        ("ordinary", "a_year", "2026"),
        ("lowest", "an_int8", "-9223372036854775808"),
        ("lowest", "a_date", "'0000-00-00'"),
        ("lowest", "a_datetime6", "'0000-00-00 00:00:00.000000'"),
        ("lowest", "a_timestamp", "'0000-00-00 00:00:00'"),
        ("lowest", "a_timestamp3", first),
        ("lowest", "a_time", "'-838:59:59'"),
        ("highest", "an_int8_u", "'18446744073709551615'"),
        ("highest", "a_bit64", "'18446744073709551615'"),
        ("highest", "a_decimal", "'99999999999999999999999999999999999.999999999999999999999999999999'"),
        ("highest", "a_timestamp", "'2038-01-19 03:14:07'"),
        ("strange", "an_int8", "9007199254740993"),
        ("strange", "a_double", "4.9406564584124654e-324"),
        ("strange", "a_varchar", "'null' || char(0) || 'inside'"),
        ("strange", "a_varchar_3", "'trailing   '"),
        ("strange", "a_date", "'2024-02-29'"),
        ("strange", "a_datetime", "'2026-00-00 12:00:00'"),
        ("strange", "a_time", "'-00:00:01'"),
        ("strange", "a_time6", "'26:00:00.500000'"),
        ("impossible", "an_enum", "''"),
        ("impossible", "a_date", "'2026-02-31'"),
        ("impossible", "a_datetime6", "'2025-02-29 00:00:00.500000'"),
        ("nothing", "a_longblob", "NULL"),
    ];
    for (marker, column, literal) in known {
        let sql = format!(
            "SELECT {column} IS ({literal}), typeof({column}) = typeof({literal}) FROM everything WHERE marker = ?1"
        );
        let found = physio.query_rows(&sql, [marker], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(found, [(true, true)], "{marker}.{column} is {literal}");
    }
}

fn write(physio: &Physio, sql: &str, values: impl Params) {
    let n_rows = physio.write(|tx| tx.execute(sql, values)).unwrap_or_else(|error| panic!("{error}"));
    assert!(n_rows > 0, "{sql}");
}

async fn sync(physio: &Physio) {
    physio.sync_now().await.unwrap();
    physio.wait_until_synced().await.unwrap();
}

fn plan_of<'p>(physio: &'p Physio, table: &str) -> &'p TablePlan {
    physio.plan().table(table).expect("it is synced")
}

/// Everything but the key and the marker.
fn columns(physio: &Physio, table: &str) -> Vec<String> {
    let columns = plan_of(physio, table).columns.iter().map(|column| column.name.clone());
    columns.filter(|name| name != "id" && name != "marker").collect()
}
