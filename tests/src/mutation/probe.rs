//! The probe: an application in one file that names every item `schema!` generates, with its type.

use physio_schema::describe::{ColumnItems, Description, FieldType, InsertPlace, TableItems};

/// Source of a program that compiles exactly as long as nothing it names is gone or different.
///
/// `config` is the path that its `schema!` takes.
///
/// ```
/// use physio_schema::{describe::describe, plan};
/// use physio_tests::mutation::{config_of, probe::source, read};
/// let schema = read("CREATE TABLE t (id int PRIMARY KEY, a decimal(5,2))").unwrap();
/// let description = describe(&plan::build(&schema, &config_of(&[])).unwrap(), &schema);
/// let text = source(&description, "physio.toml");
/// assert!(text.contains("let _: Option<Decimal> = row.a;"));
/// ```
pub fn source(description: &Description, config: &str) -> String {
    let tables: String = description.tables.iter().map(table_source).collect();
    format!(
        "#![allow(warnings)]\n\
         mod schema {{ physio_runtime::schema!({config:?}); }}\n\
         use physio_runtime::types::*;\nuse schema::*;\n\
         fn any<T>() -> T {{ loop {{}} }}\n\
         const fn is_same(a: &str, b: &str) -> bool {{\n\
             let (a, b) = (a.as_bytes(), b.as_bytes());\n\
             let mut at = 0;\n\
             while at < a.len() && at < b.len() && a[at] == b[at] {{ at += 1; }}\n\
             at == a.len() && at == b.len()\n\
         }}\n\
         const fn has(list: &[&str], text: &str) -> bool {{\n\
             let mut at = 0;\n\
             while at < list.len() {{ if is_same(list[at], text) {{ return true; }} at += 1; }}\n\
             false\n\
         }}\n\
         {tables}\nfn main() {{}}\n"
    )
}

fn table_source(table: &TableItems) -> String {
    let (row, module) = (&table.row, &table.module);
    let mut body = String::new();
    for column in &table.columns {
        let read = option(column.is_option, &column.field_type);
        body.push_str(&format!("    let _: {read} = row.{};\n", column.field));
        body.push_str(&format!(
            "    let _: Column<{row}, {read}> = schema::{module}::{};\n",
            column.constant
        ));
    }
    let key: Vec<String> = table.key.iter().map(|&at| table.columns[at].field_type.name()).collect();
    let key_type = if key.len() == 1 { key[0].clone() } else { format!("({})", key.join(", ")) };
    body.push_str(&format!("    let _: fn(&{row}) -> {key_type} = <{row} as physio_runtime::Table>::key;\n"));
    if table.writable {
        let given = |place: InsertPlace, name: fn(&ColumnItems) -> &String| {
            let of_place = table.columns.iter().filter(move |column| column.insert == place);
            let given = of_place.map(|column| {
                let given = option(place == InsertPlace::Optional, &column.field_type);
                format!("{}: any::<{given}>()", name(column))
            });
            given.collect::<Vec<_>>().join(", ")
        };
        body.push_str(&format!(
            "    let _ = {} {{ {}{}optional: {} {{ {}..Default::default() }} }};\n",
            table.insert,
            given(InsertPlace::Required, |column| &column.insert_field),
            comma_unless_empty(&given(InsertPlace::Required, |column| &column.insert_field)),
            table.optional,
            with_comma(given(InsertPlace::Optional, |column| &column.field)),
        ));
        let patched = table.columns.iter().filter(|column| column.in_patch).map(|column| {
            let set = option(column.nullable, &column.field_type);
            format!("{}: any::<Option<{set}>>(), ", column.field)
        });
        let patched: String = patched.collect();
        body.push_str(&format!("    let _ = {} {{ {patched}..Default::default() }};\n", table.patch));
    }
    let mut text =
        format!("fn use_{module}(row: {row}) {{\n{body}}}\n", module = module.trim_start_matches("r#"));
    let names: Vec<&str> = table.key.iter().map(|&at| table.columns[at].name.as_str()).collect();
    text.push_str(&format!(
        "const _: () = assert!(<{row} as physio_runtime::Table>::KEY.len() == {});\n",
        names.len()
    ));
    for (at, name) in names.iter().enumerate() {
        text.push_str(&format!(
            "const _: () = assert!(is_same(<{row} as physio_runtime::Table>::KEY[{at}], {name:?}));\n"
        ));
    }
    for member_type in &table.member_types {
        let name = &member_type.name;
        let variants = member_type.variants.iter();
        let variants: Vec<String> = variants.map(|variant| format!("{name}::{}", variant.name)).collect();
        text.push_str(&format!("const _: &[{name}] = &[{}];\n", variants.join(", ")));
        for variant in &member_type.variants {
            let members = format!("<{name} as Member>::MEMBERS");
            text.push_str(&format!("const _: () = assert!(has({members}, {:?}));\n", variant.text));
        }
    }
    text
}

fn option(is_option: bool, field_type: &FieldType) -> String {
    let name = field_type.name();
    if is_option { format!("Option<{name}>") } else { name }
}

fn comma_unless_empty(text: &str) -> &'static str {
    if text.is_empty() { "" } else { ", " }
}

fn with_comma(text: String) -> String {
    let comma = comma_unless_empty(&text);
    format!("{text}{comma}")
}
