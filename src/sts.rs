//! The Security Token Service: who the caller is, and credentials for a SAML assertion. It turns proofs into role credentials and keeps nothing.

use aws_credential_types::Credentials;
use aws_sdk_sts::config::{BehaviorVersion, Region as SdkRegion};
use aws_sdk_sts::error::ProvideErrorMetadata;

use jiff::Timestamp;

use crate::config::Profile;
use crate::config::names::{Region, SafeUrl, SessionDuration};
use crate::error::{Explain, Kind};
use crate::http::{Http, HttpError, ServerClock, small_request_retries, small_request_timeouts, transport_failure};
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::secret::Secret;
use crate::signin::saml::assertion::SamlRole;

/// STS did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StsError {
    /// The credentials are no longer taken.
    #[error("the credentials have expired or were revoked")]
    Expired,
    /// The clock makes every signature wrong.
    #[error("STS refuses the signature: {complaint}")]
    ClockOff {
        /// By how much, and in which direction.
        complaint: String,
    },
    /// The account has not switched the region on.
    #[error("STS is not switched on in {region} for this account")]
    RegionDisabled {
        /// The region asked.
        region: String,
    },
    /// The provider's response has ended, or the person's session there.
    #[error("STS refuses the SAML assertion: it has expired")]
    AssertionExpired,
    /// The role's trust, the provider's metadata or the assertion are not as they must be.
    #[error("STS refuses the SAML assertion: {code}{}", if .message.is_empty() { String::new() } else { format!(": {}", .message) })]
    AssertionRefused {
        /// AWS's error code.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// Any other refusal.
    #[error("STS answered {code}")]
    Service {
        /// AWS's error code.
        code: String,
    },
    /// The reply lacks something it must have.
    #[error("the reply of STS lacks {what}")]
    Incomplete {
        /// Which field.
        what: &'static str,
    },
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Explain for StsError {
    fn kind(&self) -> Kind {
        match self {
            StsError::Expired | StsError::AssertionExpired => Kind::NotSignedIn,
            StsError::AssertionRefused { .. } => Kind::Denied,
            StsError::RegionDisabled { .. } => Kind::Usage,
            StsError::Service { code } if code.starts_with("AccessDenied") => Kind::Denied,
            StsError::Http(error) => error.kind(),
            StsError::ClockOff { .. } | StsError::Service { .. } | StsError::Incomplete { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            StsError::Expired => Some("sign in again with `securecart login`".to_owned()),
            StsError::ClockOff { .. } => {
                Some("set the clock (`timedatectl set-ntp true` on Linux) and try again".to_owned())
            }
            StsError::RegionDisabled { .. } => {
                Some("set another `region` in the profile, or have the region switched on for the account".to_owned())
            }
            StsError::AssertionExpired => {
                Some("run `securecart login` again; if it stays so, the provider's clock is wrong".to_owned())
            }
            StsError::AssertionRefused { .. } => {
                Some("ask the administrator to check the role's trust policy and the SAML provider in IAM".to_owned())
            }
            StsError::Http(error) => error.hint(),
            StsError::Service { .. } | StsError::Incomplete { .. } => None,
        }
    }
}

/// Asks STS who the caller with these credentials is. Needs no permission.
///
/// # Errors
/// [`StsError`].
pub async fn fetch_caller_identity(
    http: &Http,
    profile: &Profile,
    credentials: &RoleCredentials,
) -> Result<CallerIdentity, StsError> {
    let (region, endpoint) = (&profile.region, profile.endpoints.sts.as_ref());
    let clock = ServerClock::default();
    let config =
        config(http, region, endpoint).credentials_provider(sdk_credentials(credentials)).interceptor(clock.clone());
    let reply = aws_sdk_sts::Client::from_conf(config.build()).get_caller_identity().send().await;
    let reply = reply.map_err(|error| match transport_failure(&error, &host(region, endpoint)) {
        Some(failure) => failure.into(),
        None => refusal(error.code(), clock.complaint(), region),
    })?;
    let lacks = |what| StsError::Incomplete { what };
    Ok(CallerIdentity {
        user_id: reply.user_id().ok_or_else(|| lacks("UserId"))?.to_owned(),
        arn: reply.arn().ok_or_else(|| lacks("Arn"))?.to_owned(),
        account_id: reply.account().and_then(|id| id.parse().ok()).ok_or_else(|| lacks("a legal Account"))?,
    })
}

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
    let mut shortened = false;
    let mut reply = ask(duration).await;
    if duration.is_some_and(|wish| wish.seconds() > 3600)
        && reply.as_ref().err().and_then(ProvideErrorMetadata::code) == Some("ValidationError")
    {
        shortened = true;
        reply = ask(None).await;
    }
    let reply = reply.map_err(|error| match transport_failure(&error, &host(region, endpoint)) {
        Some(failure) => failure.into(),
        None => assertion_refusal(error.code(), error.message(), region),
    })?;
    let lacks = |what| StsError::Incomplete { what };
    let credentials = reply.credentials().ok_or_else(|| lacks("Credentials"))?;
    let user = reply.assumed_role_user().ok_or_else(|| lacks("AssumedRoleUser"))?;
    let expiration =
        Timestamp::from_second(credentials.expiration().secs()).map_err(|_| lacks("a legal Expiration"))?;
    let credentials = RoleCredentials {
        access_key_id: credentials.access_key_id().to_owned(),
        secret_access_key: Secret::new(credentials.secret_access_key()),
        session_token: Secret::new(credentials.session_token()),
        expiration,
    };
    // Who one is comes with the reply: no second request is needed.
    let identity = CallerIdentity {
        user_id: user.assumed_role_id().to_owned(),
        arn: user.arn().to_owned(),
        account_id: role.role.account().clone(),
    };
    Ok((credentials, identity, shortened))
}

/// What an error code of `AssumeRoleWithSAML` means.
///
/// Source: STS API reference, `AssumeRoleWithSAML`, "Errors"; IAM user guide, "Troubleshoot SAML federation".
fn assertion_refusal(code: Option<&str>, message: Option<&str>, region: &Region) -> StsError {
    match code {
        Some("ExpiredTokenException" | "ExpiredToken") => StsError::AssertionExpired,
        Some(code @ ("IDPRejectedClaim" | "InvalidIdentityToken" | "AccessDenied")) => StsError::AssertionRefused {
            code: code.to_owned(),
            message: message.unwrap_or_default().chars().take(200).collect(),
        },
        code => refusal(code, None, region),
    }
}

fn config(http: &Http, region: &Region, endpoint: Option<&SafeUrl>) -> aws_sdk_sts::config::Builder {
    let mut config = aws_sdk_sts::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(SdkRegion::new(region.as_str().to_owned()))
        .http_client(http.client(endpoint))
        .retry_config(small_request_retries())
        .timeout_config(small_request_timeouts());
    config.set_endpoint_url(endpoint.map(|url| url.as_str().to_owned()));
    config
}

fn host(region: &Region, endpoint: Option<&SafeUrl>) -> String {
    endpoint.map_or_else(|| format!("sts.{region}.{}", region.dns_suffix()), |endpoint| endpoint.as_str().to_owned())
}

/// The same credentials as the SDK's type, which wipes and redacts them too.
pub fn sdk_credentials(credentials: &RoleCredentials) -> Credentials {
    Credentials::new(
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.expose(),
        Some(credentials.session_token.expose().to_owned()),
        Some(credentials.expiration.into()),
        "securecart",
    )
}

/// What an error code of STS means. A wrong clock shows as any of several.
fn refusal(code: Option<&str>, clock: Option<String>, region: &Region) -> StsError {
    match (code, clock) {
        (
            Some("SignatureDoesNotMatch" | "RequestExpired" | "RequestTimeTooSkewed" | "InvalidSignatureException"),
            Some(complaint),
        ) => StsError::ClockOff { complaint },
        (Some("ExpiredToken" | "ExpiredTokenException" | "InvalidClientTokenId"), _) => StsError::Expired,
        (Some("RegionDisabledException"), _) => StsError::RegionDisabled { region: region.to_string() },
        (code, _) => StsError::Service { code: code.unwrap_or("an unknown error").to_owned() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_not_called_an_expired_token() {
        let region = "eu-central-1".parse().unwrap();
        let late = || Some("this machine's clock is 20 min ahead".to_owned());
        assert!(matches!(refusal(Some("SignatureDoesNotMatch"), late(), &region), StsError::ClockOff { .. }));
        assert!(matches!(refusal(Some("SignatureDoesNotMatch"), None, &region), StsError::Service { .. }));
        assert_eq!(refusal(Some("ExpiredToken"), late(), &region), StsError::Expired);
        assert_eq!(refusal(Some("AccessDenied"), None, &region).kind(), Kind::Denied);
    }
}
