//! What the server is given: the whitelist, the error table, the install SQL.

#![allow(clippy::unwrap_used)] // what cannot be unwrapped here is a failed test

#[path = "sqlite/model.rs"]
#[allow(dead_code)] // shared with the tests of the cache
mod model;

use model::{auto, column, int, literal, required, schema, table, varchar};
use physio_schema::config::{Config, parse};
use physio_schema::model::{Column, ColumnDefault, ColumnType, KeyKind, Schema};
use physio_schema::plan::{Plan, build};
use physio_schema::server::{
    emit_errors_php, emit_install_sql, emit_uninstall_sql, emit_whitelist, install_statements,
};
use physio_schema::wire_codes::{UNIT_CODES, WIRE_CODES};

fn clinic() -> (Plan, Schema, Config) {
    let (schema, config) = (model::clinic(), parse(model::CLINIC).unwrap());
    (build(&schema, &config).unwrap(), schema, config)
}

#[test]
fn hidden_columns_and_tables_that_are_not_synced_are_nowhere_in_the_whitelist() {
    let mut schema = model::clinic();
    schema.tables.push(table("payroll", vec![auto("id", int()), column("salary", int())], &["id"], vec![]));
    let names: Vec<String> = model::clinic().tables.iter().map(|table| format!("{:?}", table.name)).collect();
    let config = parse(&model::CLINIC.replace("\"*\"", &names.join(", "))).unwrap();
    let plan = build(&schema, &config).unwrap();
    let php = emit_whitelist(&plan, &schema, &config);
    assert!(!php.contains("secret") && !php.contains("payroll") && !php.contains("salary"), "{php}");
    assert!(php.contains("'patients' => ["));
}

#[test]
fn the_whitelist_says_what_a_write_must_look_like() {
    let (plan, schema, config) = clinic();
    let php = emit_whitelist(&plan, &schema, &config);
    let line = |name: &str| {
        let start = format!("'{name}' => ['type'");
        php.lines()
            .map(str::trim)
            .find(|line| line.starts_with(&start))
            .unwrap_or_else(|| panic!("{name}\n{php}"))
    };
    assert_eq!(
        line("amount"),
        "'amount' => ['type' => 'decimal', 'sql' => 'decimal(10,2)', 'wire' => 'text', 'null' => false, 'optional' => true, \
         'generated' => false, 'conflict' => 'manual', 'precision' => 10, 'scale' => 2, 'unsigned' => false],"
    );
    assert!(line("huge").contains("'min' => '0', 'max' => '18446744073709551615'"));
    assert!(line("shout").contains("'generated' => true"));
    assert!(line("at").contains("'now_default' => 3, 'now_update' => null"));
    assert!(line("choice").contains(r"'members' => ['a', 'b', 'it\'s']"));
    assert!(
        line("raw").contains("'wire' => 'base64'") && line("raw").contains("'bytes' => 2, 'fixed' => false")
    );
    assert!(php.contains("'utc_offset' => '+05:30'"));
    assert!(php.contains("'references' => [[['branch_id'], 'branches', ['id'], 'fk_branch']]"));
    assert!(php.contains("'unique' => [\n                'uid' => ['uid'],"));
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    let once = clinic();
    let again = clinic();
    assert_eq!(emit_whitelist(&once.0, &once.1, &once.2), emit_whitelist(&again.0, &again.1, &again.2));
    assert_eq!(emit_install_sql(&once.0, &once.1, &once.2), emit_install_sql(&again.0, &again.1, &again.2));
}

#[test]
fn every_code_is_in_the_error_table() {
    let php = emit_errors_php();
    for code in WIRE_CODES {
        assert!(php.contains(&format!("'{}' => [{}, ", code.code, code.status)), "{}", code.code);
    }
    for (code, _) in UNIT_CODES {
        assert!(php.contains(&format!("'{code}' => '")), "{code}");
    }
}

#[test]
fn the_install_sql_is_the_statements_with_delimiters() {
    let (plan, schema, config) = clinic();
    let sql = emit_install_sql(&plan, &schema, &config);
    for statement in install_statements(&plan, &schema, &config) {
        assert!(
            sql.contains(&format!("{statement};\n")) || sql.contains(&format!("{statement}$$\n")),
            "{statement}"
        );
    }
    assert_eq!(sql.matches("DELIMITER $$").count(), 1);
    assert!(sql.find("DELIMITER ;").unwrap() > sql.rfind("$$\n").unwrap());
}

#[test]
fn an_application_without_a_token_table_gets_one() {
    let (plan, schema, config) = clinic();
    let sql = emit_install_sql(&plan, &schema, &config);
    assert!(sql.contains("CREATE TABLE IF NOT EXISTS `tokens`"));
    assert!(!emit_uninstall_sql(&plan, &schema).contains("`tokens`"), "tokens are not ours to drop");
}

#[test]
fn the_uninstall_takes_the_triggers_first() {
    let (plan, schema, _) = clinic();
    let sql = emit_uninstall_sql(&plan, &schema);
    assert!(sql.rfind("DROP TRIGGER").unwrap() < sql.find("DROP TABLE").unwrap());
    for table in &plan.tables {
        assert!(
            sql.contains(&format!("DROP TRIGGER IF EXISTS `_physio_{}_au`", table.name)),
            "{}",
            table.name
        );
    }
}

#[test]
fn long_names_give_triggers_that_mysql_takes() {
    let name = "t".repeat(64);
    let schema = schema(vec![table(&name, vec![auto("id", int())], &["id"], vec![])]);
    let config = parse(model::CLINIC.split("[tables.roles]").next().unwrap()).unwrap();
    let plan = build(&schema, &config).unwrap();
    for line in emit_install_sql(&plan, &schema, &config).lines() {
        if let Some(rest) = line.strip_prefix("CREATE TRIGGER `") {
            assert!(rest.split('`').next().unwrap().len() <= 64, "{line}");
        }
    }
}

#[test]
fn key_texts_are_the_wires() {
    let moment = Column { ..required("at", ColumnType::Timestamp { fraction: 0 }) };
    let odd = table(
        "odd",
        vec![
            with_zerofill(required("n", int())),
            moment,
            required("raw", ColumnType::Binary { length: 2 }),
            literal(column("v", varchar(3)), "x"),
        ],
        &["n", "at", "raw"],
        vec![model::key("v", KeyKind::Index, &["v"])],
    );
    let schema = schema(vec![odd]);
    let config = parse(model::CLINIC.split("[tables.roles]").next().unwrap()).unwrap();
    let sql = install_statements(&build(&schema, &config).unwrap(), &schema, &config).join("\n");
    assert!(sql.contains("CONVERT_TZ(NEW.`at`, @@session.time_zone, '+00:00')"), "{sql}");
    assert!(
        sql.contains("HEX(NEW.`raw`)") && sql.contains("CAST(CAST(NEW.`n` AS UNSIGNED) AS CHAR)"),
        "{sql}"
    );
}

fn with_zerofill(mut column: Column) -> Column {
    if let ColumnType::Integer { unsigned, zerofill, .. } = &mut column.column_type {
        (*unsigned, *zerofill) = (true, true);
    }
    column.default = ColumnDefault::Missing;
    column
}
