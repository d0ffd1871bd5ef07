//! Application and server were generated from different schemas: what of a table still goes on.
//!
//! The bridge describes its tables ([`TableDescription`]); each is compared with the plan column by column. What
//! both sides still understand alike goes on; what they could misunderstand waits, table by table. Pure.

mod fit;

use crate::bridge::wire::{ColumnDescription, TableDescription};
use crate::cache::{ColumnHold, DriftClass, TableDrift, can_lack};
use crate::sync::trouble::{Trouble, TroubleKind};
use fit::Fit;
use physio_schema::field_type::FieldType;
use physio_schema::model::ColumnType;
use physio_schema::plan::{ColumnPlan, Plan, TablePlan};
use std::collections::BTreeMap;

impl TableDrift {
    /// Why the table could not be synced whole, where something of it is paused.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        (self.is_pull_paused || self.is_push_paused).then(|| Trouble {
            kind: TroubleKind::Schema,
            code: "schema_changed".into(),
            field: Some(self.fields.first().unwrap_or(&self.table).clone()),
            text: self.message.clone(),
            retry_after: None,
            last_batch: None,
        })
    }
}

/// A table compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How much it matters, and what of the table is paused.
    pub drift: TableDrift,
    /// Columns of which some changes must wait, while others go on.
    pub holds: Vec<(String, ColumnHold)>,
    /// Columns whose local values are not what the server would send: see
    /// [`TableMemory::differs`](crate::cache::TableMemory::differs).
    pub differs: BTreeMap<String, Option<String>>,
}

/// One difference.
struct Finding {
    class: DriftClass,
    column: Option<String>,
    text: String,
    pauses_pull: bool,
    pauses_push: bool,
    hold: Option<ColumnHold>,
}

impl Finding {
    fn new(class: DriftClass, column: Option<&str>, text: String) -> Self {
        let column = column.map(str::to_owned);
        Self { class, column, text, pauses_pull: false, pauses_push: false, hold: None }
    }

    fn breaking(column: Option<&str>, text: String) -> Self {
        Self { pauses_push: true, ..Self::new(DriftClass::BreaksCode, column, text) }
    }

    fn pausing_pull(self) -> Self {
        Self { pauses_pull: true, pauses_push: true, ..self }
    }

    fn holding(self, hold: ColumnHold) -> Self {
        Self { hold: Some(hold), ..self }
    }
}

/// Compares a table whose fingerprints differ; `theirs` is `None` where the server has no such table.
///
/// `once_matched`: the server had this very table before, as far as this cache remembers. Then what it lacks is
/// gone, and the application is the older side. Otherwise the server does not have it yet: what does not concern
/// the new parts goes on, and the rest waits for the server's turn.
///
/// `plan` is the plan that `ours` is of. The sync loop asks this at every handshake; a tool may ask it before.
///
/// ```
/// use physio_runtime::{Plan, bridge::wire::TableDescription, drift::compare};
/// mod clinic {
///     physio_runtime::schema!("physio.toml");
/// }
/// let plan: &Plan = clinic::plan();
/// let roles = plan.table("roles").expect("it is synced");
/// let mut theirs = TableDescription::of(roles);
/// assert!(!compare(plan, roles, Some(&theirs), true).drift.is_pull_paused);
/// theirs.key = vec!["role_name".into()];
/// let compared = compare(plan, roles, Some(&theirs), true);
/// assert!(compared.drift.is_pull_paused && compared.drift.is_push_paused);
/// ```
pub fn compare(
    plan: &Plan,
    ours: &TablePlan,
    theirs: Option<&TableDescription>,
    once_matched: bool,
) -> Comparison {
    let name = &ours.name;
    let Some(theirs) = theirs else {
        let (class, text) = if once_matched {
            (DriftClass::BreaksCode, format!("the server no longer has the table `{name}`"))
        } else {
            (DriftClass::Additive, format!("the server does not have the table `{name}` yet"))
        };
        return summed(ours, vec![Finding::new(class, None, text).pausing_pull()], BTreeMap::new());
    };
    let mut findings = Vec::new();
    let mut differs = BTreeMap::new();
    let wide = plan.temporary_key_columns();
    compare_table(ours, theirs, &mut findings);
    for column in &ours.columns {
        match theirs.columns.iter().find(|known| known.name == column.name) {
            Some(known) => {
                let is_wide = wide.contains(&(name.as_str(), column.name.as_str()));
                let compared = Pair { table: name, ours: column, theirs: known, once_matched, is_wide };
                compared.compare(&mut findings);
                if compared.is_spelt_otherwise() {
                    differs.insert(column.name.clone(), Some(known.column_type.clone()));
                }
            }
            None => {
                findings.push(lacking(name, column, once_matched));
                differs.insert(column.name.clone(), None);
            }
        }
    }
    for known in theirs.columns.iter().filter(|known| ours.position(&known.name).is_none()) {
        findings.push(surplus(ours, known));
    }
    summed(ours, findings, differs)
}

