//! What waits for a person, as JSON, and the decisions.

use super::Door;
use super::answer::Failure;
use super::routes::{blocking, parse};
use crate::cache::{Attention, AttentionChange, ParkedState, Resolution};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Json<Value>, Failure>;

pub(super) async fn list(State(door): State<Arc<Door>>) -> Answer {
    blocking(move || Ok(door.physio.attention()?.iter().map(unit_to_json).collect())).await
}

pub(super) async fn decide_unit(
    State(door): State<Arc<Door>>,
    Path((unit, what)): Path<(i64, String)>,
) -> Answer {
    let decide = match what.as_str() {
        "retry" => crate::Physio::retry_unit,
        "discard" => crate::Physio::discard_unit,
        _ => return Err(Failure::bad_request("a unit can be sent to retry or to discard")),
    };
    blocking(move || decide(&door.physio, unit).map(|()| json!({}))).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    resolution: Given,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Given {
    Mine,
    Theirs,
    Merged(crate::bridge::wire::Values),
}

pub(super) async fn decide_change(
    State(door): State<Arc<Door>>,
    Path(change): Path<i64>,
    body: Bytes,
) -> Answer {
    let decision: Decision = parse(&body)?;
    let resolution = match decision.resolution {
        Given::Mine => Resolution::Mine,
        Given::Theirs => Resolution::Theirs,
        Given::Merged(values) => Resolution::Merged(values),
    };
    blocking(move || door.physio.resolve_conflict(change, resolution).map(|()| json!({}))).await
}

fn unit_to_json(unit: &Attention) -> Value {
    let state = match unit.state {
        ParkedState::Conflict => "conflict",
        ParkedState::Failed => "failed",
        ParkedState::Notice => "notice",
    };
    json!({
        "unit": unit.unit,
        "state": state,
        "code": unit.code,
        "field": unit.field,
        "blocked_by": unit.blocked_by,
        "sealed_at": unit.sealed_at,
        "changes": unit.changes.iter().map(change_to_json).collect::<Vec<_>>(),
    })
}

fn change_to_json(change: &AttentionChange) -> Value {
    json!({
        "change": change.change,
        "table": change.table,
        "key": change.key,
        "op": change.operation.as_str(),
        "in_conflict": change.in_conflict,
        "base": change.base,
        "mine": change.mine,
        "theirs": change.theirs,
    })
}
