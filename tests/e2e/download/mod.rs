//! Downloads against an origin that misbehaves: outcome, words, and what the origin was asked.

mod framing;
mod limits;
mod proxies;
mod redirects;
mod resuming;
mod secrets;
mod trust;

use std::error::Error;
use std::io::{Read, Seek, Write};
use std::thread;
use std::time::{Duration, Instant};

use cache::ingest::download::transport::ProxySettings;
use cache::ingest::download::{Cancel, Client, DownloadError, Downloaded, Policy, Timeouts};
use cache::ingest::remote_url::RemoteUrl;
use cache::ingest::tls::Trust;
use sha2::{Digest, Sha256};
use tests::origin::{Origin, Reply, Route};

/// What a download came to: the file, or the words of the error.
type Outcome = Result<Vec<u8>, String>;

/// The builder's rules, with the time taken out of them.
fn quick() -> Policy {
    Policy {
        pauses: vec![Duration::from_millis(1)],
        jitter: Duration::ZERO,
        timeouts: Timeouts {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            headers: Duration::from_secs(5),
        },
        ..Policy::builder()
    }
}

/// The same, for peers that are silent.
fn impatient() -> Policy {
    let short = Duration::from_millis(300);
    Policy {
        timeouts: Timeouts {
            connect: short,
            idle: short,
            headers: 2 * short,
        },
        ..quick()
    }
}

fn client(policy: Policy, trust: &Trust) -> Client {
    Client::new(policy, trust, ProxySettings::default()).expect("a client")
}

fn fetch(policy: Policy, url: &str) -> Outcome {
    fetch_by(&client(policy, &Trust::default()), url)
}

fn fetch_by(client: &Client, url: &str) -> Outcome {
    let (file, outcome) = fetch_raw(client, url);
    match outcome {
        Ok(downloaded) => {
            assert_eq!(downloaded.bytes, file.len() as u64);
            assert_eq!(downloaded.sha256, <[u8; 32]>::from(Sha256::digest(&file)));
            Ok(file)
        }
        Err(error) => Err(words(&error)),
    }
}

fn fetch_raw(client: &Client, url: &str) -> (Vec<u8>, Result<Downloaded, DownloadError>) {
    let mut file = tempfile::tempfile().expect("a file");
    // What an earlier run left must not survive.
    file.write_all(
        b"remains of something much longer than any body of these tests: "
            .repeat(40)
            .as_slice(),
    )
    .expect("written");
    let outcome = RemoteUrl::parse(url)
        .map_err(|fault| DownloadError::unusable_url(url, fault))
        .and_then(|url| client.download(&url, &mut file, &Cancel::new()));
    let mut content = Vec::new();
    file.rewind().expect("rewound");
    file.read_to_end(&mut content).expect("read");
    (content, outcome)
}

/// The whole chain of an error, as the programs print it.
fn words(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Serves `replies` one after the other under `/x.zip`; checks what comes out and how often was asked.
#[track_caller]
fn check<const N: usize>(
    policy: Policy,
    replies: [Reply; N],
    expected: Result<&[u8], &str>,
    requests: usize,
) {
    let origin = Origin::start([("/x.zip", Route::Replies(replies.into()))]);
    let url = origin.url("/x.zip");
    let outcome = fetch(policy, &url);
    let expected = expected
        .map(<[u8]>::to_vec)
        .map_err(|words| words.replace("URL", &url));
    assert_eq!(outcome, expected, "{:#?}", origin.requests());
    // A client that lost patience can be done before a busy origin has read what it asked for.
    patiently(|| origin.requests().len() >= requests);
    assert_eq!(origin.requests().len(), requests, "{:#?}", origin.requests());
    assert_eq!(
        origin.connections(),
        requests,
        "one connection per request (N-19)"
    );
}

/// Waits until `is_so`, ten seconds at most; what did not come about is left to the assertion behind it.
fn patiently(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() && start.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(10));
    }
}
