//! Replies, whatever service they come from.
//!
//! Owns the body type and the few shapes of reply. Never knows an error code.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type ReplyBody = UnsyncBoxBody<Bytes, BoxError>;
pub(crate) type Reply = Response<ReplyBody>;

/// Who was found to be asking; the front door notes it in the call list.
#[derive(Debug, Clone)]
pub(crate) struct CalledBy(pub String);

/// A reply with this body.
pub(crate) fn with_body(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Reply {
    let mut reply = Response::new(whole(body.into()));
    *reply.status_mut() = status;
    reply
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    reply
}

/// JSON, as the REST-JSON services answer.
pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Reply {
    with_body(status, "application/json", value.to_string())
}

/// A REST-JSON error, named in the header that AWS SDKs and the AWS CLI read.
pub(crate) fn json_error(status: StatusCode, error_type: &str, value: &serde_json::Value) -> Reply {
    let mut reply = json(status, value);
    if let Ok(name) = HeaderValue::from_str(error_type) {
        reply.headers_mut().insert("x-amzn-errortype", name);
    }
    reply
}

/// XML, as the Query services and S3 answer.
pub(crate) fn xml(status: StatusCode, content_type: &'static str, body: String) -> Reply {
    with_body(status, content_type, body)
}

/// A page for a person. It may load nothing and send forms only here.
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Reply {
    let title = escape(title);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n\
         <body><h1>{title}</h1>\n{body}\n</body></html>\n"
    );
    let mut reply = with_body(status, "text/html; charset=utf-8", html);
    reply
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// Sends the browser elsewhere.
pub(crate) fn redirect(to: &str) -> Reply {
    let mut reply = Response::new(whole(Bytes::new()));
    match HeaderValue::from_str(to) {
        Ok(location) => {
            *reply.status_mut() = StatusCode::FOUND;
            reply.headers_mut().insert(header::LOCATION, location);
        }
        Err(_) => *reply.status_mut() = StatusCode::BAD_REQUEST,
    }
    reply
}

/// A body that is there in one piece.
pub(crate) fn whole(bytes: Bytes) -> ReplyBody {
    Full::new(bytes)
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Text made safe inside HTML and XML, attributes too.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
