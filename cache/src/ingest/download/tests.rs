//! The cache's side of HTTP against an origin that misbehaves: outcome, and what the origin was asked.

mod answers;
mod breaks;
mod heads;
mod origin;
mod stops;
mod trust;
mod waits;

use std::error::Error;
use std::io::Read;
use std::time::Duration;

use super::transport::{Fault, ProxySettings};
use super::{Answer, Body, Cancel, DownloadError, Exchange, Head, Origins, Policy, Slots, Timeouts};
use crate::ingest::remote_url::RemoteUrl;
use crate::ingest::tls::Trust;
use crate::model::validators::Validators;

/// What a fetch came to.
#[derive(Debug, PartialEq)]
enum Told {
    NotModified,
    Same,
    Whole(Vec<u8>),
}

/// A fetch at its end.
#[derive(Debug)]
struct Fetched {
    outcome: Result<Told, DownloadError>,
    head: Option<Head>,
    requests: u32,
    retries: u32,
    bytes: u64,
}

/// The cache's rules, with the time taken out of them.
fn quick() -> Policy {
    let long = Duration::from_secs(10);
    Policy {
        pauses: vec![Duration::from_millis(1)],
        jitter: Duration::ZERO,
        timeouts: Timeouts {
            connect: long,
            idle: long,
            headers: long,
        },
        ..Policy::cache()
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

fn origins(policy: Policy) -> Origins {
    with_slots(policy, Slots::default())
}

fn with_slots(policy: Policy, slots: Slots) -> Origins {
    let trust = Trust::default();
    Origins::new(policy, &trust, None, ProxySettings::default(), slots).expect("a way to origins")
}

fn url(text: &str) -> RemoteUrl {
    RemoteUrl::parse(text).expect("an address")
}

fn tagged(tag: &str) -> Validators {
    Validators::new(Some(tag.as_bytes()), None)
}

/// Fetches as the cache does: asks again while a broken body says that this can help.
fn fetch(origins: &Origins, text: &str, validators: Option<Validators>) -> Fetched {
    let mut exchange = origins.exchange(url(text), validators, Cancel::new());
    let mut head = None;
    let outcome = loop {
        match exchange.ask() {
            Err(error) => break Err(error),
            Ok(Answer::NotModified(said)) => {
                head = Some(said);
                break Ok(Told::NotModified);
            }
            Ok(Answer::Same(said)) => {
                head = Some(said);
                break Ok(Told::Same);
            }
            Ok(Answer::Body(mut body)) => {
                head = Some(body.head().clone());
                match read(&mut body) {
                    Ok(content) => break Ok(Told::Whole(content)),
                    Err(_) if exchange.may_ask_again() => {}
                    Err(error) => break Err(error),
                }
            }
        }
    };
    Fetched {
        outcome,
        head,
        requests: exchange.requests(),
        retries: exchange.retries(),
        bytes: exchange.bytes(),
    }
}

/// Reads to the end. An error stays an error, however often one reads on.
fn read(body: &mut Body) -> Result<Vec<u8>, DownloadError> {
    let mut content = Vec::new();
    let Err(error) = body.read_to_end(&mut content) else {
        assert!(body.failure().is_none());
        return Ok(content);
    };
    assert_ne!(error.kind(), std::io::ErrorKind::Interrupted);
    let failure = body.failure().expect("a reason").clone();
    assert!(body.read(&mut [0; 8]).is_err());
    Err(failure)
}

/// Asks for a body that there must be.
fn open(exchange: &mut Exchange) -> Body {
    match exchange.ask() {
        Ok(Answer::Body(body)) => body,
        Ok(Answer::Same(head) | Answer::NotModified(head)) => panic!("no body: {head:?}"),
        Err(error) => panic!("no body: {error:?}"),
    }
}

#[track_caller]
fn expect_whole(fetched: &Fetched, body: &[u8]) {
    assert_eq!(fetched.outcome, Ok(Told::Whole(body.to_vec())));
}

fn fault(fetched: &Fetched) -> Option<&Fault> {
    match &fetched.outcome {
        Err(DownloadError::Get { fault, .. }) => Some(fault),
        _ => None,
    }
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
