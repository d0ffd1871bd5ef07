//! `Table` for the row, and the module of a table's names.

use super::{doc_tokens, ident, row::field_type, type_tokens};
use physio_schema::describe::TableItems;
use proc_macro2::TokenStream;
use quote::quote;

/// The `Table` implementation.
pub(super) fn table_tokens(items: &TableItems) -> TokenStream {
    let [row, insert, patch] = [&items.row, &items.insert, &items.patch].map(|name| ident(name));
    let (create, upsert) = (&items.ddl, &items.upsert);
    let key = || items.key.iter().map(|&position| &items.columns[position]);
    let names = key().map(|column| &column.name);
    let types: Vec<TokenStream> =
        key().map(|column| type_tokens(&column.field_type, &TokenStream::new())).collect();
    let values: Vec<TokenStream> = key()
        .map(|column| {
            let field = ident(&column.field);
            quote!(::core::clone::Clone::clone(&self.#field))
        })
        .collect();
    let (key_type, key_value) = match (types.as_slice(), values.as_slice()) {
        ([key_type], [value]) => (quote!(#key_type), quote!(#value)),
        _ => (quote!((#(#types),*)), quote!((#(#values),*))),
    };
    quote! {
        #[automatically_derived]
        impl ::physio_runtime::Table for #row {
            type Key = #key_type;
            type Insert = #insert;
            type Patch = #patch;
            const KEY: &'static [&'static ::core::primitive::str] = &[#(#names),*];
            const CREATE: &'static ::core::primitive::str = #create;
            const UPSERT: &'static ::core::primitive::str = #upsert;

            #[allow(clippy::all)]
            fn key(&self) -> Self::Key {
                #key_value
            }
        }
    }
}

/// `pub mod orders { … }`.
pub(super) fn module_tokens(items: &TableItems) -> TokenStream {
    let (module, row) = (ident(&items.module), ident(&items.row));
    let module_doc = format!("Names of `{}` and its columns, and the SQL of its cache.", items.name);
    let (table, ddl, upsert) = (&items.name, &items.ddl, &items.upsert);
    let scope = quote!(super::);
    let columns = items.columns.iter().map(|column| {
        let (doc, constant, name) = (doc_tokens(&column.doc), ident(&column.constant), &column.name);
        let value = field_type(column, &scope);
        quote! {
            #doc
            pub const #constant: ::physio_runtime::types::Column<super::#row, #value> =
                ::physio_runtime::types::Column::new(#name);
        }
    });
    quote! {
        #[doc = #module_doc]
        #[allow(dead_code, non_upper_case_globals, unreachable_pub, clippy::all)]
        pub mod #module {
            /// The table's name.
            pub const TABLE: &::core::primitive::str = #table;
            /// `CREATE TABLE …` of the cache.
            pub const DDL: &::core::primitive::str = #ddl;
            /// The upsert that a pull uses.
            pub const UPSERT: &::core::primitive::str = #upsert;
            #(#columns)*
        }
    }
}
