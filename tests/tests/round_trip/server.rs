//! MariaDB with the rows of another application, and its tables byte for byte.

use mysql::prelude::Queryable;
use physio_runtime::Physio;
use physio_runtime::bridge::Token;
use physio_schema::model::ColumnType;
use physio_schema::plan::ColumnPlan;
use physio_tests::data::{Generator, load_mysql};
use physio_tests::harness::app::repository;
use physio_tests::harness::{App, PrivateMariaDb, ServerKind, Stack};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

const TOKEN: &str = "a-device-of-the-tests";

/// How PHP speaks to MariaDB.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Driver {
    Mysqli,
    Pdo,
}

pub(crate) struct Server {
    pub(crate) stack: Stack,
}

/// The stored values of a row by column, as hex digits; `None` is NULL.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bytes(BTreeMap<String, Option<String>>);

/// The application as the server can hold it. UUID, INET4 and INET6 came to MariaDB one after the other and never to
/// MySQL, where texts stand for them; older servers know utf8mb3 by the name of utf8 alone.
fn fitted(app: App) -> App {
    let maria = PrivateMariaDb::shared().unwrap();
    let database = maria.create_database().unwrap();
    let mut conn = maria.connect(Some(&database)).unwrap();
    let mut dump = app.dump.clone();
    for (native, text) in [("uuid", "char(36)"), ("inet4", "varchar(15)"), ("inet6", "varchar(45)")] {
        if conn.query_drop(format!("CREATE TABLE probe_{native} (c {native})")).is_err() {
            dump = dump.replace(&format!("` {native} DEFAULT"), &format!("` {text} DEFAULT"));
        }
    }
    if conn.query_drop("CREATE TABLE probe_utf8 (c char(1) COLLATE utf8mb3_general_ci)").is_err() {
        dump = dump.replace("utf8mb3", "utf8");
    }
    maria.drop_database(&database).unwrap();
    app.with_dump(&dump).unwrap()
}

