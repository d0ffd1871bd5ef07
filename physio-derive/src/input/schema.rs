//! `schema!("physio.toml")`.

use super::Errors;
use proc_macro2::TokenStream;
use syn::LitStr;

/// The macro's argument.
pub(crate) struct SchemaInput {
    /// The path as it was written.
    pub(crate) config: LitStr,
}

/// Reads the argument: one string literal.
pub(crate) fn parse_schema(tokens: TokenStream) -> Result<SchemaInput, Errors> {
    let example = "name the file: schema!(\"physio.toml\")";
    if tokens.is_empty() {
        return Err(vec![syn::Error::new(proc_macro2::Span::call_site(), example)]);
    }
    syn::parse2::<LitStr>(tokens)
        .map(|config| SchemaInput { config })
        .map_err(|error| vec![syn::Error::new(error.span(), example)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn takes_one_string_literal_and_nothing_else() {
        assert_eq!(parse_schema(quote!("shop/physio.toml")).unwrap().config.value(), "shop/physio.toml");
        for wrong in [quote!(), quote!(physio), quote!("a" "b"), quote!(path = "a")] {
            assert_eq!(
                parse_schema(wrong).err().unwrap()[0].to_string(),
                "name the file: schema!(\"physio.toml\")"
            );
        }
    }
}
