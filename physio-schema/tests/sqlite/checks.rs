//! What a local write is refused for.

use super::Cache;

/// Sets one column of the table of types and says whether it was taken.
fn takes(cache: &Cache, column: &str, value: &str) -> Result<(), String> {
    let sql = format!("UPDATE types SET {column} = NULL; UPDATE types SET {column} = {value}");
    cache.connection.execute_batch(&sql).map_err(|error| error.to_string())
}

#[test]
fn each_type_takes_what_mysql_takes_and_nothing_else() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO types (k) VALUES (1)");
    let cases: &[(&str, &[&str], &[&str])] = &[
        ("tiny", &["127", "-128", "5.0", "'7'"], &["128", "-129"]),
        (
            "huge",
            &["0", "9223372036854775807", "'18446744073709551615'", "'9223372036854775808'", "5.0"],
            &[
                "-1",
                "'18446744073709551616'",
                "'x'",
                "1.5",
                "'5'",
                "x'00'",
                "''",
                "'9223372036854775807'",
                "1e300",
            ],
        ),
        (
            "money",
            &[
                "'9999.99'",
                "'-9999.9'",
                "12.5",
                "7",
                "'0'",
                "'.5'",
                "'5.'",
                "'-0.00'",
                "'1.500'",
                "'00001.5'",
            ],
            &[
                "'10000'", "'1.234'", "''", "'abc'", "'1e3'", "'1.2.3'", "'--1'", "'1-2'", "'.'", "1e9",
                "'+'", "' 1'",
            ],
        ),
        ("plus", &["'9999'", "0"], &["'-1'", "'10000'", "'0.5'"]),
        ("half", &["1.5", "-3.4e38", "7"], &["3.5e38", "9e999", "-9e999"]),
        ("whole", &["0", "1.7976931348623157e308"], &["-1", "9e999"]),
        ("bits", &["0", "15"], &["16", "-1"]),
        ("year", &["0", "1901", "2155"], &["1900", "2156", "99"]),
        ("short", &["'abc'", "'äöü'", "''"], &["'abcd'"]),
        (
            "tiny_text",
            &["printf('%.255c', 'x')"],
            &["printf('%.256c', 'x')", "printf('%.128c', 'ä') || printf('%.128c', 'ä')"],
        ),
        ("raw", &["x'0102'", "x''"], &["x'010203'"]),
        ("choice", &["''", "'a'", "'b,a'", "'it''s,a'"], &["'c'", "'a,'", "'a,a'", "','", "'ab'", "'A'"]),
        ("json", &["'{\"a\":[1]}'", "'null'"], &["'{a:1}'", "''"]),
        ("checked", &["'[]'"], &["'['"]),
        (
            "day",
            &["'2024-02-29'", "'0000-00-00'", "'2024-00-15'", "'2024-05-00'", "'9999-12-31'"],
            &[
                "'2023-02-29'",
                "'2024-13-01'",
                "'2024-1-1'",
                "'2024-04-31'",
                "'today'",
                "'2024-01-01 00:00:00'",
                "''",
            ],
        ),
        (
            "moment",
            &[
                "'2024-02-29'",
                "'2024-02-29 23:59'",
                "'2024-02-29 23:59:59'",
                "'2024-02-29 23:59:59.123'",
                "'2024-02-29 23:59:59.1'",
            ],
            &[
                "'2024-02-29T23:59:59'",
                "'2024-02-29 24:00:00'",
                "'2024-02-29 23:60:00'",
                "'2024-02-29 23:59:59.1234'",
                "'2024-02-29 23:59:59Z'",
                "'2024-02-30 00:00:00'",
                "'2024-02-29 23:59:59.'",
                "1700000000",
            ],
        ),
        (
            "clock",
            &["'00:00:00'", "'-838:59:59'", "'838:59:59'", "'25:00:00'", "'7:05'", "'09:30'"],
            &[
                "'839:00:00'",
                "'10:60:00'",
                "'10:00:00.5'",
                "'1000:00:00'",
                "'noon'",
                "''",
                "':00:00'",
                "'10:5'",
                "'1-0:00:00'",
            ],
        ),
        (
            "uuid",
            &["'123e4567-e89b-12d3-a456-426614174000'"],
            &["'123e4567e89b12d3a456426614174000'", "'g23e4567-e89b-12d3-a456-426614174000'"],
        ),
    ];
    for (column, taken, refused) in cases {
        for value in *taken {
            takes(&cache, column, value).unwrap_or_else(|error| panic!("{column} = {value}: {error}"));
        }
        for value in *refused {
            let error = takes(&cache, column, value).expect_err(&format!("{column} = {value}"));
            let own = format!("physio: types.{column}: must ");
            let stored_type = "cannot store";
            assert!(error.starts_with(&own) || error.contains(stored_type), "{column} = {value}: {error}");
        }
        takes(&cache, column, "NULL").unwrap();
    }
}

#[test]
fn an_insert_is_judged_as_an_update_is() {
    let cache = Cache::clinic();
    let error = cache.refused("INSERT INTO types (k, bits) VALUES (2, 99)");
    assert!(error.starts_with("physio: types.bits: must be from 0 to 15"), "{error}");
    assert_eq!(cache.ask("SELECT count(*) FROM types"), "0");
    assert_eq!(cache.captured(), "");
}

