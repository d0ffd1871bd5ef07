//! Lines of the server as rows of the plan: which field belongs to which column.
//!
//! Both sides need not have the same columns. What only the server has is passed over. What only the plan has
//! keeps its local value, if the column can do without one of the server's.

use super::{Cells, RowKey, bound};
use crate::cache::line::{NotARow, for_each_field};
use crate::cache::outbox;
use crate::cache::report::Operation;
use crate::{Error, ErrorKind, Result};
use physio_schema::codec::{Cell, CodecError, cell_from_captured, cell_from_wire};
use physio_schema::plan::{ColumnPlan, TablePlan};
use physio_schema::sqlite::quote_identifier;
use rusqlite::{Connection, Statement};
use std::borrow::Cow;

/// SQLite takes more, but a statement of more would not be the faster for it.
const MAX_PARAMETERS: usize = 2_000;

/// Whether rows can be pulled without this column: its readers know NULL, or SQLite fills in its default.
pub(crate) fn can_lack(column: &ColumnPlan) -> bool {
    column.nullable || (column.optional && !column.generated)
}

/// Which column of the plan each field of a line belongs to.
#[derive(Debug, Clone)]
pub(in crate::cache) struct Layout {
    /// By field; `None`: a column that only the server has.
    columns: Vec<Option<usize>>,
    /// Columns that only the plan has.
    lacking: Vec<usize>,
    /// The upsert of the columns that both have, where the plan's own does not do.
    upsert: Option<String>,
}

impl Layout {
    /// Finds every field's column.
    ///
    /// # Errors
    ///
    /// The name of the first column that the plan cannot do without, or that comes twice.
    pub(in crate::cache) fn new(table: &TablePlan, names: &[String]) -> Result<Self, String> {
        let columns: Vec<Option<usize>> = names.iter().map(|name| table.position(name)).collect();
        if let Some((_, twice)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
            return Err(twice.clone());
        }
        let lacking: Vec<usize> =
            (0..table.columns.len()).filter(|position| !columns.contains(&Some(*position))).collect();
        let needed =
            |position: &&usize| table.key.contains(position) || !can_lack(&table.columns[**position]);
        if let Some(&missing) = lacking.iter().find(needed) {
            return Err(table.columns[missing].name.clone());
        }
        let upsert = (!lacking.is_empty()).then(|| upsert_of_rows(table, &lacking, 1));
        Ok(Self { columns, lacking, upsert })
    }

    /// Positions of the columns that only the plan has.
    pub(in crate::cache) fn lacking(&self) -> impl Iterator<Item = usize> {
        self.lacking.iter().copied()
    }

    /// The statement that takes what `bind` binds, where it is not the plan's `upsert`.
    pub(in crate::cache) fn upsert(&self) -> Option<&str> {
        self.upsert.as_deref()
    }

    /// The upsert of so many rows at once; its last parameter is `_last_synced_at`. `None` where rows go one by one.
    pub(in crate::cache) fn group_upsert(&self, table: &TablePlan, n_rows: usize) -> Option<String> {
        let n_parameters = n_rows * table.columns.len() + 1;
        (self.lacking.is_empty() && n_parameters <= MAX_PARAMETERS)
            .then(|| upsert_of_rows(table, &[], n_rows))
    }

    /// Binds the fields of a line to a row of the upsert (0: the first), in plan order.
    pub(in crate::cache) fn bind(
        &self,
        table: &TablePlan,
        line: &str,
        row: usize,
        statement: &mut Statement<'_>,
    ) -> Result<()> {
        let first = row * table.columns.len() + 1;
        self.fields(table, line, |column, field| {
            let cell = cell_from_wire(&table.columns[column], field)?;
            Ok(statement.raw_bind_parameter(first + column, bound(&cell))?)
        })
    }

