//! `attendance` has no `branch_id`, today or in an older dump: a filter on it was the log's HTTP 500.

use physio_runtime::FromRow;

#[derive(FromRow)]
#[physio(table = "attendance")]
struct PresentAttendance {
    branch_id: i32,
}

#[derive(FromRow)]
#[physio(table = "attendance", config = "missing/physio.toml")]
struct OlderAttendance {
    branch_id: i32,
}

fn main() {}
