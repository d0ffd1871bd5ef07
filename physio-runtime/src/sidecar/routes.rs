//! The requests.

use super::answer::Failure;
use super::values::{Params, parse_params, to_json};
use super::{Door, attention, events, security};
use crate::bridge::Token;
use crate::cache::WriteTransaction;
use crate::error::{Error, ErrorKind, Result};
use crate::physio::{Physio, check_reads_only};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL, VARY,
};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rusqlite::types::Value as SqlValue;
use rusqlite::{Row, params_from_iter};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::sync::Arc;

/// A picture fits; a mistake does not fill the memory.
const MAX_BODY_BYTES: usize = 64 << 20;

type Answer = std::result::Result<Json<Value>, Failure>;

pub(super) fn router(door: Arc<Door>) -> Router {
    Router::new()
        .route("/query", post(query))
        .route("/write", post(write))
        .route("/status", get(status))
        .route("/sync", post(sync))
        .route("/token", post(token))
        .route("/unsent", get(security::unsent))
        .route("/wipe", post(security::wipe))
        .route("/attention", get(attention::list))
        .route("/attention/units/{unit}/{what}", post(attention::decide_unit))
        .route("/attention/changes/{change}", post(attention::decide_change))
        .route("/events", get(events::listen))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(Arc::clone(&door), guard))
        .with_state(door)
}

/// Host, origin and token come before everything; a preflight carries no token.
async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let origin = match door.guard.check_place(request.headers()) {
        Ok(origin) => origin.cloned(),
        Err(denied) => return Failure::from(denied).into_response(),
    };
    let mut response = if request.method() == Method::OPTIONS && origin.is_some() {
        preflight()
    } else {
        match door.guard.check_token(request.headers()) {
            Ok(()) => next.run(request).await,
            Err(denied) => Failure::from(denied).into_response(),
        }
    };
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(VARY, HeaderValue::from_static("Origin"));
    }
    response
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    let private = HeaderName::from_static("access-control-allow-private-network");
    headers.insert(private, HeaderValue::from_static("true"));
    response
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    sql: String,
    #[serde(default)]
    params: Option<Value>,
}

