//! Giving an address to the browser without putting it on a command line, where every user of the machine can read it.
//!
//! The browser is started with an address on 127.0.0.1 that nobody can guess and that leads on once.

use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, HOST, HeaderName, HeaderValue, LOCATION, REFERRER_POLICY};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// How long a browser may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A listener for one visit.
pub(super) struct Handoff {
    listener: TcpListener,
    host: String,
    path: Secret,
}

impl Handoff {
    /// Binds 127.0.0.1.
    pub(super) async fn bind() -> Result<Self> {
        let cannot = |problem: &dyn std::fmt::Display| {
            Error::new(Kind::Failed, format!("could not listen on 127.0.0.1 for the browser: {problem}"))
                .with_hint("get the address with `securecart console --print`")
        };
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|error| cannot(&error))?;
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| cannot(&error))?;
        let port = listener.local_addr().map_err(|error| cannot(&error))?.port();
        let path = Secret::new(format!("/{}", URL_SAFE_NO_PAD.encode(random)));
        Ok(Self { listener, host: format!("127.0.0.1:{port}"), path })
    }

    /// What the browser is started with.
    pub(super) fn url(&self) -> String {
        format!("http://{}{}", self.host, self.path.expose())
    }

    /// Leads the first visitor on.
    pub(super) async fn hand_over(self, url: &Secret) -> Result<()> {
        let visit = async {
            // Whoever has the address takes the target with it.
            let target = Mutex::new(Some(url.clone()));
            loop {
                let Ok((stream, _)) = self.listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                };
                let service = service_fn(|request| std::future::ready(self.answer(&request, &target)));
                let serving = hyper::server::conn::http1::Builder::new()
                    .keep_alive(false)
                    .timer(TokioTimer::new())
                    .header_read_timeout(Duration::from_secs(2))
                    .serve_connection(TokioIo::new(stream), service);
                let _ = serving.await;
                if target.lock().is_ok_and(|target| target.is_none()) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, visit).await.map_err(|_| {
            Error::new(Kind::Failed, format!("the browser did not come within {} s", PATIENCE.as_secs()))
                .with_hint("get the address with `securecart console --print`")
        })
    }

    fn answer(
        &self,
        request: &Request<Incoming>,
        target: &Mutex<Option<Secret>>,
    ) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
        let mut reply = Response::new(Full::default());
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok());
        let asked = request.uri().path_and_query().map_or("", |target| target.as_str());
        *reply.status_mut() = StatusCode::NOT_FOUND;
        if *request.method() == Method::GET
            && host == Some(&self.host)
            && Secret::new(asked) == self.path
            && let Some(url) = target.lock().ok().and_then(|mut target| target.take())
            && let Ok(location) = HeaderValue::from_str(url.expose())
        {
            *reply.status_mut() = StatusCode::SEE_OTHER;
            let headers: [(HeaderName, HeaderValue); 3] = [
                (LOCATION, location),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
            ];
            reply.headers_mut().extend(headers);
        }
        Ok(reply)
    }
}
