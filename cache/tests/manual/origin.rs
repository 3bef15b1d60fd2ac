//! An origin with a few files. Asked as a proxy, it answers for every host.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

pub(crate) struct Origin {
    address: String,
}

impl Origin {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || serve(stream));
            }
        });
        Self { address }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// Answers one question; the end of the connection is the end of the answer.
fn serve(stream: TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let question = lines.next()?.ok()?;
    let mut etag = None;
    for line in lines {
        let line = line.ok()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("if-none-match") {
            etag = Some(value.trim().to_owned());
        }
    }
    let name = question.split(' ').nth(1)?.rsplit('/').next()?.to_owned();
    answer(stream, &name, etag.as_deref())
}

fn answer(mut stream: TcpStream, name: &str, known: Option<&str>) -> Option<()> {
    let etag = "\"v1\"";
    let head = |status: &str, more: &str| format!("HTTP/1.1 {status}\r\nConnection: close\r\n{more}\r\n");
    let name = name.split('?').next()?;
    let (status, body, more) = match name {
        "broken.zip" => (
            "200 OK",
            b"no archive at all".to_vec(),
            format!("ETag: {etag}\r\n"),
        ),
        "unmarked.tgz" => ("200 OK", archive(name), String::new()),
        "down.tgz" => ("503 Service Unavailable", Vec::new(), String::new()),
        "gone.tgz" => ("404 Not Found", Vec::new(), String::new()),
        _ if known == Some(etag) => ("304 Not Modified", Vec::new(), format!("ETag: {etag}\r\n")),
        _ => ("200 OK", archive(name), format!("ETag: {etag}\r\n")),
    };
    let length = format!("Content-Length: {}\r\n", body.len());
    stream
        .write_all(head(status, &format!("{more}{length}")).as_bytes())
        .ok()?;
    stream.write_all(&body).ok()
}

/// A buildpack of two scripts and its name.
fn archive(buildpack: &str) -> Vec<u8> {
    let compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(compressed);
    for (name, text) in [
        ("bin/detect", "#!/bin/sh\n"),
        ("bin/compile", "#!/bin/sh\n"),
        ("NAME", buildpack),
    ] {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(text.len() as u64);
        builder
            .append_data(&mut header, name, text.as_bytes())
            .expect("a member");
    }
    builder
        .into_inner()
        .and_then(flate2::write::GzEncoder::finish)
        .expect("an archive")
}
