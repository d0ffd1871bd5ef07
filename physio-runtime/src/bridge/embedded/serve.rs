//! The thin HTTP shell: axum on a loopback port, in a thread of its own.

use super::core::BridgeCore;
use super::faults::{Fault, Faults};
use super::request::{Answer, Endpoint, Request};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What the shell and its owner share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) core: Mutex<BridgeCore>,
    pub(super) faults: Mutex<Faults>,
}

impl Shared {
    /// A panic of another caller leaves the store as its last transaction left it.
    pub(super) fn core(&self) -> MutexGuard<'_, BridgeCore> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running server; dropping it closes the port and every connection.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Listens at `address` (port 0: any free one) until dropped.
    pub(super) fn start(address: SocketAddr, shared: Arc<Shared>) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // Not `block_on`: a test may start the bridge on a thread that drives a runtime already.
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _within = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let app = Router::new().fallback(handle).with_state(shared);
        let app = app.into_make_service_with_connect_info::<Connection>();
        let thread = std::thread::Builder::new().name("physio-embedded-bridge".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    served = axum::serve(CuttableListener(listener), app) => {
                        if let Err(error) = served {
                            tracing::error!(%error, "the embedded bridge stopped serving");
                        }
                    }
                    _ = stopped => {}
                }
            });
            // Open connections end with the runtime, as they do when a server is killed.
            runtime.shutdown_background();
        })?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: axum::extract::Request,
) -> Response {
    let endpoint = Endpoint::of_path(request.uri().path());
    let fault = shared.faults().take(endpoint);
    let n_body_bytes = match fault {
        Some(Fault::Offline) => return connection.cut(),
        Some(Fault::Refuse(code)) => return response(shared.core().refusal(code)),
        Some(Fault::Html(status)) => return html(status),
        Some(Fault::Delay(wait)) => {
            tokio::time::sleep(wait).await;
            None
        }
        Some(Fault::DropReply) => {
            return match received(request).await {
                Some(request) => {
                    drop(shared.core().answer(&request, now_ms()));
                    connection.cut()
                }
                None => connection.cut(),
            };
        }
        Some(Fault::CutBody(n_bytes)) => Some(n_bytes),
        None => None,
    };
    let Some(request) = received(request).await else {
        return response(shared.core().refusal("body_too_large"));
    };
    let answer = shared.core().answer(&request, now_ms());
    match n_body_bytes {
        Some(n_bytes) => connection.cut_after(answer, n_bytes),
        None => response(answer),
    }
}

async fn received(request: axum::extract::Request) -> Option<Request> {
    let (head, body) = request.into_parts();
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Some(Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.iter().map(header).collect(),
        body: to_bytes(body, super::batch::MOST_BODY_BYTES * 8).await.ok()?.to_vec(),
    })
}

fn response(answer: Answer) -> Response {
    let length = answer.body.len();
    with_body(answer.status, answer.headers, Body::from(answer.body), length)
}

fn with_body(status: u16, headers: Vec<(&'static str, String)>, body: Body, length: usize) -> Response {
    let mut builder = Response::builder().status(status).header("content-length", length);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(body).unwrap_or_else(|_| {
        let mut failed = Response::new(Body::empty());
        *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        failed
    })
}

fn html(status: u16) -> Response {
    let page = "<!DOCTYPE html><html><body><h1>Request blocked</h1></body></html>";
    let headers = vec![("content-type", "text/html; charset=utf-8".to_owned())];
    with_body(status, headers, Body::from(page), page.len())
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// A handle by which a request cuts the connection that it came on.
#[derive(Debug, Clone)]
struct Connection(Arc<AtomicBool>);

impl Connection {
    /// Lets every further write fail, so that not a byte of an answer leaves.
    fn cut(&self) -> Response {
        self.0.store(true, Ordering::SeqCst);
        Response::new(Body::empty())
    }

    /// Announces the whole body and sends its first bytes only.
    fn cut_after(&self, answer: Answer, n_bytes: usize) -> Response {
        let length = answer.body.len();
        let mut sent = answer.body;
        sent.truncate(n_bytes);
        let parts = futures_util::stream::unfold(Some(sent), async |rest| match rest {
            Some(rest) if !rest.is_empty() => Some((Ok(axum::body::Bytes::from(rest)), Some(Vec::new()))),
            Some(_) => {
                // An error at once would take the bytes back that wait to be sent.
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
            }
            None => None,
        });
        with_body(answer.status, answer.headers, Body::from_stream(parts), length.max(n_bytes + 1))
    }
}

impl Connected<IncomingStream<'_, CuttableListener>> for Connection {
    fn connect_info(stream: IncomingStream<'_, CuttableListener>) -> Self {
        Self(Arc::clone(&stream.io().is_cut))
    }
}

struct CuttableListener(TcpListener);

impl Listener for CuttableListener {
    type Io = CuttableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (CuttableStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Answers are small and many: waiting to fill a packet would cost 40 ms each.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a loopback connection keeps its delay");
        }
        (CuttableStream { inner: stream, is_cut: Arc::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection that a fault can end.
struct CuttableStream {
    inner: TcpStream,
    is_cut: Arc<AtomicBool>,
}

impl CuttableStream {
    fn check(&self) -> io::Result<()> {
        if self.is_cut.load(Ordering::SeqCst) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for CuttableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for CuttableStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
