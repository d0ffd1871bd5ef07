//! What cannot be understood is said with its place and what to do; the rest of the dump stays.

use physio_schema::dump::{DumpError, DumpErrors, DumpOptions, Flavour, Server, parse};
use physio_schema::model::{ColumnDefault, ColumnType};

fn errors_of(sql: &str) -> DumpErrors {
    let options = DumpOptions { file_name: Some("shop.sql".into()), ..DumpOptions::default() };
    parse(sql.as_bytes(), &options).expect_err("the dump is wrong")
}

/// The only error of a dump.
fn error_of(sql: &str) -> DumpError {
    let mut errors = errors_of(sql).errors;
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn a_bad_column_costs_only_itself() {
    let sql = "-- a dump\nCREATE TABLE t (\n  id int NOT NULL,\n  when_ sometime,\n  name varchar(5)\n);\nCREATE TABLE u (a int);";
    let errors = errors_of(sql);
    assert_eq!(errors.errors.len(), 1);
    let error = &errors.errors[0];
    assert_eq!((error.line, error.column), (4, 9));
    assert_eq!(error.text, "sometime,");
    assert!(error.message.contains("expected a column type, found `sometime`"), "{error}");
    let names: Vec<&str> =
        errors.partial.schema.tables[0].columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "name"]);
    assert_eq!(errors.partial.schema.tables.len(), 2);
    assert!(errors.to_string().starts_with("shop.sql:4:9: "), "{errors}");
}

#[test]
fn forgotten_and_surplus_commas_are_found_where_they_are() {
    let missing =
        error_of("CREATE TABLE t (a int, KEY k (a)\n CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id));");
    assert_eq!((missing.line, missing.column), (2, 2));
    assert!(missing.message.contains("expected `,` or `)`"), "{missing}");
    let surplus = error_of("CREATE TABLE t (a int, b int,)");
    assert_eq!((surplus.line, surplus.column), (1, 30));
}

#[test]
fn words_of_newer_servers_never_become_columns() {
    for body in ["a int, VECTOR INDEX a)", "a int, SYSTEM VERSIONING", "a int, FULLTEXT"] {
        let errors = errors_of(&format!("CREATE TABLE t ({body});"));
        for table in &errors.partial.schema.tables {
            assert!(table.columns.iter().all(|column| column.name == "a"), "{body}: {table:?}");
        }
    }
}

#[test]
fn statements_about_missing_things_say_so() {
    for (sql, part) in [
        ("CREATE TABLE T (a int); ALTER TABLE t ADD b int;", "creates the table `T` and changes `t`"),
        ("ALTER TABLE t ADD a int;", "changes the table `t` but does not create it"),
        ("RENAME TABLE t TO u;", "changes the table `t`"),
        ("CREATE TABLE t LIKE u;", "changes the table `u`"),
        ("CREATE TABLE t (a int); CREATE TABLE t (b int);", "creates the table `t` a second time"),
        ("CREATE TABLE t (a int, a int);", "has a column `a` already"),
        ("CREATE TABLE t (a int, KEY k (b));", "no column `b`"),
        ("CREATE TABLE t (a int, KEY k (a), KEY K (a));", "has a key `K` already"),
        ("CREATE TABLE t (a int, PRIMARY KEY (a), PRIMARY KEY (a));", "a primary key already"),
        ("CREATE TABLE t (a int, FOREIGN KEY (z) REFERENCES p (id));", "no column `z`"),
        ("CREATE TABLE t (a int); ALTER TABLE t DROP COLUMN z;", "no column `z`"),
        ("CREATE TABLE t (a int); ALTER TABLE t DROP KEY z;", "no key `z`"),
        ("CREATE TABLE t (a int); ALTER TABLE t MODIFY a int AFTER z;", "no column `z`"),
        ("CREATE TABLE t (a int); CREATE TABLE u (b int); RENAME TABLE t TO u;", "`u`, which exists"),
        ("CREATE TABLE t (a varchar);", "VARCHAR has no length"),
        ("CREATE TABLE t (a decimal(3,5));", "more digits behind the point"),
        ("CREATE TABLE t (a bit(65));", "65 is no length for BIT"),
        ("CREATE TABLE t (a int DEFAULT 'x');", "`x` is no value of int(11)"),
        ("CREATE TABLE t (a int) ENGINE=InnoDB SOMETHING;", "expected a table option, found `SOMETHING`"),
        ("CREATE TABLE t AS SELECT 1 AS a;", "takes its columns from a query"),
        ("CREATE TABLE t (a int COMMENT 'x);", "a string begins here and does not end"),
    ] {
        let errors = errors_of(sql);
        assert!(errors.to_string().contains(part), "{sql}: {errors}");
        assert!(errors.errors.iter().all(|error| !error.help.is_empty() && error.line == 1));
    }
}

