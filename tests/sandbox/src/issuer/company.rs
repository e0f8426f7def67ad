//! The company's provider: the authorization code grant with PKCE, and the token endpoint of all grants.
//!
//! Source: OpenID Connect Core 1.0 sections 3.1 and 12; RFC 6749, RFC 7636, RFC 8252 section 7.3.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderValue, Method, StatusCode, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::register::Code;
use super::{CLIENT_ID, Grant, IdTokenSpec, bad, error, fields, mint};
use crate::counters::Event;
use crate::front::WholeRequest;
use crate::http_reply::{self, Reply, escape, page, redirect};
use crate::random;
use crate::world::World;

/// The only redirect URI that is registered: the port may vary.
const REDIRECT_HOST: &str = "127.0.0.1";
const REDIRECT_PATH: &str = "/oauth/callback";

pub(super) fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "device_authorization_endpoint": format!("{issuer}/device_authorization"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": ["openid", "email", "offline_access"],
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
    })
}

pub(super) fn authorize(world: &World, request: &WholeRequest) -> Reply {
    let deciding = *request.method() == Method::POST;
    let encoded = if deciding { &request.body()[..] } else { request.uri().query().unwrap_or_default().as_bytes() };
    let field = fields(encoded);
    let refuse = |why: &str| page(StatusCode::BAD_REQUEST, "Something went wrong", &format!("<p>{}</p>", escape(why)));
    if field("client_id").as_deref() != Some(CLIENT_ID) {
        return refuse("The client is unknown.");
    }
    let redirect_uri = field("redirect_uri").unwrap_or_default();
    if !may_redirect_to(&redirect_uri) {
        return refuse("redirect_uri is not registered.");
    }
    let state = field("state");
    let back = |parameters: &[(&str, &str)]| send_back(&redirect_uri, state.as_deref(), parameters);
    let scope = field("scope").unwrap_or_default();
    if field("response_type").as_deref() != Some("code") {
        return back(&[("error", "unsupported_response_type")]);
    }
    if !scope.split(' ').any(|it| it == "openid") {
        return back(&[("error", "invalid_scope")]);
    }
    let challenge = field("code_challenge").unwrap_or_default();
    if field("code_challenge_method").as_deref() != Some("S256") || challenge.len() != 43 {
        return back(&[("error", "invalid_request"), ("error_description", "PKCE with S256 is required")]);
    }
    let person = match (deciding, field("decision").as_deref()) {
        (true, Some("allow")) => field("person"),
        (true, _) => {
            world.count(Event::Denial);
            return back(&[("error", "access_denied")]);
        }
        (false, _) => world.options.auto_approve.clone(),
    };
    let Some(person) = person.and_then(|name| Some(world.org().person(&name)?.name.clone())) else {
        let hidden: String = url::form_urlencoded::parse(encoded)
            .map(|(name, value)| {
                format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(&name), escape(&value))
            })
            .collect();
        let form = format!(
            "<form method=\"post\" action=\"/company/authorize\">{hidden}<label>Sign in as <input name=\"person\"></label> \
             <button name=\"decision\" value=\"allow\">Allow</button> <button name=\"decision\" value=\"deny\">Deny</button></form>"
        );
        return page(StatusCode::OK, "Example Company", &form);
    };
    world.count(Event::Approval);
    let now = world.clock.now();
    let grant = Grant { person, nonce: field("nonce"), offline: is_offline(&scope), at: now };
    let code = random::token("");
    let expires = now + SignedDuration::from_mins(1);
    let kept = Code { redirect_uri: redirect_uri.clone(), challenge, grant, expires };
    world.issuer().codes.insert(code.clone(), kept);
    back(&[("code", &code)])
}

pub(super) fn is_offline(scope: &str) -> bool {
    scope.split(' ').any(|it| it == "offline_access")
}

fn may_redirect_to(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|url| {
        url.scheme() == "http"
            && url.host_str() == Some(REDIRECT_HOST)
            && url.path() == REDIRECT_PATH
            && url.query().is_none()
            && url.fragment().is_none()
    })
}