/// A bridge that cannot describe its tables: nothing of the table can be trusted.
pub(crate) fn undescribed(ours: &TablePlan) -> Comparison {
    let text =
        format!("`{}` differs, and the bridge is too old to say how: upload the present one", ours.name);
    summed(ours, vec![Finding::breaking(None, text).pausing_pull()], BTreeMap::new())
}

/// A table that only the server has.
pub(crate) fn unknown_here(table: &str) -> TableDrift {
    TableDrift {
        table: table.to_owned(),
        class: DriftClass::Additive,
        fields: Vec::new(),
        message: format!(
            "the server has a table `{table}` that this version of the application does not sync"
        ),
        is_pull_paused: false,
        is_push_paused: false,
    }
}

fn compare_table(ours: &TablePlan, theirs: &TableDescription, findings: &mut Vec<Finding>) {
    let name = &ours.name;
    let key: Vec<&str> = ours.key_columns().map(|column| column.name.as_str()).collect();
    if key != theirs.key.iter().map(String::as_str).collect::<Vec<_>>() {
        let other = theirs.key.iter().find(|part| !key.contains(&part.as_str()));
        let column = other.map(String::as_str).or(key.first().copied());
        let text =
            format!("the row key is ({}) on the server and ({}) here", theirs.key.join(", "), key.join(", "));
        findings.push(Finding::breaking(column, text).pausing_pull());
    }
    let auto = ours.temporary_key.map(|position| ours.columns[position].name.as_str());
    if auto != theirs.auto.as_deref() {
        let column = auto.or(theirs.auto.as_deref());
        let text = format!("only one side makes the keys of `{name}` by AUTO_INCREMENT");
        findings.push(Finding::breaking(column, text));
    }
    if ours.writable && !theirs.writable {
        findings.push(Finding::breaking(None, format!("the server takes no changes of `{name}`")));
    }
}

/// A column that only the application has.
fn lacking(table: &str, column: &ColumnPlan, once_matched: bool) -> Finding {
    let name = &column.name;
    let text = if once_matched {
        format!("the server no longer has `{table}.{name}`")
    } else {
        format!("the server does not have `{table}.{name}` yet")
    };
    if !can_lack(column) {
        return Finding::breaking(Some(name), text).pausing_pull();
    }
    if once_matched {
        return Finding::breaking(Some(name), text);
    }
    let text = format!("{text}; changes that set it wait");
    Finding::new(DriftClass::Additive, Some(name), text).holding(ColumnHold::Unknown)
}

/// A column that only the server has.
fn surplus(ours: &TablePlan, known: &ColumnDescription) -> Finding {
    let (table, name) = (&ours.name, &known.name);
    if known.optional || !ours.writable {
        let text = format!("the server has a column `{table}.{name}` that this application does not know");
        return Finding::new(DriftClass::Additive, Some(name), text);
    }
    Finding::breaking(
        Some(name),
        format!("the server requires `{table}.{name}`, which this application does not know"),
    )
}

/// One column that both have.
struct Pair<'a> {
    table: &'a str,
    ours: &'a ColumnPlan,
    theirs: &'a ColumnDescription,
    once_matched: bool,
    /// It may hold temporary keys: the field has 64 bits.
    is_wide: bool,
}

