//! Credentials for an ID token.

use aws_sdk_sts::error::ProvideErrorMetadata;

use super::{StsError, assumed_role, config, host, or_an_hour, refusal, role_credentials, words};
use crate::config::arn::RoleArn;
use crate::config::names::{Region, SafeUrl, SessionDuration};
use crate::config::session::RoleSessionName;
use crate::http::{Http, transport_failure};
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::signin::oidc::IdToken;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct WebIdentityRequest<'a> {
    /// The role.
    pub role: &'a RoleArn,
    /// The session's name.
    pub session_name: &'a RoleSessionName,
    /// The proof.
    pub token: &'a IdToken,
    /// `None` is the API's default, an hour.
    pub duration: Option<SessionDuration>,
}

/// Turns an ID token into credentials of a role. The request is not signed: the token is the proof.
///
/// Asking for more than the role's maximum fails at AWS: then an hour is asked for, and the third value is true.
///
/// # Errors
/// [`StsError`].
pub async fn assume_role_with_web_identity(
    http: &Http,
    region: &Region,
    endpoint: Option<&SafeUrl>,
    request: WebIdentityRequest<'_>,
) -> Result<(RoleCredentials, CallerIdentity, bool), StsError> {
    // IDPCommunicationError is retried by the SDK, as AWS advises.
    let client = aws_sdk_sts::Client::from_conf(config(http, region, endpoint).build());
    let ask = |duration: Option<SessionDuration>| {
        client
            .assume_role_with_web_identity()
            .role_arn(request.role.as_str())
            .role_session_name(request.session_name.as_str())
            .web_identity_token(request.token.expose())
            .set_duration_seconds(duration.map(|duration| duration.seconds().into()))
            .send()
    };
    let (reply, shortened) = or_an_hour(request.duration, ask).await;
    let reply = reply.map_err(|error| match transport_failure(&error, &host(region, endpoint)) {
        Some(failure) => failure.into(),
        None => token_refusal(error.code(), error.message(), request.role, region),
    })?;
    let credentials = role_credentials(reply.credentials())?;
    let identity = assumed_role(reply.assumed_role_user(), request.role)?;
    Ok((credentials, identity, shortened))
}

/// What an error code of `AssumeRoleWithWebIdentity` means.
///
/// Source: STS API reference, `AssumeRoleWithWebIdentity`, "Errors".
fn token_refusal(code: Option<&str>, message: Option<&str>, role: &RoleArn, region: &Region) -> StsError {
    match code {
        Some("ExpiredTokenException" | "ExpiredToken") => StsError::TokenExpired,
        Some("IDPCommunicationError") => StsError::ProviderUnreachable,
        Some(code @ ("IDPRejectedClaim" | "InvalidIdentityToken" | "AccessDenied")) => {
            StsError::TokenRefused { role: role.to_string(), code: code.to_owned(), message: words(message) }
        }
        code => refusal(code, None, region),
    }
}
