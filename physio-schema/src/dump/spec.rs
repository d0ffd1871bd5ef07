//! What a statement declares, before the server's rules are applied to it.

use crate::model::{Generated, KeyKind, KeyPart, ReferentialAction};

/// A place in the file: line and column, from 1.
pub(crate) type Place = (u32, u32);

/// A column as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ColumnSpec {
    pub(crate) place: Place,
    pub(crate) name: String,
    pub(crate) data_type: TypeSpec,
    /// `NULL` or `NOT NULL` was written.
    pub(crate) nullable: Option<bool>,
    pub(crate) default: Option<DefaultSpec>,
    pub(crate) on_update: Option<u8>,
    pub(crate) auto_increment: bool,
    pub(crate) is_primary: bool,
    pub(crate) is_unique: bool,
    pub(crate) charset: CharsetSpec,
    pub(crate) comment: String,
    pub(crate) generated: Option<Generated>,
    pub(crate) invisible: bool,
    pub(crate) compressed: bool,
    /// `WITHOUT SYSTEM VERSIONING`.
    pub(crate) unversioned: bool,
    /// `CHECK (…)` behind the column.
    pub(crate) check: Option<String>,
    /// `REFERENCES …` behind the column.
    pub(crate) references: Option<ForeignKeySpec>,
}

/// A type as it is written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct TypeSpec {
    pub(crate) base: BaseType,
    /// `(length)` or `(length, scale)`.
    pub(crate) length: Option<u64>,
    pub(crate) scale: Option<u64>,
    pub(crate) unsigned: bool,
    pub(crate) zerofill: bool,
    /// Members of ENUM and SET.
    pub(crate) members: Vec<String>,
    /// `NATIONAL`, `NCHAR`.
    pub(crate) national: bool,
    /// `SERIAL`.
    pub(crate) serial: bool,
}

/// The types by their first names; all spellings of one type are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BaseType {
    TinyInt,
    SmallInt,
    MediumInt,
    #[default]
    Int,
    BigInt,
    Bool,
    Decimal,
    Float,
    Double,
    Bit,
    Year,
    Char,
    Varchar,
    TinyText,
    Text,
    MediumText,
    LongText,
    Binary,
    Varbinary,
    TinyBlob,
    Blob,
    MediumBlob,
    LongBlob,
    Enum,
    Set,
    Json,
    Date,
    Time,
    DateTime,
    Timestamp,
    Geometry,
    Point,
    LineString,
    Polygon,
    MultiPoint,
    MultiLineString,
    MultiPolygon,
    GeometryCollection,
    Uuid,
    Inet4,
    Inet6,
    Vector,
}

/// What a column or a table says about its characters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CharsetSpec {
    pub(crate) charset: Option<String>,
    pub(crate) collation: Option<String>,
    /// The attribute `BINARY`: the `_bin` collation of the character set.
    pub(crate) binary: bool,
}

/// A default as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DefaultSpec {
    Null,
    /// A bare number, with its sign.
    Number(String),
    Text(String),
    Bytes(Vec<u8>),
    /// `b'0101'`.
    Bits(String),
    Boolean(bool),
    Now(u8),
    /// Anything else: the text as it is written.
    Expression(String),
}

/// A key as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeySpec {
    pub(crate) place: Place,
    pub(crate) kind: KeyKind,
    pub(crate) name: Option<String>,
    pub(crate) parts: Vec<KeyPart>,
    pub(crate) if_not_exists: bool,
}

/// A foreign key as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ForeignKeySpec {
    pub(crate) place: Place,
    /// `CONSTRAINT name`.
    pub(crate) name: Option<String>,
    /// `FOREIGN KEY name`.
    pub(crate) index_name: Option<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) table: String,
    pub(crate) referenced_columns: Vec<String>,
    pub(crate) on_delete: Option<ReferentialAction>,
    pub(crate) on_update: Option<ReferentialAction>,
    pub(crate) if_not_exists: bool,
}

/// One element of a table's body.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Element {
    Column(Box<ColumnSpec>),
    Key(KeySpec),
    ForeignKey(ForeignKeySpec),
    Check {
        name: Option<String>,
        expression: String,
    },
    /// `PERIOD FOR name (from, to)`.
    Period {
        name: String,
        columns: Vec<String>,
    },
}

