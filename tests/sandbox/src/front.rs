//! The front door: one listener, one dispatch by path.
//!
//! Owns connections, the `Date` header, faults and the call list. Never decides what a service
//! answers.

mod body;
mod route;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::oneshot;

use crate::fault::{Effect, Service};
use crate::http_reply::{CalledBy, Reply};
use crate::s3::S3;
use crate::state::Call;
use crate::world::World;
use crate::{control, http_reply, idp, issuer, metadata, oidc, portal, random, s3, signin, sts};

pub(crate) use route::Route;

/// No request but an object's body is longer than this, save what a test seeds.
const BODY_LIMIT: usize = 256 * 1024 * 1024;

/// A request whose body, if short enough to be read at once, is here.
pub(crate) type WholeRequest = Request<Bytes>;

/// The connection ends without an answer.
#[derive(Debug)]
struct Cut;

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a fault cut this connection")
    }
}

impl std::error::Error for Cut {}

/// Serves until told to stop.
pub(crate) async fn serve(world: Arc<World>, listener: TcpListener, mut stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let s3 = S3::new(Arc::clone(&world));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stopped => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        // A reply in one small write should not wait for the acknowledgement of the last.
        let _ = stream.set_nodelay(true);
        let (world, s3) = (Arc::clone(&world), s3.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(Arc::clone(&world), s3.clone(), request));
            // An error here is the client's leaving or a fault's cut: both are meant.
            let _ =
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(world: Arc<World>, s3: S3, request: Request<Incoming>) -> Result<Reply, Cut> {
    let mut reply = match route::of(&request) {
        Route::Control => {
            let request = read(request).await?;
            control::answer(&world, &request)
        }
        Route::Metadata => metadata::answer(&world, &read(request).await?),
        Route::S3 => {
            let range = request.headers().get(header::RANGE).and_then(|range| range.to_str().ok()).map(str::to_owned);
            let asking = Asking { range, ..s3::Asked::of(&request).into() };
            spoil(&world, Service::S3, asking, s3.answer(request)).await?
        }
        Route::Json(service) => {
            let request = read(request).await?;
            match service {
                Service::Oidc => {
                    let asked = oidc::asked(&request);
                    spoil(&world, service, asked, async { oidc::answer(&world, &request) }).await?
                }
                Service::Portal => {
                    let asked = portal::asked(&request);
                    spoil(&world, service, asked, async { portal::answer(&world, &request) }).await?
                }
                Service::Signin => {
                    let asked = signin::asked(&request);
                    spoil(&world, service, asked, async { signin::answer(&world, &request) }).await?
                }
                Service::Idp => {
                    let asked = idp::asked(&request);
                    spoil(&world, service, asked, async { idp::answer(&world, &request) }).await?
                }
                Service::Issuer => {
                    let asked = issuer::asked(&request);
                    spoil(&world, service, asked, async { issuer::answer(&world, &request) }).await?
                }
                Service::Sts | Service::S3 => {
                    let asked = sts::asked(&request);
                    spoil(&world, Service::Sts, asked, async { sts::answer(&world, &request) }).await?
                }
            }
        }
    };
    let date = world.clock.wall().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::from_str(&date) {
        reply.headers_mut().insert(header::DATE, date);
    }
    Ok(reply)
}

async fn read(request: Request<Incoming>) -> Result<WholeRequest, Cut> {
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, BODY_LIMIT).collect().await.map_err(|_| Cut)?.to_bytes();
    Ok(Request::from_parts(parts, body))
}

/// What a request asks for, as counters and fault rules name it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asking {
    pub operation: String,
    pub bucket: Option<String>,
    pub subject: Option<String>,
    pub range: Option<String>,
}

/// Runs a service behind the faults that apply, and writes the call down.
async fn spoil(
    world: &World,
    service: Service,
    asking: Asking,
    answering: impl Future<Output = Reply>,
) -> Result<Reply, Cut> {
    world.count_request(service, &asking.operation);
    let effects = world.effects_for(service, &asking.operation, asking.subject.as_deref());
    let mut instead = None;
    let mut cut_before = false;
    for effect in &effects {
        match effect {
            Effect::Latency { ms } => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Effect::Status { status, code } => instead = Some(refuse(service, *status, code)),
            Effect::Drop => cut_before = true,
            _ => {}
        }
    }
    let mut call = Call {
        service: service.name().into(),
        operation: asking.operation,
        bucket: asking.bucket,
        subject: asking.subject,
        range: asking.range,
        principal: None,
        status: 0,
    };
    if cut_before {
        world.note(call);
        return Err(Cut);
    }
    let mut reply = match instead {
        Some(reply) => reply,
        None => answering.await,
    };
    call.principal = reply.extensions().get::<CalledBy>().map(|by| by.0.clone());
    let cut_after = effects.contains(&Effect::DropReply);
    call.status = if cut_after { 0 } else { reply.status().as_u16() };
    world.note(call);
    if cut_after {
        return Err(Cut);
    }
    for effect in effects {
        match effect {
            Effect::Truncate { bytes } => reply = reply.map(|inner| body::truncated(inner, bytes)),
            Effect::Stall { bytes } => reply = reply.map(|inner| body::stalled(inner, bytes)),
            Effect::Corrupt { at } => reply = reply.map(|inner| body::corrupted(inner, at)),
            _ => {}
        }
    }
    let id = HeaderValue::from_str(&random::hex_id()).unwrap_or(HeaderValue::from_static("0"));
    let name = if service == Service::S3 { "x-amz-request-id" } else { "x-amzn-requestid" };
    reply.headers_mut().entry(name).or_insert(id);
    Ok(reply)
}

/// The error a fault rule asked for, in the service's own words.
fn refuse(service: Service, status: u16, code: &str) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let message = "A fault rule of the sandbox asked for this error.";
    match service {
        Service::Oidc => oidc::error(status, code, message),
        Service::Portal => portal::error(status, code, message),
        Service::Sts => sts::error(status, code, message),
        Service::Idp => http_reply::page(status, code, message),
        Service::S3 => s3::error(status, code, message),
        Service::Signin => signin::error(status),
        Service::Issuer => issuer::error(status, code, message),
    }
}

/// Adds who asked, for the call list.
pub(crate) fn by(mut reply: Reply, who: &str) -> Reply {
    reply.extensions_mut().insert(CalledBy(who.into()));
    reply
}

/// `404` for a path of ours that has no such page.
pub(crate) fn not_found() -> Reply {
    http_reply::page(StatusCode::NOT_FOUND, "Not found", "<p>There is no such page.</p>")
}
