//! Whether a Rust type can hold a column.

use physio_schema::describe::{ColumnItems, Description, FieldType, Integer};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// A field's type as far as a macro can see it: aliases and imports are not resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FieldShape {
    /// Whether it is an `Option`.
    pub(super) is_option: bool,
    /// The type, or the type in the `Option`.
    pub(super) inner: Inner,
}

/// A type without `Option`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Inner {
    Known(FieldType),
    /// A path that this macro does not know: the application's own type. Its last name.
    Own(String),
    /// A type that no field can have, as it was written.
    Never(String),
}

impl FieldShape {
    /// The shape of a type.
    pub(super) fn of(field_type: &Type) -> Self {
        match option_argument(field_type) {
            Some(argument) => Self { is_option: true, inner: inner_of(argument) },
            None => Self { is_option: false, inner: inner_of(field_type) },
        }
    }
}

fn option_argument(field_type: &Type) -> Option<&Type> {
    let (name, argument) = last_segment(field_type)?;
    (name == "Option").then_some(argument?)
}

/// The last name of a path and its only type argument.
fn last_segment(field_type: &Type) -> Option<(String, Option<&Type>)> {
    let path = match field_type {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Group(group) => return last_segment(&group.elem),
        Type::Paren(paren) => return last_segment(&paren.elem),
        _ => return None,
    };
    let segment = path.segments.last()?;
    let argument = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) if arguments.args.len() == 1 => match &arguments.args[0] {
            GenericArgument::Type(argument) => Some(argument),
            _ => None,
        },
        _ => None,
    };
    Some((segment.ident.to_string(), argument))
}

fn inner_of(field_type: &Type) -> Inner {
    let Some((name, argument)) = last_segment(field_type) else {
        return Inner::Never(field_type.to_token_stream().to_string());
    };
    let argument_name = argument.and_then(last_segment).map(|(name, _)| name);
    let known = match (name.as_str(), argument_name.as_deref()) {
        ("f32", None) => FieldType::F32,
        ("f64", None) => FieldType::F64,
        ("Decimal", None) => FieldType::Decimal,
        ("Date", None) => FieldType::Date,
        ("DateTime", None) => FieldType::DateTime,
        ("Timestamp", None) => FieldType::Timestamp,
        ("Time", None) => FieldType::Time,
        ("String", None) => FieldType::Text,
        ("Vec", Some("u8")) => FieldType::Bytes,
        ("Set", Some(member)) => FieldType::Set(member.to_owned()),
        ("bool" | "char" | "str" | "usize" | "isize" | "i128" | "u128" | "Vec" | "Option", _) => {
            return Inner::Never(readable(field_type));
        }
        _ => match Integer::parse(&name) {
            Some(integer) => FieldType::Integer(integer),
            None => return Inner::Own(name),
        },
    };
    Inner::Known(known)
}

fn readable(field_type: &Type) -> String {
    field_type.to_token_stream().to_string().replace(" < ", "<").replace(" >", ">")
}

/// Whether the field can hold every value of the column. The message says what the dump has.
pub(super) fn check_field_type(
    table: &str,
    column: &ColumnItems,
    shape: &FieldShape,
    description: &Description,
) -> Result<(), String> {
    let fits = match &shape.inner {
        Inner::Known(given) => holds(given, &column.field_type),
        Inner::Own(name) => match &column.field_type {
            FieldType::Member(expected) => name == expected || !is_member_type(name, description),
            _ => !is_member_type(name, description),
        },
        Inner::Never(_) => false,
    };
    let wants_option = column.is_option && !shape.is_option;
    if fits && !wants_option {
        return Ok(());
    }
    let mut wanted = match &shape.inner {
        Inner::Known(_) | Inner::Own(_) if fits => given_name(&shape.inner),
        _ => column.field_type.name(),
    };
    if column.is_option || shape.is_option {
        wanted = format!("Option<{wanted}>");
    }
    Err(format!("`{table}.{}` is {}: use {wanted}{}", column.name, column.declaration, why(column, shape)))
}

fn why(column: &ColumnItems, shape: &FieldShape) -> &'static str {
    let is_integer = matches!(column.field_type, FieldType::Integer(_));
    match &shape.inner {
        Inner::Never(given) if given == "bool" && is_integer => " (it may hold other numbers than 0 and 1)",
        Inner::Known(FieldType::F32 | FieldType::F64) if column.field_type == FieldType::Decimal => {
            " (a float would round it)"
        }
        Inner::Known(FieldType::Integer(given))
            if is_integer
                && given.bits < 64
                && !column.declaration.starts_with("bigint")
                && is_wide(column) =>
        {
            " (keys made offline start at 2^52)"
        }
        Inner::Known(_) | Inner::Own(_) if column.nullable && !shape.is_option => " (it may be NULL)",
        _ if column.is_option && !column.nullable => " (NULL until MySQL has computed it)",
        _ => "",
    }
}

fn is_wide(column: &ColumnItems) -> bool {
    matches!(column.field_type, FieldType::Integer(Integer { bits: 64, .. }))
}

fn given_name(inner: &Inner) -> String {
    match inner {
        Inner::Known(given) => given.name(),
        Inner::Own(name) | Inner::Never(name) => name.clone(),
    }
}

fn is_member_type(name: &str, description: &Description) -> bool {
    description.tables.iter().flat_map(|table| &table.member_types).any(|member| member.name == name)
}

