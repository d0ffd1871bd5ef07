use super::*;
use crate::bridge::wire::TableDescription;
use crate::sync::test_plan;
use physio_schema::plan::{ConflictRule, Storage, Wire};

fn column(name: &str, column_type: &str, nullable: bool, optional: bool) -> ColumnPlan {
    ColumnPlan {
        name: name.into(),
        column_type: column_type.parse().expect("a type"),
        storage: Storage::Text,
        wire: Wire::Text,
        nullable,
        optional,
        generated: false,
        collation: None,
        conflict: ConflictRule::Manual,
    }
}

fn table() -> TablePlan {
    let mut table = test_plan(&[("all", &["rooms"])]).tables.remove(0);
    table.columns = vec![
        column("room_id", "int(11)", false, true),
        column("label", "varchar(40)", true, true),
        column("floor", "int(11)", false, false),
        column("kind", "enum('a','b')", false, true),
    ];
    (table.key, table.temporary_key) = (vec![0], Some(0));
    table
}

fn compared(once_matched: bool, change: impl FnOnce(&mut TableDescription)) -> Comparison {
    let table = table();
    let mut theirs = TableDescription::of(&table);
    change(&mut theirs);
    compare(&plan_of(&table), &table, Some(&theirs), once_matched)
}

fn plan_of(table: &TablePlan) -> Plan {
    let mut plan = test_plan(&[("all", &["rooms"])]);
    plan.tables = vec![table.clone()];
    plan
}

/// Class, what is paused (pull, push), first field.
fn seen(comparison: &Comparison) -> (DriftClass, (bool, bool), &str) {
    let drift = &comparison.drift;
    let field = drift.fields.first().map_or("", String::as_str);
    (drift.class, (drift.is_pull_paused, drift.is_push_paused), field)
}

const GOES_ON: (bool, bool) = (false, false);
const PUSH_WAITS: (bool, bool) = (false, true);
const ALL_WAITS: (bool, bool) = (true, true);

fn their_column(name: &str, optional: bool) -> ColumnDescription {
    ColumnDescription {
        name: name.into(),
        column_type: "int(11)".into(),
        nullable: false,
        optional,
        generated: false,
    }
}

#[test]
fn what_only_the_server_has_is_additive_unless_it_is_required() {
    let added = compared(true, |theirs| theirs.columns.push(their_column("beds", true)));
    assert_eq!(seen(&added), (DriftClass::Additive, GOES_ON, "rooms.beds"));
    let required = compared(true, |theirs| theirs.columns.push(their_column("beds", false)));
    assert_eq!(seen(&required), (DriftClass::BreaksCode, PUSH_WAITS, "rooms.beds"));
}

#[test]
fn what_only_the_application_has_is_gone_or_not_there_yet() {
    let without = |name: &'static str| {
        move |theirs: &mut TableDescription| theirs.columns.retain(|column| column.name != name)
    };
    let gone = compared(true, without("label"));
    assert_eq!(seen(&gone), (DriftClass::BreaksCode, PUSH_WAITS, "rooms.label"));
    assert!(gone.drift.message.contains("no longer has `rooms.label`"), "{}", gone.drift.message);
    let not_yet = compared(false, without("label"));
    assert_eq!(seen(&not_yet), (DriftClass::Additive, GOES_ON, "rooms.label"));
    assert_eq!(not_yet.holds, [("label".to_owned(), ColumnHold::Unknown)]);
    assert_eq!(not_yet.differs["label"], None);
    // A reader of the application knows no NULL there: no row may come without it.
    for once_matched in [true, false] {
        let needed = compared(once_matched, without("floor"));
        assert_eq!(seen(&needed), (DriftClass::BreaksCode, ALL_WAITS, "rooms.floor"));
    }
}

#[test]
fn retyped_columns_wait_as_far_as_they_must() {
    let retyped = |once_matched, name: &'static str, column_type: &'static str| {
        compared(once_matched, move |theirs| {
            let column = theirs.columns.iter_mut().find(|column| column.name == name).expect("there");
            column.column_type = column_type.into();
        })
    };
    let cases = [
        ("label", "varchar(80)", DriftClass::Compatible, GOES_ON),
        ("label", "varchar(20)", DriftClass::BreaksCode, PUSH_WAITS),
        ("label", "int(11)", DriftClass::BreaksCode, ALL_WAITS),
        ("label", "money", DriftClass::BreaksCode, ALL_WAITS),
        ("kind", "enum('a','b','c')", DriftClass::Additive, GOES_ON),
        ("kind", "enum('a')", DriftClass::BreaksCode, PUSH_WAITS),
    ];
    for (name, column_type, class, paused) in cases {
        let found = retyped(true, name, column_type);
        assert_eq!(seen(&found), (class, paused, format!("rooms.{name}").as_str()), "{column_type}");
        assert!(found.holds.is_empty());
        assert!(found.drift.message.contains(column_type), "{}", found.drift.message);
    }
    // The server's turn has not come yet: only what does not fit there waits.
    let narrower = retyped(false, "kind", "enum('a')");
    assert_eq!(seen(&narrower), (DriftClass::Additive, GOES_ON, "rooms.kind"));
    assert_eq!(narrower.holds.len(), 1);
}

