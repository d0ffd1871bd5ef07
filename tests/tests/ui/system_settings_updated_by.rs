//! `system_settings.updated_by`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "system_settings")]
struct MisspeltSetting {
    update_by: Option<i32>,
}

#[derive(FromRow)]
#[physio(table = "system_settings", config = "missing/physio.toml")]
struct MissingSetting {
    updated_by: Option<i32>,
}

fn main() {}
