//! What each table gets, from what the server refused.

use physio_schema::server::Install;
use std::collections::BTreeMap;

/// How one table's changes are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) table: String,
    /// `trigger`, `timestamp` or `scan`, as `_physio_table.mode` has it.
    pub(super) mode: &'static str,
    /// Why it is not `trigger`.
    pub(super) reason: Option<String>,
}

/// A table that changes with another by a foreign key needs the triggers of both: MySQL fires none on its own then.
pub(super) fn modes_of(install: &Install, refused: &BTreeMap<String, String>) -> Vec<Mode> {
    let mode_of = |mode: &physio_schema::server::TableMode| {
        let parent = install
            .triggers
            .iter()
            .find(|parent| refused.contains_key(&parent.table) && parent.cascades_to.contains(&mode.table));
        let reason = refused.get(&mode.table).cloned().or_else(|| {
            parent.map(|parent| format!("its rows change with `{}`, which has no triggers", parent.table))
        });
        let name = if reason.is_none() { "trigger" } else { mode.fallback() };
        Mode { table: mode.table.clone(), mode: name, reason }
    };
    install.modes.iter().map(mode_of).collect()
}

#[cfg(test)]
mod tests {
    use super::modes_of;
    use physio_schema::server::{Install, TableMode, TableTriggers};
    use std::collections::BTreeMap;

    #[test]
    fn a_child_goes_with_its_parent() {
        let triggers = |table: &str, cascades_to: &[&str]| TableTriggers {
            table: table.into(),
            drops: vec![],
            creates: vec![],
            cascades_to: cascades_to.iter().map(|&name| name.into()).collect(),
        };
        let mode = |table: &str, touched: Option<&str>| TableMode {
            t: 1,
            table: table.into(),
            touched: touched.map(Into::into),
        };
        let install = Install {
            tables: vec![],
            before: vec![],
            triggers: vec![triggers("parent", &["child"]), triggers("child", &[]), triggers("other", &[])],
            modes: vec![mode("parent", None), mode("child", Some("at")), mode("other", None)],
        };
        let refused = BTreeMap::from([("parent".to_owned(), "no".to_owned())]);
        let modes: Vec<_> = modes_of(&install, &refused).into_iter().map(|mode| mode.mode).collect();
        assert_eq!(modes, ["scan", "timestamp", "trigger"]);
    }
}
