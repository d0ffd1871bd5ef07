//! The loop: what to do next (`machine`, pure), when to try again (`backoff`, pure), and the task that
//! does it (`driver`). No SQL and no HTTP here.

mod backoff;
pub(crate) mod drift;
mod driver;
mod machine;
mod status;
mod trouble;

#[cfg(feature = "simulation")]
pub(crate) use driver::stepper;
pub(crate) use driver::{Command, Driver, Shared, local_events};
pub(crate) use machine::Wake;
pub use status::SyncState;
pub(crate) use status::{Freshness, LoopStatus};

/// A plan of tables that have nothing but names.
#[cfg(test)]
pub(crate) fn test_plan(waves: &[(&str, &[&str])]) -> physio_schema::plan::Plan {
    use physio_schema::plan::{ConflictRule, Plan, SyncSettings, TablePlan, TableSql, Wave};
    let table = |wave: &str, name: &str| TablePlan {
        name: name.into(),
        id: 0,
        fingerprint: format!("{name:0>32}"),
        wave: wave.into(),
        stale_after_s: 60,
        writable: true,
        conflict: ConflictRule::Manual,
        columns: Vec::new(),
        key: Vec::new(),
        temporary_key: None,
        references: Vec::new(),
        unique: Vec::new(),
        access: Default::default(),
        sql: TableSql {
            create: String::new(),
            after_create: Vec::new(),
            indexes: Vec::new(),
            n_unique_indexes: 0,
            triggers: Vec::new(),
            upsert: String::new(),
            confirm: String::new(),
            replace: String::new(),
            delete_synced: String::new(),
            delete: String::new(),
            select_by_key: String::new(),
            set_status: String::new(),
        },
    };
    Plan {
        format: 1,
        app: "test".into(),
        fingerprint: "f".repeat(32),
        utc_offset_minutes: 0,
        waves: waves
            .iter()
            .map(|(name, tables)| Wave {
                name: (*name).into(),
                tables: tables.iter().map(|table| (*table).into()).collect(),
            })
            .collect(),
        sync: SyncSettings {
            interval_s: 30,
            page_rows: 100,
            push_bytes: 1000,
            stale_after_s: 60,
            timeout_s: 5,
            audit_interval_s: 0,
            audit_tables: 2,
            device_days: 90,
        },
        tables: waves
            .iter()
            .flat_map(|(wave, tables)| tables.iter().map(|name| table(wave, name)).collect::<Vec<_>>())
            .collect(),
        renames: Vec::new(),
        access: Default::default(),
    }
}