fn send_back(redirect_uri: &str, state: Option<&str>, parameters: &[(&str, &str)]) -> Reply {
    let Ok(mut url) = Url::parse(redirect_uri) else { return bad("invalid_request", "redirect_uri") };
    url.query_pairs_mut().extend_pairs(parameters).extend_pairs(state.map(|it| ("state", it)));
    redirect(url.as_str())
}

pub(super) fn token(world: &World, request: &WholeRequest) -> Reply {
    let field = fields(request.body());
    let required = |name: &str| field(name).filter(|it| !it.is_empty());
    if required("client_id").as_deref() != Some(CLIENT_ID) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", "The client is unknown");
    }
    let now = world.clock.now();
    let grant = match required("grant_type").as_deref() {
        Some("authorization_code") => {
            // A code is good for one try, right or wrong.
            let code = required("code").and_then(|code| world.issuer().codes.remove(&code));
            let fits = |code: &Code| {
                let verifier = required("code_verifier").unwrap_or_default();
                now < code.expires
                    && required("redirect_uri").as_deref() == Some(&code.redirect_uri)
                    && (43..=128).contains(&verifier.len())
                    && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == code.challenge
            };
            match code.filter(fits) {
                Some(code) => code.grant,
                None => return bad("invalid_grant", "The code is wrong, used, expired or somebody else's"),
            }
        }
        Some("urn:ietf:params:oauth:grant-type:device_code") => {
            match super::device::redeem(world, &required("device_code").unwrap_or_default()) {
                Ok(grant) => grant,
                Err(refusal) => return *refusal,
            }
        }
        Some("refresh_token") => {
            // Good for one use.
            let token = required("refresh_token").and_then(|token| world.issuer().refresh_tokens.remove(&token));
            let Some(grant) = token else { return bad("invalid_grant", "The refresh token is wrong, used or revoked") };
            if grant.at + SignedDuration::from_secs(world.options.session_secs.into()) <= now {
                return bad("invalid_grant", "The session has ended");
            }
            world.count(Event::Refresh);
            // OpenID Connect Core, section 12.2: a nonce need not come back.
            Grant { nonce: None, ..grant }
        }
        _ => return bad("unsupported_grant_type", "Unsupported grant type"),
    };
    if required("grant_type").as_deref() != Some("refresh_token") {
        world.count(Event::SignIn);
    }
    tokens(world, grant)
}

/// Source: RFC 7009, section 2.2: an unknown token is as good as revoked.
pub(super) fn revoke(world: &World, request: &WholeRequest) -> Reply {
    let field = fields(request.body());
    if field("client_id").as_deref() != Some(CLIENT_ID) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", "The client is unknown");
    }
    let known = field("token").and_then(|token| world.issuer().refresh_tokens.remove(&token));
    let reply = http_reply::with_body(StatusCode::OK, "text/plain", "");
    match known {
        Some(grant) => crate::front::by(reply, &grant.person),
        None => reply,
    }
}

fn tokens(world: &World, grant: Grant) -> Reply {
    let life = i64::from(world.options.access_token_secs);
    let mut spec = IdTokenSpec::new("company", &grant.person, CLIENT_ID);
    spec.lifetime_secs = life;
    spec.claims.insert("email".into(), grant.person.clone().into());
    if let Some(nonce) = &grant.nonce {
        spec.claims.insert("nonce".into(), nonce.clone().into());
    }
    let mut reply = json!({
        "access_token": random::token("opaque-"), "token_type": "Bearer", "expires_in": life,
        "scope": "openid", "id_token": mint(world, &spec),
    });
    if grant.offline {
        let token = random::token("refresh-");
        world.issuer().refresh_tokens.insert(token.clone(), grant);
        reply["refresh_token"] = token.into();
    }
    let mut reply = http_reply::json(StatusCode::OK, &reply);
    reply.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}
