//! Stopping: by a flag at every wait, and by dropping.

use std::io::Read;
use std::time::{Duration, Instant};

use super::super::{Cancel, Cancellation, DownloadError, Origins, Place, Policy, Slots};
use super::origin::{Origin, Step, ok, raw, status, then};
use super::{fetch, open, origins, quick, read, tagged, url, with_slots, words};
use crate::model::validators::Validators;

/// How late an answer to the flag may be on a busy machine. What is waited for would take far longer.
const LATE: Duration = Duration::from_secs(3);

fn stalled() -> Vec<Step> {
    then(raw("200 OK\nContent-Length: 9", b"some"), &[Step::Hold])
}

/// Fetches until the flag, which `ready` lets be set, stops it.
fn stop(origins: &Origins, text: &str, validators: Option<Validators>, ready: impl FnOnce()) -> Cancellation {
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        let fetching = scope.spawn(|| {
            let mut exchange = origins.exchange(url(text), validators, cancel.child());
            let outcome = match exchange.ask() {
                Ok(super::Answer::Body(mut body)) => read(&mut body).map(drop),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            assert!(!exchange.may_ask_again());
            assert_eq!(exchange.ask().err(), outcome.clone().err());
            outcome
        });
        ready();
        let set = Instant::now();
        cancel.cancel();
        let outcome = fetching.join().expect("no panic");
        assert!(set.elapsed() < LATE, "{:?}", set.elapsed());
        match outcome {
            Err(DownloadError::Cancelled(cancellation)) => cancellation,
            other => panic!("not cancelled: {other:?}"),
        }
    })
}

/// Time to get from a request to the wait behind it.
fn soon() {
    std::thread::sleep(Duration::from_millis(50));
}

/// Rules: C-47, C-48, C-49.
#[test]
fn a_request_can_be_stopped() {
    let origin = Origin::replies([vec![Step::Hold]]);
    let stopped = stop(&origins(quick()), &origin.url("/x"), None, || {
        origin.wait_for_requests(1);
    });
    assert_eq!((stopped.place, stopped.bytes), (Place::Request, 0));
    assert!(stopped.elapsed < LATE);
    origin.wait_for_ends(1);
}

/// Rules: C-45, C-47.
#[test]
fn a_connection_being_made_can_be_stopped() {
    // A listener whose queue is full takes no further connection, and refuses none.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let short = Duration::from_millis(100);
    let fill = || std::net::TcpStream::connect_timeout(&address, short);
    let queued: Vec<_> = std::iter::repeat_with(fill)
        .take(5000)
        .take_while(Result::is_ok)
        .collect();
    let text = format!("http://{address}/x");
    let stopped = stop(&origins(quick()), &text, None, soon);
    assert_eq!(stopped.place, Place::Request);
    drop(queued);
}

/// Rules: C-47, C-48, C-49.
#[test]
fn a_blocked_reader_can_be_stopped() {
    let origin = Origin::replies([stalled()]);
    let stopped = stop(&origins(quick()), &origin.url("/x"), None, || {
        origin.wait_for_requests(1);
        soon();
    });
    assert_eq!((stopped.place, stopped.bytes), (Place::Body, 4));
    origin.wait_for_ends(1);
}

/// Rules: C-48, C-49.
#[test]
fn a_pause_can_be_stopped() {
    let policy = Policy {
        pauses: vec![Duration::from_mins(1)],
        ..quick()
    };
    let tag = "200 OK\nContent-Length: 9\nETag: \"v1\"\nAccept-Ranges: bytes";
    for reply in [
        status("503 Busy", "", b""),
        then(raw(tag, b"some"), &[Step::Close]),
    ] {
        let origin = Origin::replies([reply]);
        let stopped = stop(&origins(policy.clone()), &origin.url("/x"), None, || {
            origin.wait_for_requests(1);
            soon();
        });
        assert_eq!(stopped.place, Place::Pause);
    }
}

