//! The first pull: pages, chunks, kills in the middle, and a second pull over old rows.

use super::*;
use physio_runtime::cache::TableState;
use physio_runtime::{ErrorKind, SyncStatus};
use std::sync::atomic::{AtomicBool, Ordering};

fn progress(device: &Device, table: &str) -> (TableState, Option<String>, u64) {
    let state = device.cache.pull_state().unwrap();
    let progress = state.tables.into_iter().find(|progress| progress.table == table).unwrap();
    (progress.state, progress.after_key, progress.pulled_rows)
}

#[test]
fn pages_fill_a_table_and_the_next_goes_on_behind_the_last_row() {
    let device = Device::new();
    device.cache.store_first_cursor(&Cursor("e.1".into()), 0).unwrap();
    assert_eq!(progress(&device, "patients"), (TableState::Empty, None, 0));
    let report = device.page("patients", PATIENT, &[r#"["1","A",null,null]"#, r#"["2","B","x",null]"#], true);
    assert_eq!((report.n_rows, report.complete), (2, false));
    assert_eq!(report.keys, [r#"["1"]"#, r#"["2"]"#]);
    assert_eq!(progress(&device, "patients"), (TableState::Pulling, Some(r#"["2"]"#.into()), 2));
    let report = device.page("patients", PATIENT, &[r#"["5","C",null,"1"]"#], false);
    assert!(report.complete);
    assert_eq!(progress(&device, "patients"), (TableState::Complete, Some(r#"["5"]"#.into()), 3));
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks, referred_by, _sync_status FROM patients"),
        "1|A|-|-|synced\n2|B|x|-|synced\n5|C|-|1|synced"
    );
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "0", "a pull is not a local change");
    assert_eq!(device.cache.pull_state().unwrap().cursor, Some(Cursor("e.1".into())));
    let waves: Vec<String> = device.cache.pull_state().unwrap().tables.into_iter().map(|t| t.table).collect();
    assert_eq!(waves, ["patients", "payments", "visits", "rooms", "scans", "roles"]);
}

#[test]
fn columns_may_come_in_any_order_and_every_type_is_kept() {
    let device = Device::new();
    device.page(
        "payments",
        &["note", "amount", "patient_id", "payment_id"],
        &[r#"[null,"10.50","3","7"]"#],
        false,
    );
    assert_eq!(device.ask("SELECT payment_id, patient_id, amount, note FROM payments"), "7|3|10.50|-");
    device.page("scans", &["scan_id", "image", "weight"], &[r#"["AAECAw==","/+8=","0.1"]"#], false);
    assert_eq!(device.ask("SELECT scan_id, image, weight FROM scans"), "00010203|ffef|0.1");
    assert_eq!(progress(&device, "scans").1.as_deref(), Some(r#"["AAECAw=="]"#));
    device.page("rooms", ROOM, &[r#"["A\"1","line\nbreak \u00e4 😀"]"#], false);
    assert_eq!(device.ask("SELECT code, label FROM rooms"), "A\"1|line\nbreak ä 😀");
}

fn indexes(device: &Device, table: &str) -> String {
    device.ask_with(
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql IS NOT NULL ORDER BY name",
        [table],
    )
}

fn payment_lines(keys: std::ops::Range<u32>) -> Vec<String> {
    keys.map(|key| format!(r#"["{key}","{}","1.00",null]"#, key % 100)).collect()
}

fn page_of_payments(device: &Device, keys: std::ops::Range<u32>, more: bool) {
    let lines = payment_lines(keys);
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    device.page("payments", PAYMENT, &lines, more);
}

#[test]
fn a_large_first_fill_makes_its_indexes_at_the_end_also_after_a_kill() {
    let device = Device::new();
    let wanted = indexes(&device, "payments");
    assert_eq!(wanted, "payments.patient_id");
    page_of_payments(&device, 1..60_000, true);
    assert_eq!(indexes(&device, "payments"), "", "the fill goes on without it");
    let device = device.reopened();
    page_of_payments(&device, 60_000..60_010, false);
    assert_eq!(indexes(&device, "payments"), wanted);
    assert_eq!(device.ask("SELECT count(*) FROM payments WHERE patient_id = 7"), "601");
    assert_eq!(device.ask("SELECT * FROM pragma_integrity_check"), "ok");
}

#[test]
fn a_small_fill_and_a_second_pull_keep_their_indexes() {
    let device = Device::new();
    page_of_payments(&device, 1..1_000, true);
    assert_eq!(indexes(&device, "payments"), "payments.patient_id");
    page_of_payments(&device, 1_000..1_010, false);
    device.cache.restart_pull().unwrap();
    page_of_payments(&device, 1..60_000, true);
    assert_eq!(indexes(&device, "payments"), "payments.patient_id", "rows of the first pull are in use");
}

#[test]
fn a_very_large_first_fill_has_its_indexes_before_its_end() {
    let device = Device::new();
    page_of_payments(&device, 1..150_000, true);
    assert_eq!(indexes(&device, "payments"), "");
    page_of_payments(&device, 150_000..260_000, true);
    assert_eq!(indexes(&device, "payments"), "payments.patient_id");
}

#[test]
fn a_page_of_an_empty_table_completes_it() {
    let device = Device::new();
    let report = device.page("rooms", ROOM, &[], false);
    assert_eq!((report.n_rows, report.complete), (0, true));
    assert_eq!(progress(&device, "rooms"), (TableState::Complete, None, 0));
}

#[test]
fn unsent_changes_amid_many_new_rows_of_a_page_stay() {
    let device = Device::new();
    let lines = |name: &str| -> Vec<String> {
        (1..=300).map(|id| format!(r#"["{id}","{name} {id}","r\u00e4",null]"#)).collect()
    };
    let page = |name: &str| {
        let lines = lines(name);
        device.patients(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    page("old");
    device.write(&["UPDATE patients SET name = 'mine' WHERE patient_id IN (100, 107, 299)"]);
    device.cache.restart_pull().unwrap();
    assert_eq!(page("new").n_rows, 300);
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks FROM patients WHERE _sync_status <> 'synced'"),
        "100|mine|rä\n107|mine|rä\n299|mine|rä"
    );
    assert_eq!(device.ask("SELECT count(*) FROM patients WHERE name = 'new ' || patient_id"), "297");
    // Not even a row that was deleted here, which no status in its table tells of.
    device.write(&["DELETE FROM patients WHERE patient_id = 200"]);
    device.cache.restart_pull().unwrap();
    page("newer");
    assert_eq!(device.ask("SELECT count(*), sum(name LIKE 'newer %') FROM patients"), "299|296");
    assert_eq!(device.ask("SELECT count(*) FROM patients WHERE patient_id = 200"), "0");
}

#[test]
fn a_page_that_breaks_off_keeps_what_its_progress_says_and_no_more() {
    let device = Device::new();
    let mut sink = device.cache.page_sink("patients").unwrap();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    let filler = "x".repeat(200);
    for id in 1..=5_000 {
        sink.row(&format!(r#"["{id}","{filler}",null,null]"#)).unwrap();
    }
    drop(sink);
    let device = device.reopened();
    let (_, after, pulled) = progress(&device, "patients");
    let (count, last) = {
        let text = device.ask("SELECT count(*), coalesce(max(patient_id), 0) FROM patients");
        let (count, last) = text.split_once('|').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        (count.parse::<u64>().unwrap(), last)
    };
    assert_eq!(pulled, count);
    assert_eq!(after.unwrap_or(r#"["0"]"#.into()), format!(r#"["{last}"]"#));
    let rest: Vec<String> =
        (count + 1..=5_000).map(|id| format!(r#"["{id}","{filler}",null,null]"#)).collect();
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    device.patients(&rest);
    assert_eq!(device.ask("SELECT count(*), min(patient_id), max(patient_id) FROM patients"), "5000|1|5000");
}

#[test]
fn a_row_that_does_not_fit_stops_the_page_with_the_column_but_not_the_value() {
    let device = Device::new();
    let mut sink = device.cache.page_sink("patients").unwrap();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    sink.row(r#"["1","A",null,null]"#).unwrap();
    sink.row(r#"["secret","A",null,null]"#).unwrap();
    let error = sink.finish(&StreamEnd::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Field);
    assert!(error.to_string().contains("patient_id") && !error.to_string().contains("secret"), "{error}");
    let mut sink = device.cache.page_sink("patients").unwrap();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    sink.row(r#"["1","A",null]"#).unwrap();
    assert_eq!(sink.finish(&StreamEnd::default()).unwrap_err().kind(), ErrorKind::Field);
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "0");
}

#[test]
fn a_failed_page_tells_the_stream_to_stop() {
    let device = Device::new();
    let mut sink = device.cache.page_sink("patients").unwrap();
    sink.table("patients", &texts(PATIENT), &[]).unwrap();
    let row = format!(r#"["secret","{}",null,null]"#, "x".repeat(1_000));
    let stopped = (0..1_000_000).find_map(|_| sink.row(&row).err()).expect("the stream is stopped");
    assert!(stopped.to_string().contains("patient_id"), "{stopped}");
    assert_eq!(sink.into_error().unwrap().kind(), ErrorKind::Field);
}

#[test]
fn a_column_that_readers_need_stops_the_page_before_its_first_row() {
    let device = Device::new();
    let mut sink = device.cache.page_sink("patients").unwrap();
    for (columns, named) in [
        (&["patient_id", "remarks", "referred_by"][..], "patients.name"),
        (&["name", "remarks", "referred_by"][..], "patients.patient_id"),
        (&["patient_id", "name", "name", "remarks", "referred_by"][..], "patients.name"),
    ] {
        let refused = sink.table("patients", &texts(columns), &[]).unwrap_err().to_string();
        assert!(refused.contains("schema_changed") && refused.contains(named), "{refused}");
    }
    assert!(sink.table("rooms", &texts(ROOM), &[]).is_err());
    assert_eq!(device.cache.page_sink("nowhere").unwrap_err().kind(), ErrorKind::Usage);
}

#[test]
fn a_column_that_only_the_server_has_is_passed_over() {
    let device = Device::new();
    device.page("rooms", &["code", "floor", "label"], &[r#"["R1","3","first"]"#], false);
    device.delta(0, &[("rooms", &["floor", "code", "label"], &[r#"["4","R2",null]"#])], &[]);
    assert_eq!(device.ask("SELECT code, label FROM rooms ORDER BY code"), "R1|first\nR2|-");
}

#[test]
fn a_column_that_only_the_application_has_keeps_its_local_value() {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["R1","first"]"#, r#"["R2","second"]"#], false);
    device.write(&["UPDATE rooms SET label = 'mine' WHERE code = 'R2'"]);
    device.page("rooms", &["code"], &[r#"["R1"]"#, r#"["R2"]"#, r#"["R3"]"#], false);
    device.delta(0, &[("rooms", &["code"], &[r#"["R1"]"#, r#"["R2"]"#])], &[]);
    assert_eq!(
        device.ask("SELECT code, label, _sync_status FROM rooms ORDER BY code"),
        "R1|first|synced\nR2|mine|pending\nR3|-|synced"
    );
}

#[test]
fn a_second_first_pull_removes_what_is_gone_and_keeps_what_is_unsent() {
    let device = Device::new();
    let rows = [
        r#"["1","A",null,null]"#,
        r#"["2","B",null,null]"#,
        r#"["3","C",null,null]"#,
        r#"["4","D",null,null]"#,
    ];
    device.patients(&rows);
    device.write(&["UPDATE patients SET remarks = 'mine' WHERE patient_id = 3"]);
    device.write(&["INSERT INTO patients (name) VALUES ('new here')"]);
    device.cache.restart_pull().unwrap();
    assert_eq!(device.cache.pull_state().unwrap().cursor, None);
    assert_eq!(progress(&device, "patients"), (TableState::Empty, None, 0));
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "5", "rows stay readable");
    // 2, 3 and 4 went while the feed was lost; the pull is killed after its first page.
    device.page("patients", PATIENT, &[r#"["1","A2",null,null]"#], true);
    let device = device.reopened();
    assert_eq!(device.ask("SELECT count(*) FROM patients"), "5");
    device.page("patients", PATIENT, &[r#"["9","N",null,null]"#], false);
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks, _sync_status FROM patients ORDER BY patient_id"),
        format!("1|A2|-|synced\n3|C|mine|pending\n9|N|-|synced\n{TEMP}|new here|-|pending")
    );
    assert_eq!(device.ask("SELECT count(*) FROM _physio_outbox"), "2");
}

#[test]
fn many_rows_of_an_earlier_pull_go_in_several_transactions() {
    let device = Device::new();
    let rows: Vec<String> = (1..=5_000).map(|id| format!(r#"["{id}","1","1.00",null]"#)).collect();
    device.payments(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    let visits: Vec<String> = (1..=2_000).map(|no| format!(r#"["1","{no}",null]"#)).collect();
    device.page("visits", VISIT, &visits.iter().map(String::as_str).collect::<Vec<_>>(), false);
    device.cache.restart_pull().unwrap();
    device.payments(&[rows[7].as_str()]);
    device.page("visits", VISIT, &[visits[0].as_str()], false);
    assert_eq!(device.ask("SELECT count(*), max(payment_id) FROM payments"), "1|8");
    assert_eq!(device.ask("SELECT count(*), max(visit_no) FROM visits"), "1|1");
    assert_eq!(progress(&device, "payments"), (TableState::Complete, Some(r#"["8"]"#.into()), 1));
}

#[test]
fn a_second_first_pull_sees_every_change_of_a_value() {
    let device = Device::new();
    device.patients(&[
        r#"["1","Ada","x",null]"#,
        r#"["2","Bo",null,null]"#,
        r#"["3","Cy","",null]"#,
        r#"["4","Di","y",null]"#,
        r#"["5","Ed","same","4"]"#,
    ]);
    device.page("scans", &["scan_id", "image", "weight"], &[r#"["AAECAw==","/+8=","0.1"]"#], false);
    device.cache.restart_pull().unwrap();
    // Another case, NULL against empty, a space at the end, another parent: equal for some comparison or other.
    device.patients(&[
        r#"["1","ADA","x",null]"#,
        r#"["2","Bo","",null]"#,
        r#"["3","Cy",null,null]"#,
        r#"["4","Di","y ",null]"#,
        r#"["5","Ed","same","3"]"#,
    ]);
    device.page("scans", &["scan_id", "image", "weight"], &[r#"["AAECAw==","/+4=","0.1"]"#], false);
    assert_eq!(
        device.ask("SELECT patient_id, name, quote(remarks), referred_by, _sync_status FROM patients"),
        "1|ADA|'x'|-|synced\n2|Bo|''|-|synced\n3|Cy|NULL|-|synced\n4|Di|'y '|-|synced\n5|Ed|'same'|3|synced"
    );
    assert_eq!(device.ask("SELECT image, weight FROM scans"), "ffee|0.1");
    assert_eq!(device.ask("SELECT count(*) FROM patients WHERE _last_synced_at IS NULL"), "0");
}

#[test]
fn a_second_first_pull_after_many_changes_is_complete_too() {
    let device = Device::new();
    page_of_payments(&device, 1..2_000, false);
    device.write(&["UPDATE payments SET note = 'mine' WHERE payment_id IN (10, 1990)"]);
    device.cache.restart_pull().unwrap();
    // The first 500 changed, some went, the rest is as it was, and some are new.
    let changed = (1..500).map(|key| format!(r#"["{key}","7","2.00",null]"#));
    let lines: Vec<String> =
        changed.chain(payment_lines(700..2_000)).chain(payment_lines(2_000..2_100)).collect();
    device.payments(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(
        device.ask(
            "SELECT count(*), sum(amount = '2.00'), max(payment_id),
                sum(_sync_status = 'pending'), sum(note = 'mine'), sum(_last_synced_at IS NULL) FROM payments"
        ),
        "1899|499|2099|2|2|0"
    );
    assert_eq!(device.ask("SELECT * FROM pragma_integrity_check"), "ok");
}

#[test]
fn a_page_lays_unsent_changes_over_the_servers_row_and_brings_no_deleted_row_back() {
    let device = Device::new();
    device.patients(&[r#"["1","A",null,null]"#, r#"["2","B",null,null]"#]);
    device.write(&[
        "UPDATE patients SET remarks = 'mine' WHERE patient_id = 1",
        "DELETE FROM patients WHERE patient_id = 2",
    ]);
    device.cache.restart_pull().unwrap();
    device.patients(&[r#"["1","A2","theirs",null]"#, r#"["2","B2",null,null]"#, r#"["3","C",null,null]"#]);
    assert_eq!(
        device.ask("SELECT patient_id, name, remarks, _sync_status FROM patients ORDER BY patient_id"),
        "1|A2|mine|pending\n3|C|-|synced"
    );
}

#[test]
fn local_writes_and_reads_go_on_while_a_page_is_written() {
    let device = Device::new();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut sink = device.cache.page_sink("payments").unwrap();
            sink.table("payments", &texts(PAYMENT), &[]).unwrap();
            for id in 1..=60_000 {
                sink.row(&format!(r#"["{id}","1","10.50",null]"#)).unwrap();
            }
            sink.finish(&StreamEnd::default()).unwrap();
            is_done.store(true, Ordering::SeqCst);
        });
        let mut n_writes = 0;
        while n_writes < 5 || !is_done.load(Ordering::SeqCst) {
            device.write(&["INSERT INTO patients (name) VALUES ('meanwhile')"]);
            n_writes += 1;
            assert_eq!(device.ask("SELECT count(*) FROM patients"), n_writes.to_string());
        }
    });
    assert_eq!(device.ask("SELECT count(*) FROM payments"), "60000");
    assert_eq!(progress(&device, "payments").2, 60_000);
}

#[test]
fn long_pages_tell_only_that_the_table_changed() {
    let device = Device::new();
    let rows: Vec<String> = (1..=1_500).map(|id| format!(r#"["{id}","1","1.00",null]"#)).collect();
    let report = device.payments(&rows.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((report.n_rows, report.keys.len()), (1_500, 0));
    let lines: Vec<&str> = rows.iter().map(String::as_str).collect();
    let DeltaOutcome::Applied(changes) = device.delta(0, &[("payments", PAYMENT, &lines)], &[]) else {
        panic!()
    };
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].keys.len(), changes[0].status), (0, Some(SyncStatus::Synced)));
}

#[test]
fn a_table_that_is_set_back_while_a_page_is_on_its_way_loses_no_row() {
    let device = Device::new();
    device.page("rooms", ROOM, &[r#"["A","x"]"#], true);
    let page = |rows: &[&str], more: bool, meanwhile: &dyn Fn()| {
        let mut sink = device.cache.page_sink("rooms").unwrap();
        sink.table("rooms", &texts(ROOM), &[]).unwrap();
        for row in rows {
            sink.row(row).unwrap();
        }
        meanwhile();
        sink.finish(&StreamEnd { more, n_rows: rows.len() as u64, ..StreamEnd::default() }).unwrap()
    };
    for more in [true, false] {
        let report = page(&[r#"["B","x"]"#], more, &|| device.cache.restart_table("rooms").unwrap());
        assert!(!report.complete, "what comes before it is to be read again");
        let state = device.ask("SELECT state, after_key FROM _physio_tables WHERE table_name = 'rooms'");
        assert_eq!(state, "empty|-");
        page(&[r#"["A","x"]"#], true, &|| ());
    }
    assert!(page(&[r#"["B","x"]"#], false, &|| ()).complete);
    assert_eq!(device.ask("SELECT code FROM rooms ORDER BY code"), "A\nB");
}
