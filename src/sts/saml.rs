//! Credentials for a SAML assertion.

use aws_sdk_sts::error::ProvideErrorMetadata;

use super::{StsError, assumed_role, config, host, or_an_hour, refusal, role_credentials, words};
use crate::config::names::{Region, SafeUrl, SessionDuration};
use crate::http::{Http, transport_failure};
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::secret::Secret;
use crate::signin::saml::assertion::SamlRole;

/// Turns a SAML response into credentials of one of its roles. The request is not signed: the response is the proof.
///
/// `None` as duration is the API's default, an hour. Asking for more than the role's maximum fails at AWS: then an hour
/// is asked for, and the third value is true.
///
/// # Errors
/// [`StsError`].
pub async fn assume_role_with_saml(
    http: &Http,
    region: &Region,
    endpoint: Option<&SafeUrl>,
    role: &SamlRole,
    response: &Secret,
    duration: Option<SessionDuration>,
) -> Result<(RoleCredentials, CallerIdentity, bool), StsError> {
    let client = aws_sdk_sts::Client::from_conf(config(http, region, endpoint).build());
    let ask = |duration: Option<SessionDuration>| {
        client
            .assume_role_with_saml()
            .role_arn(role.role.as_str())
            .principal_arn(role.provider.as_str())
            .saml_assertion(response.expose())
            .set_duration_seconds(duration.map(|duration| duration.seconds().into()))
            .send()
    };
    let (reply, shortened) = or_an_hour(duration, ask).await;
    let reply = reply.map_err(|error| match transport_failure(&error, &host(region, endpoint)) {
        Some(failure) => failure.into(),
        None => assertion_refusal(error.code(), error.message(), region),
    })?;
    let credentials = role_credentials(reply.credentials())?;
    let identity = assumed_role(reply.assumed_role_user(), &role.role)?;
    Ok((credentials, identity, shortened))
}

/// What an error code of `AssumeRoleWithSAML` means.
///
/// Source: STS API reference, `AssumeRoleWithSAML`, "Errors"; IAM user guide, "Troubleshoot SAML federation".
fn assertion_refusal(code: Option<&str>, message: Option<&str>, region: &Region) -> StsError {
    match code {
        Some("ExpiredTokenException" | "ExpiredToken") => StsError::AssertionExpired,
        Some(code @ ("IDPRejectedClaim" | "InvalidIdentityToken" | "AccessDenied")) => {
            StsError::AssertionRefused { code: code.to_owned(), message: words(message) }
        }
        code => refusal(code, None, region),
    }
}
