//! Errors as JSON: a stable code, a status, and a sentence without values, SQL or tokens.

use super::guard::Denied;
use crate::error::{Error, ErrorKind};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An error on its way out.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Failure {
    pub(super) fn bad_request(message: &str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: "bad_request", message: message.into() }
    }

    /// A step ended without a result, which is a mistake of ours.
    pub(super) fn internal() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "internal",
            message: "the sidecar failed; see its log".into(),
        }
    }
}

impl From<Denied> for Failure {
    fn from(denied: Denied) -> Self {
        let (status, code, message) = match denied {
            Denied::Host => (StatusCode::FORBIDDEN, "host", "use the address that the sidecar printed"),
            Denied::Origin => {
                (StatusCode::FORBIDDEN, "origin", "this origin is not allowed; see --allow-origin")
            }
            Denied::Token => {
                (StatusCode::UNAUTHORIZED, "token", "the token of this start is missing or wrong")
            }
        };
        Self { status, code, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (status, code) = match error.kind() {
            ErrorKind::Sql => (StatusCode::BAD_REQUEST, "sql"),
            ErrorKind::Usage => (StatusCode::BAD_REQUEST, "usage"),
            ErrorKind::Constraint => (StatusCode::UNPROCESSABLE_ENTITY, "constraint"),
            ErrorKind::Field => (StatusCode::UNPROCESSABLE_ENTITY, "field"),
            ErrorKind::Storage => (StatusCode::INTERNAL_SERVER_ERROR, "storage"),
            ErrorKind::Key => (StatusCode::INTERNAL_SERVER_ERROR, "key"),
            ErrorKind::Unsent => (StatusCode::CONFLICT, "unsent"),
            ErrorKind::CacheFromTheFuture => (StatusCode::INTERNAL_SERVER_ERROR, "cache_from_the_future"),
            // 401 is the door's own: an interface would take it for a wrong token of this start.
            ErrorKind::Login => (StatusCode::CONFLICT, "login_needed"),
            ErrorKind::Offline => (StatusCode::SERVICE_UNAVAILABLE, "offline"),
            ErrorKind::Refused => (StatusCode::BAD_GATEWAY, "refused"),
            ErrorKind::Schema => (StatusCode::BAD_GATEWAY, "schema"),
            ErrorKind::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        };
        Self { status, code, message: error.to_string() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, Json(json!({"error": {"code": self.code, "message": self.message}}))).into_response()
    }
}
