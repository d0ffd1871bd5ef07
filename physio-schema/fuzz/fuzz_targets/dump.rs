//! Any bytes as a dump: no panic, and pieces change nothing.

#![no_main]

use libfuzzer_sys::fuzz_target;
use physio_schema::dump::{
    Dump, DumpErrors, DumpOptions, Flavour, Server, StructureFilter, parse, parse_chunks,
};
use physio_schema::facts::TableFacts;

fuzz_target!(|input: &[u8]| {
    let Some((choice, sql)) = input.split_first() else { return };
    let version = if choice & 1 == 0 { 101_100 } else { 80_036 };
    let flavour = if choice & 1 == 0 { Flavour::MariaDb } else { Flavour::MySql };
    let options = DumpOptions {
        server: (choice & 2 == 0).then_some(Server { flavour, version }),
        every_database: choice & 4 == 0,
        explicit_timestamps: (choice & 8 != 0).then_some(false),
        foreign_key_checks: (choice & 16 != 0).then_some(false),
        ..DumpOptions::default()
    };
    let whole = parse(sql, &options);
    // Half of the inputs are read a second time, so that more of them are read.
    if choice & 128 != 0 {
        let step = usize::from(choice >> 5 & 3) * 21 + 1;
        assert_eq!(parse_chunks(sql.chunks(step), &options), whole, "in pieces of {step}");
    }
    describe(&whole);
    let (mut filter, mut kept) = (StructureFilter::new(), Vec::new());
    filter.feed(sql, &mut kept);
    filter.finish(&mut kept);
    assert!(kept.len() <= sql.len(), "a filter adds nothing");
});

/// Everything that is printed of a dump can be printed.
fn describe(result: &Result<Dump, DumpErrors>) {
    let dump = match result {
        Ok(dump) => dump,
        Err(errors) => {
            assert!(errors.errors.iter().all(|error| error.line > 0 && !error.message.is_empty()));
            assert!(!errors.to_string().is_empty());
            &errors.partial
        }
    };
    for (name, schema) in &dump.databases {
        for table in &schema.tables {
            assert!(!TableFacts::of(name.as_deref(), table).lines().is_empty());
        }
    }
}
