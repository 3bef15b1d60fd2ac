//! Documents that are made to cost more than they are long.

use crate::yaml::{MAX_DEPTH, Node, YamlError, parse};

fn outcome(input: &str) -> Result<(), YamlError> {
    parse(input.as_bytes()).map(drop)
}

/// Rows: R10.1-10.
#[test]
fn nesting_ends_at_the_bound() {
    let flow = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(outcome(&flow(MAX_DEPTH)), Ok(()));
    let too_deep = [
        flow(MAX_DEPTH + 1),
        "[".repeat(1 << 20),
        "{".repeat(1 << 20),
        "- ".repeat(1 << 19),
        "? ".repeat(1 << 19),
        "[{a: ".repeat(100_000),
    ];
    for input in too_deep {
        let error = outcome(&input).map_err(|error| error.to_string());
        assert_eq!(
            error,
            Err("yaml: exceeded max depth of 10000".to_owned()),
            "{}",
            &input[..20]
        );
    }
}

/// Aliases put nesting within nesting.
///
/// Rows: R10.1-10.
#[test]
fn nesting_through_aliases_ends_at_the_bound() {
    let deep =
        |anchor: &str, inner: &str| format!("- &{anchor} {}{inner}{}\n", "[".repeat(6000), "]".repeat(6000));
    assert_eq!(outcome(&deep("a", "x")), Ok(()));
    assert_eq!(
        outcome(&(deep("a", "x") + &deep("b", "*a"))),
        Err(YamlError::TooDeep(MAX_DEPTH))
    );
}

/// Free values of the deepest document are made, looked through and dropped on a small stack.
#[test]
fn depth_costs_no_stack() {
    let work = || {
        let root = parse(format!("{}.inf{}", "[{a: ".repeat(4999), "}]".repeat(4999)).as_bytes())
            .expect("well-formed");
        assert!(!root.as_value().is_finite());
    };
    std::thread::Builder::new()
        .stack_size(128 << 10)
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no panic");
}

/// Rows: R10.1-10.
#[test]
fn alias_bombs_are_refused() {
    let bomb: Vec<String> = "abcdefgh"
        .chars()
        .zip("bcdefghi".chars())
        .map(|(inner, outer)| format!("{outer}: &{outer} [{}]", vec![format!("*{inner}"); 10].join(", ")))
        .collect();
    let bomb = format!("a: &a [x, x, x, x, x, x, x, x, x, x]\n{}\n", bomb.join("\n"));
    assert_eq!(outcome(&bomb), Err(YamlError::ExcessiveAliasing));

    let merges: Vec<String> = "abcdefghijklmnopqr"
        .chars()
        .zip("bcdefghijklmnopqrs".chars())
        .map(|(inner, outer)| format!("{outer}: &{outer} {{<<: [*{inner}, *{inner}]}}"))
        .collect();
    let merges = format!("a: &a {{x: 1, y: 2}}\n{}\n", merges.join("\n"));
    assert_eq!(outcome(&merges), Err(YamlError::ExcessiveAliasing));
}

/// Short lists of aliases are no bomb, but few aliases of a long text are.
///
/// Rows: R10.1-10.
#[test]
fn repeated_text_is_bounded() {
    let repeated = |length: usize, times: usize| {
        format!("a: &a {}\nb: [{}]\n", "x".repeat(length), "*a, ".repeat(times))
    };
    assert_eq!(outcome(&repeated(1000, 1000)), Ok(()));
    assert_eq!(outcome(&repeated(500_000, 40)), Err(YamlError::ExcessiveAliasing));
}

/// The share that aliases may have shrinks with the size of the document.
#[test]
fn large_documents_may_repeat_less() {
    let list = |own: usize, times: usize| {
        format!(
            "- &a [{}]\n- [{}{}]\n",
            "x,".repeat(1000),
            "x,".repeat(own),
            "*a,".repeat(times)
        )
    };
    for (own, times, expected) in [
        (0, 90, Ok(())),
        (0, 150, Err(YamlError::ExcessiveAliasing)),
        (100_000, 350, Ok(())),
        (100_000, 900, Err(YamlError::ExcessiveAliasing)),
    ] {
        assert_eq!(outcome(&list(own, times)), expected, "{own} own, {times} times");
    }
}

/// Time grows with the length: these are long, and any square of their length would be seen.
#[test]
fn long_documents_are_read() {
    let long = [
        "- \n".repeat(300_000),
        "- [a, {b: c}]\n".repeat(70_000),
        format!("{}{}", "[".repeat(9000), "a,".repeat(400_000)) + &"]".repeat(9000),
        format!("[{}]", "x:,".repeat(300_000)),
        "a: |\n".to_owned() + &" x\n".repeat(300_000),
        format!("\"{}\"", "\\x41".repeat(250_000)),
        "a b\n".repeat(250_000),
        "#\n".repeat(500_000),
    ];
    for input in long {
        assert_eq!(outcome(&input), Ok(()), "{}", &input[..20]);
    }
}

#[test]
fn many_members_are_told_apart() {
    let lines: Vec<String> = (0..50_000)
        .map(|number| format!("k{}: {number}", number % 25_000))
        .collect();
    let input = lines.join("\n");
    let root = parse(input.as_bytes()).expect("well-formed");
    let members = root.as_map().expect("a map");
    assert_eq!(members.len(), 25_000);
    assert_eq!(
        members
            .last()
            .and_then(|(_, value): &(Node, Node)| value.as_integer()),
        Some(49_999)
    );
}
