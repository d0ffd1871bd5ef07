//! The SQL that makes and takes away the sync tables and their triggers.

use super::quoted;
use super::triggers::{emit_triggers, trigger_drops};
use crate::config::Config;
use crate::model::Schema;
use crate::plan::Plan;

const SYNC_TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS `_physio_state` (
  `id` TINYINT UNSIGNED NOT NULL,
  `seq` BIGINT UNSIGNED NOT NULL,
  `floor_seq` BIGINT UNSIGNED NOT NULL,
  `epoch` CHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB",
    "CREATE TABLE IF NOT EXISTS `_physio_inbox` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `t` INT UNSIGNED NOT NULL,
  `pk` VARBINARY(3000) NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
    "CREATE TABLE IF NOT EXISTS `_physio_feed` (
  `t` INT UNSIGNED NOT NULL,
  `pk` VARBINARY(3000) NOT NULL,
  `seq` BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (`t`, `pk`),
  UNIQUE KEY `seq` (`seq`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
    "CREATE TABLE IF NOT EXISTS `_physio_device` (
  `device` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `last_batch` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  `request_hash` CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `answer` MEDIUMBLOB NULL,
  `seen_at` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`device`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
    // How far each device has followed the feed, and when it was last seen (seconds since 1970).
    "CREATE TABLE IF NOT EXISTS `_physio_reader` (
  `device` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `seq` BIGINT UNSIGNED NOT NULL,
  `seen_s` BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (`device`)
) ENGINE=InnoDB",
    // How each table's changes are found, and how far a look at one without triggers has come.
    "CREATE TABLE IF NOT EXISTS `_physio_table` (
  `t` INT UNSIGNED NOT NULL,
  `name` VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `mode` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `scan_s` BIGINT UNSIGNED NULL,
  `full_s` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  `since_s` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  `after_key` VARBINARY(6000) NULL,
  `n_walked` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  `after_pk` VARBINARY(3000) NULL,
  PRIMARY KEY (`t`),
  KEY `scan_s` (`scan_s`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
    // What such a look found last time: the sum of every row.
    "CREATE TABLE IF NOT EXISTS `_physio_shadow` (
  `t` INT UNSIGNED NOT NULL,
  `pk` VARBINARY(3000) NOT NULL,
  `sum` CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`t`, `pk`)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC",
    // Refused tokens of an address (hashed); its place is one of 4096, so the table stays small.
    "CREATE TABLE IF NOT EXISTS `_physio_attempt` (
  `place` SMALLINT UNSIGNED NOT NULL,
  `address` CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `until_s` BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (`place`)
) ENGINE=InnoDB",
];

const TABLE_NAMES: &[&str] = &[
    "_physio_attempt",
    "_physio_device",
    "_physio_reader",
    "_physio_shadow",
    "_physio_table",
    "_physio_feed",
    "_physio_inbox",
    "_physio_state",
];

const EPOCH: &str = "LEFT(SHA2(CONCAT(UUID(), RAND(), NOW(6)), 256), 8)";

/// The install in its steps: a program can carry on where the server allows no trigger on one table.
///
/// In their order: `tables`, `before`, for each entry of `triggers` its `drops` and `creates`, then
/// [`after`](Self::after) with the tables whose triggers stand. Running all of it again is safe. Between `before`
/// and `after` every table counts as one without triggers, so an install that breaks off leaves none unwatched.
///
/// ```
/// use physio_schema::{config, dump, plan, server::Install};
/// let text = config::REFERENCE.split("[access]").next().expect("it begins with other things");
/// let mut config = config::parse(&format!("{text}[access]\nopen = true")).expect("the reference is valid");
/// config.waves.truncate(1);
/// let sql = b"CREATE TABLE orders (id int PRIMARY KEY, at timestamp NOT NULL DEFAULT current_timestamp()
///   ON UPDATE current_timestamp(), KEY (at)); CREATE TABLE order_lines (id int PRIMARY KEY);";
/// let schema = dump::parse(sql, &dump::DumpOptions::default()).expect("two tables").schema;
/// let plan = plan::build(&schema, &config).expect("both have a key");
/// let install = Install::new(&plan, &schema, &config);
/// let mut modes: Vec<&str> = install.modes.iter().map(|mode| mode.fallback()).collect();
/// modes.sort();
/// assert_eq!(modes, ["scan", "timestamp"]);
/// assert!(install.triggers.iter().all(|table| table.creates.len() == 3));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The sync tables, and the token table where the application has none.
    pub tables: Vec<String>,
    /// A new epoch, because changes may pass unseen while triggers are replaced; the mode of every table.
    pub before: Vec<String>,
    /// The triggers of each table that needs some.
    pub triggers: Vec<TableTriggers>,
    /// Number and name of each synced table, with what it falls back to.
    pub modes: Vec<TableMode>,
}