#[test]
fn real_numbers_that_are_whole_become_integers_without_a_change() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO types (k, tiny, huge) VALUES (2.0, 3.0, 4.0)");
    assert_eq!(
        cache.ask("SELECT k, typeof(k), tiny, huge, typeof(huge) FROM types"),
        "2|integer|3|4|integer"
    );
    assert_eq!(cache.captured(), r#"insert types ["2"] - {"k":"2","tiny":"3","huge":"4"}"#);
    cache.run("UPDATE types SET huge = 5.0");
    assert_eq!(cache.ask("SELECT huge, typeof(huge) FROM types"), "5|integer");
    assert_eq!(cache.captured(), r#"update types ["2"] {"huge":"4"} {"huge":"5"}"#);
}

#[test]
fn what_must_be_given_is_asked_for_and_defaults_fill_the_rest() {
    let cache = Cache::clinic();
    let error = cache.refused("INSERT INTO patients (branch_id) VALUES (1)");
    assert_eq!(error, "physio: patients.name: must not be NULL; give it a value");
    let error = cache.refused("INSERT INTO patients (branch_id, name, amount) VALUES (1, 'A', NULL)");
    assert_eq!(error, "physio: patients.amount: must not be NULL; give it a value");
    cache.run("INSERT INTO patients (branch_id, name) VALUES (1, 'A')");
    assert_eq!(
        cache.ask("SELECT amount, status, visits, _sync_status FROM patients"),
        "0.00|active|0|pending"
    );
    let error = cache.refused("UPDATE patients SET name = NULL");
    assert_eq!(error, "physio: patients.name: must not be NULL");
}

#[test]
fn computed_columns_are_mysqls() {
    let cache = Cache::clinic();
    let error = cache.refused("INSERT INTO patients (branch_id, name, shout) VALUES (1, 'A', 'A')");
    assert_eq!(error, "physio: patients.shout: MySQL computes it; leave it out");
    cache.run("INSERT INTO patients (branch_id, name) VALUES (1, 'A')");
    assert_eq!(cache.refused("UPDATE patients SET shout = 'B'"), "physio: patients.shout: MySQL computes it");
}

#[test]
fn keys_of_the_server_are_not_given_here_and_never_change() {
    let cache = Cache::clinic();
    let error = cache.refused("INSERT INTO branches (id, name) VALUES (17, 'North')");
    assert_eq!(error, "physio: branches.id: leave it out; the server gives the key");
    cache.run("INSERT INTO branches (name) VALUES ('North')");
    for statement in [
        "UPDATE branches SET id = 18",
        "UPDATE OR REPLACE branches SET id = 18",
        "UPDATE OR IGNORE branches SET id = 18",
        "UPDATE branches SET rowid = 18",
    ] {
        let error = cache.refused(statement);
        assert!(
            error.starts_with("physio: branches.id: the key of a row cannot change"),
            "{statement}: {error}"
        );
    }
    cache.run("INSERT INTO folders (code) VALUES ('a'); INSERT INTO papers (folder, page) VALUES ('a', 1)");
    assert!(cache.refused("UPDATE folders SET code = 'A'").starts_with("physio: folders.code: the key"));
    assert!(cache.refused("UPDATE papers SET page = 2").starts_with("physio: papers.page: the key"));
}

#[test]
fn old_values_are_not_judged_when_others_change() {
    let cache = Cache::clinic();
    cache.pulled(
        "INSERT INTO patients (id, branch_id, name, status, updated_at, _sync_status) \
         VALUES (1, 1, 'A name that is too long', '', '0000-00-00 00:00:00', 'synced')",
    );
    cache.run("UPDATE patients SET visits = 3");
    assert_eq!(cache.captured(), r#"update patients ["1"] {"visits":"0"} {"visits":"3"}"#);
    let error = cache.refused("UPDATE patients SET status = 'unknown'");
    assert_eq!(error, "physio: patients.status: must be one of 'active', 'gone'");
}

#[test]
fn read_only_tables_take_no_local_write() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO roles (id, name) VALUES (1, 'admin')");
    for statement in [
        "INSERT INTO roles (name) VALUES ('x')",
        "INSERT OR REPLACE INTO roles (id, name) VALUES (1, 'x')",
        "INSERT OR IGNORE INTO roles (name) VALUES ('x')",
        "UPDATE roles SET name = 'x'",
        "DELETE FROM roles",
    ] {
        assert_eq!(
            cache.refused(statement),
            "physio: roles: read-only here; physio.toml says writable = false"
        );
    }
    assert_eq!(cache.ask("SELECT * FROM roles").split('|').nth(1), Some("admin"));
}

#[test]
fn no_message_contains_a_value() {
    let cache = Cache::clinic();
    let error = cache.refused("INSERT INTO patients (branch_id, name) VALUES (1, 'Anil Kumar Sharma')");
    assert_eq!(error, "physio: patients.name: must have at most 10 characters");
}

#[test]
fn the_status_is_one_of_three() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO branches (name) VALUES ('North')");
    assert!(cache.refused("UPDATE branches SET _sync_status = 'done'").contains("CHECK"));
    assert!(cache.refused("UPDATE branches SET _sync_status = NULL").contains("NOT NULL"));
}

#[test]
fn a_temporary_key_is_taken_only_where_the_plan_knows_the_reference() {
    let cache = Cache::clinic();
    cache.run("INSERT INTO branches (name) VALUES ('North')");
    cache.run("INSERT INTO patients (branch_id, name) VALUES (last_insert_rowid(), 'A')");
    cache.run("INSERT INTO types (k) VALUES (1)");
    let error = cache.refused("UPDATE types SET huge = (SELECT id FROM branches)");
    assert_eq!(
        error,
        "physio: types.huge: holds the key of a row made here; name the column under `references` in physio.toml"
    );
    cache.run("UPDATE types SET huge = 4503599627370499");
}
