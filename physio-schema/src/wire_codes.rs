//! The error codes of the wire: one table for the bridge, the runtime and the documentation.

/// What a client does about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Send the same bytes again later, with backoff.
    Retry,
    /// Ask the user to log in again; the outbox is kept.
    Login,
    /// Fetch what the server knows about the schema; affected tables pause.
    Schema,
    /// Rebuild the mirror from the first page; the outbox is kept.
    Resync,
    /// A mistake of the caller: repeating it gives the same answer.
    Never,
}

/// One error code with its HTTP status, what to do about it, and its plain meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WireCode {
    /// The stable code, as `error.code` of the answer.
    pub code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// What the client does.
    pub remedy: Remedy,
    /// One plain sentence; also the `error.message` of the bridge.
    pub meaning: &'static str,
}

const fn code(code: &'static str, status: u16, remedy: Remedy, meaning: &'static str) -> WireCode {
    WireCode { code, status, remedy, meaning }
}

/// Every error a bridge may answer with, by HTTP status.
pub const WIRE_CODES: &[WireCode] = &[
    code("bad_request", 400, Remedy::Never, "The request is not valid JSON or lacks a required field."),
    code("token_missing", 401, Remedy::Login, "The Authorization: Bearer header is missing."),
    code("token_refused", 401, Remedy::Login, "The token is unknown, revoked or expired."),
    code("forbidden", 403, Remedy::Never, "This token may not do that."),
    code("table_read_only", 403, Remedy::Never, "The table takes no writes from clients."),
    code("tls_required", 403, Remedy::Never, "The bridge answers only over HTTPS."),
    code("unknown_table", 404, Remedy::Never, "The table is not on the whitelist."),
    code("method_not_allowed", 405, Remedy::Never, "The endpoint takes another HTTP method."),
    code("batch_stale", 409, Remedy::Never, "A newer batch of this device has been taken already."),
    code("batch_gap", 409, Remedy::Resync, "Earlier batches of this device are missing on the server."),
    code("schema_changed", 409, Remedy::Schema, "Client and server were generated from different schemas."),
    code("epoch_changed", 409, Remedy::Resync, "The server's change feed was rebuilt."),
    code("cursor_expired", 410, Remedy::Resync, "The cursor is older than the server's oldest change."),
    code("body_too_large", 413, Remedy::Never, "The request body is larger than the bridge takes."),
    code("batch_reused", 422, Remedy::Never, "This batch number was used with other content."),
    code("unknown_column", 422, Remedy::Schema, "The column is not on the whitelist."),
    code("bad_value", 422, Remedy::Never, "A value does not fit its column."),
    code("too_many_attempts", 429, Remedy::Retry, "Too many refused tokens from this address."),
    code("internal", 500, Remedy::Retry, "The bridge failed; the host's error log has the details."),
    code("not_installed", 503, Remedy::Retry, "The sync tables are missing: run the install SQL."),
    code("database_unavailable", 503, Remedy::Retry, "The database does not answer."),
    code("busy", 503, Remedy::Retry, "The server is busy; the same request may be sent again."),
];

/// Why one unit of a batch was not applied (`units[].code`).
pub const UNIT_CODES: &[(&str, &str)] = &[
    ("changed", "The row was changed on the server since the edit began."),
    ("gone", "The row no longer exists on the server."),
    ("duplicate_key", "Another row has the same unique key."),
    ("parent_missing", "A row that it refers to does not exist."),
    ("still_referenced", "Other rows refer to it."),
    ("not_null", "A required column is empty."),
    ("out_of_range", "A number does not fit its column."),
    ("too_long", "A text does not fit its column."),
    ("bad_value", "A value does not fit its column."),
    ("check_failed", "A CHECK of the table refuses the row."),
    ("unknown_table", "The table is not on the whitelist."),
    ("unknown_column", "The column is not on the whitelist."),
    ("table_read_only", "The table takes no writes from clients."),
    ("forbidden", "This token may not do that."),
    ("unknown_reference", "It refers to a temporary key that the server has never seen."),
    ("blocked", "It depends on a unit that was not applied."),
    ("refused", "The database refused it."),
];

/// The entry of a code.
///
/// ```
/// let busy = physio_schema::wire_codes::wire_code("busy").expect("known");
/// assert_eq!(busy.status, 503);
/// ```
pub fn wire_code(code: &str) -> Option<&'static WireCode> {
    WIRE_CODES.iter().find(|entry| entry.code == code)
}
