//! The row struct.

use super::{doc_tokens, ident, optional_tokens, type_tokens};
use physio_schema::describe::{ColumnItems, TableItems};
use proc_macro2::TokenStream;
use quote::quote;

/// The type of a column's field in the row.
pub(super) fn field_type(column: &ColumnItems, scope: &TokenStream) -> TokenStream {
    optional_tokens(column.is_option, type_tokens(&column.field_type, scope))
}

/// The struct and `FromRow`: fields are read by position.
pub(super) fn row_tokens(items: &TableItems) -> TokenStream {
    let row = ident(&items.row);
    let doc = doc_tokens(&items.doc);
    let table = &items.name;
    let names: Vec<&str> = items.columns.iter().map(|column| column.name.as_str()).collect();
    let fields = items.columns.iter().map(|column| {
        let (doc, field, field_type) =
            (doc_tokens(&column.doc), ident(&column.field), field_type(column, &TokenStream::new()));
        // JSON speaks of columns, whatever Rust had to call the field.
        let name = (column.field != column.name).then(|| {
            let name = &column.name;
            quote!(#[serde(rename = #name)])
        });
        quote!(#doc #name pub #field: #field_type)
    });
    let reads = items.columns.iter().enumerate().map(|(position, column)| {
        let field = ident(&column.field);
        quote!(#field: ::physio_runtime::__private::read_field(row, #position)?)
    });
    quote! {
        #doc
        #[derive(Debug, Clone, PartialEq, ::physio_runtime::__private::serde::Serialize)]
        #[serde(crate = "::physio_runtime::__private::serde")]
        #[allow(dead_code, non_snake_case, unreachable_pub, clippy::all)]
        pub struct #row { #(#fields,)* }

        #[automatically_derived]
        impl ::physio_runtime::FromRow for #row {
            const TABLE: &'static ::core::primitive::str = #table;
            const COLUMNS: &'static [&'static ::core::primitive::str] = &[#(#names),*];

            #[allow(non_snake_case)]
            fn from_row(
                row: &::physio_runtime::__private::rusqlite::Row<'_>,
            ) -> ::core::result::Result<Self, ::physio_runtime::__private::FieldError> {
                ::core::result::Result::Ok(Self { #(#reads,)* })
            }
        }
    }
}
