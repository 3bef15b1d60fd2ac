//! A loopback HTTP origin below any HTTP library, so that it can lie about framing, stall, and break off.
//!
//! One connection carries one request. Everything the peer sent is logged. The server lives in a thread of its own,
//! which ends when the [`Origin`] is dropped, whatever its connections are doing.

mod cgi;
mod reply;
mod request;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub use cgi::Cgi;
pub use reply::{Lie, Reply, Resource, Step};
pub use request::Request;

use reply::Ending;

/// What a path does.
pub enum Route {
    /// The n-th request gets the n-th reply; the last one repeats.
    Replies(Vec<Reply>),
    /// The path and all below it are a program's.
    Cgi(Cgi),
}

/// A running origin.
pub struct Origin {
    address: SocketAddr,
    is_tls: bool,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    routes: Vec<(String, Route)>,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    requests: Vec<Request>,
    connections: usize,
}

/// How connections are received.
enum Reception {
    Plain,
    Tls(TlsAcceptor),
    /// Accepted, read, and never answered: also a TLS handshake that never ends.
    Mute,
}

impl Route {
    /// The same reply each time.
    #[must_use]
    pub fn always(reply: Reply) -> Self {
        Self::Replies(vec![reply])
    }
}

impl Origin {
    /// Serves `routes` over plain HTTP. Other paths get 404.
    ///
    /// A route's path is compared with the request target, then with the target without its query. For a proxy, the
    /// target is `host:port` or a whole address.
    #[must_use]
    pub fn start<const N: usize>(routes: [(&str, Route); N]) -> Self {
        Self::run(routes, Reception::Plain)
    }

    /// The same over TLS.
    #[must_use]
    pub fn start_tls<const N: usize>(routes: [(&str, Route); N], config: ServerConfig) -> Self {
        Self::run(routes, Reception::Tls(TlsAcceptor::from(Arc::new(config))))
    }

    /// Accepts connections and never says a word.
    #[must_use]
    pub fn start_mute() -> Self {
        Self::run([], Reception::Mute)
    }

    fn run<const N: usize>(routes: [(&str, Route); N], reception: Reception) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port");
        listener
            .set_nonblocking(true)
            .expect("a socket that does not block");
        let address = listener.local_addr().expect("a bound socket");
        let is_tls = matches!(reception, Reception::Tls(_));
        let shared = Arc::new(Shared {
            routes: routes.map(|(path, route)| (path.to_owned(), route)).into(),
            log: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let inside = Arc::clone(&shared);
        let thread = std::thread::spawn(move || serve(listener, inside, reception, stopped));
        Self {
            address,
            is_tls,
            shared,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The address of `path`, by IP number.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.is_tls { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// The address of `path` with user info, which is to be percent-encoded already.
    #[must_use]
    pub fn url_with(&self, user_info: &str, path: &str) -> String {
        self.url(path).replacen("://", &format!("://{user_info}@"), 1)
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What was asked so far, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.log().requests.clone()
    }

    /// Method and target of each request so far, as `GET /x`.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.requests().iter().map(Request::line).collect()
    }

    /// Connections so far, also those that never asked for anything.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.log().connections
    }
}

impl Drop for Origin {
    fn drop(&mut self) {
        // Both fail only when the thread is gone already.
        let _ = self.stop.take().map(|stop| stop.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the route of a target, and its path.
    fn route(&self, target: &str) -> Option<(&str, &Route)> {
        let path = target.split('?').next().unwrap_or(target);
        let hit = |wanted: &str| self.routes.iter().find(|(known, _)| known == wanted);
        let below = || {
            let mut programs = self
                .routes
                .iter()
                .filter(|(_, route)| matches!(route, Route::Cgi(_)));
            programs.find(|(prefix, _)| path.starts_with(prefix.as_str()))
        };
        hit(target)
            .or_else(|| hit(path))
            .or_else(below)
            .map(|(path, route)| (path.as_str(), route))
    }

    /// Logs a request; tells how many came before it with the same target.
    fn note(&self, request: &Request) -> usize {
        let mut log = self.log();
        let before = log
            .requests
            .iter()
            .filter(|known| known.target == request.target)
            .count();
        log.requests.push(request.clone());
        before
    }
}

/// A port of this machine on which nobody listens, as `127.0.0.1:PORT`.
#[must_use]
pub fn dead_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    listener.local_addr().expect("a bound socket")
}

fn serve(
    listener: std::net::TcpListener,
    shared: Arc<Shared>,
    reception: Reception,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener).expect("a listener");
        let reception = Arc::new(reception);
        tokio::select! {
            _ = stopped => {}
            () = accept(listener, shared, reception) => {}
        }
    });
    // Connections that still wait for something are dropped, programs that still run are not waited for.
    runtime.shutdown_background();
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, reception: Arc<Reception>) {
    while let Ok((stream, _)) = listener.accept().await {
        shared.log().connections += 1;
        tokio::spawn(receive(stream, Arc::clone(&shared), Arc::clone(&reception)));
    }
}

async fn receive(mut stream: TcpStream, shared: Arc<Shared>, reception: Arc<Reception>) {
    let ending = match &*reception {
        Reception::Mute => Some(swallow(&mut stream).await),
        Reception::Plain => converse(&mut stream, &shared).await,
        Reception::Tls(acceptor) => {
            let Ok(mut secured) = acceptor.accept(stream).await else {
                return;
            };
            let ending = converse(&mut secured, &shared).await;
            if !matches!(ending, Some(Ending::Reset | Ending::Abrupt)) {
                // The peer may be gone.
                let _ = secured.shutdown().await;
            }
            stream = secured.into_inner().0;
            ending
        }
    };
    match ending {
        Some(Ending::Reset) => {
            let _ = stream.set_zero_linger();
        }
        _ => finish(stream).await,
    }
}

/// Reads one request and answers it. Nothing is answered to what is no request.
async fn converse<S>(stream: &mut S, shared: &Shared) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = request::read(stream).await?;
    let count = shared.note(&request);
    match shared.route(&request.target) {
        None => reply::send(&Reply::status(404), &request, stream).await,
        Some((_, Route::Replies(replies))) => {
            let reply = replies.get(count).or(replies.last())?;
            reply::send(reply, &request, stream).await
        }
        Some((prefix, Route::Cgi(program))) => {
            let reply = program.answer(prefix, &request).await;
            reply::send(&reply, &request, stream).await
        }
    }
}

/// Reads until the peer leaves.
async fn swallow<S: AsyncRead + Unpin>(stream: &mut S) -> Ending {
    let mut waste = [0; 4096];
    while matches!(stream.read(&mut waste).await, Ok(n) if n > 0) {}
    Ending::Close
}

/// Closes so that what was sent arrives: first our half, then the rest when the peer has read it.
async fn finish(mut stream: TcpStream) {
    if stream.shutdown().await.is_ok() {
        swallow(&mut stream).await;
    }
}
