//! The network: a request waits here until the plan says what becomes of it.

use physio_runtime::bridge::HttpBridge;
use physio_runtime::bridge::embedded::{Answer, Request};
use physio_runtime::simulation::{Carried, Carrier, Stepped, Stepper};
use tokio::sync::{mpsc, oneshot};

/// What a device's loop tells the world.
pub(super) enum Message {
    /// A request waits.
    Sent { life: Life, request: Request, reply: Reply },
    /// The step has ended.
    Stepped { life: Life, stepper: Box<Stepper<HttpBridge>>, stepped: Stepped },
    /// The code under test panicked.
    Panicked { life: Life, text: String },
}

/// A device between two kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) device: usize,
    pub(super) number: u32,
}

/// Where the answer goes.
pub(super) type Reply = oneshot::Sender<Result<http::Response<reqwest::Body>, String>>;

/// Hands a device's requests to the world.
#[derive(Debug)]
pub(super) struct Cable {
    pub(super) life: Life,
    pub(super) world: mpsc::UnboundedSender<Message>,
}

impl Carrier for Cable {
    fn carry(&self, request: reqwest::Request) -> Carried {
        let (reply, answer) = oneshot::channel();
        let message = Message::Sent { life: self.life, request: received(&request), reply };
        let is_sent = self.world.send(message).is_ok();
        Box::pin(async move {
            if !is_sent {
                return Err("the world has ended".to_owned());
            }
            answer.await.unwrap_or_else(|_| Err("nobody answers".to_owned())).map(reqwest::Response::from)
        })
    }
}

/// A request as the server sees it.
fn received(request: &reqwest::Request) -> Request {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Request {
        method: request.method().as_str().to_owned(),
        path: request.url().path().to_owned(),
        query: request.url().query().unwrap_or_default().to_owned(),
        headers: request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        body: request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default().to_vec(),
    }
}

/// An answer on its way back, in two pieces; with `cut`, only so many thousandths of it and then an error or the end.
pub(super) fn response(answer: &Answer, cut: Option<u16>) -> http::Response<reqwest::Body> {
    let mut builder = http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(*name, value);
    }
    let length = answer.body.len();
    let kept = cut.map_or(length, |thousandths| length * usize::from(thousandths) / 1000);
    let (first, second) = answer.body[..kept].split_at(kept / 3);
    let mut pieces: Vec<Result<Vec<u8>, std::io::Error>> = vec![Ok(first.to_vec()), Ok(second.to_vec())];
    // Some connections break with an error; others end as if nothing more were to come.
    if cut.is_some_and(|thousandths| thousandths.is_multiple_of(2)) {
        pieces.push(Err(std::io::ErrorKind::ConnectionReset.into()));
    }
    let body = reqwest::Body::wrap_stream(futures_util::stream::iter(pieces));
    builder.body(body).expect("status and headers are the bridge's own")
}

/// A page of the host's own.
pub(super) fn html(status: u16) -> Answer {
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    Answer { status, headers, body: b"<!DOCTYPE html><html><body><h1>Blocked</h1></body></html>".to_vec() }
}