/// The triggers of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableTriggers {
    /// The table that they are on.
    pub table: String,
    /// `DROP TRIGGER IF EXISTS …` of every trigger that a version of Physio may have made there.
    pub drops: Vec<String>,
    /// `CREATE TRIGGER …`.
    pub creates: Vec<String>,
    /// Synced tables whose rows change with rows of this one by a foreign key, which fires no trigger there.
    pub cascades_to: Vec<String>,
}

/// How a synced table's changes are found where it has no triggers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableMode {
    /// Its number in the feed.
    pub t: u32,
    /// The table.
    pub table: String,
    /// The column that tells when a row was last written; `None`: all rows are looked at every time.
    pub touched: Option<String>,
}

impl TableMode {
    /// `timestamp` or `scan`, as `_physio_table.mode` has it.
    pub fn fallback(&self) -> &'static str {
        if self.touched.is_some() { "timestamp" } else { "scan" }
    }
}

impl Install {
    /// Every step of the install.
    pub fn new(plan: &Plan, schema: &Schema, config: &Config) -> Self {
        let tables = SYNC_TABLES.iter().map(|statement| (*statement).to_owned());
        let modes = super::modes::table_modes(plan, schema);
        let before = [
            format!(
                "INSERT IGNORE INTO `_physio_state` (`id`, `seq`, `floor_seq`, `epoch`) VALUES (1, 0, 0, {EPOCH})"
            ),
            format!("UPDATE `_physio_state` SET `epoch` = {EPOCH} WHERE `id` = 1"),
        ];
        Self {
            tables: tables.chain(emit_token_table(schema, config)).collect(),
            before: before.into_iter().chain(super::modes::emit_fallback(&modes)).collect(),
            triggers: emit_triggers(plan, schema),
            modes,
        }
    }

    /// The last step: these tables have their triggers, and every device looks at its rows anew.
    pub fn after<'t>(&self, with_triggers: impl Fn(&str) -> bool + 't) -> Vec<String> {
        let tables: Vec<&TableMode> = self.modes.iter().filter(|mode| with_triggers(&mode.table)).collect();
        let mut statements = super::modes::emit_trigger_mode(&tables);
        statements.push(format!("UPDATE `_physio_state` SET `epoch` = {EPOCH} WHERE `id` = 1"));
        statements
    }
}

/// Every statement of the install with triggers on every table, in order, without delimiters: for programs.
///
/// Running them again is safe. Each run begins a new epoch of the feed: while triggers are being replaced a
/// change could pass unseen, so every device compares its rows anew.
pub fn install_statements(plan: &Plan, schema: &Schema, config: &Config) -> Vec<String> {
    let install = Install::new(plan, schema, config);
    let after = install.after(|_| true);
    let drops = install.triggers.iter().flat_map(|table| table.drops.clone());
    let creates = install.triggers.iter().flat_map(|table| table.creates.clone());
    install.tables.iter().chain(&install.before).cloned().chain(drops).chain(creates).chain(after).collect()
}