/// Rules: C-47, C-49, C-53.
#[test]
fn waits_for_slots_can_be_stopped() {
    let slots = Slots {
        bodies: 1,
        revalidations: 1,
    };
    let origin = Origin::scripted(|_, seen| match seen.target.as_str() {
        "/new" => ok("ETag: \"v2\"", b"body"),
        "/silent" => vec![Step::Hold],
        _ => stalled(),
    });
    let origins = with_slots(quick(), slots);
    let mut exchange = origins.exchange(url(&origin.url("/x")), None, Cancel::new());
    let holder = open(&mut exchange);
    let stopped = stop(&origins, &origin.url("/x"), None, soon);
    assert_eq!((stopped.place, stopped.bytes), (Place::BodySlot, 0));
    let stopped = stop(&origins, &origin.url("/new"), Some(tagged("\"v1\"")), || {
        origin.wait_for_requests(2);
        soon();
    });
    assert_eq!(stopped.place, Place::BodySlot);
    drop(holder);

    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut silent = origins.exchange(url(&origin.url("/silent")), Some(tagged("v")), cancel.clone());
            assert!(silent.ask().is_err());
        });
        origin.wait_for_requests(3);
        let stopped = stop(&origins, &origin.url("/x"), Some(tagged("v")), soon);
        assert_eq!(stopped.place, Place::RevalidationSlot);
        cancel.cancel();
    });
    assert_eq!(origin.requests().len(), 3);
}

/// Rules: C-47.
#[test]
fn a_flag_that_is_set_already_asks_nothing() {
    let origin = Origin::replies([ok("", b"body")]);
    let stopped = stop(&origins(quick()), &origin.url("/x"), None, || {});
    assert_eq!(stopped.bytes, 0);
    let parent = Cancel::new();
    parent.cancel();
    let origins = origins(quick());
    let mut exchange = origins.exchange(url(&origin.url("/x")), None, parent.child());
    assert!(matches!(exchange.ask(), Err(DownloadError::Cancelled(_))));
    assert_eq!(exchange.requests(), 0);
}

/// Rules: C-49, C-116.
#[test]
fn the_words_name_place_time_and_bytes() {
    let error = DownloadError::Cancelled(Cancellation {
        place: Place::BodySlot,
        elapsed: Duration::from_millis(1234),
        bytes: 5,
    });
    assert_eq!(
        words(&error),
        "Cancelled: waiting for `body-slot`, 1.2s after the start, with 5 bytes"
    );
}

/// Rules: C-48, N-19.
#[test]
fn dropping_a_body_ends_its_connection_and_frees_its_slot() {
    let endless = then(
        raw("200 OK\nContent-Length: 1000000000", b""),
        &[Step::Flood(vec![0; 64 << 10], Duration::ZERO)],
    );
    let origin = Origin::scripted(move |_, seen| match seen.target.as_str() {
        "/endless" => endless.clone(),
        "/stalled" => stalled(),
        _ => ok("", b"body"),
    });
    let slots = Slots {
        bodies: 1,
        ..Slots::default()
    };
    let origins = with_slots(quick(), slots);
    for (round, path) in ["/endless", "/stalled"].into_iter().enumerate() {
        let mut exchange = origins.exchange(url(&origin.url(path)), None, Cancel::new());
        let mut body = open(&mut exchange);
        body.read_exact(&mut [0; 4]).expect("bytes");
        drop(body);
        // Nobody else drives the connections now.
        origin.wait_for_ends(round + 1);
    }
    super::expect_whole(&fetch(&origins, &origin.url("/x"), None), b"body");
    assert_eq!(origin.connections(), 3);
}

/// Rules: C-48.
#[test]
fn a_body_outlives_its_exchange_and_its_origins() {
    let origin = Origin::replies([ok("", &vec![1; 3 << 20])]);
    let origins = origins(quick());
    let mut exchange = origins.exchange(url(&origin.url("/x")), None, Cancel::new());
    let mut body = open(&mut exchange);
    drop(exchange);
    drop(origins);
    let content = std::thread::spawn(move || read(&mut body))
        .join()
        .expect("no panic");
    assert_eq!(content.map(|content| content.len()), Ok(3 << 20));
}
