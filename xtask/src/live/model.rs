//! A live database as a model: its own `SHOW CREATE TABLE`, read as any dump, and both sides of a comparison
//! without what servers spell in their own way.

use super::default::significant;
use super::facts::squeeze;
use physio_schema::model::{ColumnDefault, ColumnType, LobSize, ReferentialAction, Schema};

/// Brings two schemas to one spelling, so that only what differs in fact is left.
///
/// MySQL and MariaDB report RESTRICT and NO ACTION for the same promise, print expressions with other blanks,
/// quotes and cases, and MariaDB's JSON is a longtext with a check.
pub(crate) fn bring_to_one_spelling(a: &mut Schema, b: &mut Schema) {
    for schema in [&mut *a, &mut *b] {
        for table in &mut schema.tables {
            for foreign in &mut table.foreign_keys {
                for action in [&mut foreign.on_delete, &mut foreign.on_update] {
                    if *action == ReferentialAction::NoAction {
                        *action = ReferentialAction::Restrict;
                    }
                }
            }
            table.checks.iter_mut().for_each(|(_, expression)| *expression = squeeze(expression));
            let parts = table.keys.iter_mut().flat_map(|key| &mut key.parts);
            parts.filter_map(|part| part.expression.as_mut()).for_each(|text| *text = squeeze(text));
            for column in &mut table.columns {
                if let Some(generated) = &mut column.generated {
                    generated.expression = squeeze(&generated.expression);
                }
                match &mut column.default {
                    ColumnDefault::Expression(text) => *text = squeeze(text),
                    ColumnDefault::Bytes(bytes) if matches!(column.column_type, ColumnType::Bit { .. }) => {
                        *bytes = significant(bytes).to_vec();
                    }
                    ColumnDefault::Missing
                    | ColumnDefault::Null
                    | ColumnDefault::Literal(_)
                    | ColumnDefault::CurrentTimestamp(_)
                    | ColumnDefault::Bytes(_) => {}
                }
            }
        }
    }
    call_json_by_one_name(a, b);
    call_json_by_one_name(b, a);
    call_checks_by_one_name(a, b);
}

/// A CHECK behind a column stays there in MariaDB; MySQL moves it to the table's end and makes a name up. Where one side
/// has the other's condition under another name, it gets that name.
fn call_checks_by_one_name(named: &Schema, other: &mut Schema) {
    for table in &mut other.tables {
        let Some(model) = named.table(&table.name) else { continue };
        let taken: Vec<String> = table.checks.iter().map(|(name, _)| name.clone()).collect();
        let mut free: Vec<&(String, String)> =
            model.checks.iter().filter(|(name, _)| !taken.contains(name)).collect();
        for (name, expression) in &mut table.checks {
            if model.checks.iter().any(|(known, _)| known == name) {
                continue;
            }
            if let Some(at) = free.iter().position(|(_, known)| known == expression) {
                free.remove(at).0.clone_into(name);
            }
        }
    }
}

/// Where one side has JSON and the other MariaDB's stand-in for it, both become JSON.
fn call_json_by_one_name(json: &Schema, text: &mut Schema) {
    for table in &mut text.tables {
        let Some(other) = json.table(&table.name) else { continue };
        for column in &mut table.columns {
            let is_json = other.column(&column.name).is_some_and(|c| c.column_type == ColumnType::Json);
            let valid = squeeze(&format!("json_valid(`{}`)", column.name));
            if is_json
                && column.column_type == (ColumnType::Text { size: LobSize::Long })
                && table.checks.iter().any(|(_, expression)| *expression == valid)
            {
                column.column_type = ColumnType::Json;
                column.collation = None;
                table.checks.retain(|(_, expression)| *expression != valid);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use physio_schema::diff::diff;
    use physio_schema::dump::{DumpOptions, Flavour, Server, parse};

    fn read(sql: &str, flavour: Flavour, version: u32) -> Schema {
        let options = DumpOptions { server: Some(Server { flavour, version }), ..DumpOptions::default() };
        parse(sql.as_bytes(), &options).expect("valid").schema
    }

    #[test]
    fn one_schema_on_mysql_and_on_mariadb_is_one() {
        let mut maria = read(
            "CREATE TABLE t (id int(11) PRIMARY KEY, p int(11) CHECK (p > 0), j longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin \
             CHECK (json_valid(`j`)), u varchar(36) COLLATE utf8mb4_general_ci DEFAULT uuid(), b bit(4) DEFAULT b'1', \
             KEY p (p), CONSTRAINT f FOREIGN KEY (p) REFERENCES t (id) ON DELETE NO ACTION) COLLATE utf8mb4_general_ci",
            Flavour::MariaDb,
            101_100,
        );
        let mut mysql = read(
            "CREATE TABLE t (id int PRIMARY KEY, p int, j json, u varchar(36) COLLATE utf8mb4_general_ci \
             DEFAULT (uuid()), b bit(4) DEFAULT b'0001', KEY p (p), CONSTRAINT f FOREIGN KEY (p) REFERENCES t (id), \
             CONSTRAINT t_chk_1 CHECK ((p > 0))) COLLATE utf8mb4_general_ci",
            Flavour::MySql,
            80_036,
        );
        bring_to_one_spelling(&mut maria, &mut mysql);
        assert_eq!(diff(&maria, &mysql), []);
    }
}
