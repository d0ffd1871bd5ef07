//! The types of ENUM and SET members.

use super::ident;
use physio_schema::describe::MemberType;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The enum with everything that makes it text.
pub(super) fn member_tokens(member_type: &MemberType) -> TokenStream {
    let (name, doc, unknown) = (ident(&member_type.name), &member_type.doc, ident(&member_type.unknown));
    let names: Vec<Ident> = member_type.variants.iter().map(|variant| ident(&variant.name)).collect();
    let texts: Vec<&str> = member_type.variants.iter().map(|variant| variant.text.as_str()).collect();
    let docs = texts.iter().map(|text| physio_schema::describe::code_span(text));
    let expected = format!("the text of a `{}`", member_type.name);
    let text_traits = text_trait_tokens(&name);
    let field_traits = field_trait_tokens(&name, &expected);
    quote! {
        #[doc = #doc]
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[allow(dead_code, non_camel_case_types, unreachable_pub, clippy::all)]
        pub enum #name {
            #(#[doc = #docs] #names,)*
            /// A text that the dump does not list, as it is stored.
            #unknown(::std::string::String),
        }

        #[automatically_derived]
        impl ::physio_runtime::types::Member for #name {
            const MEMBERS: &'static [&'static ::core::primitive::str] = &[#(#texts),*];

            fn from_text(text: &::core::primitive::str) -> Self {
                match text {
                    #(#texts => Self::#names,)*
                    _ => Self::#unknown(::std::borrow::ToOwned::to_owned(text)),
                }
            }

            fn as_str(&self) -> &::core::primitive::str {
                match self {
                    #(Self::#names => #texts,)*
                    Self::#unknown(text) => text,
                }
            }
        }

        #[allow(dead_code, unreachable_pub)]
        impl #name {
            /// The text that MySQL stores.
            pub fn as_str(&self) -> &::core::primitive::str {
                ::physio_runtime::types::Member::as_str(self)
            }
        }

        #text_traits
        #field_traits
    }
}

fn text_trait_tokens(name: &Ident) -> TokenStream {
    let member = quote!(::physio_runtime::types::Member);
    let serde = quote!(::physio_runtime::__private::serde);
    quote! {
        #[automatically_derived]
        impl ::core::fmt::Display for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(#member::as_str(self))
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #name {
            type Err = ::core::convert::Infallible;

            fn from_str(text: &::core::primitive::str) -> ::core::result::Result<Self, Self::Err> {
                ::core::result::Result::Ok(#member::from_text(text))
            }
        }

        #[automatically_derived]
        impl #serde::Serialize for #name {
            fn serialize<S: #serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(#member::as_str(self))
            }
        }

        #[automatically_derived]
        impl<'de> #serde::Deserialize<'de> for #name {
            fn deserialize<D: #serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                let text = <::std::string::String as #serde::Deserialize<'de>>::deserialize(deserializer)?;
                ::core::result::Result::Ok(#member::from_text(&text))
            }
        }
    }
}

fn field_trait_tokens(name: &Ident, expected: &str) -> TokenStream {
    let member = quote!(::physio_runtime::types::Member);
    let private = quote!(::physio_runtime::__private);
    quote! {
        #[automatically_derived]
        impl #private::FieldValue for #name {
            fn from_sql(
                value: #private::ValueRef<'_>,
            ) -> ::core::result::Result<Self, #private::FieldError> {
                #private::read_member(value, #expected)
            }

            fn to_sql(&self) -> #private::Value {
                #private::Value::Text(::std::borrow::ToOwned::to_owned(#member::as_str(self)))
            }
        }

        #[automatically_derived]
        impl #private::rusqlite::types::ToSql for #name {
            fn to_sql(
                &self,
            ) -> #private::rusqlite::Result<#private::rusqlite::types::ToSqlOutput<'_>> {
                ::core::result::Result::Ok(#member::as_str(self).into())
            }
        }
    }
}
