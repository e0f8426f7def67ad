//! A CI job's own token endpoint.
//!
//! Source: "OpenID Connect reference" of GitHub Actions: `ACTIONS_ID_TOKEN_REQUEST_URL` has a query already, to which
//! the client adds `&audience=`, and `ACTIONS_ID_TOKEN_REQUEST_TOKEN` is its bearer token.

use http::{StatusCode, header};
use serde_json::{Value, json};

use super::{IdTokenSpec, error, fields, mint};
use crate::front::{WholeRequest, by};
use crate::http_reply::{self, Reply};
use crate::world::World;

pub(super) fn discovery(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks"),
        "subject_types_supported": ["public", "pairwise"],
        "response_types_supported": ["id_token"],
        "claims_supported": ["sub", "aud", "exp", "iat", "iss", "jti", "nbf", "repository", "ref", "run_id"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid"],
    })
}

pub(super) fn token(world: &World, request: &WholeRequest) -> Reply {
    let id = request.uri().path().trim_start_matches("/actions/jobs/").trim_end_matches("/idtoken");
    let bearer = request.headers().get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let bearer = bearer.and_then(|it| it.strip_prefix("Bearer ").or_else(|| it.strip_prefix("bearer ")));
    let known = world.issuer().jobs.get(id).filter(|(token, _)| bearer == Some(token.as_str())).cloned();
    let Some((_, subject)) = known else {
        return error(StatusCode::UNAUTHORIZED, "Unauthorized", "not a job's token");
    };
    let field = fields(request.uri().query().unwrap_or_default().as_bytes());
    if field("api-version").as_deref() != Some("2.0") {
        return error(StatusCode::BAD_REQUEST, "VssVersionNotSpecifiedException", "no api-version");
    }
    let audience = field("audience").unwrap_or_else(|| "https://github.com/example".into());
    let mut spec = IdTokenSpec::new("actions", &subject, &audience);
    let repository = subject.split(':').nth(1).unwrap_or_default();
    spec.claims = [("repository", repository), ("ref", "refs/heads/main"), ("runner_environment", "github-hosted")]
        .map(|(key, value)| (key.to_owned(), Value::from(value)))
        .into_iter()
        .collect();
    let token = mint(world, &spec);
    by(http_reply::json(StatusCode::OK, &json!({ "count": token.len(), "value": token })), &subject)
}