/// The options behind a table's body.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct TableOptions {
    pub(crate) engine: Option<String>,
    pub(crate) charset: CharsetSpec,
    pub(crate) comment: Option<String>,
    pub(crate) system_versioned: bool,
}

/// A table's name, with its database if that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TableName {
    pub(crate) database: Option<String>,
    pub(crate) table: String,
}

/// A statement that shapes the schema.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Statement {
    CreateTable {
        place: Place,
        name: TableName,
        if_not_exists: bool,
        or_replace: bool,
        elements: Vec<Element>,
        options: TableOptions,
    },
    CreateTableLike {
        place: Place,
        name: TableName,
        source: TableName,
        if_not_exists: bool,
        or_replace: bool,
    },
    AlterTable {
        place: Place,
        name: TableName,
        if_exists: bool,
        actions: Vec<AlterAction>,
    },
    CreateIndex {
        table: TableName,
        key: KeySpec,
        or_replace: bool,
    },
    DropIndex {
        place: Place,
        table: TableName,
        name: String,
        if_exists: bool,
    },
    RenameTables {
        place: Place,
        pairs: Vec<(TableName, TableName)>,
    },
    DropTables {
        names: Vec<TableName>,
    },
    CreateView {
        name: TableName,
    },
    DropViews {
        names: Vec<TableName>,
    },
    CreateDatabase {
        name: String,
        if_not_exists: bool,
        charset: CharsetSpec,
    },
    AlterDatabase {
        name: Option<String>,
        charset: CharsetSpec,
    },
    DropDatabase {
        name: String,
    },
    Use {
        name: String,
    },
    /// `SET NAMES x`, `SET sql_mode = …`.
    Set(Vec<Setting>),
    Skip(Skip),
}

/// A setting of the session that changes how the rest is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    Names(String),
    /// `None`: back to what it was (`@OLD_SQL_MODE`).
    SqlMode(Option<String>),
    /// `default_storage_engine`.
    Engine(String),
    /// `foreign_key_checks`; `None`: back to what it was.
    ForeignKeyChecks(Option<bool>),
    Other,
}

/// A statement that is no part of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Skip {
    /// `EXECUTE`: what it runs stands in a variable.
    Execute(Place),
    Trigger(String),
    Routine(String),
    Event(String),
    Sequence(String),
    TemporaryTable(String),
    Data,
    Session,
    Account,
    Other,
    /// A statement that begins with words no server knows: where, and the first of them.
    Unknown(Place, String),
    /// Nothing is left once the version comments of other servers are taken out.
    Nothing,
}

/// Where a column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ColumnPlace {
    Last,
    First,
    After(String),
}

/// One action of ALTER TABLE.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AlterAction {
    AddColumn {
        column: Box<ColumnSpec>,
        place: ColumnPlace,
        if_not_exists: bool,
    },
    ChangeColumn {
        old: String,
        column: Box<ColumnSpec>,
        place: Option<ColumnPlace>,
        if_exists: bool,
    },
    DropColumn {
        name: String,
        if_exists: bool,
    },
    RenameColumn {
        old: String,
        new: String,
    },
    SetDefault {
        column: String,
        default: DefaultSpec,
    },
    DropDefault {
        column: String,
    },
    AddKey(KeySpec),
    DropKey {
        name: String,
        if_exists: bool,
    },
    RenameKey {
        old: String,
        new: String,
    },
    AddForeignKey(ForeignKeySpec),
    DropForeignKey {
        name: String,
        if_exists: bool,
    },
    AddCheck {
        name: Option<String>,
        expression: String,
    },
    AddPeriod {
        name: String,
        columns: Vec<String>,
    },
    DropCheck {
        name: String,
    },
    /// `DROP CONSTRAINT`: a foreign key, a check or a unique key.
    DropConstraint {
        name: String,
        if_exists: bool,
    },
    RenameTable(TableName),
    Options(TableOptions),
    ConvertCharset(CharsetSpec),
    DropSystemVersioning,
    Ignored,
}
