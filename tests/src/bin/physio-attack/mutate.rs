//! One to four changes of a valid request, anywhere in it.

use crate::payload;
use crate::socket::Request;
use fastrand::Rng;
use serde_json::{Map, Value};

/// What a request may be sent to besides its own endpoint.
const PATHS: &[&str] =
    &["sync.php", "read.php", "batch.php", "write.php", "sync.php/x", "./read.php", "config.php"];
const METHODS: &[&str] = &["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"];
const PARAMETERS: &[&str] = &[
    "since", "limit", "tables", "describe", "report", "table", "after", "until", "key", "sums", "token",
    "since[]", "limit[a]",
];
const HEADERS: &[&str] = &[
    "Authorization",
    "X-Physio-Token",
    "X-Physio-Device",
    "X-Physio-Fingerprint",
    "X-Physio-Known",
    "X-Physio-Protocol",
    "Content-Type",
    "Accept-Encoding",
    "X-HTTP-Method-Override",
    "Cookie",
    "Referer",
    "User-Agent",
];

/// Changes the request; `body` is its JSON, when it has one.
pub(crate) fn mutate(request: &mut Request, body: Option<Value>, random: &mut Rng) {
    let mut body = body;
    let is_push = body.is_some();
    // One change alone comes the furthest.
    let n_changes = if random.u8(..3) == 0 { random.usize(2..=4) } else { 1 };
    for _ in 0..n_changes {
        match random.u8(..100) {
            // A push is all in its body, a pull all in its query.
            0..70 => match &mut body {
                Some(body) => change_json(body, random),
                None => change_query(request, random),
            },
            70..86 => change_header(request, random),
            86..92 => change_query(request, random),
            92..95 => request.method = METHODS[random.usize(..METHODS.len())].to_owned(),
            95..97 => request.path = PATHS[random.usize(..PATHS.len())].to_owned(),
            _ if is_push => {
                request.body = body
                    .take()
                    .map(|body| body.to_string().into_bytes())
                    .unwrap_or(std::mem::take(&mut request.body));
                change_bytes(&mut request.body, random);
            }
            _ => change_query(request, random),
        }
    }
    if let Some(body) = body {
        request.body = body.to_string().into_bytes();
    }
}

fn change_query(request: &mut Request, random: &mut Rng) {
    let n = request.query.len();
    match random.u8(..6) {
        0..3 if n > 0 => request.query[random.usize(..n)].1 = payload::bytes(random),
        3 if n > 0 => {
            let more = payload::bytes(random);
            request.query[random.usize(..n)].1.extend(more);
        }
        4 if n > 0 => drop(request.query.remove(random.usize(..n))),
        _ => {
            let name = PARAMETERS[random.usize(..PARAMETERS.len())].as_bytes().to_vec();
            request.query.push((name, payload::bytes(random)));
        }
    }
}

fn change_header(request: &mut Request, random: &mut Rng) {
    let name = HEADERS[random.usize(..HEADERS.len())];
    let known = request.headers.iter().position(|(known, _)| known.eq_ignore_ascii_case(name));
    match (known, random.u8(..4)) {
        (Some(position), 0) => drop(request.headers.remove(position)),
        (Some(position), 1) => request.headers[position].1.extend(payload::bytes(random)),
        (Some(position), _) => request.headers[position].1 = payload::bytes(random),
        (None, _) => request.headers.push((name.to_owned(), payload::bytes(random))),
    }
}

fn change_bytes(body: &mut Vec<u8>, random: &mut Rng) {
    match random.u8(..5) {
        0 => body.truncate(random.usize(..=body.len())),
        1 if !body.is_empty() => {
            let place = random.usize(..body.len());
            body[place] ^= 1 << random.u8(..8);
        }
        2 => {
            let place = random.usize(..=body.len());
            body.splice(place..place, payload::bytes(random));
        }
        3 => body.clear(),
        _ => body.resize(random.usize(131_000..140_000), b' '),
    }
}

/// Walks down to some place and changes what is there.
fn change_json(value: &mut Value, random: &mut Rng) {
    // Deeper places are what a push is made of: seldom stop on the way.
    let stop = random.u8(..24) == 0;
    match value {
        Value::Object(members) if !stop && !members.is_empty() => change_member(members, random),
        Value::Array(items) if !stop && !items.is_empty() => {
            let place = random.usize(..items.len());
            match random.u8(..8) {
                0 => drop(items.remove(place)),
                1 => items.push(items[place].clone()),
                2 => items.insert(place, payload::json(random)),
                _ => change_json(&mut items[place], random),
            }
        }
        other => *other = payload::json(random),
    }
}

fn change_member(members: &mut Map<String, Value>, random: &mut Rng) {
    // Most places are deep inside: go on to them rather than change what is refused at once.
    let is_deep =
        |value: &Value| value.as_object().map_or(value.as_array().map_or(0, Vec::len), Map::len) > 0;
    let is_going_on = random.u8(..6) != 0 && members.values().any(is_deep);
    let names: Vec<String> = members
        .iter()
        .filter(|(_, value)| !is_going_on || is_deep(value))
        .map(|(name, _)| name.clone())
        .collect();
    let name = &names[random.usize(..names.len())];
    match random.u8(..16) {
        0 => drop(members.remove(name)),
        1 => {
            let value = members.remove(name).unwrap_or_default();
            members.insert(payload::text(random), value);
        }
        2 => drop(members.insert(payload::text(random), payload::json(random))),
        _ => {
            if let Some(value) = members.get_mut(name) {
                change_json(value, random);
            }
        }
    }
}
