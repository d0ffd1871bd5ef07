//! Synthetic rows for any schema: right types, whole foreign keys, unique keys, and the values that break things.
//!
//! Every row is a function of the seed, the table and the row's number. Two runs give the same rows, and a
//! foreign key can be drawn before its parent's row exists.

mod layout;
mod load;
mod text;
mod value;
mod wild;

pub use load::{load_embedded, load_mysql};

use layout::{Layout, Role};
use physio_schema::model::{Schema, Table};
use std::collections::BTreeMap;

/// One row in wire spelling: every column of the table in order, generated columns left out.
pub type Row = Vec<Option<String>>;

/// Rows for the tables of a schema.
///
/// ```
/// use physio_schema::model::Schema;
/// use physio_tests::data::Generator;
/// let schema = Schema::default();
/// let generator = Generator::new(&schema, 7, &[]);
/// assert_eq!(generator.tables().count(), 0);
/// ```
#[derive(Debug)]
pub struct Generator<'s> {
    seed: u64,
    is_wild: bool,
    layouts: BTreeMap<&'s str, Layout<'s>>,
}

impl<'s> Generator<'s> {
    /// Plans `n` rows for each named table, and a few for every table that they refer to. Where unique keys
    /// allow fewer rows, there are fewer.
    ///
    /// # Panics
    ///
    /// When the schema has no such table.
    pub fn new(schema: &'s Schema, seed: u64, wanted: &[(&str, u64)]) -> Self {
        let mut n_rows: BTreeMap<&str, u64> = BTreeMap::new();
        let mut waiting: Vec<(&Table, u64)> = Vec::new();
        for (name, n) in wanted {
            waiting
                .push((schema.table(name).unwrap_or_else(|| panic!("the schema has no table `{name}`")), *n));
        }
        while let Some((table, n)) = waiting.pop() {
            let is_new = !n_rows.contains_key(table.name.as_str());
            let entry = n_rows.entry(&table.name).or_default();
            *entry = n.max(*entry);
            if is_new {
                let parents = table.foreign_keys.iter().filter_map(|key| schema.table(&key.referenced_table));
                waiting.extend(parents.map(|parent| (parent, 12)));
            }
        }
        let layouts =
            n_rows.iter().filter_map(|(name, &n)| Some((*name, Layout::new(schema.table(name)?, n))));
        let mut generator = Self { seed, is_wild: false, layouts: layouts.collect() };
        generator.cap_by_unique_keys();
        generator
    }

    /// Draws from all that a column can hold instead of what an application would write: any bits, any
    /// characters, days that only MySQL has. Columns of unique keys and foreign keys are drawn as before.
    pub fn wild(mut self) -> Self {
        self.is_wild = true;
        self
    }

    /// The tables with the number of their rows, parents and children in no particular order.
    pub fn tables(&self) -> impl Iterator<Item = (&'s Table, u64)> {
        self.layouts.values().map(|layout| (layout.table, layout.n_rows))
    }

    /// The written columns of a table, in the order of its rows' values.
    pub fn columns(&self, table: &str) -> Vec<&'s str> {
        self.layouts[table].written().map(|(_, column)| column.name.as_str()).collect()
    }

    /// The row of that number, from 0.
    pub fn row(&self, table: &str, number: u64) -> Row {
        let layout = &self.layouts[table];
        layout.written().map(|(position, _)| self.cell(layout, position, number)).collect()
    }

    /// All rows of a table.
    pub fn rows<'g>(&'g self, table: &'g str) -> impl Iterator<Item = Row> + 'g {
        (0..self.layouts[table].n_rows).map(move |number| self.row(table, number))
    }

    fn cell(&self, layout: &Layout<'s>, position: usize, number: u64) -> Option<String> {
        let column = &layout.table.columns[position];
        let mut random = value::random(self.seed, &layout.table.name, &column.name, number);
        match &layout.roles[position] {
            Role::Parent { table, column: parent_column, radix } => {
                let parent = self.layouts.get(table.as_str());
                let parent = parent.filter(|parent| parent.n_rows > 0)?;
                let place = match radix {
                    Some(radix) => number / radix % parent.n_rows,
                    None if column.nullable && random.u8(..) < 40 => return None,
                    // A row that refers to its own table refers to an earlier row.
                    None if parent.table.name == layout.table.name => match number {
                        0 if column.nullable => return None,
                        0 => 0,
                        _ => random.u64(..number),
                    },
                    None => random.u64(..parent.n_rows),
                };
                let position = parent.table.columns.iter().position(|known| known.name == *parent_column)?;
                self.cell(parent, position, place)
            }
            Role::Sequence { divisor } => Some(value::sequential(column, number / divisor)),
            Role::Digit { radix } => Some(value::member(column, number / radix)),
            Role::Free { is_json } if self.is_wild => wild::wild(layout.table, column, *is_json, &mut random),
            Role::Free { is_json } => value::free(layout.table, column, *is_json, number, &mut random),
        }
    }

    /// Unique keys of foreign keys and small types alone allow only so many rows.
    fn cap_by_unique_keys(&mut self) {
        let counts: BTreeMap<String, u64> =
            self.layouts.iter().map(|(name, layout)| ((*name).to_owned(), layout.n_rows)).collect();
        for layout in self.layouts.values_mut() {
            layout.settle(&counts);
        }
    }
}
