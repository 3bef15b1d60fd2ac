//! One question to the server, with its limits (B-13).

use cache::ingest::download::transport::{self, Fault};
use cache::ingest::remote_url::{RemoteUrl, UrlFault};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Response, StatusCode};
use rustls::ClientConfig;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::error::{ExchangeError, SetupError};
use super::services::text_of;
use super::settings::CredhubSettings;

/// Longest answer that is read, in bytes.
const LONGEST_ANSWER: usize = 8 << 20;

/// Redirects that are followed.
const REDIRECTS: usize = 10;

/// Longest part of a server's complaint that is repeated, in characters.
const LONGEST_COMPLAINT: usize = 1000;

/// A client, ready to ask.
pub(super) struct Exchange {
    runtime: Runtime,
    http: reqwest::Client,
    url: RemoteUrl,
    limit: std::time::Duration,
}

impl Exchange {
    pub(super) fn new(
        url: RemoteUrl,
        tls: ClientConfig,
        settings: &CredhubSettings,
    ) -> Result<Self, SetupError> {
        let proxies = settings.proxies.clone()?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(SetupError::Runtime)?;
        let http = {
            let _inside = runtime.enter();
            transport::http_client(tls, proxies, settings.limit)?
        };
        Ok(Self {
            runtime,
            http,
            url,
            limit: settings.limit,
        })
    }

    /// Sends `body`, and gives the body of an answer of 2xx.
    pub(super) fn run(&self, body: String) -> Result<Vec<u8>, ExchangeError> {
        self.runtime.block_on(async {
            match timeout(self.limit, self.ask(body)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(ExchangeError::Timeout(self.url.redacted())),
            }
        })
    }

    async fn ask(&self, body: String) -> Result<Vec<u8>, ExchangeError> {
        let response = self.follow(body).await?;
        let status = response.status();
        let answer = self.read(response).await?;
        if status.is_success() {
            Ok(answer)
        } else {
            Err(complaint(status, &answer))
        }
    }

    /// Sends, and follows redirects within the origin.
    async fn follow(&self, body: String) -> Result<Response, ExchangeError> {
        let mut url = self.url.clone();
        let mut body = Some(body);
        for _ in 0..=REDIRECTS {
            let response = self.request(&url, body.clone()).send().await;
            let response = response.map_err(|error| self.failed(Fault::of(&error, url.with_secrets())))?;
            let status = response.status();
            if !is_redirect(status) {
                return Ok(response);
            }
            if !matches!(
                status,
                StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
            ) {
                // What every client does with the older redirects of a POST.
                body = None;
            }
            url = self.next(&url, &response)?;
        }
        Err(self.failed(Fault::TooManyRedirects(REDIRECTS)))
    }

    fn next(&self, url: &RemoteUrl, response: &Response) -> Result<RemoteUrl, ExchangeError> {
        let status = response.status().as_u16();
        let location = response.headers().get(LOCATION);
        let location = location.ok_or_else(|| self.failed(Fault::NoLocation(status)))?;
        let text = location.to_str().map_err(|_| self.failed(Fault::BadLocation))?;
        let next = url.join(text).map_err(|fault| match fault {
            UrlFault::Invalid => self.failed(Fault::BadLocation),
            other => self.failed(other.into()),
        })?;
        if next.is_same_origin(&self.url) {
            Ok(next)
        } else {
            Err(ExchangeError::Astray(self.url.redacted()))
        }
    }

    fn request(&self, url: &RemoteUrl, body: Option<String>) -> reqwest::RequestBuilder {
        let url = url.with_secrets().clone();
        match body {
            Some(body) => self
                .http
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .body(body),
            None => self.http.get(url),
        }
    }

    async fn read(&self, mut response: Response) -> Result<Vec<u8>, ExchangeError> {
        let mut answer = Vec::new();
        loop {
            let chunk = response.chunk().await;
            let Some(chunk) =
                chunk.map_err(|error| self.failed(Fault::of(&error, self.url.with_secrets())))?
            else {
                return Ok(answer);
            };
            if answer.len().saturating_add(chunk.len()) > LONGEST_ANSWER {
                let limit = u64::try_from(LONGEST_ANSWER).unwrap_or(u64::MAX);
                return Err(self.failed(Fault::TooLarge(limit)));
            }
            answer.extend_from_slice(&chunk);
        }
    }

    fn failed(&self, fault: Fault) -> ExchangeError {
        ExchangeError::Post {
            url: self.url.redacted(),
            fault,
        }
    }
}

const fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// What the server says is wrong: its `error` and, but for a 404, its `error_description`. Nothing else of the
/// answer is repeated.
fn complaint(status: StatusCode, answer: &[u8]) -> ExchangeError {
    let text = text_of(answer);
    let mut values = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
    let Some(Ok(serde_json::Value::Object(members))) = values.next() else {
        return ExchangeError::Undecodable;
    };
    let word = |name: &str| {
        let found = members
            .iter()
            .rfind(|(known, _)| known.eq_ignore_ascii_case(name));
        let text = found.and_then(|(_, value)| value.as_str()).unwrap_or_default();
        text.chars().take(LONGEST_COMPLAINT).collect::<String>()
    };
    let (error, description) = (word("error"), word("error_description"));
    if status == StatusCode::NOT_FOUND || description.is_empty() {
        return ExchangeError::Refused(error);
    }
    ExchangeError::Refused(format!("{error}: {description}"))
}