async fn query(State(door): State<Arc<Door>>, body: Bytes) -> Answer {
    let statement: Statement = parse(&body)?;
    check_verb(&statement.sql, &["select", "with", "values", "explain"])?;
    blocking(move || {
        let params = parse_params(statement.params)?;
        // Learns the tables and wakes a refresh of old ones.
        door.physio.touch_sql(&statement.sql)?;
        door.physio.read(|connection| {
            let mut prepared = connection.prepare_cached(&statement.sql)?;
            let columns: Vec<String> = prepared.column_names().into_iter().map(Into::into).collect();
            check_reads_only(&prepared)?;
            let params = params.in_order(&prepared)?;
            let mut rows = prepared.query(params_from_iter(params))?;
            let mut answer = Vec::new();
            while let Some(row) = rows.next()? {
                answer.push(row_to_json(row)?);
            }
            Ok(json!({"columns": columns, "rows": answer}))
        })
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Write {
    statements: Vec<Statement>,
}

async fn write(State(door): State<Arc<Door>>, body: Bytes) -> Answer {
    let write: Write = parse(&body)?;
    if write.statements.is_empty() {
        return Err(Failure::bad_request("statements is empty"));
    }
    for statement in &write.statements {
        check_verb(&statement.sql, &["insert", "update", "delete", "replace", "with", "select", "values"])?;
    }
    blocking(move || {
        let statements = write.statements.into_iter().map(|statement| bind(&door.physio, statement));
        let statements = statements.collect::<Result<Vec<_>>>()?;
        door.physio.write(|tx| {
            let mut results = Vec::with_capacity(statements.len());
            let (mut n_changes, mut last_rowid) = (0, Value::Null);
            for (sql, params) in statements {
                let result = run_statement(tx, &sql, params)?;
                n_changes += result["changes"].as_i64().unwrap_or_default();
                if !result["last_insert_rowid"].is_null() {
                    last_rowid = result["last_insert_rowid"].clone();
                }
                results.push(result);
            }
            Ok(json!({"changes": n_changes, "last_insert_rowid": last_rowid, "results": results}))
        })
    })
    .await
}

/// A statement with its values in order. Names are looked up on a reading connection, which prepares a write
/// but would never run it.
fn bind(physio: &Physio, statement: Statement) -> Result<(String, Vec<SqlValue>)> {
    let values = match parse_params(statement.params)? {
        Params::Positional(values) => values,
        named @ Params::Named(_) => {
            physio.read(|connection| named.in_order(&connection.prepare(&statement.sql)?))?
        }
    };
    Ok((statement.sql, values))
}

/// What one statement of a write did: changed rows, the new row's id, and what it returned.
fn run_statement(tx: &WriteTransaction<'_>, sql: &str, params: Vec<SqlValue>) -> Result<Value> {
    let before = count(tx, "SELECT total_changes()")?;
    let mut columns: Vec<String> = Vec::new();
    let rows = tx.query(sql, params_from_iter(params), |row| {
        if columns.is_empty() {
            columns = row.as_ref().column_names().into_iter().map(Into::into).collect();
        }
        row_to_json(row)
    })?;
    // `changes()` keeps the number of an earlier statement when this one writes nothing.
    let is_written = count(tx, "SELECT total_changes()")? != before;
    let n_changes = if is_written { count(tx, "SELECT changes()")? } else { 0 };
    let is_insert = matches!(verb(sql).as_str(), "insert" | "replace");
    let rowid = match is_insert && n_changes > 0 {
        true => tx.query("SELECT last_insert_rowid()", [], |row| Ok(to_json(row.get_ref(0)?)))?.pop(),
        false => None,
    };
    Ok(json!({"changes": n_changes, "last_insert_rowid": rowid, "columns": columns, "rows": rows}))
}

fn count(tx: &WriteTransaction<'_>, sql: &str) -> Result<i64> {
    Ok(tx.query(sql, [], |row| Ok(row.get(0)?))?.pop().unwrap_or_default())
}

async fn status(State(door): State<Arc<Door>>) -> Answer {
    blocking(move || Ok(json!(door.physio.status()?))).await
}

async fn sync(State(door): State<Arc<Door>>) -> Answer {
    door.physio.sync_now().await?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewToken {
    token: String,
}

async fn token(State(door): State<Arc<Door>>, body: Bytes) -> Answer {
    let new: NewToken = parse(&body)?;
    door.physio.set_token(Token::new(new.token)).await?;
    Ok(Json(json!({})))
}

/// Reads a body; the error does not repeat it.
pub(super) fn parse<T: DeserializeOwned>(body: &Bytes) -> std::result::Result<T, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        Failure::bad_request(&format!(
            "the body is not the JSON of this request (line {}, column {})",
            error.line(),
            error.column()
        ))
    })
}

/// Runs a call of the cache where it may block.
pub(super) async fn blocking(call: impl FnOnce() -> Result<Value> + Send + 'static) -> Answer {
    match tokio::task::spawn_blocking(call).await {
        Ok(Ok(value)) => Ok(Json(value)),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Failure::internal()),
    }
}

fn row_to_json(row: &Row<'_>) -> Result<Value> {
    let n_columns = row.as_ref().column_count();
    let values = (0..n_columns).map(|column| Ok(to_json(row.get_ref(column)?)));
    Ok(Value::Array(values.collect::<Result<_>>()?))
}

/// ATTACH, PRAGMA, VACUUM and the like reach beyond the rows: they stay outside.
fn check_verb(sql: &str, allowed: &[&str]) -> Result<()> {
    if allowed.contains(&verb(sql).as_str()) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Usage, format!("a statement here begins with one of {}", allowed.join(", "))))
}

/// The first word in lower case, comments skipped.
fn verb(sql: &str) -> String {
    let mut rest = sql.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            break;
        };
        rest = after.trim_start();
    }
    rest.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{check_verb, verb};

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(verb("  -- a\n/* b */ Select(1)"), "select");
        assert_eq!(verb("/* attach"), "");
        for sql in ["ATTACH 'x' AS y", "/**/PRAGMA x", "VACUUM INTO 'x'", "", ";SELECT 1", "-- select"] {
            assert!(check_verb(sql, &["select"]).is_err(), "{sql}");
        }
    }
}
