//! Each field of an application's own struct against the dump.

use super::field::{FieldShape, check_field_type, check_inner_column};
use crate::input::{Errors, FieldInput, FromRowInput};
use crate::source::{Source, find_source};
use physio_schema::describe::TableItems;
use physio_schema::suggest::{did_you_mean, nearest};
use proc_macro2::Ident;
use std::collections::HashSet;
use std::path::PathBuf;
use syn::Type;

/// A struct whose fields all fit.
pub(crate) struct CheckedRow {
    pub(crate) name: Ident,
    pub(crate) table: String,
    pub(crate) fields: Vec<CheckedField>,
    /// Files that the result depends on.
    pub(crate) files: [PathBuf; 2],
}

/// A field and the column that it is read from.
pub(crate) struct CheckedField {
    pub(crate) name: Ident,
    pub(crate) column: String,
    pub(crate) field_type: Type,
}

/// A struct that cannot be read, and why.
pub(crate) struct RefusedRow {
    /// Known when it is the fields that are wrong and not the struct itself.
    pub(crate) name: Option<Ident>,
    pub(crate) errors: Errors,
}

impl From<Errors> for RefusedRow {
    fn from(errors: Errors) -> Self {
        Self { name: None, errors }
    }
}

/// Every error of the struct, or the struct.
pub(crate) fn check_from_row(input: FromRowInput) -> Result<CheckedRow, RefusedRow> {
    let name = input.name.clone();
    check(input).map_err(|errors| RefusedRow { name: Some(name), errors })
}

fn check(input: FromRowInput) -> Result<CheckedRow, Errors> {
    let named = input.config.as_ref().unwrap_or(&input.table);
    let path = input.config.as_ref().map_or_else(|| "physio.toml".to_owned(), syn::LitStr::value);
    let source = find_source(&path, named.span()).map_err(|messages| {
        messages.into_iter().map(|message| syn::Error::new(named.span(), message)).collect::<Errors>()
    })?;
    check_against(input, &source)
}

fn check_against(input: FromRowInput, source: &Source) -> Result<CheckedRow, Errors> {
    let table_name = input.table.value();
    let Some(table) = source.description.tables.iter().find(|table| table.name == table_name) else {
        return Err(vec![syn::Error::new(input.table.span(), unknown_table(&table_name, source))]);
    };
    let mut errors = Errors::new();
    let mut seen = HashSet::new();
    for field in &input.fields {
        let column = field.column_name();
        if !seen.insert(column.clone()) {
            errors.push(field.column_error(format!("column `{column}` is read twice")));
        }
        errors.extend(check_field(field, &column, table, source));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let fields = input.fields.into_iter().map(|field| CheckedField {
        column: field.column_name(),
        name: field.name,
        field_type: field.field_type,
    });
    Ok(CheckedRow {
        name: input.name,
        fields: fields.collect(),
        table: table_name,
        files: [source.config_path.clone(), source.dump_path.clone()],
    })
}

fn check_field(field: &FieldInput, column: &str, table: &TableItems, source: &Source) -> Option<syn::Error> {
    let shape = FieldShape::of(&field.field_type);
    if let Some(verdict) = check_inner_column(column, &shape) {
        return verdict.err().map(|message| syn::Error::new_spanned(&field.field_type, message));
    }
    match table.columns.iter().find(|known| known.name == column) {
        Some(known) => check_field_type(&table.name, known, &shape, &source.description)
            .err()
            .map(|message| syn::Error::new_spanned(&field.field_type, message)),
        None => Some(field.column_error(unknown_column(field, column, table, source))),
    }
}

fn unknown_table(name: &str, source: &Source) -> String {
    if source.schema.table(name).is_some() {
        return format!(
            "table `{name}` is in the dump but not synced: add it to a wave of {}",
            source.config_name
        );
    }
    let synced = source.description.tables.iter().map(|table| table.name.as_str());
    format!("no table `{name}` in {}{}", source.config_name, did_you_mean(name, synced))
}

fn unknown_column(field: &FieldInput, column: &str, table: &TableItems, source: &Source) -> String {
    if source.schema.table(&table.name).is_some_and(|dumped| dumped.column(column).is_some()) {
        return format!(
            "column `{column}` of `{}` is hidden by {}: it never leaves the server",
            table.name, source.config_name
        );
    }
    let columns = || table.columns.iter().map(|known| known.name.as_str());
    let mut message = format!("no column `{column}` in `{}`{}", table.name, did_you_mean(column, columns()));
    // A field cannot be named after every column.
    if let Some(meant) = nearest(column, columns())
        && field.column.is_none()
        && table
            .columns
            .iter()
            .any(|known| known.name == meant && known.field.trim_start_matches("r#") != meant)
    {
        message.push_str(&format!(" Write #[physio(column = \"{meant}\")] above the field"));
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::parse_from_row;
    use crate::source::sample;
    use proc_macro2::TokenStream;
    use quote::quote;

    fn messages(fields: TokenStream) -> Vec<String> {
        let input = parse_from_row(quote!(#[physio(table = "order lines")] struct Row { #fields }));
        let input = input.unwrap_or_else(|_| panic!("it is valid"));
        let errors = check_against(input, &sample::source()).err().unwrap_or_default();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fitting_fields_in_any_order_are_taken() {
        let none: [String; 0] = [];
        assert_eq!(
            messages(quote! {
                amount: Decimal,
                order_id: i64,
                #[physio(column = "unit price")] price: Option<String>,
                _sync_status: SyncStatus,
                _last_synced_at: Option<Timestamp>,
            }),
            none
        );
    }

    #[test]
    fn a_misspelt_column_is_told_with_the_one_that_was_meant() {
        assert_eq!(
            messages(quote!(orderid: i64, amuont: Decimal, zebra: i64, unit_price: Option<String>)),
            [
                "no column `orderid` in `order lines`; did you mean `order_id`?",
                "no column `amuont` in `order lines`; did you mean `amount`?",
                "no column `zebra` in `order lines`",
                "no column `unit_price` in `order lines`; did you mean `unit price`? \
                 Write #[physio(column = \"unit price\")] above the field",
            ]
        );
    }

    #[test]
    fn a_hidden_column_and_a_doubled_one_are_told() {
        assert_eq!(
            messages(quote!(secret: String, amount: Decimal, #[physio(column = "amount")] again: Decimal)),
            [
                "column `secret` of `order lines` is hidden by physio.toml: it never leaves the server",
                "column `amount` is read twice",
            ]
        );
    }

    #[test]
    fn a_table_that_is_not_synced_is_told_apart_from_an_unknown_one() {
        let source = sample::source();
        assert_eq!(
            unknown_table("api_tokens", &source),
            "table `api_tokens` is in the dump but not synced: add it to a wave of physio.toml"
        );
        assert_eq!(
            unknown_table("orderlines", &source),
            "no table `orderlines` in physio.toml; did you mean `order lines`?"
        );
    }
}
