//! Tables, keys and indexes as SQLite sees them.

use super::Cache;
use super::model::{self, auto, big_unsigned, column, int, key, literal, required, table, varchar};
use physio_schema::model::{ColumnType, KeyKind};

#[test]
fn columns_stand_in_mysqls_order_without_the_hidden_ones() {
    let cache = Cache::clinic();
    assert_eq!(
        cache.ask("SELECT group_concat(name, ' ') FROM pragma_table_info('patients')"),
        "id branch_id name uid amount status visits remarks shout updated_at _sync_status _last_synced_at"
    );
    assert_eq!(cache.ask("SELECT group_concat(DISTINCT strict) FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND name NOT LIKE 'sqlite%'"), "1");
}

#[test]
fn mysqls_keys_are_plain_indexes_and_serve_look_ups() {
    let cache = Cache::clinic();
    let plan = cache.ask("EXPLAIN QUERY PLAN SELECT * FROM patients WHERE uid = 'x'");
    assert!(plan.contains("USING INDEX patients.uid"), "{plan}");
    assert_eq!(
        cache.ask("SELECT \"unique\" FROM pragma_index_list('patients') WHERE name = 'patients.uid'"),
        "0"
    );
    let plan = cache.ask("EXPLAIN QUERY PLAN SELECT * FROM folders WHERE code = 'x' COLLATE NOCASE");
    assert!(plan.contains("folders.PRIMARY"), "{plan}");
}

#[test]
fn text_is_found_without_regard_to_case_where_mysql_does_so() {
    let cache = Cache::clinic();
    cache.pulled("INSERT INTO branches (id, name) VALUES (1, 'North')");
    assert_eq!(cache.ask("SELECT id FROM branches WHERE name = 'north'"), "1");
}

const WIDE: &str = r#"
[app]
name = "odd"
dump = "odd.sql"
[server.tokens]
table = "tokens"
token = "token"
[access]
open = true

[[waves]]
name = "all"
tables = ["*"]
[tables.ledger]
wide_keys = true
"#;

#[test]
fn wide_and_composite_keys_are_drawn_at_random_above_2_to_the_52() {
    let ledger =
        table("ledger", vec![auto("id", big_unsigned()), column("note", varchar(9))], &["id"], vec![]);
    let lines = table(
        "lines",
        vec![required("shop", varchar(4)), auto("line", int()), column("note", varchar(9))],
        &["shop", "line"],
        vec![key("line", KeyKind::Index, &["line"])],
    );
    let cache = Cache::of(model::schema(vec![ledger, lines]), WIDE);
    let returned = cache.ask("INSERT INTO ledger (note) VALUES ('x'), ('y') RETURNING id BETWEEN 4503599627370496 AND 9007199254740991");
    assert_eq!(returned, "1\n1");
    assert_eq!(cache.ask("INSERT INTO lines (shop) VALUES ('s') RETURNING line >= 4503599627370496"), "1");
    assert_eq!(
        cache.ask("SELECT table_name, count(*) FROM _physio_temporary_keys GROUP BY 1"),
        "ledger|2\nlines|1"
    );
    assert!(cache.refused("INSERT INTO lines (shop, line) VALUES ('s', 1)").contains("leave it out"));
}

#[test]
fn any_name_is_quoted() {
    let odd = "it's \"odd\" `here`";
    let mut one = table(
        odd,
        vec![
            auto("select", int()),
            literal(required(odd, varchar(40)), "it's"),
            column("rate %", ColumnType::Date),
        ],
        &["select"],
        vec![key("key", KeyKind::Unique, &[odd])],
    );
    one.foreign_keys = vec![model::foreign("fk", &["select"], odd, &["select"], Default::default())];
    let cache = Cache::of(model::schema(vec![one]), &WIDE.replace("[tables.ledger]\nwide_keys = true\n", ""));
    let name = physio_schema::sqlite::quote_identifier(odd);
    cache.run(&format!(
        "INSERT INTO {name} DEFAULT VALUES; UPDATE {name} SET {name} = 'b'; DELETE FROM {name}"
    ));
    assert_eq!(cache.captured().lines().count(), 3);
}

#[test]
fn a_table_of_a_thousand_columns_is_captured() {
    let mut columns = vec![auto("id", int())];
    columns.extend((0..1000).map(|at| column(&format!("c{at}"), varchar(9))));
    let wide = table("wide", columns, &["id"], vec![]);
    let cache =
        Cache::of(model::schema(vec![wide]), &WIDE.replace("[tables.ledger]\nwide_keys = true\n", ""));
    cache.run("INSERT INTO wide (c0, c999) VALUES ('a', 'b'); UPDATE wide SET c500 = 'x'; DELETE FROM wide");
    let captured = cache.captured();
    assert!(captured.contains(r#"{"c500":null} {"c500":"x"}"#));
    assert_eq!(captured.lines().count(), 3);
}
