//! The files behind `schema!`.

use crate::input::{Errors, SchemaInput};
use crate::source::{Source, find_source};
use std::sync::Arc;

/// A physio.toml and its dump, found and understood.
pub(crate) struct CheckedSchema {
    pub(crate) source: Arc<Source>,
}

/// Reads the files; what is wrong in them is reported at the path.
pub(crate) fn check_schema(input: SchemaInput) -> Result<CheckedSchema, Errors> {
    let source = find_source(&input.config.value(), input.config.span()).map_err(|messages| {
        messages.into_iter().map(|message| syn::Error::new(input.config.span(), message)).collect::<Errors>()
    })?;
    Ok(CheckedSchema { source })
}