/// Whether every value of `column` can be read as `given`.
fn holds(given: &FieldType, column: &FieldType) -> bool {
    match (given, column) {
        (FieldType::Integer(given), FieldType::Integer(column)) => given.holds(*column),
        (FieldType::F64, FieldType::F32) => true,
        // The cache keeps these as text, spelt as MySQL prints them.
        (
            FieldType::Text,
            FieldType::Decimal
            | FieldType::Date
            | FieldType::DateTime
            | FieldType::Timestamp
            | FieldType::Time
            | FieldType::Member(_)
            | FieldType::Set(_),
        ) => true,
        (given, column) => given == column,
    }
}

/// The verdict on a field that is read from one of the cache's own two columns; `None` for any other.
pub(super) fn check_inner_column(column: &str, shape: &FieldShape) -> Option<Result<(), String>> {
    let (fits, needs_option, wanted) = match column {
        "_sync_status" => {
            let own = Inner::Own("SyncStatus".to_owned());
            (shape.inner == own || shape.inner == Inner::Known(FieldType::Text), false, "SyncStatus")
        }
        "_last_synced_at" => {
            let known = [FieldType::Timestamp, FieldType::Text].map(Inner::Known);
            (known.contains(&shape.inner), true, "Option<Timestamp>")
        }
        _ => return None,
    };
    let verdict = if fits && (shape.is_option || !needs_option) {
        Ok(())
    } else {
        Err(format!("`{column}` is a column of the cache: use {wanted}"))
    };
    Some(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::sample;

    fn verdict(column: &str, field_type: &str) -> String {
        let source = sample::source();
        let table = &source.description.tables[0];
        let column = table.columns.iter().find(|known| known.name == column).unwrap();
        let shape = FieldShape::of(&syn::parse_str(field_type).unwrap());
        match check_field_type(&table.name, column, &shape, &source.description) {
            Ok(()) => "fits".to_owned(),
            Err(message) => message.split_once(": ").unwrap().1.to_owned(),
        }
    }

    #[test]
    fn the_message_names_the_column_and_what_the_dump_has() {
        let source = sample::source();
        let table = &source.description.tables[0];
        let amount = table.columns.iter().find(|known| known.name == "amount").unwrap();
        let shape = FieldShape::of(&syn::parse_str("f64").unwrap());
        assert_eq!(
            check_field_type("order lines", amount, &shape, &source.description),
            Err("`order lines.amount` is decimal(10,2) NOT NULL: use Decimal (a float would round it)".into())
        );
    }

    #[test]
    fn a_field_may_be_wider_but_not_narrower() {
        for (column, given, expected) in [
            ("order_id", "i64", "fits"),
            ("order_id", "i32", "use i64 (keys made offline start at 2^52)"),
            ("line", "u32", "fits"),
            ("line", "i64", "fits"),
            ("line", "i16", "use u16"),
            ("line", "bool", "use u16 (it may hold other numbers than 0 and 1)"),
            ("line", "usize", "use u16"),
            ("line", "f64", "use u16"),
            ("amount", "String", "fits"),
            ("amount", "physio_runtime::types::Decimal", "fits"),
            ("amount", "Option<Decimal>", "fits"),
            ("amount", "Option<f32>", "use Option<Decimal> (a float would round it)"),
            ("amount", "&'static str", "use Decimal"),
            ("unit price", "String", "use Option<String> (it may be NULL)"),
            ("unit price", "i64", "use Option<String> (it may be NULL)"),
            ("unit price", "Option<i64>", "use Option<String>"),
            ("unit price", "std::option::Option<std::string::String>", "fits"),
            ("unit price", "Option<Vec<u8>>", "use Option<String>"),
            ("photo", "Option<Vec<u8>>", "fits"),
            ("photo", "Option<Vec<i8>>", "use Option<Vec<u8>>"),
            ("weight", "f64", "fits"),
            ("weight", "f32", "fits"),
            ("due", "Date", "fits"),
            ("due", "DateTime", "use Date"),
        ] {
            assert_eq!(verdict(column, given), expected, "{column} as {given}");
        }
    }

    #[test]
    fn an_enum_takes_its_own_type_text_or_the_applications_type() {
        assert_eq!(verdict("status", "OrderLinesStatus"), "fits");
        assert_eq!(verdict("status", "String"), "fits");
        assert_eq!(verdict("status", "MyStatus"), "fits");
        assert_eq!(verdict("status", "OrderLinesFlags"), "use OrderLinesStatus");
        assert_eq!(verdict("flags", "Set<OrderLinesFlags>"), "fits");
        assert_eq!(verdict("flags", "Set<OrderLinesStatus>"), "use Set<OrderLinesFlags>");
        assert_eq!(verdict("flags", "OrderLinesFlags"), "use Set<OrderLinesFlags>");
    }

    #[test]
    fn a_computed_column_is_null_until_the_server_answers() {
        assert_eq!(verdict("total", "Decimal"), "use Option<Decimal> (NULL until MySQL has computed it)");
        assert_eq!(verdict("total", "Option<Decimal>"), "fits");
    }

    #[test]
    fn the_caches_own_columns_have_their_types() {
        let verdict =
            |column, given| check_inner_column(column, &FieldShape::of(&syn::parse_str(given).unwrap()));
        assert_eq!(verdict("_sync_status", "SyncStatus"), Some(Ok(())));
        assert_eq!(verdict("_last_synced_at", "Option<Timestamp>"), Some(Ok(())));
        assert!(verdict("_last_synced_at", "Timestamp").unwrap().is_err());
        assert!(verdict("_sync_status", "i64").unwrap().is_err());
        assert_eq!(verdict("amount", "i64"), None);
    }
}
