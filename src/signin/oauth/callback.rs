//! The loopback listener that takes the browser's answer.
//!
//! It is bound to 127.0.0.1 before the browser opens, answers one exact path on its own host name, checks `state`,
//! hands out one authorization code and is gone. Sources: RFC 8252 §7.3 and §8.3, RFC 6749 §4.1.2.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::error::OAuthError;
use super::pkce::CALLBACK_PATH;
use crate::secret::Secret;

/// How long a person may take: what AWS gives a device code.
pub(super) const PATIENCE: Duration = Duration::from_secs(600);

/// A listener on this machine's loopback.
pub(super) struct Callback {
    listener: TcpListener,
    port: u16,
}

/// What a request to the listener means. Pure.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The code, for the token endpoint only.
    Code(Secret),
    /// The person, or the provider, said no.
    Refused(OAuthError),
    /// Not the browser's answer: keep listening.
    NotOurs(StatusCode),
}

impl Callback {
    /// Binds 127.0.0.1; port 0 lets the system choose.
    pub(super) async fn bind(port: u16) -> Result<Self, OAuthError> {
        let cannot = |error: std::io::Error| OAuthError::CannotListen { port, reason: error.to_string() };
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await.map_err(cannot)?;
        let port = listener.local_addr().map_err(cannot)?.port();
        Ok(Self { listener, port })
    }

    /// The redirect URI with the port that was bound.
    pub(super) fn redirect_uri(&self) -> String {
        format!("http://127.0.0.1:{}{CALLBACK_PATH}", self.port)
    }

    /// Waits for the one answer that carries `state`, shows the person a page, and gives the code.
    pub(super) async fn code(self, state: &Secret) -> Result<Secret, OAuthError> {
        let late = OAuthError::NobodyAnswered { minutes: PATIENCE.as_secs() / 60 };
        tokio::time::timeout(PATIENCE, self.serve(state)).await.unwrap_or(Err(late))
    }

    async fn serve(self, state: &Secret) -> Result<Secret, OAuthError> {
        let (sender, mut answer) = oneshot::channel();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let mut connections = JoinSet::new();
        let outcome = loop {
            tokio::select! {
                outcome = &mut answer => break outcome,
                accepted = self.listener.accept() => {
                    let Ok((stream, _)) = accepted else { continue };
                    // More than a browser's few connections is somebody knocking.
                    if connections.len() < 16 {
                        let (state, sender, port) = (state.clone(), Arc::clone(&sender), self.port);
                        connections.spawn(async move {
                            let service = service_fn(|request| answer_one(request, &state, port, &sender));
                            let _ = hyper::server::conn::http1::Builder::new()
                                .keep_alive(false)
                                .max_buf_size(16 * 1024)
                                .timer(TokioTimer::new())
                                .header_read_timeout(Duration::from_secs(10))
                                .serve_connection(TokioIo::new(stream), service)
                                .await;
                        });
                    }
                }
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
            }
        };
        drop(self.listener);
        // Let the page reach the browser before the process goes on, but don't wait for a browser that lingers.
        let _ = tokio::time::timeout(Duration::from_millis(500), async {
            while connections.join_next().await.is_some() {}
        })
        .await;
        let ended = || OAuthError::CannotListen { port: self.port, reason: "the listener has ended".to_owned() };
        outcome.unwrap_or_else(|_| Err(ended()))
    }
}

type Answer = Arc<Mutex<Option<oneshot::Sender<Result<Secret, OAuthError>>>>>;

async fn answer_one(
    request: Request<Incoming>,
    state: &Secret,
    port: u16,
    sender: &Answer,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let uri = request.uri();
    let verdict = judge(request.method(), host, uri.path(), uri.query().unwrap_or(""), state, port);
    let (status, page) = match &verdict {
        Verdict::Code(_) => {
            (StatusCode::OK, page("You are signed in", "You can close this tab and go back to the terminal."))
        }
        Verdict::Refused(_) => {
            (StatusCode::OK, page("Not signed in", "The sign-in was refused. Go back to the terminal."))
        }
        Verdict::NotOurs(status) => (*status, page("Nothing here", "This address only takes the answer of a sign-in.")),
    };
    let outcome = match verdict {
        Verdict::Code(code) => Some(Ok(code)),
        Verdict::Refused(error) => Some(Err(error)),
        Verdict::NotOurs(_) => None,
    };
    let first = outcome.is_none_or(|outcome| {
        let sender = sender.lock().ok().and_then(|mut sender| sender.take());
        sender.is_some_and(|sender| sender.send(outcome).is_ok())
    });
    let (status, page) = if first { (status, page) } else { (StatusCode::GONE, self::page("Already answered", "")) };
    let mut response = Response::new(Full::new(page));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    // The code is in this page's address: it must not leave in a Referer.
    headers.insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        header::HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"),
    );
    Ok(response)
}

