//! First pass: what the caller wrote, with its spans. Nothing is read and nothing is judged here.

mod from_row;
mod schema;

pub(crate) use from_row::{FieldInput, FromRowInput, parse_from_row};
pub(crate) use schema::{SchemaInput, parse_schema};

/// What a pass found wrong: every error, each at its own span.
pub(crate) type Errors = Vec<syn::Error>;
