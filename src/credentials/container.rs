//! A loopback endpoint that AWS SDKs ask for credentials, as they do in a container.
//!
//! It is bound to 127.0.0.1 on a port of the system's choice, answers `GET` of one exact path to who has the
//! authorization token, and keeps nothing: every request goes to the [`Source`]. Source: AWS SDKs and Tools reference,
//! "Container credential provider".

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::{TokioIo, TokioTimer};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::records::SignedIn;
use super::variables::Variable;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

const PATH: &str = "/credentials";
/// Connections answered at the same time; more wait.
const CONNECTIONS: usize = 64;

/// Where the credentials come from; it may block.
pub type Source = dyn Fn() -> Result<SignedIn> + Send + Sync;

/// The endpoint, listening.
pub struct Container {
    listener: TcpListener,
    port: u16,
    token: Secret,
}

impl Container {
    /// Binds 127.0.0.1. The 256 random bits are the authorization token.
    ///
    /// # Errors
    /// [`Kind::Failed`] when the system lends no port.
    pub async fn bind(random: &[u8; 32]) -> Result<Self> {
        let cannot = |error: std::io::Error| {
            Error::new(Kind::Failed, format!("could not listen on 127.0.0.1 to serve credentials: {error}"))
        };
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.map_err(cannot)?;
        let port = listener.local_addr().map_err(cannot)?.port();
        Ok(Self { listener, port, token: Secret::new(URL_SAFE_NO_PAD.encode(random)) })
    }

    /// What tells an SDK to ask here.
    pub fn variables(&self) -> Vec<Variable> {
        vec![
            Variable::plain("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("http://127.0.0.1:{}{PATH}", self.port)),
            Variable::secret("AWS_CONTAINER_AUTHORIZATION_TOKEN", self.token.clone()),
        ]
    }

    /// Answers until it is dropped.
    pub async fn serve(self, source: Arc<Source>) -> Infallible {
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        let gate = Arc::new(Gate { token: digest(self.token.expose()), host: format!("127.0.0.1:{}", self.port) });
        loop {
            let permit = Arc::clone(&permits).acquire_owned().await;
            let Ok((stream, _)) = self.listener.accept().await else {
                // Out of file descriptors, most likely: they come back.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let (gate, source) = (Arc::clone(&gate), Arc::clone(&source));
            tokio::spawn(async move {
                let _permit = permit;
                let service = service_fn(|request| answer(request, &gate, &source));
                let _ = hyper::server::conn::http1::Builder::new()
                    .keep_alive(false)
                    .max_buf_size(16 * 1024)
                    .timer(TokioTimer::new())
                    .header_read_timeout(Duration::from_secs(5))
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    }
}

/// Who is let in.
struct Gate {
    /// Of the token: comparing digests tells nothing by how long it takes.
    token: [u8; 32],
    host: String,
}

impl Gate {
    /// Why the request isn't answered. A page in a browser that rebinds its name has another `Host`.
    fn refusal(&self, method: &Method, path: &str, host: &str, authorization: &str) -> Option<StatusCode> {
        if host != self.host {
            Some(StatusCode::FORBIDDEN)
        } else if path != PATH {
            Some(StatusCode::NOT_FOUND)
        } else if method != Method::GET {
            Some(StatusCode::METHOD_NOT_ALLOWED)
        } else if digest(authorization) != self.token {
            Some(StatusCode::FORBIDDEN)
        } else {
            None
        }
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

async fn answer(
    request: Request<Incoming>,
    gate: &Gate,
    source: &Arc<Source>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let named = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let target = request.uri().path_and_query().map_or("", |target| target.as_str());
    if let Some(status) = gate.refusal(request.method(), target, named(header::HOST), named(header::AUTHORIZATION)) {
        return Ok(reply(status, Bytes::from_static(b"{\"Code\":\"Refused\",\"Message\":\"refused\"}\n")));
    }
    let source = Arc::clone(source);
    // Locks, keychains and renewals block.
    let got = tokio::task::spawn_blocking(move || source()).await;
    let got = got.unwrap_or_else(|_| Err(Error::new(Kind::Failed, "getting the credentials was cut short")));
    Ok(match got {
        Ok(signed_in) => reply(StatusCode::OK, document(&signed_in)),
        Err(error) => reply(status_of(error.kind), complaint(&error)),
    })
}

/// SDKs try again after a 5xx, and give up after a 4xx: only a person helps when nobody is signed in.
fn status_of(kind: Kind) -> StatusCode {
    match kind {
        Kind::NotSignedIn | Kind::Denied => StatusCode::UNAUTHORIZED,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn reply(status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    reply
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    access_key_id: &'a str,
    secret_access_key: &'a str,
    token: &'a str,
    expiration: String,
    account_id: &'a str,
}

/// What SDKs read.
fn document(signed_in: &SignedIn) -> Bytes {
    let SignedIn { credentials, account_id, .. } = signed_in;
    let document = Document {
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        token: credentials.session_token.expose(),
        expiration: credentials.expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        account_id: account_id.as_str(),
    };
    serde_json::to_vec(&document).expect("strings always serialize into memory").into()
}

/// SDKs show it: what is wrong, and what helps.
fn complaint(error: &Error) -> Bytes {
    let message = match &error.hint {
        Some(hint) => format!("{}; {hint}", error.message),
        None => error.message.clone(),
    };
    let code = if error.kind == Kind::NotSignedIn { "NotSignedIn" } else { "Unavailable" };
    serde_json::json!({ "Code": code, "Message": message }).to_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_request_with_the_token_is_let_in() {
        let gate = Gate { token: digest("right"), host: "127.0.0.1:9".to_owned() };
        let (get, host) = (Method::GET, "127.0.0.1:9");
        assert_eq!(gate.refusal(&get, PATH, host, "right"), None);
        for (method, path, host, token, status) in [
            (Method::GET, PATH, host, "wrong", 403),
            (Method::GET, PATH, host, "", 403),
            (Method::GET, PATH, host, "Bearer right", 403),
            (Method::GET, PATH, "evil.example:9", "right", 403),
            (Method::GET, PATH, "localhost:9", "right", 403),
            (Method::GET, PATH, "", "right", 403),
            (Method::GET, "/credentials/", host, "right", 404),
            (Method::GET, "/credentials?x", host, "right", 404),
            (Method::GET, "/", host, "right", 404),
            (Method::POST, PATH, host, "right", 405),
            (Method::HEAD, PATH, host, "right", 405),
        ] {
            let refusal = gate.refusal(&method, path, host, token).map(|status| status.as_u16());
            assert_eq!(refusal, Some(status), "{method} {path} {host} {token}");
        }
    }
}
