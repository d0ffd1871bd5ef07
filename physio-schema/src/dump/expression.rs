//! Expressions as the server prints them.

use super::options::Server;
use super::read::column::strip_parentheses;

/// `text` without the parentheses around the whole of it.
pub(crate) fn canonical_expression(text: &str, _server: Server) -> String {
    strip_parentheses(text).to_owned()
}
