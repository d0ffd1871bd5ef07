//! Application and bridge were generated from different schemas.

use super::*;
use physio_runtime::DriftClass;

/// The clinic's plan with other fingerprints where `change` says that it touched a table.
fn other_plan(change: impl Fn(&mut physio_schema::plan::TablePlan) -> bool) -> Plan {
    let mut plan = clinic::plan().clone();
    plan.fingerprint = "0".repeat(32);
    for table in &mut plan.tables {
        if change(table) {
            table.fingerprint = "1".repeat(32);
        }
    }
    plan
}

fn without_city(table: &mut physio_schema::plan::TablePlan) -> bool {
    let is_meant = table.name == "branches";
    if is_meant {
        table.columns.retain(|column| column.name != "city");
    }
    is_meant
}

#[tokio::test]
async fn a_table_that_is_retyped_waits_and_the_others_go_on() {
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 2);
    let plan = other_plan(|table| {
        let is_meant = table.name == "tests";
        for column in table.columns.iter_mut().filter(|column| is_meant && column.name == "test_name") {
            column.column_type = physio_schema::model::ColumnType::Date;
        }
        is_meant
    });
    let physio = open_with(&plan, &folder, &bridge);
    let mut events = physio.events();
    let error = physio.sync_now().await.expect_err("one table waits");
    assert_eq!(error.kind(), ErrorKind::Schema, "{error}");
    assert!(
        error.to_string().contains("`tests.test_name` is varchar(100) on the server and date here"),
        "{error}"
    );
    let told = event(&mut events, |event| matches!(event, Event::Attention { .. })).await;
    assert_eq!(
        told,
        Event::Attention {
            table: "tests".into(),
            code: "schema_changed".into(),
            field: Some("tests.test_name".into())
        }
    );
    for table in physio.status().expect("a status").tables {
        assert_eq!(table.is_complete, table.table != "tests", "{table:?}");
        assert_eq!(table.drift.is_some(), table.table == "tests", "{table:?}");
    }
    assert_eq!(physio.query::<Branches>("SELECT * FROM branches", []).expect("rows").len(), 2);
}

#[tokio::test]
async fn a_column_that_only_the_server_has_is_told_once_and_stops_nothing() {
    // The bridge serves the whole clinic; the application was built before branches had a city.
    let (bridge, folder) = (bridge(), folder());
    add_branches(&bridge, 1);
    let dump = include_str!("../../../physio-schema/schema/clinic.sql");
    let older = dump.replace("  `city` varchar(100) DEFAULT NULL,\n", "");
    assert_ne!(dump, older);
    let schema = physio_schema::dump::parse(older.as_bytes(), &Default::default()).expect("a dump").schema;
    let config = physio_schema::config::parse(include_str!("../../../physio.toml")).expect("a config");
    let plan = physio_schema::plan::build(&schema, &config).expect("a plan");
    let physio = open_with(&plan, &folder, &bridge);
    let mut events = physio.events();
    physio
        .write(|tx| tx.execute("INSERT INTO branches (branch_name, clinic_name) VALUES ('Mine', 'C')", []))
        .expect("a local write");
    physio.sync_now().await.expect("everything goes on");
    physio.sync_now().await.expect("everything goes on");
    assert_eq!(server_count(&bridge, "branch_name = 'Mine'"), 1);
    let mut n_told = 0;
    while let Ok(event) = events.try_recv() {
        if let Event::Drift(drift) = event {
            n_told += 1;
            assert_eq!((drift.class, drift.fields), (DriftClass::Additive, vec!["branches.city".to_owned()]));
        }
    }
    assert_eq!(n_told, 1);
}

#[tokio::test]
async fn a_bridge_that_is_replaced_between_two_calls_is_noticed_before_it_writes() {
    let (first, second, folder) = (bridge(), folder(), folder());
    drop(second);
    let physio = open(&folder, &first);
    physio.sync_now().await.expect("a round");
    physio.close().await;
    // The same database behind a bridge that no longer has the column.
    let plan = other_plan(without_city);
    let replaced = EmbeddedBridge::start(Arc::new(plan)).expect("a bridge");
    replaced.add_token(TOKEN);
    let physio = open(&folder, &replaced);
    physio.write(|tx| tx.insert(branch("Kept"))).expect("a local write");
    let error = physio.sync_now().await.expect_err("branches wait");
    assert!(error.to_string().contains("the server no longer has `branches.city`"), "{error}");
    assert_eq!(server_count(&replaced, "1"), 0, "nothing was written");
    assert_eq!(physio.status().expect("a status").n_pending, 1);
    assert!(physio.attention().expect("a list").is_empty(), "nobody has to decide anything");
}
