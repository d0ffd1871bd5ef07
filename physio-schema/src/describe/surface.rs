//! What code can rely on, as a set of facts that two descriptions are compared by.

use super::{Description, InsertPlace, TableItems};
use std::collections::BTreeSet;

/// Everything that code may name of the generated items, and everything that it must name.
///
/// Two surfaces tell what the compiler will say of code that uses all of the older one; `cargo xtask mutate`
/// holds that against the compiler itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surface {
    /// `Orders.id: i64`, `OrdersStatus::Open = "open"`, `Orders::Key = i64`.
    offers: BTreeSet<String>,
    /// `OrdersInsert` and `price`: an insert does not compile without it.
    demands: BTreeSet<(String, String)>,
}

impl Surface {
    /// The surface of a description.
    pub fn of(description: &Description) -> Self {
        let mut surface = Self::default();
        description.tables.iter().for_each(|table| surface.add(table));
        surface
    }

    /// Why code that uses all of `self` does not compile with `newer`; empty when it does.
    ///
    /// ```
    /// use physio_schema::{config, describe::{describe, Surface}, dump, plan};
    /// let config = config::parse("[app]\nname = \"shop\"\ndump = \"shop.sql\"\n[server.tokens]\ntable = \"tokens\"\n\
    ///     token = \"token\"\n[access]\nopen = true\n[[waves]]\nname = \"all\"\ntables = [\"*\"]").unwrap();
    /// let surface = |sql: &str| {
    ///     let schema = dump::parse(sql.as_bytes(), &dump::DumpOptions::default()).unwrap().schema;
    ///     Surface::of(&describe(&plan::build(&schema, &config).unwrap(), &schema))
    /// };
    /// let older = surface("CREATE TABLE lines (id int PRIMARY KEY, price decimal(6,2))");
    /// let newer = surface("CREATE TABLE lines (id int PRIMARY KEY, price double, note text)");
    /// assert!(older.broken_by(&newer)[0].contains("Lines.price: Option<Decimal>"));
    /// ```
    pub fn broken_by(&self, newer: &Self) -> Vec<String> {
        let gone = self.offers.difference(&newer.offers).map(|fact| format!("there is no `{fact}`"));
        // What was not there could not be written out.
        let is_known = |insert: &str| self.offers.contains(&format!("struct {insert}"));
        let demanded = newer.demands.difference(&self.demands).filter(|(insert, _)| is_known(insert));
        let demanded = demanded.map(|(insert, field)| format!("missing `{insert}.{field}`"));
        gone.chain(demanded).collect()
    }

    fn add(&mut self, table: &TableItems) {
        let row = &table.row;
        self.offers.insert(format!("mod {} of `{}`", table.module, table.name));
        if table.writable {
            self.offers.insert(format!("struct {}", table.insert));
        }
        for column in &table.columns {
            let name = column.field_type.name();
            let read = if column.is_option { format!("Option<{name}>") } else { name.clone() };
            self.offers.insert(format!("{row}.{}: {read}", column.field));
            self.offers.insert(format!("{}::{}: {read} = {:?}", table.module, column.constant, column.name));
            if !table.writable {
                continue;
            }
            let (insert, optional) = (&table.insert, &table.optional);
            match column.insert {
                InsertPlace::Required => {
                    self.offers.insert(format!("{insert}.{}: {name}", column.insert_field));
                    self.demands.insert((insert.clone(), column.insert_field.clone()));
                }
                InsertPlace::Optional => {
                    self.offers.insert(format!("{optional}.{}: Option<{name}>", column.field));
                }
                InsertPlace::Absent => {}
            }
            if column.in_patch {
                let set = if column.nullable { format!("Option<{name}>") } else { name };
                self.offers.insert(format!("{}.{}: Option<{set}>", table.patch, column.field));
            }
        }
        let key: Vec<String> = table.key.iter().map(|&at| table.columns[at].field_type.name()).collect();
        let names: Vec<&str> = table.key.iter().map(|&at| table.columns[at].name.as_str()).collect();
        self.offers.insert(format!("{row}::Key = ({}) of ({})", key.join(", "), names.join(", ")));
        for member_type in &table.member_types {
            for variant in &member_type.variants {
                self.offers.insert(format!("{}::{} = {:?}", member_type.name, variant.name, variant.text));
            }
        }
    }
}
