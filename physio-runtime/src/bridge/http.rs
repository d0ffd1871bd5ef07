//! The HTTP client: headers, timeouts and limits of PROTOCOL.md. What the lines mean is `stream`'s business.

mod address;
#[cfg(feature = "simulation")]
pub(crate) mod carrier;
mod lines;
mod refusal;
mod stream;
#[cfg(test)]
mod tests;
mod token;

pub use token::Token;

use super::Bridge;
use super::wire::{
    BatchAnswer, BridgeError, Cursor, PageFrom, PageRequest, RangeRequest, RowSink, StreamEnd, SyncRequest,
};
use crate::error::{Error, ErrorKind, Result};
use lines::LineSplitter;
use physio_schema::plan::Plan;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Response, Url};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use stream::StreamReader;

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-physio-token");
const KNOWN_HEADER: HeaderName = HeaderName::from_static("x-physio-known");

/// Bytes of an answer that is read whole: the answer to a push holds every row that the push touched.
const MAX_ANSWER_BYTES: usize = 64 << 20;

/// The bridge over HTTPS (or plain HTTP on this machine).
///
/// Clones share the connection pool and the token. The token never appears in `Debug` output, errors or
/// logs, and is never sent along a redirect: redirects are not followed.
///
/// ```
/// use physio_runtime::bridge::{HttpBridge, Token};
/// # let plan: physio_runtime::Plan = serde_json::from_str(r#"{"format":1,"app":"a","fingerprint":"0",
/// #  "utc_offset_minutes":0,"waves":[],"tables":[],"sync":{"interval_s":30,"page_rows":20000,
/// #  "push_bytes":100000,"stale_after_s":60,"timeout_s":30}}"#).unwrap();
/// let device = "00112233445566778899aabbccddeeff";
/// let bridge = HttpBridge::new("https://example.org/bridge/", Token::new("secret"), device, &plan)?;
/// assert!(!format!("{bridge:?}").contains("secret"));
/// assert!(HttpBridge::new("http://example.org/bridge/", Token::new("secret"), device, &plan).is_err());
/// # Ok::<(), physio_runtime::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct HttpBridge {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    client: reqwest::Client,
    base: Url,
    /// What every request says of this device.
    headers: HeaderMap,
    /// Instead of the network.
    #[cfg(feature = "simulation")]
    carrier: Option<std::sync::Arc<dyn carrier::Carrier>>,
    /// `Authorization` and the plain token, both marked sensitive.
    token: RwLock<(HeaderValue, HeaderValue)>,
    idle_timeout: Duration,
    /// The bridge's fingerprint that the client has compared its plan with.
    known: RwLock<Option<HeaderValue>>,
}

impl HttpBridge {
    /// Prepares the client; nothing is sent yet. `url` is the folder that holds the PHP files, `device` the
    /// cache's name (`Cache::device`).
    ///
    /// # Errors
    ///
    /// `Usage` when the URL is not HTTPS (plain HTTP is taken on loopback only), carries a user name, a
    /// query or a fragment, or when token or device cannot be a header.
    pub fn new(url: &str, token: Token, device: &str, plan: &Plan) -> Result<Self> {
        let idle_timeout = idle_timeout(plan);
        let client = reqwest::Client::builder()
            .user_agent(concat!("physio-runtime/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(idle_timeout)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| {
                Error::with_source(ErrorKind::Usage, "the HTTP client cannot be set up", error.without_url())
            })?;
        Self::with_client(client, url, &token, device, plan)
    }

