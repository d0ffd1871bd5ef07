//! The clinic's dump is the clinic's database: MariaDB, the recorded facts and the model agree.

#![allow(clippy::unwrap_used, reason = "a test may panic in its own functions too")]

use mysql::prelude::Queryable;
use physio_tests::harness::app::{parse_dump, repository};
use physio_tests::harness::{App, PrivateMariaDb};
use std::path::Path;

const COLUMNS: &str =
    "SELECT CONCAT_WS('\t', table_name, ordinal_position, column_name, column_type, is_nullable,
    COALESCE(column_default, '(none)'), extra, COALESCE(collation_name, '-'))
  FROM information_schema.columns WHERE table_schema = DATABASE()";

const KEYS: &str =
    "SELECT CONCAT_WS('\t', table_name, index_name, IF(MIN(non_unique) = 0, 'unique', 'index'),
    GROUP_CONCAT(column_name ORDER BY seq_in_index SEPARATOR ','))
  FROM information_schema.statistics WHERE table_schema = DATABASE() GROUP BY table_name, index_name";

const FOREIGN_KEYS: &str = "SELECT CONCAT_WS('\t', r.table_name, r.constraint_name,
    GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position SEPARATOR ','), r.referenced_table_name,
    GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position SEPARATOR ','), r.delete_rule, r.update_rule)
  FROM information_schema.referential_constraints r
  JOIN information_schema.key_column_usage k
    ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name AND k.table_name = r.table_name
  WHERE r.constraint_schema = DATABASE() GROUP BY r.table_name, r.constraint_name";

const TABLES: &str = "SELECT CONCAT_WS('\t', table_name, engine, table_collation)
  FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE'";

#[test]
fn the_phpmyadmin_form_loaded_into_mariadb_equals_the_facts() {
    assert_facts("clinic.sql");
}

#[test]
fn the_mariadb_dump_form_loaded_into_mariadb_equals_the_facts() {
    assert_facts("clinic.mariadb-dump.sql");
}

#[test]
fn both_forms_give_one_model_and_one_fingerprint() {
    let [phpmyadmin, mariadb] = ["clinic.sql", "clinic.mariadb-dump.sql"].map(read_dump);
    let clinic = App::clinic().unwrap();
    let other = clinic.with_dump(&mariadb).unwrap();
    assert_eq!(clinic.dump, phpmyadmin);
    assert_eq!(clinic.schema, other.schema);
    assert_eq!(clinic.plan.fingerprint, other.plan.fingerprint);
    assert_eq!(clinic.schema.tables.len(), 53);
    assert_eq!(clinic.schema.tables.iter().map(|table| table.columns.len()).sum::<usize>(), 533);
}

/// What the model says of types and nullability is what the facts say, line for line.
#[test]
fn the_model_spells_types_as_the_server_does() {
    let schema = parse_dump(&read_dump("clinic.sql"), Path::new("clinic.sql")).unwrap();
    for line in facts("columns.tsv") {
        let fields: Vec<&str> = line.split('\t').collect();
        let column = schema.table(fields[0]).and_then(|table| table.column(fields[2])).unwrap();
        assert_eq!(column.column_type.to_string(), fields[3], "{line}");
        assert_eq!(if column.nullable { "YES" } else { "NO" }, fields[4], "{line}");
        assert_eq!(column.collation.as_deref().unwrap_or("-"), fields[7], "{line}");
    }
}

fn assert_facts(dump: &str) {
    let server = PrivateMariaDb::shared().unwrap();
    let database = server.create_database().unwrap();
    server.run_script(&database, &read_dump(dump)).unwrap();
    let mut conn = server.connect(Some(&database)).unwrap();
    conn.query_drop("SET SESSION group_concat_max_len = 100000").unwrap();
    for (query, file) in [
        (TABLES, "tables.tsv"),
        (COLUMNS, "columns.tsv"),
        (KEYS, "keys.tsv"),
        (FOREIGN_KEYS, "foreign_keys.tsv"),
    ] {
        let mut found: Vec<String> = conn.query(query).unwrap();
        found.sort();
        let expected = facts(file);
        let missing: Vec<&String> = expected.iter().filter(|line| !found.contains(line)).collect();
        let extra: Vec<&String> = found.iter().filter(|line| !expected.contains(line)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{file}: missing {missing:#?}, too much {extra:#?}");
        assert_eq!(found.len(), expected.len(), "{file}");
    }
}

/// The lines of a facts file, sorted, without its head.
fn facts(file: &str) -> Vec<String> {
    let path = repository().join("physio-schema/schema/facts").join(file);
    let mut lines: Vec<String> =
        std::fs::read_to_string(path).unwrap().lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    lines
}

fn read_dump(file: &str) -> String {
    std::fs::read_to_string(repository().join("physio-schema/schema").join(file)).unwrap()
}
