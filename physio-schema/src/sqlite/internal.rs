//! The cache's inner tables: the same in every cache, whatever the application.

/// The first temporary key: 2^52. AUTOINCREMENT sequences of the cache start here.
pub const FIRST_TEMPORARY_KEY: i64 = 1 << 52;

/// The last number that can be a temporary key: 2^53 - 1, the last that is exact in a JavaScript number.
pub const LAST_TEMPORARY_KEY: i64 = (1 << 53) - 1;

/// `CREATE TABLE IF NOT EXISTS …` of all inner tables, one statement each.
///
/// * `_physio_meta`: `plan_format`, `fingerprint`, `device` (32 hex digits), `cursor`, `last_batch`, `plan`
///   (the JSON of the plan that made the file).
/// * `_physio_control`: one row; `unit` is the unit of the runtime's open write, else NULL.
/// * `_physio_outbox`: captured changes. `row_key`: JSON array of the key's values. `base` and `changed`:
///   JSON objects, column name → value. Values are text or null in *captured spelling*: integers and text
///   as `CAST(x AS TEXT)`, REAL as `printf('%!.17g', x)` (beyond 1e30 and below 1e-30 as `1.5p64`, which is 1.5 × 2⁶⁴),
///   BLOB as `hex(x)`. An insert has no base and in
///   `changed` all non-NULL columns, and those NULLs that were written where a default would have stood; an
///   update has only the changed columns in both; a delete has all columns in `base` but those
///   that MySQL moves at every change. Columns that MySQL computes are in none of them.
///   (Its CHECKs are comparisons and not lists: SQLite would build a small table for a list at every insert.)
/// * `_physio_replaced`: the row that an `INSERT OR REPLACE` of this moment overwrites; one slot per table, used
///   by the triggers alone and empty between statements that insert.
/// * `_physio_units`: one row per sealed unit. `state`: `queued`, `sent` (part of the batch in flight),
///   `conflict`, `failed`. Applied units are deleted with their changes.
/// * `_physio_in_flight`: the batch that was sent and not yet answered, byte for byte.
/// * `_physio_temporary_keys`: every temporary key ever given; `server_key` NULL until pushed.
/// * `_physio_tables`: progress of the first pull. `state`: `empty`, `pulling`, `complete`.
/// * `_physio_conflicts`: changes that need a person: `mine` and `base` as in the outbox, `theirs` the
///   server's row (NULL when it is gone).
/// * `sync_history`: for people; one row per table.
pub const INTERNAL_TABLES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS _physio_meta (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS _physio_control (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  unit INTEGER
) STRICT",
    "CREATE TABLE IF NOT EXISTS _physio_outbox (
  change_id INTEGER PRIMARY KEY AUTOINCREMENT,
  unit_id INTEGER,
  table_name TEXT NOT NULL,
  op TEXT NOT NULL CHECK (op = 'insert' OR op = 'update' OR op = 'delete'),
  row_key TEXT NOT NULL,
  base TEXT,
  changed TEXT,
  captured_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
) STRICT",
    "CREATE INDEX IF NOT EXISTS _physio_outbox_row ON _physio_outbox (table_name, row_key)",
    "CREATE INDEX IF NOT EXISTS _physio_outbox_deleted ON _physio_outbox (table_name, row_key) WHERE op = 'delete'",
    "CREATE INDEX IF NOT EXISTS _physio_outbox_unit ON _physio_outbox (unit_id)",
    "CREATE TABLE IF NOT EXISTS _physio_replaced (
  table_name TEXT PRIMARY KEY NOT NULL,
  row_key TEXT NOT NULL,
  old TEXT NOT NULL,
  status TEXT NOT NULL,
  synced_at TEXT,
  last_change INTEGER NOT NULL
) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS _physio_units (
  unit_id INTEGER PRIMARY KEY AUTOINCREMENT,
  state TEXT NOT NULL DEFAULT 'queued' CHECK (state = 'queued' OR state = 'sent' OR state = 'conflict' OR state = 'failed'),
  code TEXT,
  field TEXT,
  blocked_by INTEGER,
  sealed_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
) STRICT",
    "CREATE TABLE IF NOT EXISTS _physio_in_flight (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  batch INTEGER NOT NULL,
  request BLOB NOT NULL
) STRICT",
    "CREATE TABLE IF NOT EXISTS _physio_temporary_keys (
  table_name TEXT NOT NULL,
  temporary_key INTEGER NOT NULL,
  server_key TEXT,
  PRIMARY KEY (table_name, temporary_key)
) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS _physio_tables (
  table_name TEXT PRIMARY KEY NOT NULL,
  state TEXT NOT NULL DEFAULT 'empty' CHECK (state IN ('empty', 'pulling', 'complete')),
  after_key TEXT,
  pulled_rows INTEGER NOT NULL DEFAULT 0,
  fingerprint TEXT NOT NULL
) STRICT, WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS _physio_conflicts (
  change_id INTEGER PRIMARY KEY,
  unit_id INTEGER NOT NULL,
  table_name TEXT NOT NULL,
  row_key TEXT NOT NULL,
  op TEXT NOT NULL,
  base TEXT,
  mine TEXT,
  theirs TEXT,
  code TEXT NOT NULL,
  field TEXT,
  found_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now'))
) STRICT",
    "CREATE TABLE IF NOT EXISTS sync_history (
  table_name TEXT PRIMARY KEY NOT NULL,
  last_sync_at TEXT,
  rows_pulled INTEGER NOT NULL DEFAULT 0,
  rows_pushed INTEGER NOT NULL DEFAULT 0,
  last_error TEXT,
  last_error_at TEXT
) STRICT, WITHOUT ROWID",
    "INSERT OR IGNORE INTO _physio_control (id, unit) VALUES (1, NULL)",
];
