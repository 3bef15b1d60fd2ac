//! A loopback HTTP origin below any HTTP library, so that it can lie about framing, stall, and break off.
//!
//! A connection carries one request, or several when the answers are of a kind that keeps it. Everything the peer sent
//! is logged. The server lives in a thread of its own,
//! which ends when the [`Origin`] is dropped, whatever its connections are doing.

mod asset;
mod cgi;
mod modes;
mod reply;
mod request;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as STANDARD;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub use asset::{Asset, Body};
pub use cgi::Cgi;
pub use modes::{Modes, archive};
pub use reply::{Lie, Reply, Resource, Step};
pub use request::Request;

use reply::Ending;

/// What a path does.
#[derive(Clone)]
pub enum Route {
    /// The n-th request gets the n-th reply; the last one repeats.
    Replies(Vec<Reply>),
    /// The path and all below it are a program's.
    Cgi(Cgi),
    /// All below the path says itself how it is to be answered.
    Modes(Modes),
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
    routes: Mutex<Vec<Arc<Entry>>>,
    log: Mutex<Log>,
}

struct Entry {
    path: String,
    route: Route,
    /// How many requests had come when the route was set.
    since: usize,
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

    /// The same asset each time.
    #[must_use]
    pub fn asset(asset: Asset) -> Self {
        Self::always(Reply::Asset(asset))
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
            routes: Mutex::new(routes.map(|(path, route)| entry(path, route, 0)).into()),
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

    /// Puts another route in the place of what the path did; its replies are counted anew.
    pub fn set(&self, path: &str, route: Route) {
        let since = self.shared.log().requests.len();
        let mut routes = self.shared.routes();
        routes.retain(|known| known.path != path);
        routes.push(entry(path, route, since));
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

    fn routes(&self) -> MutexGuard<'_, Vec<Arc<Entry>>> {
        self.routes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the route of a target.
    fn route(&self, target: &str) -> Option<Arc<Entry>> {
        let path = target.split('?').next().unwrap_or(target);
        let routes = self.routes();
        let hit = |wanted: &str| routes.iter().find(|known| known.path == wanted);
        let below = || {
            let mut subtrees = routes
                .iter()
                .filter(|known| matches!(known.route, Route::Cgi(_) | Route::Modes(_)));
            subtrees.find(|known| path.starts_with(known.path.as_str()))
        };
        hit(target).or_else(|| hit(path)).or_else(below).cloned()
    }

    /// Logs a request; returns its place in the log.
    fn note(&self, request: &Request) -> usize {
        let mut log = self.log();
        log.requests.push(request.clone());
        log.requests.len() - 1
    }

    /// How many requests with the target of the one at `place` came before it, and not before `since`.
    fn before(&self, place: usize, since: usize) -> usize {
        let log = self.log();
        let target = &log.requests[place].target;
        let earlier = log.requests[since.min(place)..place].iter();
        earlier.filter(|known| known.target == *target).count()
    }
}

fn entry(path: &str, route: Route, since: usize) -> Arc<Entry> {
    Arc::new(Entry {
        path: path.to_owned(),
        route,
        since,
    })
}

/// What `Authorization` must be for `USER:PASSWORD`.
#[must_use]
pub fn basic(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
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
        // Small answers must not wait for the peer's acknowledgements.
        let _ = stream.set_nodelay(true);
        let number = {
            let mut log = shared.log();
            log.connections += 1;
            log.connections - 1
        };
        tokio::spawn(receive(
            stream,
            number,
            Arc::clone(&shared),
            Arc::clone(&reception),
        ));
    }
}

async fn receive(mut stream: TcpStream, number: usize, shared: Arc<Shared>, reception: Arc<Reception>) {
    let ending = match &*reception {
        Reception::Mute => Some(swallow(&mut stream).await),
        Reception::Plain => converse(&mut stream, number, &shared).await,
        Reception::Tls(acceptor) => {
            let Ok(mut secured) = acceptor.accept(stream).await else {
                return;
            };
            let ending = converse(&mut secured, number, &shared).await;
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

/// Reads requests and answers them, until an answer ends the conversation. Nothing is answered to what is no request.
async fn converse<S>(stream: &mut S, number: usize, shared: &Shared) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    loop {
        let mut request = request::read(stream).await?;
        request.connection = number;
        match answer(stream, request, shared).await? {
            Ending::Keep => {}
            ending => return Some(ending),
        }
    }
}

async fn answer<S>(stream: &mut S, request: Request, shared: &Shared) -> Option<Ending>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let place = shared.note(&request);
    let sent = |bytes| shared.log().requests[place].sent += bytes;
    let entry = shared.route(&request.target);
    let count = shared.before(place, entry.as_ref().map_or(0, |entry| entry.since));
    let made;
    let reply = match entry.as_deref() {
        None => &Reply::status(404),
        Some(Entry {
            route: Route::Replies(replies),
            ..
        }) => replies.get(count).or(replies.last())?,
        Some(Entry {
            route: Route::Cgi(program),
            path,
            ..
        }) => {
            made = program.answer(path, &request).await;
            &made
        }
        Some(Entry {
            route: Route::Modes(modes),
            path,
            ..
        }) => {
            made = modes.answer(path, &request, count);
            &made
        }
    };
    reply::send(reply, &request, count, stream, &sent).await
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
