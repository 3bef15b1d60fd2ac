//! Limits of waiting, pauses, and slots.

use std::io::Read;
use std::time::{Duration, Instant};

use super::super::transport::Fault;
use super::super::{Answer, Cancel, DownloadError, Policy, RateFloor, Slots};
use super::origin::{Origin, Step, ok, raw, status, then};
use super::{Told, expect_whole, fault, fetch, impatient, open, origins, quick, tagged, url, with_slots};

const SHORT: Duration = Duration::from_millis(300);

/// Rules: C-45, N-06.
#[test]
fn a_silent_peer_gets_two_tries() {
    for silence in [
        vec![Step::Hold],
        vec![Step::Send(b"HTTP/1.1 2".to_vec()), Step::Hold],
        vec![
            Step::Send(b"HTTP/1.1 200 OK\r\n".to_vec()),
            Step::Flood(b"X: y\r\n".to_vec(), SHORT / 20),
        ],
        vec![Step::Flood(b"HTTP/1.1 103 Wait\r\n\r\n".to_vec(), SHORT / 20)],
    ] {
        let origin = Origin::replies([silence]);
        let fetched = fetch(&origins(impatient()), &origin.url("/x"), Some(tagged("v")));
        assert_eq!(fault(&fetched), Some(&Fault::HeadersTimeout(2 * SHORT)));
        assert_eq!(fetched.requests, 2);
        origin.wait_for_ends(2);
    }
}

/// Rules: C-44, N-06, N-19.
#[test]
fn a_body_that_stalls_ends_at_the_idle_limit() {
    let stalled = then(raw("200 OK\nContent-Length: 9", b"some"), &[Step::Hold]);
    let origin = Origin::replies([stalled]);
    let fetched = fetch(&origins(impatient()), &origin.url("/x"), None);
    assert_eq!(fault(&fetched), Some(&Fault::IdleTimeout(SHORT)));
    assert_eq!((fetched.requests, fetched.bytes), (2, 8));
    origin.wait_for_ends(2);
}

fn with_floor() -> Policy {
    Policy {
        rate: Some(RateFloor {
            bytes_per_second: 1024,
            window: SHORT,
        }),
        ..quick()
    }
}

/// Rules: C-43, N-06.
#[test]
fn a_body_that_drips_ends_at_the_least_rate() {
    let head = raw("200 OK\nContent-Length: 1000000", b"");
    let dripping = then(head, &[Step::Flood(b"x".to_vec(), SHORT / 20)]);
    let origin = Origin::replies([dripping]);
    let fetched = fetch(&origins(with_floor()), &origin.url("/x"), None);
    assert!(
        matches!(fault(&fetched), Some(Fault::TooSlow { .. })),
        "{fetched:?}"
    );
    assert_eq!(fetched.requests, 2);
}

/// Rules: C-43, N-06.
#[test]
fn a_slow_reader_is_not_the_origins_fault() {
    let content = vec![7; 8 << 20];
    let origin = Origin::replies([ok("", &content)]);
    let policy = Policy {
        rate: Some(RateFloor {
            bytes_per_second: 100 << 20,
            window: 3 * SHORT,
        }),
        ..quick()
    };
    let origins = origins(policy);
    let mut exchange = origins.exchange(url(&origin.url("/x")), None, Cancel::new());
    let mut body = open(&mut exchange);
    let mut read = vec![0; 1 << 20];
    for _ in 0..3 {
        body.read_exact(&mut read).expect("bytes");
        std::thread::sleep(2 * SHORT);
    }
    assert!(body.failure().is_none());
}

/// Rules: C-43.
#[test]
fn a_deadline_ends_the_whole_wherever_it_is() {
    let limit = Duration::from_millis(100);
    let dripping = then(
        raw("200 OK\nTransfer-Encoding: chunked", b""),
        &[Step::Flood(b"1\r\nx\r\n".to_vec(), limit / 20)],
    );
    for reply in [
        vec![Step::Hold],
        dripping,
        status("503 Busy", "Retry-After: 30", b""),
    ] {
        let origin = Origin::replies([reply]);
        let policy = Policy {
            deadline: Some(limit),
            ..quick()
        };
        let fetched = fetch(&origins(policy), &origin.url("/x"), None);
        assert_eq!(fetched.outcome, Err(DownloadError::Deadline(limit)));
        assert_eq!(fetched.requests, 1);
    }
}

/// Rules: C-41, N-09.
#[test]
fn pauses_stand_between_tries_only() {
    let pause = Duration::from_millis(150);
    let policy = Policy {
        pauses: vec![pause, 2 * pause],
        attempts: 3,
        ..quick()
    };
    let origin = Origin::replies([status("503 Busy", "", b"")]);
    let origins = origins(policy);
    let mut exchange = origins.exchange(url(&origin.url("/x")), None, Cancel::new());
    let started = Instant::now();
    let first = exchange.ask().err();
    assert!(started.elapsed() >= 3 * pause);
    assert!(!exchange.may_ask_again());
    // The end is final, and costs neither a pause nor a request.
    assert_eq!(exchange.ask().err(), first);
    assert_eq!(first, Some(DownloadError::Status(503)));
    assert_eq!((exchange.requests(), exchange.retries()), (3, 2));
}

