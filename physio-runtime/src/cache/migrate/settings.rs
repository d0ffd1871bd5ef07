//! What of a plan has no trace in the file: settings of the sync. A file that differs in nothing else is left as it is,
//! because writing it anew takes a megabyte of log, which a full disk does not have.

use physio_schema::plan::{Access, Plan, TableAccess};

/// Whether a file that was made with the plan of this text is what `plan` makes, too.
pub(super) fn is_made_alike(text: &str, plan: &Plan) -> bool {
    // One that cannot be read any more is not compared.
    serde_json::from_str::<Plan>(text).is_ok_and(|old| {
        let mut now = plan.clone();
        now.sync.clone_from(&old.sync);
        without_settings(old) == without_settings(now)
    })
}

/// The sync reads these from the application's plan, never from the file's.
fn without_settings(mut plan: Plan) -> Plan {
    plan.waves.clear();
    plan.access = Access::default();
    for table in &mut plan.tables {
        table.wave.clear();
        table.stale_after_s = 0;
        table.access = TableAccess::default();
    }
    plan
}
