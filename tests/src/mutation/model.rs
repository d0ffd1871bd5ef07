//! The changes themselves, made on the model: only such as a server takes.

use super::kind::{Kind, column_renamed};
use physio_schema::diff::Rename;
use physio_schema::model::{
    Column, ColumnDefault, ColumnType, IntegerWidth, Key, KeyKind, KeyPart, LobSize, Schema, Table,
};

/// What a reader of the statements must know besides.
pub(super) struct Changed {
    pub(super) rename: Option<Rename>,
}

/// Changes the table at `at`; `None` where it has nothing that the kind fits.
pub(super) fn change(
    schema: &mut Schema,
    at: usize,
    kind: Kind,
    random: &mut fastrand::Rng,
) -> Option<Changed> {
    let mut rename = None;
    match kind {
        Kind::DropColumn => {
            let free = columns(&schema.tables[at], |c| !c.auto_increment && !is_linked(schema, at, c));
            let column = pick(&free, random)?;
            drop_column(&mut schema.tables[at], column);
        }
        Kind::AddOptionalColumn | Kind::AddRequiredColumn => {
            let column = new_column(&schema.tables[at], kind == Kind::AddRequiredColumn, random);
            let place = random.usize(..=schema.tables[at].columns.len());
            schema.tables[at].columns.insert(place, column);
        }
        Kind::RenameColumn => rename = Some(rename_column(schema, at, random)?),
        Kind::RetypeColumn => retype(schema, at, random)?,
        Kind::ChangeNullability => {
            let free = columns(&schema.tables[at], |c| {
                !c.auto_increment
                    && c.generated.is_none()
                    && !is_linked(schema, at, c)
                    && !is_in_key(&schema.tables[at], c)
            });
            let column = pick(&free, random)?;
            set_nullable(&mut schema.tables[at].columns[column]);
        }
        Kind::ChangeKey => change_key(&mut schema.tables[at], random)?,
        Kind::DropMember | Kind::AddMember | Kind::RenameMember => {
            let enums = columns(
                &schema.tables[at],
                |c| matches!(&c.column_type, ColumnType::Enum { members } if members.len() > 1),
            );
            let column = pick(&enums, random)?;
            change_member(&mut schema.tables[at].columns[column], kind, random);
        }
        Kind::DropTable => {
            schema.tables.remove(at);
        }
        Kind::AddTable => {
            let mut table = Table { foreign_keys: Vec::new(), ..schema.tables[at].clone() };
            table.name = format!("probe_{}", random.u16(..));
            table.checks.clear();
            schema.tables.push(table);
        }
        Kind::RenameTable => {
            let (old, new) = (schema.tables[at].name.clone(), format!("renamed_{}", random.u16(..)));
            rename_table(schema, &old, &new);
            rename = Some(Rename::Table { old, new });
        }
    }
    schema.tables.sort_by(|a, b| a.name.cmp(&b.name));
    Some(Changed { rename })
}

fn columns(table: &Table, fits: impl Fn(&Column) -> bool) -> Vec<usize> {
    (0..table.columns.len()).filter(|&at| fits(&table.columns[at])).collect()
}

fn pick(from: &[usize], random: &mut fastrand::Rng) -> Option<usize> {
    (!from.is_empty()).then(|| from[random.usize(..from.len())])
}

/// Whether a foreign key holds the column, on either side.
fn is_linked(schema: &Schema, at: usize, column: &Column) -> bool {
    let table = &schema.tables[at];
    schema.tables.iter().any(|other| {
        other.foreign_keys.iter().any(|key| {
            (other.name == table.name && key.columns.contains(&column.name))
                || (key.referenced_table == table.name && key.referenced_columns.contains(&column.name))
        })
    })
}

fn is_in_key(table: &Table, column: &Column) -> bool {
    table.keys.iter().flat_map(|key| &key.parts).any(|part| part.column.as_ref() == Some(&column.name))
}

/// As the server does it: the column leaves its keys, and a key without columns goes.
fn drop_column(table: &mut Table, at: usize) {
    let name = table.columns.remove(at).name;
    for key in &mut table.keys {
        key.parts.retain(|part| part.column.as_ref() != Some(&name));
    }
    table.keys.retain(|key| !key.parts.is_empty());
    table.checks.retain(|(check, expression)| *check != name && !expression.contains(&format!("`{name}`")));
}

fn new_column(table: &Table, is_required: bool, random: &mut fastrand::Rng) -> Column {
    let mut column = Column::new(&format!("probe_{}", random.u16(..)), any_type(random));
    give_collation(table, &mut column);
    if is_required {
        // An ENUM that may not be NULL has its first member for a default.
        if matches!(column.column_type, ColumnType::Enum { .. }) {
            column.column_type = ColumnType::Date;
            column.collation = None;
        }
        column.nullable = false;
        column.default = ColumnDefault::Missing;
    }
    column
}

fn any_type(random: &mut fastrand::Rng) -> ColumnType {
    let integer = |width, display| ColumnType::Integer { width, unsigned: false, zerofill: false, display };
    let types = [
        integer(IntegerWidth::Tiny, 4),
        integer(IntegerWidth::Int, 11),
        integer(IntegerWidth::Big, 20),
        ColumnType::Integer { width: IntegerWidth::Int, unsigned: true, zerofill: false, display: 10 },
        ColumnType::Decimal { precision: 12, scale: 3, unsigned: false, zerofill: false },
        ColumnType::Double { digits: None, unsigned: false, zerofill: false },
        ColumnType::Varchar { length: 40 },
        ColumnType::Varchar { length: 190 },
        ColumnType::Char { length: 3 },
        ColumnType::Text { size: LobSize::Normal },
        ColumnType::Varbinary { length: 64 },
        ColumnType::Date,
        ColumnType::DateTime { fraction: 0 },
        ColumnType::DateTime { fraction: 3 },
        ColumnType::Time { fraction: 0 },
        ColumnType::Enum { members: vec!["one".into(), "two".into()] },
        ColumnType::Set { members: vec!["one".into(), "two".into()] },
    ];
    types[random.usize(..types.len())].clone()
}

