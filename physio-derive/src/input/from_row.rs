//! `#[derive(FromRow)]` with its `#[physio(…)]` attributes.

use super::Errors;
use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Fields, LitStr, Type};

/// The struct that the derive stands on.
pub(crate) struct FromRowInput {
    pub(crate) name: Ident,
    /// `table = "…"`.
    pub(crate) table: LitStr,
    /// `config = "…"`.
    pub(crate) config: Option<LitStr>,
    pub(crate) fields: Vec<FieldInput>,
}

/// One field of it.
pub(crate) struct FieldInput {
    pub(crate) name: Ident,
    /// `column = "…"`.
    pub(crate) column: Option<LitStr>,
    pub(crate) field_type: Type,
}

impl FieldInput {
    /// The column that it is read from: the attribute's, or the one that the field is named after.
    pub(crate) fn column_name(&self) -> String {
        match &self.column {
            Some(literal) => literal.value(),
            None => self.name.unraw().to_string(),
        }
    }

    /// An error about the column, at the token that named it.
    pub(crate) fn column_error(&self, message: impl std::fmt::Display) -> syn::Error {
        match &self.column {
            Some(literal) => syn::Error::new(literal.span(), message),
            None => syn::Error::new(self.name.span(), message),
        }
    }
}

/// Reads the struct; every mistake in it is reported.
pub(crate) fn parse_from_row(tokens: TokenStream) -> Result<FromRowInput, Errors> {
    let input: DeriveInput = syn::parse2(tokens).map_err(|error| vec![error])?;
    let mut errors = Vec::new();
    let [table, config] = read_attributes(&input.attrs, ["table", "config"], &mut errors);
    let mut fields = Vec::new();
    match input.data {
        Data::Struct(data) => match data.fields {
            Fields::Named(named) => {
                for field in named.named {
                    let Some(name) = field.ident else { continue };
                    let [column] = read_attributes(&field.attrs, ["column"], &mut errors);
                    fields.push(FieldInput { name, column, field_type: field.ty });
                }
            }
            Fields::Unnamed(_) | Fields::Unit => {
                errors.push(syn::Error::new(input.ident.span(), "FromRow needs a struct with named fields"));
            }
        },
        Data::Enum(_) | Data::Union(_) => {
            errors.push(syn::Error::new(input.ident.span(), "FromRow is for structs with named fields"));
        }
    }
    if !input.generics.params.is_empty() {
        let message = "a row struct has no parameters: its fields own what they hold";
        errors.push(syn::Error::new(input.generics.span(), message));
    }
    match table {
        Some(table) if errors.is_empty() => Ok(FromRowInput { name: input.ident, table, config, fields }),
        Some(_) => Err(errors),
        None => {
            let message = "say which table it is read from: #[physio(table = \"patients\")]";
            errors.push(syn::Error::new(input.ident.span(), message));
            Err(errors)
        }
    }
}

/// The string values of the known keys in `#[physio(key = "…")]`.
fn read_attributes<const N: usize>(
    attributes: &[Attribute],
    keys: [&str; N],
    errors: &mut Errors,
) -> [Option<LitStr>; N] {
    let mut values = [const { None }; N];
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("physio")) {
        let read = attribute.parse_nested_meta(|meta| {
            let Some(position) = keys.iter().position(|key| meta.path.is_ident(key)) else {
                let known = keys.map(|key| format!("{key} = \"…\"")).join(" and ");
                return Err(meta.error(format!("#[physio(…)] takes {known} here")));
            };
            let value: LitStr = meta.value()?.parse()?;
            if values[position].replace(value).is_some() {
                return Err(meta.error(format!("`{}` is given twice", keys[position])));
            }
            Ok(())
        });
        errors.extend(read.err());
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn messages(tokens: TokenStream) -> Vec<String> {
        parse_from_row(tokens).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn fields_keep_their_names_and_attributes() {
        let input = parse_from_row(quote! {
            #[physio(table = "patients", config = "clinic.toml")]
            struct Card {
                patient_id: i64,
                #[physio(column = "first name")]
                first_name: Option<String>,
                r#type: String,
            }
        })
        .unwrap_or_else(|_| panic!("it is valid"));
        assert_eq!(input.table.value(), "patients");
        assert_eq!(input.config.map(|path| path.value()).as_deref(), Some("clinic.toml"));
        let columns: Vec<String> = input.fields.iter().map(FieldInput::column_name).collect();
        assert_eq!(columns, ["patient_id", "first name", "type"]);
    }

    #[test]
    fn every_mistake_is_reported_at_once() {
        let found = messages(quote! {
            struct Card<'a> {
                #[physio(name = "x")]
                patient_id: &'a str,
                #[physio(column = "a", column = "b")]
                remarks: String,
            }
        });
        assert_eq!(
            found,
            [
                "#[physio(…)] takes column = \"…\" here",
                "`column` is given twice",
                "a row struct has no parameters: its fields own what they hold",
                "say which table it is read from: #[physio(table = \"patients\")]",
            ]
        );
    }

    #[test]
    fn only_structs_with_named_fields_are_rows() {
        let shapes = [
            quote!(
                #[physio(table = "t")]
                struct A(i64);
            ),
            quote!(
                #[physio(table = "t")]
                struct B;
            ),
            quote!(
                #[physio(table = "t")]
                enum C {
                    D,
                }
            ),
        ];
        for shape in shapes {
            assert_eq!(messages(shape).len(), 1);
        }
    }
}
