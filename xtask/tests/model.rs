//! `cargo xtask model`: what a dump holds, as anyone can compare it.

mod surroundings;

use serde_json::Value;
use std::path::Path;
use surroundings::{Ran, xtask};

fn model(dump: &str, arguments: &[&str]) -> (Ran, Option<Value>) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("dump.sql");
    std::fs::write(&file, dump).expect("writable");
    let mut all = vec!["model".to_owned(), file.display().to_string(), "--format".into(), "json".into()];
    all.extend(arguments.iter().map(|&argument| argument.to_owned()));
    let ran = xtask(&all);
    // Errors follow on the other stream.
    let end = ran.printed.rfind("\n}").map_or(0, |end| end + 2);
    let json = serde_json::from_str(&ran.printed[..end]).ok();
    (ran, json)
}

#[test]
fn everything_is_spelled_as_information_schema_spells_it() {
    let sql = "-- Server version\t8.0.36\n\
        CREATE TABLE `orders` (`id` int unsigned NOT NULL AUTO_INCREMENT, `name` varchar(50) DEFAULT 'it''s' COMMENT 'who',\n\
        `data` json, `at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,\n\
        `shop` int DEFAULT NULL, `hidden` int /*!80023 INVISIBLE */,\n\
        PRIMARY KEY (`id`), UNIQUE KEY `n` (`name`(10) DESC), CONSTRAINT `f` FOREIGN KEY (`shop`) REFERENCES `shops` (`id`)\n\
        ON DELETE CASCADE ON UPDATE SET NULL) ENGINE=InnoDB DEFAULT CHARSET=utf8 COMMENT='all; of them';\n\
        INSERT INTO `orders` VALUES (1);";
    let (ran, json) = model(sql, &[]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    let json = json.expect("JSON");
    assert_eq!((&json["read_as"], &json["written_by"]), (&"MariaDB 10.11.0".into(), &"MySQL 8.0.36".into()));
    assert_eq!(json["skipped"]["data"], 1);
    let table = &json["tables"][0];
    assert_eq!(table["table_name"], "orders");
    assert_eq!(
        (&table["engine"], &table["table_collation"]),
        (&"InnoDB".into(), &"utf8mb3_general_ci".into())
    );
    assert_eq!(table["table_comment"], "all; of them");
    let column = |n: usize| &table["columns"][n];
    assert_eq!(column(0)["column_type"], "int(10) unsigned");
    assert_eq!((&column(0)["is_nullable"], &column(0)["extra"]), (&"NO".into(), &"auto_increment".into()));
    assert_eq!(column(0)["column_default"], Value::Null);
    assert_eq!(
        (&column(1)["column_default"], &column(1)["column_comment"]),
        (&"'it''s'".into(), &"who".into())
    );
    assert_eq!(
        (&column(2)["column_type"], &column(2)["collation_name"]),
        (&"longtext".into(), &"utf8mb4_bin".into())
    );
    assert_eq!(column(3)["extra"], "on update current_timestamp()");
    assert_eq!((&column(5)["extra"], &column(5)["column_default"]), (&"".into(), &"NULL".into()));
    assert_eq!((&table["keys"][2]["kind"], &table["keys"][2]["index_name"]), (&"UNIQUE".into(), &"n".into()));
    assert_eq!(table["keys"][2]["parts"][0]["sub_part"], 10);
    assert_eq!(table["keys"][2]["parts"][0]["descending"], true);
    let key = &table["foreign_keys"][0];
    assert_eq!((&key["delete_rule"], &key["update_rule"]), (&"CASCADE".into(), &"SET NULL".into()));
}

#[test]
fn a_dump_is_read_as_the_server_that_is_asked_for() {
    let sql = "-- Server version\t8.0.36\nCREATE TABLE t (a json, b int /*!80023 INVISIBLE */);";
    let (_, json) = model(sql, &["--server", "dump"]);
    let json = json.expect("JSON");
    assert_eq!(json["tables"][0]["columns"][0]["column_type"], "json");
    assert_eq!(json["tables"][0]["columns"][1]["extra"], "INVISIBLE");
}

#[test]
fn every_database_of_a_file_is_there_and_one_can_be_chosen() {
    let sql =
        "CREATE DATABASE a; USE a; CREATE TABLE t (a int); CREATE DATABASE b; USE b; CREATE TABLE t (b int);";
    let (ran, json) = model(sql, &[]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    let tables = json.expect("JSON")["tables"].clone();
    let names: Vec<&Value> =
        tables.as_array().expect("a list").iter().map(|table| &table["table_schema"]).collect();
    assert_eq!(names, ["a", "b"]);
    let (_, json) = model(sql, &["--database", "b"]);
    assert_eq!(json.expect("JSON")["tables"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_is_not_understood_is_listed_beside_the_rest() {
    let (ran, json) = model("CREATE TABLE PREFIX_t (\n a int,\n b sometype\n) ENGINE=ENGINE_TYPE;", &[]);
    assert_eq!(ran.code, 1, "{}", ran.printed);
    let json = json.expect("JSON");
    assert_eq!((&json["errors"][0]["line"], &json["errors"][0]["column"]), (&3.into(), &4.into()));
    assert!(json["errors"][1]["help"].as_str().is_some_and(|help| help.contains("--define")), "{json}");
    assert_eq!(json["tables"][0]["columns"][0]["column_name"], "a");
    assert!(ran.printed.contains("dump.sql:3:4: "), "{}", ran.printed);
    let defined = ["--define", "PREFIX_=ps_", "--define", "ENGINE_TYPE=MyISAM", "--define", "sometype=text"];
    let (ran, json) = model("CREATE TABLE PREFIX_t (a int, b sometype) ENGINE=ENGINE_TYPE;", &defined);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    let table = json.expect("JSON")["tables"][0].clone();
    assert_eq!((&table["table_name"], &table["engine"]), (&"ps_t".into(), &"MyISAM".into()));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let ran = xtask(&["model", "no-such-file.sql"]);
    assert_eq!(ran.code, 2);
    assert!(ran.printed.contains("no-such-file.sql"), "{}", ran.printed);
}

#[test]
fn people_get_a_listing() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
    let dump = root.join("physio-schema/schema/clinic.sql").display().to_string();
    let ran = xtask(&["model", &dump]);
    assert_eq!(ran.code, 0, "{}", ran.printed);
    assert!(ran.printed.contains("53 tables, 533 columns"), "{}", ran.printed);
}