impl Server {
    /// With the edge rows and as many random ones, drawn from all that the columns can hold.
    pub(crate) fn start(driver: Driver, n_random: u64) -> Self {
        let folder = repository().join("tests/tests/round_trip");
        let app = fitted(App::load(&folder.join("physio.toml")).unwrap());
        let stack = Stack::start_bare(app).unwrap();
        static IN_INDIA: OnceLock<()> = OnceLock::new();
        IN_INDIA.get_or_init(|| {
            let mut root = stack.maria().connect(None).unwrap();
            root.query_drop("SET GLOBAL time_zone = '+05:30'").unwrap();
        });
        let given = std::env::var("PHYSIO_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| fastrand::u64(..));
        println!("random rows: PHYSIO_SEED={seed}");
        let generator = Generator::new(&stack.app.schema, seed, &[("everything", n_random)]).wild();
        load_mysql(&mut stack.connect().unwrap(), &generator).unwrap();
        let mut other = stack.connect().unwrap();
        assert_eq!(other.query_first("SELECT @@time_zone").unwrap(), Some("+05:30".to_owned()));
        other.query_drop("SET sql_mode = 'ALLOW_INVALID_DATES'").unwrap();
        other.query_drop("UPDATE everything SET marker = CONCAT('random ', id)").unwrap();
        let mut rows = std::fs::read_to_string(folder.join("rows.sql")).unwrap();
        if stack.maria().kind() == ServerKind::MySql {
            // Where the text of a point on Earth begins with the latitude, and is looked at.
            rows = rows.replace("POINT(-180 -90)', 4326", "POINT(-90 -180)', 4326");
            rows = rows.replace("'1970-01-01 05:30:00.001'", "'1970-01-01 05:30:01.001'");
        }
        stack.maria().run_script(&stack.database, &rows).unwrap();
        stack.install().unwrap();
        stack.add_token(TOKEN, "UTC_TIMESTAMP() + INTERVAL 2 DAY", false).unwrap();
        let name = match driver {
            Driver::Mysqli => "mysqli",
            Driver::Pdo => "pdo",
        };
        let settings = format!("<?php return ['database_driver' => '{name}'];");
        std::fs::write(stack.folder().join("physio-config.php"), settings).unwrap();
        Self { stack }
    }

    pub(crate) fn open(&self, cache: &Path) -> Physio {
        Physio::builder(&*self.stack.app.plan)
            .cache(cache)
            .bridge_url(self.stack.url())
            .token(Token::new(TOKEN))
            .open()
            .unwrap()
    }

    /// Rows of a table by their marker.
    pub(crate) fn bytes(&self, table: &str) -> BTreeMap<String, Bytes> {
        let plan = self.stack.app.plan.table(table).expect("it is synced");
        let columns: Vec<&ColumnPlan> =
            plan.columns.iter().filter(|column| column.name != "id" && column.name != "marker").collect();
        let list: Vec<String> = columns.iter().map(|column| format!("HEX({})", printed(column))).collect();
        let mut conn = self.stack.connect().unwrap();
        conn.query_drop("SET time_zone = '+00:00'").unwrap();
        let sql = format!("SELECT marker, {} FROM `{table}`", list.join(", "));
        let mut rows = BTreeMap::new();
        for row in conn.query_iter(sql).unwrap() {
            let mut values = row.unwrap().unwrap().into_iter().map(mysql::from_value::<Option<String>>);
            let marker = values.next().flatten().expect("every row has a marker");
            let values = columns.iter().map(|column| column.name.clone()).zip(values).collect();
            assert!(rows.insert(marker.clone(), Bytes(values)).is_none(), "{marker} is there twice");
        }
        rows
    }
}

/// SQL whose hex digits tell any two stored values apart.
fn printed(column: &ColumnPlan) -> String {
    let name = format!("`{}`", column.name);
    match &column.column_type {
        // Printed as such it has six digits.
        ColumnType::Float { .. } => format!("CONCAT({name} + 0e0)"),
        ColumnType::Bit { .. } => format!("CONCAT({name} + 0)"),
        // A member and its number: the text '' is also what stands for no member.
        ColumnType::Enum { .. } | ColumnType::Set { .. } => format!("CONCAT({name} + 0, ' ', {name})"),
        ColumnType::Integer { .. }
        | ColumnType::Decimal { .. }
        | ColumnType::Double { .. }
        | ColumnType::Date
        | ColumnType::DateTime { .. }
        | ColumnType::Timestamp { .. }
        | ColumnType::Time { .. }
        | ColumnType::Year { .. }
        | ColumnType::Uuid
        | ColumnType::Inet4
        | ColumnType::Inet6 => format!("CONCAT({name})"),
        // The bytes themselves, in the column's own charset.
        ColumnType::Char { .. }
        | ColumnType::Varchar { .. }
        | ColumnType::Text { .. }
        | ColumnType::Json
        | ColumnType::Binary { .. }
        | ColumnType::Varbinary { .. }
        | ColumnType::Blob { .. }
        | ColumnType::Spatial { .. }
        | ColumnType::Vector { .. } => name,
    }
}

impl Bytes {
    /// The text of a column that MySQL prints in ASCII.
    pub(crate) fn text(&self, column: &str) -> Option<String> {
        let digits = self.0.get(column)?.as_deref()?;
        let bytes =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap());
        let text = String::from_utf8(bytes.collect()).unwrap();
        // The number of the ENUM's member stands before it.
        Some(text.split_once(' ').map_or(text.clone(), |(_, member)| member.to_owned()))
    }

    /// Whether an ENUM holds what stands for no member.
    pub(crate) fn is_no_member(&self) -> bool {
        let zero_and_a_space = |digits: &String| digits.starts_with("3020");
        ["an_enum", "an_enum_1"].iter().any(|column| self.0[*column].as_ref().is_some_and(zero_and_a_space))
    }

    /// The row without one of its columns.
    pub(crate) fn without(&self, column: &str) -> Self {
        let mut values = self.0.clone();
        values.remove(column);
        Self(values)
    }
}
