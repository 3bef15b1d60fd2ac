//! Answers by a program, as `git http-backend` gives them.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::reply::Reply;
use super::request::Request;

/// A program that answers requests by the Common Gateway Interface.
#[derive(Debug, Clone, Default)]
pub struct Cgi {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// What is added to the environment.
    pub env: Vec<(String, String)>,
    /// The value that `Authorization` must have; without it 401 is answered and the program is not started.
    pub authorization: Option<String>,
}

impl Cgi {
    /// Runs the program for one request to `prefix` or below.
    pub(super) async fn answer(&self, prefix: &str, request: &Request) -> Reply {
        if self.authorization.is_some() && self.authorization.as_deref() != request.header("authorization") {
            return Reply::with_body(401, &["WWW-Authenticate: Basic realm=\"git\""], b"");
        }
        let mut command = self.command(prefix, request);
        let body = request.body.clone();
        let output = tokio::task::spawn_blocking(move || run(command.spawn()?, body)).await;
        match output {
            Ok(Ok(output)) => translate(&output),
            Ok(Err(_)) | Err(_) => Reply::status(500),
        }
    }

    fn command(&self, prefix: &str, request: &Request) -> Command {
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let below = path.strip_prefix(prefix.trim_end_matches('/')).unwrap_or(path);
        let mut command = Command::new(&self.program);
        command
            .args(&self.args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .env("GATEWAY_INTERFACE", "CGI/1.1")
            .env("SERVER_PROTOCOL", "HTTP/1.1")
            .env("REMOTE_ADDR", "127.0.0.1")
            .env("REQUEST_METHOD", &request.method)
            .env("SCRIPT_NAME", prefix)
            .env("PATH_INFO", below)
            .env("QUERY_STRING", query)
            .env("CONTENT_LENGTH", request.body.len().to_string());
        if let Some(kind) = request.header("content-type") {
            command.env("CONTENT_TYPE", kind);
        }
        for (name, value) in &request.headers {
            command.env(format!("HTTP_{}", name.to_uppercase().replace('-', "_")), value);
        }
        command.envs(self.env.iter().cloned());
        command
    }
}

/// Feeds the program from a thread of its own, so that neither side waits for the other.
fn run(mut child: Child, body: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let feeder = child.stdin.take().map(|mut stdin| {
        // A program may end without reading all it is given.
        std::thread::spawn(move || drop(stdin.write_all(&body)))
    });
    let mut output = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_end(&mut output)?;
    }
    child.wait()?;
    let _ = feeder.map(std::thread::JoinHandle::join);
    Ok(output)
}

/// Makes an HTTP answer of a program's output.
fn translate(output: &[u8]) -> Reply {
    let (head, body) = split_head(output);
    let head = String::from_utf8_lossy(head);
    let lines: Vec<&str> = head.lines().filter(|line| !line.is_empty()).collect();
    let status = lines.iter().find_map(|line| {
        let value = line.strip_prefix("Status:")?;
        value.split_whitespace().next()?.parse().ok()
    });
    let others: Vec<&str> = lines
        .into_iter()
        .filter(|line| !line.starts_with("Status:"))
        .collect();
    Reply::with_body(status.unwrap_or(200), &others, body)
}

fn split_head(output: &[u8]) -> (&[u8], &[u8]) {
    for mark in [&b"\r\n\r\n"[..], b"\n\n"] {
        if let Some(at) = output.windows(mark.len()).position(|window| window == mark) {
            return (&output[..at], &output[at + mark.len()..]);
        }
    }
    (output, b"")
}