impl Pair<'_> {
    fn their_type(&self) -> Option<ColumnType> {
        self.theirs.column_type.parse().ok()
    }

    fn is_spelt_otherwise(&self) -> bool {
        self.their_type().is_none_or(|theirs| fit::is_spelt_otherwise(&theirs, &self.ours.column_type))
    }

    fn compare(&self, findings: &mut Vec<Finding>) {
        self.compare_type(findings);
        self.compare_nullability(findings);
        self.compare_default(findings);
        let (name, field) = (&self.ours.name, format!("`{}.{}`", self.table, self.ours.name));
        if self.theirs.generated && !self.ours.generated {
            let text = format!("the server computes {field} itself now");
            findings.push(Finding::breaking(Some(name), text));
        } else if self.ours.generated && !self.theirs.generated && !self.theirs.optional {
            let text = format!("the server does not compute {field} but requires it");
            findings.push(Finding::breaking(Some(name), text));
        }
    }

    fn compare_type(&self, findings: &mut Vec<Finding>) {
        let name = &self.ours.name;
        let text = format!(
            "`{}.{name}` is {} on the server and {} here",
            self.table, self.theirs.column_type, self.ours.column_type
        );
        let Some(theirs) = self.their_type() else {
            return findings.push(Finding::breaking(Some(name), text).pausing_pull());
        };
        let found = fit::fit(&theirs, &self.ours.column_type);
        if found != Fit::Other {
            let field = FieldType::of(&self.ours.column_type, self.is_wide, None);
            if !fit::is_readable(&theirs, &field) {
                let text = format!("{text}, which is read as {}", field.name());
                return findings.push(Finding::breaking(Some(name), text).pausing_pull());
            }
        }
        match found {
            Fit::Same => {}
            Fit::Wider => findings.push(Finding::new(DriftClass::Compatible, Some(name), text)),
            Fit::MoreMembers => findings.push(Finding::new(DriftClass::Additive, Some(name), text)),
            Fit::Narrower if self.once_matched => findings.push(Finding::breaking(Some(name), text)),
            Fit::Narrower => {
                let is_member = matches!(theirs, ColumnType::Enum { .. } | ColumnType::Set { .. });
                let class = if is_member { DriftClass::Additive } else { DriftClass::Compatible };
                let text = format!("{text}; values that do not fit there wait");
                findings.push(Finding::new(class, Some(name), text).holding(self.narrower(theirs)));
            }
            Fit::Other => findings.push(Finding::breaking(Some(name), text).pausing_pull()),
        }
    }

    fn compare_nullability(&self, findings: &mut Vec<Finding>) {
        let (name, field) = (&self.ours.name, format!("`{}.{}`", self.table, self.ours.name));
        match (self.theirs.nullable, self.ours.nullable) {
            (true, true) | (false, false) => {}
            (true, false) => {
                let text = format!("{field} may be NULL on the server and never here");
                // A field without `Option` cannot be read from a NULL, whichever side is the older one.
                findings.push(if self.ours.generated {
                    Finding::new(DriftClass::Compatible, Some(name), text)
                } else {
                    Finding::breaking(Some(name), text).pausing_pull()
                });
            }
            (false, true) => {
                let text = format!("{field} may not be NULL on the server");
                findings.push(match self.their_type() {
                    Some(theirs) if !self.once_matched => {
                        let text = format!("{text} yet; changes that leave it empty wait");
                        Finding::new(DriftClass::Compatible, Some(name), text).holding(self.narrower(theirs))
                    }
                    _ => Finding::breaking(Some(name), text),
                });
            }
        }
    }

    /// A default that only MySQL can compute is not there any more, or not yet: rows that rely on it wait.
    fn compare_default(&self, findings: &mut Vec<Finding>) {
        let relies = self.ours.optional && !self.ours.nullable && !self.ours.generated;
        if !relies || self.theirs.optional || self.theirs.generated {
            return;
        }
        if let Some(theirs) = self.their_type() {
            let name = &self.ours.name;
            let text = format!("the server requires `{}.{name}`; rows that leave it out wait", self.table);
            let finding = Finding::new(DriftClass::Compatible, Some(name), text);
            findings.push(finding.holding(self.narrower(theirs)));
        }
    }

    fn narrower(&self, column_type: ColumnType) -> ColumnHold {
        let ColumnDescription { nullable, optional, .. } = *self.theirs;
        ColumnHold::Narrower { column_type, nullable, optional }
    }
}

/// The worst difference first; what waits is said at the end.
fn summed(
    ours: &TablePlan,
    mut findings: Vec<Finding>,
    differs: BTreeMap<String, Option<String>>,
) -> Comparison {
    findings.sort_by_key(|finding| std::cmp::Reverse((finding.pauses_pull, finding.class)));
    let table = &ours.name;
    let is_pull_paused = findings.iter().any(|finding| finding.pauses_pull);
    let is_push_paused = findings.iter().any(|finding| finding.pauses_push);
    let mut fields: Vec<String> = Vec::new();
    for column in findings.iter().filter_map(|finding| finding.column.as_ref()) {
        let field = format!("{table}.{column}");
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    let mut texts: Vec<String> = findings.iter().map(|finding| finding.text.clone()).collect();
    if texts.is_empty() {
        texts.push(format!("`{table}` differs only in what is not sent (defaults, indexes, foreign keys)"));
    }
    match (is_pull_paused, is_push_paused) {
        (true, _) => texts.push(format!("`{table}` is neither pulled nor pushed until both agree again")),
        (false, true) => texts.push(format!("changes of `{table}` stay here until both agree again")),
        (false, false) => {}
    }
    let class = findings.iter().map(|finding| finding.class).max().unwrap_or(DriftClass::Compatible);
    let holds = findings.iter().filter_map(|finding| Some((finding.column.clone()?, finding.hold.clone()?)));
    Comparison {
        holds: holds.collect(),
        drift: TableDrift {
            table: table.clone(),
            class,
            fields,
            message: texts.join("; "),
            is_pull_paused,
            is_push_paused,
        },
        differs,
    }
}

#[cfg(test)]
mod tests;
