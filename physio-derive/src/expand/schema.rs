//! What `schema!` stands for.

use super::{depends_on, error_tokens, member, row, table, values};
use crate::check::CheckedSchema;
use crate::input::Errors;
use crate::source::Source;
use proc_macro2::TokenStream;
use quote::quote;

/// The items, or the errors.
pub(crate) fn schema_tokens(checked: Result<CheckedSchema, Errors>) -> TokenStream {
    match checked {
        Ok(checked) => expand(&checked.source),
        Err(errors) => error_tokens(&errors),
    }
}

fn expand(source: &Source) -> TokenStream {
    let files = depends_on([&source.config_path, &source.dump_path]);
    let plan = match serde_json::to_string(&source.plan) {
        Ok(json) => plan_tokens(&json),
        Err(error) => error_tokens(&vec![syn::Error::new(proc_macro2::Span::call_site(), error)]),
    };
    let tables = source.description.tables.iter().map(|items| {
        let parts = [
            items.member_types.iter().map(member::member_tokens).collect(),
            row::row_tokens(items),
            values::insert_tokens(items),
            values::patch_tokens(items),
            table::table_tokens(items),
            table::module_tokens(items),
        ];
        parts.into_iter().collect::<TokenStream>()
    });
    quote! {
        #files
        #plan
        #(#tables)*
    }
}

fn plan_tokens(json: &str) -> TokenStream {
    quote! {
        /// Everything the runtime must know of this schema, worked out when the program was compiled.
        #[allow(dead_code, unreachable_pub)]
        pub fn plan() -> &'static ::physio_runtime::Plan {
            static PLAN: ::std::sync::OnceLock<::physio_runtime::Plan> = ::std::sync::OnceLock::new();
            PLAN.get_or_init(|| {
                ::physio_runtime::__private::serde_json::from_str(#json)
                    .expect("the macro and the runtime are of one version and share the plan's type")
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::sample;

    fn expanded() -> String {
        expand(&sample::source()).to_string()
    }

    #[test]
    fn the_expansion_is_valid_rust() {
        let file: syn::File = syn::parse2(expand(&sample::source())).expect("items");
        let structs = file.items.iter().filter(|item| matches!(item, syn::Item::Struct(_))).count();
        assert_eq!(structs, 4, "row, insert, optional, patch");
    }

    #[test]
    fn generated_code_names_the_runtime_and_the_standard_library_only() {
        let text = expanded().replace(' ', "");
        let roots: std::collections::BTreeSet<&str> = text
            .match_indices("::")
            .filter(|(at, _)| !text[..*at].ends_with(|c: char| c.is_alphanumeric() || "_>".contains(c)))
            .map(|(at, _)| text[at + 2..].split("::").next().unwrap_or_default())
            .collect();
        assert_eq!(roots.into_iter().collect::<Vec<_>>(), ["core", "physio_runtime", "std"]);
    }

    #[test]
    fn cargo_is_told_of_both_files() {
        let text = expanded();
        assert!(text.contains("include_bytes ! (\"/sample/physio.toml\")"));
        assert!(text.contains("include_bytes ! (\"/sample/dump.sql\")"));
    }

    #[test]
    fn the_plan_comes_back_from_its_text() {
        let source = sample::source();
        let json = serde_json::to_string(&source.plan).unwrap();
        assert_eq!(serde_json::from_str::<physio_schema::plan::Plan>(&json).unwrap(), source.plan);
    }
}