/// Every statement of the uninstall, in order: triggers first, so that no write can meet a missing inbox.
pub fn uninstall_statements(schema: &Schema) -> Vec<String> {
    let mut statements: Vec<String> = emit_trigger_drops(schema).collect();
    for table in TABLE_NAMES {
        statements.push(format!("DROP TABLE IF EXISTS {}", quoted(table)));
    }
    statements
}

/// `install.sql`: for phpMyAdmin and the `mysql` client.
pub fn emit_install_sql(plan: &Plan, schema: &Schema, config: &Config) -> String {
    let mut out = emit_header(
        plan,
        "Makes the sync tables and triggers. Import it in phpMyAdmin, or feed it to the mysql client.\n\
         -- It may be run again at any time. It needs the privileges CREATE and TRIGGER on this database.\n\
         -- Where it stops at the first trigger (error 1419 or 1142), everything works all the same: the bridge then\n\
         -- finds changes by looking at the tables.",
    );
    let install = Install::new(plan, schema, config);
    for table in &install.tables {
        out.push_str(&format!("{table};\n\n"));
    }
    out.push_str("-- Until its triggers stand, every table counts as one without.\n");
    for statement in &install.before {
        out.push_str(&format!("{statement};\n"));
    }
    out.push('\n');
    for drop in install.triggers.iter().flat_map(|table| &table.drops) {
        out.push_str(&format!("{drop};\n"));
    }
    out.push_str("\nDELIMITER $$\n\n");
    for create in install.triggers.iter().flat_map(|table| &table.creates) {
        out.push_str(&format!("{create}$$\n\n"));
    }
    out.push_str(
        "DELIMITER ;\n\n-- A new epoch: no change can have passed unseen while the triggers were replaced.\n",
    );
    for statement in install.after(|_| true) {
        out.push_str(&format!("{statement};\n"));
    }
    out
}

/// `uninstall.sql`: takes away what [`emit_install_sql`] made, but never the token table.
pub fn emit_uninstall_sql(plan: &Plan, schema: &Schema) -> String {
    let mut out =
        emit_header(plan, "Takes away what install.sql made. The application's own tables stay as they are.");
    for statement in uninstall_statements(schema) {
        out.push_str(&format!("{statement};\n"));
    }
    out
}

fn emit_header(plan: &Plan, purpose: &str) -> String {
    format!(
        "-- Generated by `cargo xtask regenerate` for {}. Do not edit.\n-- {purpose}\n\n",
        plan.app.replace(['\n', '\r'], " ")
    )
}

/// Of every table of the schema, also those that are synced no more.
fn emit_trigger_drops(schema: &Schema) -> impl Iterator<Item = String> {
    schema.tables.iter().flat_map(|table| trigger_drops(&table.name))
}

/// A token table for applications that have none.
fn emit_token_table(schema: &Schema, config: &Config) -> Option<String> {
    let tokens = &config.server.tokens;
    if schema.table(&tokens.table).is_some() {
        return None;
    }
    let mut columns = vec!["  `token_id` INT NOT NULL AUTO_INCREMENT".to_owned()];
    columns.extend(tokens.user.as_ref().map(|name| format!("  {} INT NOT NULL", quoted(name))));
    columns.push(format!(
        "  {} VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL",
        quoted(&tokens.token)
    ));
    columns.push("  `created_at` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP".to_owned());
    columns
        .extend(tokens.expires.as_ref().map(|name| format!("  {} DATETIME NULL DEFAULT NULL", quoted(name))));
    columns.extend(
        tokens.revoked.as_ref().map(|name| format!("  {} TINYINT(1) NOT NULL DEFAULT 0", quoted(name))),
    );
    columns.extend(
        tokens.last_used.as_ref().map(|name| format!("  {} DATETIME NULL DEFAULT NULL", quoted(name))),
    );
    columns.push("  PRIMARY KEY (`token_id`)".to_owned());
    columns.push(format!("  UNIQUE KEY `token` ({})", quoted(&tokens.token)));
    Some(format!(
        "CREATE TABLE IF NOT EXISTS {} (\n{}\n) ENGINE=InnoDB",
        quoted(&tokens.table),
        columns.join(",\n")
    ))
}
