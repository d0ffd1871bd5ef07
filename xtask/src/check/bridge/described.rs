//! What a bridge says of its tables, as a schema that can be compared with the dump's.
//!
//! A bridge tells types, NULL, keys, and whether an INSERT may leave a column out; not the default itself, nor
//! indexes, foreign keys, collations and comments. Both sides are brought to what it tells.

use physio_schema::model::{
    Column, ColumnDefault, ColumnType, ForeignKey, Generated, Key, KeyKind, KeyPart, Schema, Table,
};
use physio_schema::plan::{Plan, TablePlan};
use serde_json::Value;

/// Stands for a default or an expression that is there and not told.
const UNTOLD: &str = "…";

/// A table that a bridge described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Described {
    pub(super) table: Table,
    pub(super) writable: bool,
}

/// The dump's tables, as a bridge of the same plan would tell them.
pub(super) fn of_plan(plan: &Plan) -> Schema {
    let mut tables: Vec<Table> = plan.tables.iter().map(of_table).collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    Schema { tables }
}

/// The bridge's tables: those that do not differ are the dump's; what it does not serve is not there.
pub(super) fn of_bridge(plan: &Plan, missing: &[&str], described: &[Described]) -> Schema {
    let mut schema = of_plan(plan);
    schema.tables.retain(|table| !missing.contains(&table.name.as_str()));
    for known in described {
        let mut table = known.table.clone();
        match schema.tables.iter_mut().find(|other| other.name == table.name) {
            Some(ours) => {
                table.foreign_keys = std::mem::take(&mut ours.foreign_keys);
                *ours = table;
            }
            None => schema.tables.push(table),
        }
    }
    schema.tables.sort_by(|a, b| a.name.cmp(&b.name));
    schema
}

fn of_table(plan: &TablePlan) -> Table {
    let columns = plan.columns.iter().enumerate().map(|(at, column)| {
        let is_auto = plan.temporary_key == Some(at);
        let told = Told { nullable: column.nullable, optional: column.optional, generated: column.generated };
        told.column(&column.name, column.column_type.clone(), is_auto)
    });
    let key: Vec<&str> = plan.key_columns().map(|column| column.name.as_str()).collect();
    // Integers that refer to a key made offline are wide in Rust: the comparison needs what refers to what.
    let references = plan.references.iter().filter(|reference| reference.enforced);
    let foreign_keys = references.enumerate().map(|(at, reference)| ForeignKey {
        name: at.to_string(),
        columns: reference.columns.iter().map(|&at| plan.columns[at].name.clone()).collect(),
        referenced_table: reference.table.clone(),
        referenced_columns: reference.referenced_columns.clone(),
        on_delete: reference.on_delete,
        on_update: reference.on_update,
    });
    Table { foreign_keys: foreign_keys.collect(), ..table(&plan.name, columns.collect(), &key) }
}

/// One `describe` line; `None` where it is no such line, or has a type that is not known here.
pub(super) fn of_line(line: &str) -> Option<Described> {
    let answer: Value = serde_json::from_str(line).ok()?;
    let told = answer.get("describe")?;
    let auto = told["auto"].as_str();
    let column = |column: &Value| {
        let name = column["name"].as_str()?;
        let column_type: ColumnType = column["type"].as_str()?.parse().ok()?;
        let told = Told {
            nullable: column["null"].as_bool()?,
            optional: column["optional"].as_bool()?,
            generated: column["generated"].as_bool()?,
        };
        Some(told.column(name, column_type, auto == Some(name)))
    };
    let columns: Option<Vec<Column>> = told["columns"].as_array()?.iter().map(column).collect();
    let key: Option<Vec<&str>> = told["key"].as_array()?.iter().map(Value::as_str).collect();
    Some(Described {
        table: table(told["table"].as_str()?, columns?, &key?),
        writable: told["writable"].as_bool()?,
    })
}

struct Told {
    nullable: bool,
    optional: bool,
    generated: bool,
}

impl Told {
    fn column(&self, name: &str, column_type: ColumnType, is_auto: bool) -> Column {
        // An ENUM that may not be NULL may always be left out.
        let is_enum = matches!(column_type, ColumnType::Enum { .. });
        let default = match (self.nullable, self.optional && !is_auto && !self.generated && !is_enum) {
            (true, _) if self.generated => ColumnDefault::Missing,
            (true, _) => ColumnDefault::Null,
            (false, true) => ColumnDefault::Literal(UNTOLD.to_owned()),
            (false, false) => ColumnDefault::Missing,
        };
        let generated = Generated { expression: UNTOLD.to_owned(), stored: true };
        Column {
            nullable: self.nullable,
            default,
            auto_increment: is_auto,
            generated: self.generated.then_some(generated),
            ..Column::new(name, column_type)
        }
    }
}

fn table(name: &str, columns: Vec<Column>, key: &[&str]) -> Table {
    let part = |name: &&str| KeyPart {
        column: Some((*name).to_owned()),
        expression: None,
        prefix: None,
        descending: false,
    };
    let primary =
        Key { name: "PRIMARY".to_owned(), kind: KeyKind::Primary, parts: key.iter().map(part).collect() };
    Table {
        name: name.to_owned(),
        engine: String::new(),
        collation: String::new(),
        comment: String::new(),
        columns,
        keys: vec![primary],
        foreign_keys: Vec::new(),
        checks: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_table_with_what_it_tells() {
        let line = r#"{"describe":{"table":"t","fingerprint":"x","writable":false,"key":["id"],"auto":"id","columns":[
            {"name":"id","type":"int(11)","null":false,"optional":true,"generated":false},
            {"name":"a","type":"decimal(8,2)","null":false,"optional":true,"generated":false},
            {"name":"b","type":"text","null":true,"optional":true,"generated":true}]}}"#;
        let told = of_line(line).expect("a description");
        assert!(!told.writable && told.table.columns[0].auto_increment);
        assert_eq!(told.table.columns[1].default, ColumnDefault::Literal(UNTOLD.into()));
        assert!(told.table.columns[2].generated.is_some() && told.table.columns[2].nullable);
        assert_eq!(told.table.primary_key().expect("a key").parts.len(), 1);
        assert_eq!(of_line(&line.replace("decimal(8,2)", "money")), None, "a type of later times");
        assert_eq!(of_line("{\"end\":true}"), None);
    }
}
