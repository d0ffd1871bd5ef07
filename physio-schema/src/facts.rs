//! A schema in the words of `information_schema`, so that anyone can compare it with a server's own.
//!
//! Every value is spelled as MariaDB 10.11 prints it. The same structures are filled from a model
//! ([`TableFacts::of`]) and, by whoever has a connection, from a server; [`compare`] says where two of them
//! differ, one value at a time. Nothing is read from a server here.

mod compare;
mod lines;

pub use compare::{Difference, compare};

use crate::model::{Column, ForeignKey, Key, KeyKind, KeyPart, ReferentialAction, Table};
use serde::{Deserialize, Serialize};

/// One base table.
///
/// ```
/// use physio_schema::dump::{DumpOptions, parse};
/// use physio_schema::facts::TableFacts;
/// let dump = parse(b"CREATE TABLE t (id int PRIMARY KEY, name varchar(9) DEFAULT 'x');", &DumpOptions::default());
/// let facts = TableFacts::of(None, &dump.unwrap().schema.tables[0]);
/// assert_eq!(facts.columns[0].column_type, "int(11)");
/// assert_eq!(facts.columns[1].column_default.as_deref(), Some("'x'"));
/// assert_eq!(facts.keys[0].index_name, "PRIMARY");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableFacts {
    /// The database, when the dump names one.
    pub table_schema: Option<String>,
    /// `TABLE_NAME`.
    pub table_name: String,
    /// `ENGINE`.
    pub engine: String,
    /// `TABLE_COLLATION`.
    pub table_collation: String,
    /// `TABLE_COMMENT`.
    pub table_comment: String,
    /// In the order of the table.
    pub columns: Vec<ColumnFacts>,
    /// `PRIMARY` first, then by name.
    pub keys: Vec<KeyFacts>,
    /// By constraint name.
    pub foreign_keys: Vec<ForeignKeyFacts>,
    /// By constraint name; servers print the clauses in their own way, so that only names are compared.
    pub checks: Vec<CheckFacts>,
}

/// One column, as in `information_schema.COLUMNS`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnFacts {
    /// `COLUMN_NAME`.
    pub column_name: String,
    /// `ORDINAL_POSITION`, from 1.
    pub ordinal_position: u32,
    /// `COLUMN_TYPE`, such as `int(10) unsigned`.
    pub column_type: String,
    /// `IS_NULLABLE`: `YES` or `NO`.
    pub is_nullable: String,
    /// `COLUMN_DEFAULT`: none when there is no default, the text `NULL` when it is NULL, strings in quotes.
    pub column_default: Option<String>,
    /// `EXTRA`, such as `auto_increment`.
    pub extra: String,
    /// `CHARACTER_SET_NAME` of a column of text.
    pub character_set_name: Option<String>,
    /// `COLLATION_NAME` of a column of text.
    pub collation_name: Option<String>,
    /// `COLUMN_COMMENT`.
    pub column_comment: String,
    /// `GENERATION_EXPRESSION` as the dump spells it; not compared.
    pub generation_expression: Option<String>,
}

/// One key, as the rows of `information_schema.STATISTICS` tell of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFacts {
    /// `INDEX_NAME`.
    pub index_name: String,
    /// `PRIMARY`, `UNIQUE`, `INDEX`, `FULLTEXT`, `SPATIAL` or `VECTOR`.
    pub kind: String,
    /// In the order of the key.
    pub parts: Vec<KeyPartFacts>,
}

/// One part of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPartFacts {
    /// `COLUMN_NAME`; none for an expression.
    pub column_name: Option<String>,
    /// `SUB_PART`: the length of an indexed prefix. Full-text and spatial keys have none of their own.
    pub sub_part: Option<u32>,
    /// `EXPRESSION` (MySQL 8).
    pub expression: Option<String>,
    /// Whether the part is kept in descending order (`COLLATION` is `D`).
    pub descending: bool,
}

/// One foreign key, as in `REFERENTIAL_CONSTRAINTS` and `KEY_COLUMN_USAGE`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKeyFacts {
    /// `CONSTRAINT_NAME`.
    pub constraint_name: String,
    /// `COLUMN_NAME`s in order.
    pub columns: Vec<String>,
    /// `REFERENCED_TABLE_NAME`.
    pub referenced_table_name: String,
    /// `REFERENCED_COLUMN_NAME`s in the same order.
    pub referenced_columns: Vec<String>,
    /// `DELETE_RULE`.
    pub delete_rule: String,
    /// `UPDATE_RULE`.
    pub update_rule: String,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckFacts {
    /// `CONSTRAINT_NAME`.
    pub constraint_name: String,
    /// The expression as the dump spells it.
    pub check_clause: String,
}

impl TableFacts {
    /// The facts of a table of the model; `database` is where the dump puts it, if it says so.
    pub fn of(database: Option<&str>, table: &Table) -> Self {
        let columns =
            table.columns.iter().zip(1..).map(|(column, position)| ColumnFacts::of(position, column));
        Self {
            table_schema: database.map(str::to_owned),
            table_name: table.name.clone(),
            engine: table.engine.clone(),
            table_collation: table.collation.clone(),
            table_comment: table.comment.clone(),
            columns: columns.collect(),
            keys: table.keys.iter().map(KeyFacts::of).collect(),
            foreign_keys: table.foreign_keys.iter().map(ForeignKeyFacts::of).collect(),
            checks: table.checks.iter().map(|(name, clause)| CheckFacts::of(name, clause)).collect(),
        }
    }
}

impl ColumnFacts {
    fn of(position: u32, column: &Column) -> Self {
        let charset =
            column.collation.as_deref().map(|name| name.split('_').next().unwrap_or(name).to_owned());
        Self {
            column_name: column.name.clone(),
            ordinal_position: position,
            column_type: column.type_text(),
            is_nullable: if column.nullable { "YES" } else { "NO" }.to_owned(),
            column_default: column.default_text(),
            extra: column.extra_text(),
            character_set_name: charset,
            collation_name: column.collation.clone(),
            column_comment: column.comment.clone(),
            generation_expression: column.generated.as_ref().map(|generated| generated.expression.clone()),
        }
    }
}

impl KeyFacts {
    fn of(key: &Key) -> Self {
        let kind = match key.kind {
            KeyKind::Primary => "PRIMARY",
            KeyKind::Unique => "UNIQUE",
            KeyKind::Index => "INDEX",
            KeyKind::Fulltext => "FULLTEXT",
            KeyKind::Spatial => "SPATIAL",
            KeyKind::Vector => "VECTOR",
        };
        let parts = key.parts.iter().map(KeyPartFacts::of).collect();
        Self { index_name: key.name.clone(), kind: kind.to_owned(), parts }
    }
}

impl KeyPartFacts {
    fn of(part: &KeyPart) -> Self {
        Self {
            column_name: part.column.clone(),
            sub_part: part.prefix,
            expression: part.expression.clone(),
            descending: part.descending,
        }
    }
}

impl ForeignKeyFacts {
    fn of(key: &ForeignKey) -> Self {
        Self {
            constraint_name: key.name.clone(),
            columns: key.columns.clone(),
            referenced_table_name: key.referenced_table.clone(),
            referenced_columns: key.referenced_columns.clone(),
            delete_rule: rule(key.on_delete).to_owned(),
            update_rule: rule(key.on_update).to_owned(),
        }
    }
}

impl CheckFacts {
    fn of(name: &str, clause: &str) -> Self {
        Self { constraint_name: name.to_owned(), check_clause: clause.to_owned() }
    }
}

fn rule(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    }
}