#[test]
fn nullability_both_ways() {
    let nullable = |once_matched, name: &'static str, is: bool| {
        compared(once_matched, move |theirs| {
            theirs.columns.iter_mut().find(|column| column.name == name).expect("there").nullable = is;
        })
    };
    assert_eq!(seen(&nullable(true, "label", false)), (DriftClass::BreaksCode, PUSH_WAITS, "rooms.label"));
    assert_eq!(nullable(false, "label", false).holds.len(), 1);
    // No reader of a field without `Option` survives a NULL, whoever is the older side.
    for once_matched in [true, false] {
        let floor = nullable(once_matched, "floor", true);
        assert_eq!(seen(&floor), (DriftClass::BreaksCode, ALL_WAITS, "rooms.floor"));
    }
}

#[test]
fn integers_that_the_field_cannot_hold_are_not_pulled() {
    let typed = |name: &'static str, column_type: &'static str| {
        compared(true, move |theirs| {
            theirs.columns.iter_mut().find(|column| column.name == name).expect("there").column_type =
                column_type.into();
        })
    };
    for column_type in ["bigint(20)", "int(10) unsigned"] {
        let found = typed("floor", column_type);
        assert_eq!(seen(&found), (DriftClass::BreaksCode, ALL_WAITS, "rooms.floor"), "{column_type}");
        assert!(found.drift.message.contains("read as i32"), "{}", found.drift.message);
    }
    assert_eq!(seen(&typed("floor", "smallint(6)")).1, PUSH_WAITS);
    // A key that is made offline is 64 bits wide here already.
    assert_eq!(seen(&typed("room_id", "bigint(20)")), (DriftClass::Compatible, GOES_ON, "rooms.room_id"));
}

#[test]
fn rows_that_leave_out_what_the_server_requires_wait() {
    for once_matched in [true, false] {
        let required = compared(once_matched, |theirs| theirs.columns[3].optional = false);
        assert_eq!(seen(&required), (DriftClass::Compatible, GOES_ON, "rooms.kind"));
        let hold = &required.holds[0];
        assert!(matches!(hold, (name, ColumnHold::Narrower { optional: false, .. }) if name == "kind"));
    }
}

#[test]
fn another_key_stops_the_table() {
    let keyed = compared(true, |theirs| theirs.key = vec!["label".into()]);
    assert_eq!(seen(&keyed), (DriftClass::BreaksCode, ALL_WAITS, "rooms.label"));
    let without_auto = compared(true, |theirs| theirs.auto = None);
    assert_eq!(seen(&without_auto), (DriftClass::BreaksCode, PUSH_WAITS, "rooms.room_id"));
    let read_only = compared(true, |theirs| theirs.writable = false);
    assert_eq!(seen(&read_only), (DriftClass::BreaksCode, PUSH_WAITS, ""));
    assert_eq!(read_only.drift.trouble().expect("paused").field.as_deref(), Some("rooms"));
}

#[test]
fn a_missing_table_waits_and_invisible_differences_do_not_matter() {
    let table = table();
    assert_eq!(seen(&compare(&plan_of(&table), &table, None, true)), (DriftClass::BreaksCode, ALL_WAITS, ""));
    assert_eq!(seen(&compare(&plan_of(&table), &table, None, false)), (DriftClass::Additive, ALL_WAITS, ""));
    let invisible = compared(true, |_| {});
    assert_eq!(seen(&invisible), (DriftClass::Compatible, GOES_ON, ""));
    assert!(invisible.drift.trouble().is_none());
}

#[test]
fn the_worst_difference_is_named_first() {
    let both = compared(true, |theirs| {
        theirs.columns.push(their_column("beds", true));
        theirs.columns.retain(|column| column.name != "label");
    });
    assert_eq!(both.drift.fields, ["rooms.label", "rooms.beds"]);
}