/// Rules: C-41, N-09.
#[test]
fn a_wish_for_a_pause_is_granted_up_to_a_limit() {
    for (wish, is_granted) in [("1", true), ("2", false), ("31536000", false), ("soon", false)] {
        let origin = Origin::replies([
            status("429 Slow", &format!("Retry-After: {wish}"), b""),
            ok("", b"x"),
        ]);
        let policy = Policy {
            longest_asked_pause: Duration::from_secs(1),
            ..quick()
        };
        let started = Instant::now();
        expect_whole(&fetch(&origins(policy), &origin.url("/x"), None), b"x");
        assert!(
            !is_granted || started.elapsed() >= Duration::from_secs(1),
            "{wish}"
        );
    }
}

/// Rules: C-53, N-20.
#[test]
fn stalled_bodies_hold_up_no_question() {
    let stalled = Origin::scripted(|_, seen| match seen.target.as_str() {
        "/third" => ok("", b"body"),
        _ => then(raw("200 OK\nContent-Length: 9", b"some"), &[Step::Hold]),
    });
    let healthy = Origin::replies([raw("304 Not Modified", b"")]);
    let slots = Slots {
        bodies: 2,
        revalidations: 1,
    };
    let origins = with_slots(quick(), slots);
    let mut stuck: Vec<_> = (0..2)
        .map(|_| origins.exchange(url(&stalled.url("/x")), None, Cancel::new()))
        .collect();
    let bodies: Vec<_> = stuck.iter_mut().map(open).collect();
    for _ in 0..5 {
        let fetched = fetch(&origins, &healthy.url("/x"), Some(tagged("v")));
        assert_eq!(fetched.outcome, Ok(Told::NotModified));
    }
    // A third body has to wait until one of the two is given up.
    std::thread::scope(|scope| {
        let third = scope.spawn(|| fetch(&origins, &stalled.url("/third"), None));
        std::thread::sleep(Duration::from_millis(50));
        assert_eq!(stalled.requests().len(), 2);
        drop(bodies);
        expect_whole(&third.join().expect("no panic"), b"body");
    });
}

/// Rules: C-53, N-20.
#[test]
fn nobody_holds_a_slot_through_a_pause() {
    let lines = "200 OK\nContent-Length: 9\nETag: \"v1\"\nAccept-Ranges: bytes";
    let broken = then(raw(lines, b"some"), &[Step::Close]);
    let origin = Origin::scripted(move |_, seen| match seen.target.as_str() {
        "/broken" => broken.clone(),
        "/busy" => status("503 Busy", "", b""),
        _ => ok("", b"body"),
    });
    let policy = Policy {
        pauses: vec![Duration::from_mins(1)],
        ..quick()
    };
    let slots = Slots {
        bodies: 1,
        revalidations: 1,
    };
    let origins = with_slots(policy, slots);
    let cancel = Cancel::new();
    std::thread::scope(|scope| {
        for (path, validators) in [("/broken", None), ("/busy", None), ("/busy", Some(tagged("v")))] {
            let mut exchange = origins.exchange(url(&origin.url(path)), validators, cancel.clone());
            let before = origin.requests().len();
            scope.spawn(move || match exchange.ask() {
                Ok(Answer::Body(mut body)) => assert!(body.read_to_end(&mut Vec::new()).is_err()),
                Ok(_) => unreachable!("there is nothing to ask about"),
                Err(error) => assert!(matches!(error, DownloadError::Cancelled(_))),
            });
            origin.wait_for_requests(before + 1);
            expect_whole(&fetch(&origins, &origin.url("/x"), Some(tagged("v"))), b"body");
        }
        cancel.cancel();
    });
}

/// Rules: C-53.
#[test]
fn a_question_answered_by_a_body_waits_for_a_body_slot_only() {
    let origin = Origin::scripted(|_, seen| match seen.target.as_str() {
        "/big" => then(raw("200 OK\nContent-Length: 9", b"some"), &[Step::Hold]),
        "/new" => ok("ETag: \"v2\"", b"body"),
        _ => raw("304 Not Modified", b""),
    });
    let slots = Slots {
        bodies: 1,
        revalidations: 1,
    };
    let origins = with_slots(quick(), slots);
    let mut big = origins.exchange(url(&origin.url("/big")), None, Cancel::new());
    let holder = open(&mut big);
    std::thread::scope(|scope| {
        let changed = scope.spawn(|| fetch(&origins, &origin.url("/new"), Some(tagged("\"v1\""))));
        origin.wait_for_requests(2);
        let same = fetch(&origins, &origin.url("/same"), Some(tagged("v")));
        assert_eq!(same.outcome, Ok(Told::NotModified));
        assert!(!changed.is_finished());
        drop(holder);
        expect_whole(&changed.join().expect("no panic"), b"body");
    });
}

/// Rules: C-35, C-51, C-53.
#[test]
fn many_threads_may_ask_at_once() {
    let origin = Origin::replies([raw("304 Not Modified", b"")]);
    let origins = origins(quick());
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let mut exchange =
                        origins.exchange(url(&origin.url("/x")), Some(tagged("v")), Cancel::new());
                    assert!(matches!(exchange.ask(), Ok(Answer::NotModified(_))));
                    assert_eq!(exchange.requests(), 1);
                }
            });
        }
    });
    assert_eq!(origin.requests().len(), 64 * 20);
    // Whoever finds no spare connection begins one, and leaves it to others when a spare one turns up first.
    assert!(origin.connections() <= 5 * 64, "{}", origin.connections());
}