    /// The cells of a line in plan order; those of columns that the server lacks are the local row's, as it was before
    /// its unsent changes: nothing of them is the server's.
    pub(in crate::cache) fn read(
        &self,
        connection: &Connection,
        table: &TablePlan,
        line: &str,
    ) -> Result<Cells<'static>> {
        let mut cells = vec![Cell::Null; table.columns.len()];
        self.fields(table, line, |column, field| {
            cells[column] = cell_from_wire(&table.columns[column], field)?.into_owned();
            Ok(())
        })?;
        self.fill(connection, table, &mut cells)?;
        Ok(cells)
    }

    /// As [`read`](Self::read), of a row that came as a list.
    pub(in crate::cache) fn cells(
        &self,
        connection: &Connection,
        table: &TablePlan,
        fields: &[Option<String>],
    ) -> Result<Cells<'static>> {
        if fields.len() != self.columns.len() {
            return Err(LineError::Shape.in_table(table));
        }
        let mut cells = vec![Cell::Null; table.columns.len()];
        for (column, field) in self.columns.iter().zip(fields) {
            if let Some(column) = *column {
                cells[column] = cell_from_wire(&table.columns[column], field.as_deref())?.into_owned();
            }
        }
        self.fill(connection, table, &mut cells)?;
        Ok(cells)
    }

    /// The row key of a line, as the wire spells it.
    pub(in crate::cache) fn wire_key(&self, table: &TablePlan, line: &str) -> Result<String> {
        let mut key: Vec<Option<String>> = vec![None; table.key.len()];
        self.fields(table, line, |column, field| {
            if let Some(part) = table.key.iter().position(|key| *key == column) {
                key[part] = field.map(str::to_owned);
            }
            Ok(())
        })?;
        // Text and nulls always serialise.
        Ok(serde_json::to_string(&key).unwrap_or_default())
    }

    /// Hands over the fields whose column the plan has; a line must have one field per column of the server.
    fn fields(
        &self,
        table: &TablePlan,
        line: &str,
        mut take: impl FnMut(usize, Option<&str>) -> Result<(), LineError>,
    ) -> Result<()> {
        let mut n_fields = 0;
        for_each_field(line, |position, field: Option<Cow<'_, str>>| {
            n_fields += 1;
            match *self.columns.get(position).ok_or(NotARow)? {
                Some(column) => take(column, field.as_deref()),
                None => Ok(()),
            }
        })
        .and_then(|()| if n_fields == self.columns.len() { Ok(()) } else { Err(NotARow.into()) })
        .map_err(|error: LineError| error.in_table(table))
    }

    fn fill(&self, connection: &Connection, table: &TablePlan, cells: &mut Cells<'static>) -> Result<()> {
        if self.lacking.is_empty() {
            return Ok(());
        }
        let key = RowKey::of_row(table, cells);
        let mut local = super::select(connection, table, &key)?;
        let changes = outbox::changes_of_row(connection, &table.name, &key.text)?;
        for &position in &self.lacking {
            let column = &table.columns[position];
            let begins = |change: &&outbox::QueuedChange| {
                change.operation == Operation::Insert || change.base.contains_key(&column.name)
            };
            let local = local.as_mut().map(|local| std::mem::replace(&mut local[position], Cell::Null));
            cells[position] = match changes.iter().find(begins) {
                Some(change) if change.operation != Operation::Insert => {
                    let text = outbox::captured_text(&change.base, &column.name);
                    cell_from_captured(column, text)?.into_owned()
                }
                Some(_) if column.nullable => Cell::Null,
                _ => local.unwrap_or(Cell::Null),
            };
        }
        Ok(())
    }
}

/// The plan's upsert of several rows and without some columns; within a row the parameters keep their order.
fn upsert_of_rows(table: &TablePlan, lacking: &[usize], n_rows: usize) -> String {
    let present: Vec<usize> =
        (0..table.columns.len()).filter(|position| !lacking.contains(position)).collect();
    let name = |position: &usize| quote_identifier(&table.columns[*position].name);
    let names: Vec<String> = present.iter().map(name).collect();
    let n_columns = table.columns.len();
    let stamp = n_rows * n_columns + 1;
    let row = |row: usize| {
        let values = present.iter().map(|position| format!("?{}", row * n_columns + position + 1));
        format!("({}, ?{stamp}, 'synced')", values.collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = (0..n_rows).map(row).collect();
    let key: Vec<String> = table.key.iter().map(name).collect();
    let assignments: Vec<String> = present
        .iter()
        .filter(|position| !table.key.contains(position))
        .map(|position| format!("{0} = excluded.{0}, ", name(position)))
        .collect();
    let quoted = quote_identifier(&table.name);
    format!(
        "INSERT INTO {quoted} ({}, \"_last_synced_at\", \"_sync_status\") VALUES {} \
         ON CONFLICT ({}) DO UPDATE SET {}\"_last_synced_at\" = excluded.\"_last_synced_at\" \
         WHERE {quoted}.\"_sync_status\" = 'synced'",
        names.join(", "),
        rows.join(", "),
        key.join(", "),
        assignments.concat(),
    )
}

enum LineError {
    Shape,
    Other(Error),
}

impl LineError {
    fn in_table(self, table: &TablePlan) -> Error {
        match self {
            Self::Shape => Error::new(
                ErrorKind::Field,
                format!(
                    "a row of `{}` is not one text or null per column; regenerate and deploy the bridge and the \
                     application again",
                    table.name
                ),
            ),
            Self::Other(error) => error,
        }
    }
}

impl From<NotARow> for LineError {
    fn from(_: NotARow) -> Self {
        Self::Shape
    }
}

impl From<CodecError> for LineError {
    fn from(error: CodecError) -> Self {
        Self::Other(error.into())
    }
}

impl From<rusqlite::Error> for LineError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Other(error.into())
    }
}