    fn with_client(
        client: reqwest::Client,
        url: &str,
        token: &Token,
        device: &str,
        plan: &Plan,
    ) -> Result<Self> {
        let base = address::parse_base(url)?;
        let mut headers = HeaderMap::new();
        for (name, text) in [
            ("x-physio-device", device),
            ("x-physio-fingerprint", plan.fingerprint.as_str()),
            ("x-physio-protocol", "1"),
        ] {
            let value = HeaderValue::from_str(text).map_err(|_| {
                Error::new(ErrorKind::Usage, format!("the header {name} takes hex digits only"))
            })?;
            headers.insert(HeaderName::from_static(name), value);
        }
        let token = RwLock::new(token.to_headers()?);
        let shared = Shared {
            client,
            base,
            headers,
            #[cfg(feature = "simulation")]
            carrier: None,
            token,
            idle_timeout: idle_timeout(plan),
            known: RwLock::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    fn request(&self, method: reqwest::Method, file: &str, query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.shared.base.clone();
        url.set_path(&format!("{}{file}", self.shared.base.path()));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let (bearer, plain) = self.shared.token.read().unwrap_or_else(PoisonError::into_inner).clone();
        let request = self.shared.client.request(method, url).headers(self.shared.headers.clone());
        let request = request.header(AUTHORIZATION, bearer).header(TOKEN_HEADER, plain);
        match self.shared.known.read().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(known) => request.header(KNOWN_HEADER, known),
            None => request,
        }
    }

    /// Waits for the head of the answer; anything but 200 becomes an error.
    async fn send(&self, request: RequestBuilder) -> Result<Response, BridgeError> {
        let response = self.head_of_answer(request).await?;
        if response.status() == reqwest::StatusCode::OK {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let retry_after = refusal::retry_after(response.headers());
        let body = self.read_whole(response, refusal::MAX_ERROR_BYTES).await.unwrap_or_default();
        Err(refusal::parse_refusal(status, retry_after, &body))
    }

    async fn head_of_answer(&self, request: RequestBuilder) -> Result<Response, BridgeError> {
        #[cfg(feature = "simulation")]
        if let Some(carrier) = &self.shared.carrier {
            return carrier::carried(&**carrier, request).await;
        }
        self.within_idle_timeout(request.send()).await
    }

    async fn within_idle_timeout<T>(
        &self,
        step: impl Future<Output = reqwest::Result<T>>,
    ) -> Result<T, BridgeError> {
        match tokio::time::timeout(self.shared.idle_timeout, step).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(BridgeError::Unreachable(refusal::describe(&error))),
            Err(_) => Err(BridgeError::Unreachable(format!(
                "nothing came for {} s",
                self.shared.idle_timeout.as_secs()
            ))),
        }
    }

    async fn read_whole(&self, mut response: Response, limit: usize) -> Result<Vec<u8>, BridgeError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.within_idle_timeout(response.chunk()).await? {
            if body.len() + chunk.len() > limit {
                return Err(BridgeError::NotABridge {
                    status: response.status().as_u16(),
                    message: format!("the answer is longer than {limit} bytes"),
                    retry_after: None,
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    async fn stream<S: RowSink>(
        &self,
        file: &str,
        query: &[(&str, &str)],
        epoch: Option<&str>,
        sink: &mut S,
    ) -> Result<StreamEnd, BridgeError> {
        let request = self.request(reqwest::Method::GET, file, query);
        let mut response = self.send(request.header(ACCEPT, "application/x-ndjson")).await?;
        refusal::check_content_type(response.headers())?;
        let mut splitter = LineSplitter::default();
        let mut reader = StreamReader::new(sink, epoch);
        while let Some(chunk) = self.within_idle_timeout(response.chunk()).await? {
            splitter.feed(&chunk, |line| reader.line(line))?;
        }
        splitter.finish(|line| reader.last_line(line))?;
        reader.finish()
    }
}

fn idle_timeout(plan: &Plan) -> Duration {
    Duration::from_secs(plan.sync.timeout_s.max(1))
}

impl Bridge for HttpBridge {
    async fn sync<S: RowSink>(&self, request: &SyncRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        let limit = request.limit.to_string();
        let tables = request.tables.join(",");
        let since = request.since.as_ref().map_or("new", |Cursor(text)| text.as_str());
        let mut query = vec![("since", since), ("limit", limit.as_str())];
        if !tables.is_empty() {
            query.push(("tables", &tables));
        }
        let describe = request.describe.join(",");
        if !describe.is_empty() {
            query.push(("describe", &describe));
        }
        self.stream("sync.php", &query, None, sink).await
    }

    async fn page<S: RowSink>(&self, request: &PageRequest, sink: &mut S) -> Result<StreamEnd, BridgeError> {
        let limit = request.limit.to_string();
        let mut query = vec![("table", request.table.as_str()), ("limit", limit.as_str())];
        match &request.from {
            PageFrom::Start => {}
            PageFrom::After(key) => query.push(("after", key)),
            PageFrom::Key(key) => query.push(("key", key)),
        }
        self.stream("read.php", &query, request.epoch.as_deref(), sink).await
    }

    async fn range<S: RowSink>(
        &self,
        request: &RangeRequest,
        sink: &mut S,
    ) -> Result<StreamEnd, BridgeError> {
        let limit = request.limit.to_string();
        let sums = request.sums.map(|sums| sums.to_string());
        let mut query = vec![("table", request.table.as_str()), ("limit", limit.as_str())];
        for (name, value) in [("after", &request.after), ("until", &request.until), ("sums", &sums)] {
            query.extend(value.as_ref().map(|value| (name, value.as_str())));
        }
        self.stream("read.php", &query, request.epoch.as_deref(), sink).await
    }

    async fn push(&self, body: &[u8]) -> Result<BatchAnswer, BridgeError> {
        let request = self
            .request(reqwest::Method::POST, "batch.php", &[])
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(body.to_vec());
        let response = self.send(request).await?;
        refusal::check_content_type(response.headers())?;
        let body = self.read_whole(response, MAX_ANSWER_BYTES).await?;
        refusal::parse_answer(&body)
    }

    fn set_known_fingerprint(&self, fingerprint: &str) {
        // One that cannot be a header is no fingerprint; without the header the bridge is only more careful.
        let known = HeaderValue::from_str(fingerprint).ok();
        *self.shared.known.write().unwrap_or_else(PoisonError::into_inner) = known;
    }

    fn set_token(&self, token: &Token) -> Result<()> {
        let headers = token.to_headers()?;
        *self.shared.token.write().unwrap_or_else(PoisonError::into_inner) = headers;
        Ok(())
    }
}
