//! Third pass: tokens of what was checked. Nothing is decided here.

mod from_row;
mod member;
mod row;
mod schema;
mod table;
mod values;

pub(crate) use from_row::from_row_tokens;
pub(crate) use schema::schema_tokens;

use crate::input::Errors;
use physio_schema::describe::{FieldType, parse_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use std::path::Path;

/// Every error as a `compile_error!` at its span.
fn error_tokens(errors: &Errors) -> TokenStream {
    errors.iter().map(syn::Error::to_compile_error).collect()
}

/// The identifier of a described name.
fn ident(name: &str) -> Ident {
    parse_name(name, Span::call_site())
}

/// Makes Cargo compile again when a file changes: stable Rust has no other way to say so.
fn depends_on(files: [&Path; 2]) -> TokenStream {
    let paths = files.map(|path| path.to_string_lossy().into_owned());
    quote! {
        const _: (&[::core::primitive::u8], &[::core::primitive::u8]) =
            (#(::core::include_bytes!(#paths)),*);
    }
}

/// The type without `Option`. `scope` leads to the module in which `schema!` stands.
fn type_tokens(field_type: &FieldType, scope: &TokenStream) -> TokenStream {
    let types = quote!(::physio_runtime::types);
    match field_type {
        FieldType::Integer(integer) => {
            let name = ident(&integer.name());
            quote!(::core::primitive::#name)
        }
        FieldType::F32 => quote!(::core::primitive::f32),
        FieldType::F64 => quote!(::core::primitive::f64),
        FieldType::Decimal => quote!(#types::Decimal),
        FieldType::Date => quote!(#types::Date),
        FieldType::DateTime => quote!(#types::DateTime),
        FieldType::Timestamp => quote!(#types::Timestamp),
        FieldType::Time => quote!(#types::Time),
        FieldType::Text => quote!(::std::string::String),
        FieldType::Bytes => quote!(::std::vec::Vec<::core::primitive::u8>),
        FieldType::Member(name) => {
            let name = ident(name);
            quote!(#scope #name)
        }
        FieldType::Set(name) => {
            let name = ident(name);
            quote!(#types::Set<#scope #name>)
        }
    }
}

fn optional_tokens(is_option: bool, inner: TokenStream) -> TokenStream {
    if is_option { quote!(::core::option::Option<#inner>) } else { inner }
}

/// `#[doc]` lines.
fn doc_tokens(lines: &[String]) -> TokenStream {
    let paragraphs = lines.join("\n\n");
    quote!(#[doc = #paragraphs])
}