#[test]
fn a_timestamp_that_leaves_itself_open_is_reported_unless_the_server_is_known() {
    let sql = "CREATE TABLE t (a timestamp, b timestamp NOT NULL);";
    let dump = parse(sql.as_bytes(), &DumpOptions::default()).unwrap();
    assert_eq!(dump.warnings.len(), 2);
    assert!(dump.warnings[0].message.contains("explicit_defaults_for_timestamp on"), "{:?}", dump.warnings);
    let off = DumpOptions { explicit_timestamps: Some(false), ..DumpOptions::default() };
    let dump = parse(sql.as_bytes(), &off).unwrap();
    assert_eq!(dump.warnings, []);
    let columns = &dump.schema.tables[0].columns;
    assert_eq!((columns[0].nullable, columns[0].on_update), (false, Some(0)));
    assert_eq!(columns[1].default, ColumnDefault::Literal("0000-00-00 00:00:00".into()));
}

#[test]
fn the_header_says_whose_dump_it_is() {
    let sql = include_bytes!("fixtures/dumps/mysql-8-features.sql");
    let dump = parse(sql, &DumpOptions::default()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(dump.server, Server { flavour: Flavour::MySql, version: 80_036 });
    let docs = dump.schema.table("docs").unwrap();
    let column = |name: &str| docs.column(name).unwrap();
    assert_eq!(column("doc").column_type, ColumnType::Json);
    assert_eq!(column("doc").default, ColumnDefault::Expression("json_object()".into()));
    assert!(column("secret").invisible);
    assert_eq!(column("title").collation.as_deref(), Some("utf8mb4_0900_as_cs"));
    assert_eq!(column("code").default_text().as_deref(), Some("uuid_to_bin(uuid())"));
    assert_eq!(
        column("tag").generated.as_ref().unwrap().expression,
        "json_unquote(json_extract(`doc`,_utf8mb4'$.tag'))"
    );
    let key = docs.keys.iter().find(|key| key.name == "title_length").unwrap();
    assert_eq!(key.parts[0].expression.as_deref(), Some("char_length(`title`)"));
    assert!(key.parts[1].descending);
    // MySQL reads REFERENCES behind a column and forgets it; MariaDB makes a foreign key of it.
    let child = |dump: &physio_schema::dump::Dump| dump.schema.table("child").unwrap().clone();
    assert_eq!(child(&dump).foreign_keys, []);
    assert_eq!(child(&dump).collation, "utf8mb4_0900_ai_ci");
    assert_eq!(dump.skipped.views, ["titles"]);

    let as_mariadb = DumpOptions { server: Some(Server::DEFAULT), ..DumpOptions::default() };
    let dump = parse(sql, &as_mariadb).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(child(&dump).foreign_keys.len(), 1);
    let docs = dump.schema.table("docs").unwrap();
    assert_eq!(docs.column("doc").unwrap().column_type.to_string(), "longtext");
    assert!(!docs.column("secret").unwrap().invisible);
}

#[test]
fn followed_files_are_warned_of() {
    let dump = parse(b"CREATE TABLE t (a int);\nsource more.sql\n", &DumpOptions::default()).unwrap();
    assert!(dump.warnings[0].message.contains("source more.sql"));
}

#[test]
fn misspelt_statements_are_not_passed_over_in_silence() {
    let dump = parse(b"CREAT TABLE t (a int);\nCREATE TABEL u (a int);", &DumpOptions::default()).unwrap();
    let messages: Vec<&str> = dump.warnings.iter().map(|warning| warning.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("`CREAT TABLE`") && messages[1].contains("`CREATE TABEL`"), "{messages:?}");
}

#[test]
fn rows_never_reach_a_message() {
    let sql = "CREATE TABLE t (a int);\nINSERT INTO t VALUES ('Ann Secret', 'unfinished";
    match parse(sql.as_bytes(), &DumpOptions::default()) {
        Ok(dump) => assert_eq!(dump.skipped.data, 1),
        Err(errors) => assert!(!errors.to_string().contains("Secret")),
    }
}
