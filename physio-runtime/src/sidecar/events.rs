//! The WebSocket: every event as one JSON text.

use super::Door;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;

/// The one protocol that is spoken; the token's offer is never the one that is chosen.
const PROTOCOL: &str = "physio.v1";

pub(super) async fn listen(State(door): State<Arc<Door>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade.protocols([PROTOCOL]).on_upgrade(move |socket| push_events(door, socket))
}

/// Begins with `{"event":"ready"}`: what happens after it is told. A slow listener gets `{"event":"lagged"}`
/// in place of what it missed and should read again what it shows.
async fn push_events(door: Arc<Door>, mut socket: WebSocket) {
    let mut events = door.physio.events();
    let mut open = door.open.clone();
    if send(&mut socket, &json!({"event": "ready"})).await.is_err() {
        return;
    }
    loop {
        let text = tokio::select! {
            event = events.recv() => match event {
                Ok(event) => json!(event),
                Err(RecvError::Lagged(n_missed)) => json!({"event": "lagged", "n_missed": n_missed}),
                Err(RecvError::Closed) => break,
            },
            message = socket.recv() => match message {
                // Nothing is expected from the other side; pings are answered by the library.
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => continue,
            },
            _ = open.wait_for(|open| !open) => break,
        };
        if send(&mut socket, &text).await.is_err() {
            return;
        }
    }
    // The other side may have gone already.
    let _ = socket.send(Message::Close(None)).await;
}

async fn send(socket: &mut WebSocket, value: &Value) -> Result<(), axum::Error> {
    socket.send(Message::Text(Utf8Bytes::from(value.to_string()))).await
}
