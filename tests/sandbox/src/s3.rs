//! Simple Storage Service, path style.
//!
//! Owns what stands between a request and the store: [`gate`] authenticates and authorises,
//! [`ops`] does the work behind the `s3s` crate, which reads and writes the wire form.
//!
//! Source: *Amazon S3 API Reference*; *Service Authorization Reference*, "Actions, resources, and
//! condition keys for Amazon S3".

mod asked;
mod checksum;
mod chunks;
mod conditions;
mod found;
mod gate;
mod listing;
mod listing_versions;
mod meta;
mod multipart;
mod object;
mod ops;
mod read;
mod receive;
pub(crate) mod store;
mod versions;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};

pub(crate) use asked::Asked;

use crate::front::by;
use crate::http_reply::{self, Reply, escape};
use crate::random;
use crate::world::World;

/// A request is read to its end before it is refused, up to here: a client that still sends would
/// see a broken pipe rather than the refusal.
const DRAIN_LIMIT: usize = 64 * 1024 * 1024;

/// The service, ready to answer.
#[derive(Clone)]
pub(crate) struct S3 {
    world: Arc<World>,
    service: S3Service,
}

impl S3 {
    pub(crate) fn new(world: Arc<World>) -> Self {
        let mut config = S3Config::default();
        // The gate holds the signature's time against the sandbox's clock; `s3s` knows only the
        // machine's.
        config.presigned_url_max_skew_time_secs = u32::MAX;
        let mut builder = S3ServiceBuilder::new(ops::Ops::new(Arc::clone(&world)));
        builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
        builder.set_auth(gate::Secrets(Arc::clone(&world)));
        builder.set_access(gate::OnlyWhatWasAdmitted);
        Self { world, service: builder.build() }
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Reply {
        let asked = Asked::of(&request);
        let (parts, body) = request.into_parts();
        let mut reply = match gate::admit(&self.world, &parts, &asked) {
            Ok(caller) => {
                let user_id = caller.principal.user_id.clone();
                let reply = self.serve(Request::from_parts(parts, body), asked.clone(), caller).await;
                by(reply, &user_id)
            }
            Err(refusal) => {
                let _ = Limited::new(body, DRAIN_LIMIT).collect().await;
                refusal.reply()
            }
        };
        // Both a refused and a granted look at a bucket tell where it is (HeadBucket).
        if let Some(bucket) = &asked.bucket
            && asked.key.is_none()
            && self.world.store().has_bucket(bucket)
            && let Ok(region) = HeaderValue::from_str(&self.world.options.region)
        {
            reply.headers_mut().insert("x-amz-bucket-region", region);
        }
        reply
    }

    async fn serve(&self, request: Request<Incoming>, asked: Asked, caller: gate::CallerOf) -> Reply {
        let deletes = asked.operation == "DeleteObjects";
        let mut request = if deletes {
            // Its body is small, and AWS refuses it without a digest that fits.
            let (parts, body) = request.into_parts();
            let Ok(body) = Limited::new(body, DRAIN_LIMIT).collect().await else {
                return error(StatusCode::BAD_REQUEST, "IncompleteBody", "The body was not all there.");
            };
            let body = body.to_bytes();
            if let Err((code, message)) = checksum::check_header_digest(&parts.headers, &body) {
                return error(StatusCode::BAD_REQUEST, code, message);
            }
            Request::from_parts(parts, s3s::Body::from(body))
        } else {
            request.map(s3s::Body::from)
        };
        request.extensions_mut().insert(asked);
        request.extensions_mut().insert(caller);
        match self.service.call(request).await {
            Ok(reply) => reply.map(http_body_util::BodyExt::boxed_unsync),
            Err(_) => error(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "We encountered an internal error."),
        }
    }
}

/// An error of this service.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Reply {
    error_with(status, code, message, &[])
}

/// An error with further elements.
fn error_with(status: StatusCode, code: &str, message: &str, more: &[(&str, &str)]) -> Reply {
    if status == StatusCode::NOT_MODIFIED {
        let mut reply = http_reply::with_body(status, "application/xml", Bytes::new());
        reply.headers_mut().clear();
        return reply;
    }
    let more: String = more.iter().map(|(name, value)| format!("<{name}>{}</{name}>", escape(value))).collect();
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>{more}\
         <RequestId>{}</RequestId></Error>",
        escape(code),
        escape(message),
        random::hex_id()
    );
    http_reply::xml(status, "application/xml", body)
}
