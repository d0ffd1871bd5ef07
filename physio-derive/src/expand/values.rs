//! Inserts and patches.

use super::{ident, optional_tokens, type_tokens};
use physio_schema::describe::{ColumnItems, InsertPlace, TableItems};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// `TInsert` and `TOptional`.
pub(super) fn insert_tokens(items: &TableItems) -> TokenStream {
    if !items.writable {
        let doc = format!(
            "`{}` takes no writes (physio.toml: `writable = false`), so there is no insert.",
            items.name
        );
        return closed_tokens(&doc, &ident(&items.insert), &items.row);
    }
    let (insert, optional) = (ident(&items.insert), ident(&items.optional));
    let at = |place| items.columns.iter().filter(move |column| column.insert == place);
    let required_fields = at(InsertPlace::Required).map(|column| {
        let field_type = type_tokens(&column.field_type, &TokenStream::new());
        field_tokens(column, &column.insert_field, field_type)
    });
    let optional_fields = at(InsertPlace::Optional).map(|column| {
        let field_type = optional_tokens(true, type_tokens(&column.field_type, &TokenStream::new()));
        field_tokens(column, &column.field, field_type)
    });
    let pushes = items.columns.iter().filter_map(|column| match column.insert {
        InsertPlace::Required => {
            let field = ident(&column.insert_field);
            Some(push_tokens(column, &quote!(&self.#field)))
        }
        InsertPlace::Optional => {
            let (field, push) = (ident(&column.field), push_tokens(column, &quote!(value)));
            Some(quote!(if let ::core::option::Option::Some(value) = &self.optional.#field { #push }))
        }
        InsertPlace::Absent => None,
    });
    let values = values_tokens(&insert, &items.row, items.columns.len(), pushes);
    let insert_doc = format!("A new row of `{}`.", items.name);
    let optional_doc =
        format!("What an insert into `{}` may leave out: `None` takes MySQL's default.", items.name);
    quote! {
        #[doc = #insert_doc]
        #[derive(Debug, Clone, PartialEq)]
        #[allow(dead_code, non_snake_case, unreachable_pub, clippy::all)]
        pub struct #insert {
            #(#required_fields,)*
            /// Columns that may be left out.
            pub optional: #optional,
        }

        #[doc = #optional_doc]
        #[derive(Debug, Clone, PartialEq, Default)]
        #[allow(dead_code, non_snake_case, unreachable_pub, clippy::all)]
        pub struct #optional { #(#optional_fields,)* }

        #values
    }
}

/// `TPatch`.
pub(super) fn patch_tokens(items: &TableItems) -> TokenStream {
    if !items.writable {
        let doc = format!(
            "`{}` takes no writes (physio.toml: `writable = false`), so there is no patch.",
            items.name
        );
        return closed_tokens(&doc, &ident(&items.patch), &items.row);
    }
    let patch = ident(&items.patch);
    let columns: Vec<&ColumnItems> = items.columns.iter().filter(|column| column.in_patch).collect();
    let fields = columns.iter().map(|column| {
        let inner = optional_tokens(column.nullable, type_tokens(&column.field_type, &TokenStream::new()));
        field_tokens(column, &column.field, optional_tokens(true, inner))
    });
    let pushes = columns.iter().map(|column| {
        let (field, push) = (ident(&column.field), push_tokens(column, &quote!(value)));
        quote!(if let ::core::option::Option::Some(value) = &self.#field { #push })
    });
    let values = values_tokens(&patch, &items.row, columns.len(), pushes);
    let doc = format!(
        "Changes to a row of `{}`: `None` leaves a column as it is, `Some(None)` sets NULL.",
        items.name
    );
    quote! {
        #[doc = #doc]
        #[derive(Debug, Clone, PartialEq, Default)]
        #[allow(dead_code, non_snake_case, unreachable_pub, clippy::all)]
        pub struct #patch { #(#fields,)* }

        #values
    }
}

fn field_tokens(column: &ColumnItems, field: &str, field_type: TokenStream) -> TokenStream {
    let (doc, field) = (super::doc_tokens(&column.doc), ident(field));
    quote!(#doc pub #field: #field_type)
}

fn push_tokens(column: &ColumnItems, value: &TokenStream) -> TokenStream {
    let name = &column.name;
    quote!(values.push((#name, ::physio_runtime::__private::FieldValue::to_sql(#value)));)
}

fn values_tokens(
    name: &Ident,
    row: &str,
    at_most: usize,
    pushes: impl Iterator<Item = TokenStream>,
) -> TokenStream {
    let row = ident(row);
    quote! {
        #[automatically_derived]
        impl ::physio_runtime::RowValues for #name {
            type Table = #row;

            fn values(&self) -> ::std::vec::Vec<(
                &'static ::core::primitive::str,
                ::physio_runtime::__private::Value,
            )> {
                let mut values = ::std::vec::Vec::with_capacity(#at_most);
                #(#pushes)*
                values
            }
        }
    }
}

/// A type without values: nobody can call what takes it.
fn closed_tokens(doc: &str, name: &Ident, row: &str) -> TokenStream {
    let row = ident(row);
    quote! {
        #[doc = #doc]
        #[derive(Debug, Clone, PartialEq)]
        #[allow(dead_code, unreachable_pub)]
        pub enum #name {}

        #[automatically_derived]
        impl ::physio_runtime::RowValues for #name {
            type Table = #row;

            fn values(&self) -> ::std::vec::Vec<(
                &'static ::core::primitive::str,
                ::physio_runtime::__private::Value,
            )> {
                match *self {}
            }
        }
    }
}