fn give_collation(table: &Table, column: &mut Column) {
    let has_characters = matches!(
        column.column_type,
        ColumnType::Varchar { .. }
            | ColumnType::Char { .. }
            | ColumnType::Text { .. }
            | ColumnType::Enum { .. }
            | ColumnType::Set { .. }
    );
    column.collation = has_characters.then(|| table.collation.clone());
}

fn rename_column(schema: &mut Schema, at: usize, random: &mut fastrand::Rng) -> Option<Rename> {
    let table = schema.tables[at].name.clone();
    let is_named = |column: &Column| {
        schema.tables[at]
            .checks
            .iter()
            .any(|(_, expression)| expression.contains(&format!("`{}`", column.name)))
    };
    let free = columns(&schema.tables[at], |column| !is_named(column));
    let old = schema.tables[at].columns[pick(&free, random)?].name.clone();
    let new = format!("renamed_{}", random.u16(..));
    let rename = |name: &mut String| {
        if *name == old {
            name.clone_from(&new);
        }
    };
    for other in &mut schema.tables {
        for key in &mut other.foreign_keys {
            if key.referenced_table == table {
                key.referenced_columns.iter_mut().for_each(rename);
            }
            if other.name == table {
                key.columns.iter_mut().for_each(rename);
            }
        }
    }
    let changed = &mut schema.tables[at];
    changed.columns.iter_mut().for_each(|column| rename(&mut column.name));
    changed.keys.iter_mut().flat_map(|key| &mut key.parts).flat_map(|part| &mut part.column).for_each(rename);
    Some(column_renamed(&table, &old, &new))
}

fn rename_table(schema: &mut Schema, old: &str, new: &str) {
    for table in &mut schema.tables {
        let is_renamed = table.name == old;
        for key in &mut table.foreign_keys {
            if key.referenced_table == old {
                key.referenced_table = new.to_owned();
            }
            if is_renamed && let Some(number) = key.name.strip_prefix(&format!("{old}_ibfk_")) {
                key.name = format!("{new}_ibfk_{number}");
            }
        }
        table.foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
        if is_renamed {
            table.name = new.to_owned();
        }
    }
}

fn retype(schema: &mut Schema, at: usize, random: &mut fastrand::Rng) -> Option<()> {
    let free = columns(&schema.tables[at], |c| {
        !c.auto_increment
            && c.generated.is_none()
            && !is_linked(schema, at, c)
            && !is_in_key(&schema.tables[at], c)
    });
    let position = pick(&free, random)?;
    let table = &mut schema.tables[at];
    let old = table.columns[position].clone();
    let mut column = Column { comment: old.comment.clone(), ..Column::new(&old.name, any_type(random)) };
    give_collation(table, &mut column);
    if !old.nullable {
        column.nullable = false;
        column.default = ColumnDefault::Missing;
    }
    table.checks.retain(|(name, _)| *name != old.name);
    let is_other = column.column_type != old.column_type;
    table.columns[position] = column;
    is_other.then_some(())
}

fn set_nullable(column: &mut Column) {
    column.nullable = !column.nullable;
    column.default = match (&column.default, column.nullable) {
        (ColumnDefault::Missing, true) => ColumnDefault::Null,
        (ColumnDefault::Null, false) => ColumnDefault::Missing,
        (other, _) => other.clone(),
    };
}

/// One more column in the primary key, or a unique key that comes or goes.
fn change_key(table: &mut Table, random: &mut fastrand::Rng) -> Option<()> {
    let small = columns(table, |column| {
        let is_small = matches!(
            column.column_type,
            ColumnType::Integer { .. }
                | ColumnType::Date
                | ColumnType::DateTime { .. }
                | ColumnType::Enum { .. }
        );
        is_small && !column.nullable && !is_in_key(table, column)
    });
    let part = |at: usize| KeyPart {
        column: Some(table.columns[at].name.clone()),
        expression: None,
        prefix: None,
        descending: false,
    };
    let unique =
        table.keys.iter().position(|key| key.kind == KeyKind::Unique && table.foreign_keys.is_empty());
    match (random.u8(..3), unique) {
        (0, Some(unique)) => {
            table.keys.remove(unique);
        }
        (1, _) => {
            let part = part(pick(&small, random)?);
            let name = format!("probe_{}", random.u16(..));
            table.keys.push(Key { name, kind: KeyKind::Unique, parts: vec![part] });
            table.keys.sort_by(|a, b| {
                (a.kind != KeyKind::Primary, &a.name).cmp(&(b.kind != KeyKind::Primary, &b.name))
            });
        }
        _ => {
            let part = part(pick(&small, random)?);
            table.keys.iter_mut().find(|key| key.kind == KeyKind::Primary)?.parts.push(part);
        }
    }
    Some(())
}

fn change_member(column: &mut Column, kind: Kind, random: &mut fastrand::Rng) {
    let ColumnType::Enum { members } = &mut column.column_type else { return };
    let at = random.usize(..members.len());
    match kind {
        Kind::DropMember => {
            members.remove(at);
        }
        Kind::AddMember => members.insert(at, format!("probe_{}", random.u16(..))),
        _ => members[at] = format!("renamed_{}", random.u16(..)),
    }
    let is_gone = matches!(&column.default, ColumnDefault::Literal(text) if !members.contains(text));
    if is_gone {
        column.default = ColumnDefault::Literal(members[0].clone());
    }
}
