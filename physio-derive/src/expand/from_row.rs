//! What `#[derive(FromRow)]` stands for.

use super::{depends_on, error_tokens};
use crate::check::{CheckedRow, RefusedRow};
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

/// The implementation, or the errors.
pub(crate) fn from_row_tokens(checked: Result<CheckedRow, RefusedRow>) -> TokenStream {
    match checked {
        Ok(row) => expand(&row),
        Err(refused) => {
            let errors = error_tokens(&refused.errors);
            let placeholder = refused.name.as_ref().map(placeholder_tokens);
            quote!(#errors #placeholder)
        }
    }
}

/// An implementation that is never run, so that the struct's uses are not reported as errors too.
fn placeholder_tokens(name: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::physio_runtime::FromRow for #name {
            const TABLE: &'static ::core::primitive::str = "";
            const COLUMNS: &'static [&'static ::core::primitive::str] = &[];

            fn from_row(
                _: &::physio_runtime::__private::rusqlite::Row<'_>,
            ) -> ::core::result::Result<Self, ::physio_runtime::__private::FieldError> {
                ::core::unreachable!("the struct has errors")
            }
        }
    }
}

fn expand(row: &CheckedRow) -> TokenStream {
    let (name, table) = (&row.name, &row.table);
    let [config, dump] = &row.files;
    let files = depends_on([config, dump]);
    let columns = row.fields.iter().map(|field| &field.column);
    let reads = row.fields.iter().enumerate().map(|(position, field)| {
        let (field_name, field_type) = (&field.name, &field.field_type);
        // The span lets the compiler point at a type that lacks FieldValue.
        let read = quote_spanned! {field_type.span()=>
            ::physio_runtime::__private::read_field::<#field_type>(row, #position)?
        };
        quote!(#field_name: #read)
    });
    quote! {
        #files

        #[automatically_derived]
        impl ::physio_runtime::FromRow for #name {
            const TABLE: &'static ::core::primitive::str = #table;
            const COLUMNS: &'static [&'static ::core::primitive::str] = &[#(#columns),*];

            fn from_row(
                row: &::physio_runtime::__private::rusqlite::Row<'_>,
            ) -> ::core::result::Result<Self, ::physio_runtime::__private::FieldError> {
                ::core::result::Result::Ok(Self { #(#reads,)* })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::from_row::CheckedField;
    use std::path::PathBuf;

    #[test]
    fn fields_are_read_by_position_in_their_own_order() {
        let field = |name: &str, column: &str, field_type: &str| CheckedField {
            name: super::super::ident(name),
            column: column.to_owned(),
            field_type: syn::parse_str(field_type).unwrap(),
        };
        let row = CheckedRow {
            name: super::super::ident("Card"),
            table: "patients".to_owned(),
            fields: vec![field("name", "first name", "String"), field("r#type", "type", "i64")],
            files: [PathBuf::from("/a.toml"), PathBuf::from("/b.sql")],
        };
        let text = expand(&row).to_string();
        assert!(text.contains("& [\"first name\" , \"type\"]"), "{text}");
        assert!(text.contains("read_field :: < String > (row , 0usize)"), "{text}");
        assert!(text.contains("r#type : :: physio_runtime"), "{text}");
        assert!(syn::parse2::<syn::File>(expand(&row)).is_ok());
    }
}