fn page(title: &str, text: &str) -> Bytes {
    Bytes::from(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>securecart: {title}</title>\
         <style>body{{font:18px/1.5 system-ui,sans-serif;max-width:32em;margin:15vh auto;padding:0 1em}}</style>\
         <h1>{title}</h1><p>{text}</p></html>"
    ))
}

/// Decides what a request is. A wrong `state` is somebody else's answer, so listening goes on.
fn judge(method: &Method, host: &str, path: &str, query: &str, state: &Secret, port: u16) -> Verdict {
    if path != CALLBACK_PATH {
        return Verdict::NotOurs(StatusCode::NOT_FOUND);
    }
    if method != Method::GET {
        return Verdict::NotOurs(StatusCode::METHOD_NOT_ALLOWED);
    }
    // A page elsewhere that resolves its own name to 127.0.0.1 doesn't get through.
    if host != format!("127.0.0.1:{port}") {
        return Verdict::NotOurs(StatusCode::MISDIRECTED_REQUEST);
    }
    let value = |wanted: &str| {
        let mut found = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
        match (found.next(), found.next()) {
            (Some((_, value)), None) if !value.is_empty() => Some(value.into_owned()),
            _ => None,
        }
    };
    if value("state").as_deref() != Some(state.expose()) {
        return Verdict::NotOurs(StatusCode::BAD_REQUEST);
    }
    match (value("code"), value("error")) {
        (Some(code), None) => Verdict::Code(Secret::new(code)),
        (None, Some(error)) if error == "access_denied" => Verdict::Refused(OAuthError::Denied),
        (None, Some(error)) => {
            let code = error.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(40).collect();
            Verdict::Refused(OAuthError::Refused { code })
        }
        _ => Verdict::NotOurs(StatusCode::BAD_REQUEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: &Method, host: &str, path: &str, query: &str) -> Verdict {
        judge(method, host, path, query, &Secret::new("right"), 7000)
    }

    #[test]
    fn only_the_exact_path_host_method_and_state_count() {
        let ok = "code=abc&state=right";
        let host = "127.0.0.1:7000";
        assert_eq!(verdict(&Method::GET, host, CALLBACK_PATH, ok), Verdict::Code(Secret::new("abc")));
        for (method, host, path, query) in [
            (Method::POST, host, CALLBACK_PATH, ok),
            (Method::GET, "evil.example:7000", CALLBACK_PATH, ok),
            (Method::GET, "127.0.0.1", CALLBACK_PATH, ok),
            (Method::GET, host, "/oauth/callback/", ok),
            (Method::GET, host, "/favicon.ico", ok),
            (Method::GET, host, CALLBACK_PATH, "code=abc&state=wrong"),
            (Method::GET, host, CALLBACK_PATH, "code=abc"),
            (Method::GET, host, CALLBACK_PATH, "code=abc&state=right&state=right"),
            (Method::GET, host, CALLBACK_PATH, "code=abc&code=def&state=right"),
            (Method::GET, host, CALLBACK_PATH, "state=right"),
        ] {
            assert!(
                matches!(verdict(&method, host, path, query), Verdict::NotOurs(_)),
                "{method} {host} {path} {query}"
            );
        }
    }

    #[test]
    fn a_denial_is_told_from_other_refusals() {
        let host = "127.0.0.1:7000";
        assert_eq!(
            verdict(&Method::GET, host, CALLBACK_PATH, "error=access_denied&state=right"),
            Verdict::Refused(OAuthError::Denied)
        );
        assert_eq!(
            verdict(&Method::GET, host, CALLBACK_PATH, "error=server_%1b[2Jerror&state=right"),
            Verdict::Refused(OAuthError::Refused { code: "server_2Jerror".to_owned() })
        );
    }
}
