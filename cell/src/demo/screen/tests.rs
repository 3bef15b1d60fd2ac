//! What is shown is what was measured.

use super::*;
use crate::model::report::{File, Times};

fn column(name: &'static str, fetched: u64, total: u64, sha256: &str) -> Column {
    Column {
        name,
        is_steady: true,
        fetched,
        report: Report {
            v: 1,
            app: "/x".to_owned(),
            stack: "s".to_owned(),
            buildpacks: vec![],
            container: String::new(),
            sharing: "P2".to_owned(),
            sharing_reason: Some("mounts are not permitted".to_owned()),
            droplet: File {
                bytes: 2048,
                sha256: sha256.to_owned(),
            },
            milliseconds: Times {
                prepare: 1,
                buildpacks: total / 2,
                builder: total / 4,
                total,
            },
        },
    }
}

fn screen(last: &str) -> Screen {
    let same = "0123456789abcdef";
    Screen {
        heavy: Extent {
            files: 4000,
            bytes: 100 << 20,
            packed: 30 << 20,
        },
        columns: [
            column("old", 31 << 20, 3000, same),
            column("cold", 31 << 20, 2500, same),
            column("warm", 0, 500, last),
        ],
        rounds: 1,
        answer: Answer {
            port: 8080,
            status: 200,
            title: "Field notes".to_owned(),
            elapsed: Duration::from_millis(120),
        },
        confinement: "embedded".to_owned(),
        fallback: None,
        user: 1000,
        program: "cell".to_owned(),
    }
}

#[test]
fn figures_stand_where_they_belong() {
    let text = screen("0123456789abcdef").to_string();
    for words in [
        "4000 files, 100M, 30M packed",
        "the same three times, byte for byte: 2K, sha256 0123456789ab...",
        "answered 200 \"Field notes\" after 0.12 s",
        "P2, as an ordinary user: hard links",
        "because mounts are not permitted",
        "31M not downloaded, 100M not written; 6.0 times as fast",
    ] {
        assert!(text.contains(words), "{words} in\n{text}");
    }
    let rows: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("  downloaded"))
        .collect();
    assert_eq!(
        rows[0].split_whitespace().collect::<Vec<_>>(),
        ["downloaded", "31M", "31M", "0B"]
    );
}

#[test]
fn another_droplet_is_told() {
    let screen = screen("other");
    assert!(!screen.is_sound());
    assert!(screen.to_string().contains("NOT the same"));
}

#[test]
fn what_is_not_faster_is_not_called_faster() {
    assert_eq!(times(100, 100), "not faster this time");
    assert_eq!(times(1000, 90), "11.1 times as fast");
}

#[test]
fn of_several_stagings_the_middle_one_is_shown() {
    let check = |last: &str, is_steady: bool| {
        let more = vec![column("old", 0, 900, "a"), column("old", 0, 100, last)];
        let middle = column("old", 0, 500, "a").middle_of(more);
        assert_eq!(middle.report.milliseconds.total, 500);
        assert_eq!(middle.is_steady, is_steady);
        let mut screen = screen("0123456789abcdef");
        screen.columns[0].is_steady = middle.is_steady;
        assert_eq!(screen.is_sound(), is_steady);
    };
    check("a", true);
    check("b", false);
}
