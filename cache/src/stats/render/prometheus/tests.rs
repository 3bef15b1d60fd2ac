use std::collections::BTreeMap;

use prometheus_parse::{Scrape, Value};

use super::{MICROS, Page, escaped, prometheus, quotient};
use crate::stats::render::tests::{nothing, report};

/// Reads the text with a parser that is not ours: each sample by name and labels.
fn read(text: &str) -> BTreeMap<String, Value> {
    let lines = text.lines().map(|line| Ok(line.to_owned()));
    let scrape = Scrape::parse(lines).expect("a scrape");
    let samples = scrape.samples.into_iter().map(|sample| {
        let mut labels: Vec<_> = sample.labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
        labels.sort();
        (format!("{}{{{}}}", sample.metric, labels.join(",")), sample.value)
    });
    samples.collect()
}

#[track_caller]
fn check(samples: &BTreeMap<String, Value>, name: &str, expected: f64) {
    match samples.get(name) {
        Some(Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value)) => {
            assert!((value - expected).abs() < 1e-9, "{name}: {value}");
        }
        other => panic!("{name}: {other:?} of {:?}", samples.keys()),
    }
}

/// Rules: Q12, C-122.
#[test]
fn another_parser_reads_the_same_numbers() {
    let samples = read(&prometheus(&report()));
    check(&samples, "cellcache_hits_total{how=digest}", 100.0);
    check(&samples, "cellcache_hits_total{how=offline}", 106.0);
    check(&samples, "cellcache_misses_total{cause=cold}", 107.0);
    check(&samples, "cellcache_misses_total{cause=capacity}", 109.0);
    check(&samples, "cellcache_private_copies_total{reason=oversize}", 117.0);
    check(&samples, "cellcache_fetch_failures_total{}", 118.0);
    check(&samples, "cellcache_origin_bytes_total{}", 119.0);
    check(&samples, "cellcache_evictions_total{}", 127.0);
    check(&samples, "cellcache_evicted_bytes_total{}", 4124.0);
    check(&samples, "cellcache_lock_wait_seconds_total{}", 0.000_146);
    check(&samples, "cellcache_unpack_seconds_total{}", 0.000_150);
    check(&samples, "cellcache_weak_checksums_total{algorithm=md5}", 151.0);
    check(&samples, "cellcache_statistics_lost_total{}", 154.0);
    check(&samples, "cellcache_eviction_last_idle_seconds{}", 4000.0);
    check(&samples, "cellcache_quota_bytes{}", 2500.0);
    check(&samples, "cellcache_free_inodes{}", 77.0);
    check(&samples, "cellcache_suggested_quota_bytes{}", 4096.0);
    check(&samples, "cellcache_verdict{verdict=too_small}", 1.0);
    check(&samples, "cellcache_verdict{verdict=ok}", 0.0);
    let Some(Value::Histogram(buckets)) = samples.get("cellcache_eviction_idle_seconds{}") else {
        panic!("no histogram of {:?}", samples.keys());
    };
    assert_eq!(buckets.len(), 13);
    assert!(buckets.is_sorted_by(|a, b| a.less_than < b.less_than && a.count <= b.count));
    let all = f64::from((125..138).sum::<u32>() + 4);
    assert!((buckets[12].count - all).abs() < 1e-9);
    check(&samples, "cellcache_eviction_idle_seconds_count{}", all);
    check(&samples, "cellcache_eviction_idle_seconds_sum{}", 16_138.0);
}

/// Rules: Q12.
#[test]
fn what_is_unknown_is_left_out() {
    let samples = read(&prometheus(&nothing()));
    check(&samples, "cellcache_hits_total{how=digest}", 0.0);
    check(&samples, "cellcache_verdict{verdict=idle}", 1.0);
    for name in [
        "eviction_last_idle_seconds",
        "suggested_quota_bytes",
        "counting_since_timestamp_seconds",
    ] {
        assert!(!samples.contains_key(&format!("cellcache_{name}{{}}")), "{name}");
    }
}

#[test]
fn every_sample_has_a_family_with_help_and_type_before_it() {
    let text = prometheus(&report());
    let mut family = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            family = rest.split(' ').next().unwrap();
            assert!(rest.ends_with('.'), "{line}");
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert_eq!(name, family);
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else {
            assert!(line.starts_with(family), "{line}");
        }
    }
    assert!(text.ends_with('\n'));
}

/// Rules: A-06.
#[test]
fn labels_are_escaped() {
    assert_eq!(escaped("a\"b\\c\nd"), "a\\\"b\\\\c\\nd");
    let mut page = Page::default();
    page.family("x", "gauge", "One\nof two \\ lines.");
    page.sample("x", &[("l", "a\"b"), ("m", "c\nd")], "1");
    assert_eq!(
        page.text,
        "# HELP x One\\nof two \\\\ lines.\n# TYPE x gauge\nx{l=\"a\\\"b\",m=\"c\\nd\"} 1\n"
    );
}

#[test]
fn micros_become_seconds() {
    assert_eq!(quotient(1_500_000, MICROS), "1.500000");
    assert_eq!(quotient(7, MICROS), "0.000007");
    assert_eq!(quotient(u64::MAX, 1), u64::MAX.to_string());
}
