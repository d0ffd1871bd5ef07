//! `notifications.created_by_employee_id`, misspelt against the present dump, and asked of a dump that lacks it.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "notifications")]
struct MisspeltNotification {
    created_by_employe_id: Option<i64>,
}

#[derive(FromRow)]
#[physio(table = "notifications", config = "missing/physio.toml")]
struct MissingNotification {
    created_by_employee_id: Option<i64>,
}

fn main() {}
