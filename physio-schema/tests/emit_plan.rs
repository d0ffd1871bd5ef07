//! A schema and a physio.toml become a plan, or a list of all that is wrong.

#![allow(clippy::unwrap_used)] // what cannot be unwrapped here is a failed test

#[path = "sqlite/model.rs"]
#[allow(dead_code)] // shared with the tests of the cache
mod model;

use model::{auto, column, foreign, int, key, required, schema, table, varchar};
use physio_schema::config::parse;
use physio_schema::model::{ColumnType, KeyKind, ReferentialAction, Schema};
use physio_schema::plan::{ConflictRule, Plan, Storage, Wire, build};

fn config(waves: &str, rest: &str) -> String {
    format!(
        "[app]\nname = \"a\"\ndump = \"a.sql\"\n[server.tokens]\ntable = \"tokens\"\ntoken = \"token\"\n\
         [[waves]]\nname = \"all\"\ntables = [{waves}]\n{rest}\n[access]\nopen = true\n"
    )
}

fn plan(schema: &Schema, waves: &str, rest: &str) -> Plan {
    build(schema, &parse(&config(waves, rest)).unwrap()).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn errors(schema: &Schema, waves: &str, rest: &str) -> Vec<String> {
    let errors = build(schema, &parse(&config(waves, rest)).unwrap()).expect_err("must be refused");
    errors.iter().map(|error| error.to_string().replace("\n  help: ", " => ")).collect()
}

#[test]
fn every_misspelt_name_is_told_at_once_with_its_line_and_the_nearest_name() {
    let found = errors(
        &model::clinic(),
        "\"pateints\", \"roles\", \"roles\"",
        "[tables.roles]\nhidden = [\"nam\"]\n[tables.roles.columns.idd]\nconflict = \"client\"\n\
         [tables.roles.references]\nname = \"branches.id\"\n[tables.branch]\n[tables.visits]",
    );
    let expected = [
        "physio.toml:9: the dump has no table `pateints`; did you mean `patients`? => correct the name or take it out of the wave",
        "physio.toml:9: `roles` is in two waves => keep one of them",
        "physio.toml:16: the dump has no table `branch`; did you mean `branches`? => correct the name or take the entry out",
        "physio.toml:11: no column `nam` in `roles`; did you mean `name`? => correct the name or take the entry out",
        "physio.toml:12: no column `idd` in `roles`; did you mean `id`? => correct the name or take the entry out",
        "physio.toml:17: `visits` has settings but no wave names it => add it to the `tables` of a wave or take the entry out",
        "physio.toml:15: `branches` is not a synced table => add it to a wave or take the line out",
    ];
    assert_eq!(found, expected, "{found:#?}");
}

#[test]
fn the_rest_is_every_table_that_can_be_synced() {
    let mut schema = model::clinic();
    schema.tables.push(table(
        "tokens",
        vec![auto("id", int()), required("token", varchar(64))],
        &["id"],
        vec![],
    ));
    let mut keyless = table("keyless", vec![required("x", int())], &["x"], vec![]);
    keyless.keys.clear();
    schema.tables.push(keyless);
    let plan = plan(&schema, "\"visits\", \"*\"", "");
    assert_eq!(
        plan.waves[0].tables,
        ["visits", "branches", "folders", "notes", "papers", "patients", "roles", "types"]
    );
}

#[test]
fn parents_come_before_their_children() {
    let plan = plan(&model::clinic(), "\"*\"", "");
    let at = |name: &str| plan.tables.iter().position(|table| table.name == name).unwrap();
    assert!(at("branches") < at("patients") && at("patients") < at("visits") && at("visits") < at("notes"));
    assert!(at("folders") < at("papers"));
}

#[test]
fn a_table_without_a_key_is_told_what_to_write() {
    let mut log = table("log", vec![column("uid", varchar(9)), required("at", int())], &["at"], vec![]);
    log.keys = vec![key("uid", KeyKind::Unique, &["uid"])];
    let nullable = errors(&schema(vec![log.clone()]), "\"log\"", "");
    assert_eq!(nullable.len(), 1);
    assert!(
        nullable[0].contains("`log` has no key by which") && nullable[0].contains("key = [\"uid\"]"),
        "{nullable:?}"
    );

    log.keys.clear();
    let none = errors(&schema(vec![log.clone()]), "\"log\"", "");
    assert!(
        none[0].contains("ALTER TABLE log ADD COLUMN row_id") && none[0].contains("[tables.log]"),
        "{none:?}"
    );
    let named = errors(&schema(vec![log.clone()]), "\"log\"", "[tables.log]\nkey = [\"at\"]");
    assert!(named[0].starts_with("physio.toml:11: `key` of `log`: no UNIQUE key"), "{named:?}");

    log.keys = vec![key("z", KeyKind::Unique, &["at"])];
    assert_eq!(plan(&schema(vec![log.clone()]), "\"log\"", "").tables[0].key, [1]);
    let hidden = errors(&schema(vec![log]), "\"log\"", "[tables.log]\nhidden = [\"at\"]\nwritable = false");
    assert!(hidden[0].contains("`log.at` is hidden, but rows are told apart by it"), "{hidden:?}");
}

#[test]
fn a_hidden_column_that_an_insert_must_name_is_refused() {
    let users = table("users", vec![auto("id", int()), required("hash", varchar(99))], &["id"], vec![]);
    let hidden = "[tables.users]\nhidden = [\"hash\"]\n";
    let found = errors(&schema(vec![users.clone()]), "\"users\"", hidden);
    assert!(found[0].contains("`users.hash` is hidden, but an INSERT must name it"), "{found:?}");
    let plan = plan(&schema(vec![users]), "\"users\"", &format!("{hidden}writable = false"));
    assert_eq!(plan.tables[0].columns.len(), 1);
    assert!(
        !serde_json::to_string(&plan).unwrap().contains("hash"),
        "a hidden column is nowhere in the plan"
    );
}

#[test]
fn conflict_rules_go_from_column_to_table_to_manual() {
    let rules = |rest: &str| {
        let plan = plan(&model::clinic(), "\"*\"", rest);
        let table = plan.table("patients").unwrap();
        let rule = |name: &str| table.columns[table.position(name).unwrap()].conflict;
        (rule("name"), rule("remarks"), rule("updated_at"))
    };
    use ConflictRule::{Client, Manual, Server};
    assert_eq!(rules(""), (Manual, Manual, Client), "a column that moves by itself stops no edit");
    let own =
        "[tables.patients]\nconflict = \"server\"\n[tables.patients.columns.remarks]\nconflict = \"client\"";
    assert_eq!(rules(own), (Server, Client, Server));
}

#[test]
fn storage_wire_and_keys_follow_the_type() {
    let plan = plan(&model::clinic(), "\"*\"", "");
    let types = plan.table("types").unwrap();
    let of = |name: &str| {
        let column = &types.columns[types.position(name).unwrap()];
        (column.storage, column.wire)
    };
    assert_eq!(of("tiny"), (Storage::Integer, Wire::Text));
    assert_eq!(of("huge"), (Storage::Unsigned64, Wire::Text));
    assert_eq!(of("money"), (Storage::Text, Wire::Text));
    assert_eq!(of("half"), (Storage::Real, Wire::Float));
    assert_eq!(of("bits"), (Storage::Integer, Wire::Bits));
    assert_eq!(of("raw"), (Storage::Blob, Wire::Base64));
    let notes = plan.table("notes").unwrap();
    assert_eq!(notes.columns[0].storage, Storage::Integer, "a temporary key must fit SQLite's own key");
    assert_eq!((notes.temporary_key, types.temporary_key), (Some(0), None));
    assert_eq!(notes.id, 18_589_324, "CRC-32 of the name, as the server computes it");
}

#[test]
fn references_are_the_dumps_and_physio_tomls() {
    let plan = plan(&model::clinic(), "\"*\"", "[tables.types.references]\ntiny = \"branches.id\"");
    let types = plan.table("types").unwrap();
    assert_eq!((types.references[0].enforced, types.references[0].table.as_str()), (false, "branches"));
    let visits = plan.table("visits").unwrap();
    assert_eq!(
        (visits.references[0].enforced, visits.references[0].on_delete),
        (true, ReferentialAction::Cascade)
    );
    let found = errors(&model::clinic(), "\"*\"", "[tables.types.references]\ntiny = \"branches.idd\"");
    assert_eq!(
        found,
        [
            "physio.toml:11: no column `idd` in `branches`; did you mean `id`? => name a visible column of that table"
        ]
    );
}

#[test]
fn a_circle_of_references_still_has_an_order() {
    let circle = |name: &str, other: &str| {
        let mut one = table(name, vec![auto("id", int()), column("other", int())], &["id"], vec![]);
        one.foreign_keys = vec![foreign("fk", &["other"], other, &["id"], Default::default())];
        one
    };
    let plan = plan(&schema(vec![circle("b", "a"), circle("a", "b")]), "\"b\", \"a\"", "");
    assert_eq!(plan.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_child_of_a_circle_waits_for_its_parent_in_the_circle() {
    let one = |name: &str, other: &str| {
        let mut one = table(name, vec![auto("id", int()), column("other", int())], &["id"], vec![]);
        one.foreign_keys = vec![foreign("fk", &["other"], other, &["id"], Default::default())];
        one
    };
    let plan = plan(&schema(vec![one("a", "b"), one("b", "c"), one("c", "b")]), "\"*\"", "");
    assert_eq!(plan.tables.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["b", "a", "c"]);
}

#[test]
fn a_plan_survives_its_json() {
    let plan = plan(&model::clinic(), "\"*\"", "");
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
}

#[test]
fn the_fingerprint_sees_what_matters_and_nothing_else() {
    let before = plan(&model::clinic(), "\"*\"", "");
    let with = |change: &dyn Fn(&mut Schema)| {
        let mut schema = model::clinic();
        change(&mut schema);
        plan(&schema, "\"*\"", "").fingerprint
    };
    let patients =
        |schema: &mut Schema| schema.tables.iter().position(|table| table.name == "patients").unwrap();
    let same: [&dyn Fn(&mut Schema); 4] = [
        &|schema| schema.tables[0].comment = "c".into(),
        &|schema| {
            let at = patients(schema);
            schema.tables[at].keys[1..].reverse();
        },
        &|schema| {
            let at = patients(schema);
            schema.tables[at].columns[2].comment = "c".into();
        },
        &|schema| {
            let at = patients(schema);
            schema.tables[at].keys.pop();
        },
    ];
    for change in same {
        assert_eq!(with(change), before.fingerprint);
    }
    let different: [&dyn Fn(&mut Schema); 6] = [
        &|schema| {
            let at = patients(schema);
            schema.tables[at].columns[2].nullable = true;
        },
        &|schema| {
            let at = patients(schema);
            schema.tables[at].columns[8].column_type = ColumnType::Varchar { length: 21 };
        },
        &|schema| {
            let at = patients(schema);
            schema.tables[at].columns.swap(2, 3);
        },
        &|schema| {
            let at = patients(schema);
            schema.tables[at].foreign_keys[0].on_delete = ReferentialAction::Cascade;
        },
        &|schema| {
            let at = patients(schema);
            schema.tables[at].keys[1].kind = KeyKind::Index;
        },
        &|schema| {
            let at = patients(schema);
            schema.tables[at].columns[4].default =
                physio_schema::model::ColumnDefault::Literal("1.00".into());
        },
    ];
    for (index, change) in different.into_iter().enumerate() {
        assert_ne!(with(change), before.fingerprint, "change {index}");
    }
    assert_ne!(
        plan(&model::clinic(), "\"*\"", "[tables.patients]\nhidden = [\"secret\"]").fingerprint,
        before.fingerprint
    );
}

#[test]
fn former_names_are_in_the_plan_and_in_no_fingerprint() {
    let rest = "[tables.roles]\nrenamed_from = \"duties\"\n[tables.roles.columns.name]\nrenamed_from = [\"title\", \"label\"]\n";
    let (plain, renamed) =
        (plan(&model::clinic(), "\"roles\"", ""), plan(&model::clinic(), "\"roles\"", rest));
    assert_eq!(renamed.fingerprint, plain.fingerprint);
    let seen: Vec<_> = renamed
        .renames
        .iter()
        .map(|rename| (rename.table.as_str(), rename.column.as_deref(), rename.from.as_str()))
        .collect();
    assert_eq!(
        seen,
        [("roles", None, "duties"), ("roles", Some("name"), "title"), ("roles", Some("name"), "label")]
    );
    let json = serde_json::to_string(&plain).unwrap();
    assert!(!json.contains("renames"), "plans without former names read as they always did");
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plain);
}

#[test]
fn a_former_name_that_is_in_use_or_claimed_twice_is_refused() {
    let found = errors(
        &model::clinic(),
        "\"roles\", \"branches\"",
        "[tables.roles]\nrenamed_from = [\"branches\", \"old\"]\n[tables.roles.columns.name]\nrenamed_from = \"id\"\n\
         [tables.branches]\nrenamed_from = [\"old\", \"\"]\n",
    );
    let expected = [
        "physio.toml:14: both `branches` and `roles` are renamed from `old` => keep it where the rows of the old table belong",
        "physio.toml:11: `roles` is renamed from `branches`, but the dump has a table `branches` => a name that is in use is not a former one: take it out",
    ];
    for line in expected {
        assert!(
            found.iter().any(|found| found.split(": ").skip(1).eq(line.split(": ").skip(1))),
            "{line}: {found:#?}"
        );
    }
    assert!(
        found
            .iter()
            .any(|found| found.contains("`roles.name` is renamed from `id`, but `roles` has a column `id`")),
        "{found:#?}"
    );
    assert!(found.iter().any(|found| found.contains("was not called \"\"")), "{found:#?}");
    assert!(found.iter().all(|found| found.starts_with("physio.toml:1")), "each with its line: {found:#?}");
}
