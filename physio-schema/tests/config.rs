//! physio.toml: every option is shown in the reference, and every mistake is told with its line.

#![allow(clippy::unwrap_used)] // what cannot be unwrapped here is a failed test

use physio_schema::config::{REFERENCE, parse};
use physio_schema::plan::ConflictRule;

fn errors(text: &str) -> Vec<String> {
    parse(text).expect_err("must be refused").iter().map(ToString::to_string).collect()
}

/// The smallest valid file, with something added.
fn with(extra: &str) -> String {
    format!(
        "[app]\nname = \"a\"\ndump = \"a.sql\"\n[server.tokens]\ntable = \"t\"\ntoken = \"k\"\n\
         [[waves]]\nname = \"w\"\ntables = [\"*\"]\n{extra}"
    )
}

#[test]
fn the_smallest_file_gets_the_documented_defaults() {
    let config = parse(&with("")).unwrap();
    let documented = parse(REFERENCE).unwrap();
    assert_eq!(config.sync, documented.sync);
    assert_eq!(config.server.time_zone, documented.server.time_zone);
    assert_eq!(config.server.tokens.user, None);
}

#[test]
fn the_reference_shows_every_option() {
    let sections =
        ["[app]", "[server]", "[server.tokens]", "[sync]", "[[waves]]", "[tables.x]", "[tables.x.columns.y]"];
    for section in sections {
        let text = match section {
            "[app]" => "[app]\nqqqq = 1".to_owned(),
            "[server]" => "[app]\nname=\"\"\ndump=\"\"\n[server]\nqqqq = 1".to_owned(),
            "[server.tokens]" => "[app]\nname=\"\"\ndump=\"\"\n[server.tokens]\nqqqq = 1".to_owned(),
            _ => with(&format!("{section}\nqqqq = 1")),
        };
        let error = &parse(&text).expect_err(section)[0];
        let names: Vec<&str> = error.message.split('`').skip(3).step_by(2).collect();
        assert!(!names.is_empty(), "{section}: {error}");
        for name in names {
            let shown = REFERENCE.lines().any(|line| {
                line.starts_with(&format!("{name} = "))
                    || line.starts_with(&format!("[tables.orders.{name}."))
                    || line.starts_with(&format!("[server.{name}]"))
                    || line.starts_with(&format!("[app.{name}]"))
            });
            assert!(shown, "the reference does not show `{name}` of {section}");
        }
    }
}

#[test]
fn every_value_of_the_reference_is_read() {
    let config = parse(REFERENCE).unwrap();
    let orders = &config.tables["orders"];
    assert_eq!(config.app.dump, "schema/shop.sql");
    assert_eq!(config.server.tokens.expires.as_deref(), Some("expires_at"));
    assert_eq!(orders.hidden, ["card_number"]);
    assert_eq!((orders.writable, orders.stale_after_s), (Some(true), Some(10)));
    assert_eq!(orders.conflict, Some(ConflictRule::Manual));
    assert_eq!(orders.key.as_deref(), Some(&["order_id".to_owned()][..]));
    assert_eq!(orders.references["customer_id"], "customers.customer_id");
    assert_eq!(orders.columns["remarks"].conflict, Some(ConflictRule::Client));
    assert_eq!(orders.renamed_from.0, ["purchases"]);
    assert_eq!(orders.columns["remarks"].renamed_from.0, ["notes", "note"]);
}

#[test]
fn the_projects_own_file_is_valid() {
    let config = parse(include_str!("../../physio.toml")).unwrap();
    assert_eq!(config.waves.iter().map(|wave| wave.tables.len()).sum::<usize>(), 17);
    assert_eq!(config.server.time_zone.minutes(), 330);
}

#[test]
fn a_misspelt_option_is_told_with_its_line_and_the_right_name() {
    let found = errors(&with("[tables.orders]\nstale_after_s = 5\nhiden = []"));
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("physio.toml:12: unknown field `hiden`"), "{found:?}");
    assert!(found[0].ends_with("help: did you mean `hidden`?"), "{found:?}");
}

#[test]
fn a_named_zone_is_refused_with_what_to_write() {
    let text = with("").replace("[server.tokens]", "[server]\ntime_zone = \"Asia/Kolkata\"\n[server.tokens]");
    let found = errors(&text);
    assert!(found[0].starts_with("physio.toml:5:") && found[0].contains("`+05:30`"), "{found:?}");
}

#[test]
fn all_settings_out_of_range_are_told_at_once() {
    let found = errors(&with(
        "[[waves]]\nname = \"w\"\ntables = []\n[sync]\ninterval_s = 0\npush_bytes = 200000\n\
         [tables.orders.references]\ncustomer_id = \"customers\"",
    ));
    let lines: Vec<&str> = found.iter().map(|e| e.split(": ").next().unwrap()).collect();
    assert_eq!(lines, ["physio.toml:14", "physio.toml:15", "physio.toml:11", "physio.toml:17"], "{found:#?}");
}

#[test]
fn a_former_name_is_a_text_or_a_list_of_texts() {
    let found = errors(&with("[tables.orders]\nrenamed_from = 7"));
    assert!(found[0].contains("a former name or a list of former names"), "{found:?}");
    assert!(found[0].starts_with("physio.toml:11:"), "{found:?}");
}

#[test]
fn broken_toml_is_told_with_its_line() {
    assert!(errors("[app]\nname = \n").first().is_some_and(|e| e.starts_with("physio.toml:2:")));
    assert!(errors("").first().is_some_and(|e| e.contains("missing field `app`")));
}

#[test]
fn places_fall_back_to_the_enclosing_entry() {
    let config = parse(&with("[tables.orders]\nhidden = [\n  \"a\",\n  \"b\",\n]")).unwrap();
    assert_eq!(config.places.line("tables.orders.hidden[1]"), Some(13));
    assert_eq!(config.places.line("tables.orders.key[3]"), Some(10));
    assert_eq!(config.places.line("nothing.at.all"), None);
}
