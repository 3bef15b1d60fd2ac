//! Bars for what is no terminal: with `--progress=always` somebody reads the pipe as one.

use std::io::{self, Write};

use indicatif::{ProgressDrawTarget, TermLike};

/// Width in columns of what cannot tell its own.
const WIDTH: u16 = 80;

/// Standard error, taken for a terminal.
#[derive(Debug)]
struct Forced;

/// Draws on standard error whatever it is.
pub(super) fn target(hz: u8) -> ProgressDrawTarget {
    ProgressDrawTarget::term_like_with_hz(Box::new(Forced), hz)
}

fn send(text: &str) -> io::Result<()> {
    io::stderr().lock().write_all(text.as_bytes())
}

/// Moves as ECMA-48 has it: `count` times in the direction of `letter`; none for 0, which would mean 1.
fn step(count: usize, letter: char) -> io::Result<()> {
    match count {
        0 => Ok(()),
        _ => send(&format!("\x1b[{count}{letter}")),
    }
}

impl TermLike for Forced {
    fn width(&self) -> u16 {
        WIDTH
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        step(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        step(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        step(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        step(n, 'D')
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        send(&format!("{s}\n"))
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        send(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        send("\r\x1b[2K")
    }

    fn flush(&self) -> io::Result<()> {
        io::stderr().flush()
    }
}
