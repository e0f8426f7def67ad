//! The Security Token Service: who the caller is, and a proof → role credentials, one file an operation. It keeps
//! nothing.

mod assume;
mod identity;
mod saml;
mod user_session;
mod web_identity;

use aws_credential_types::Credentials as SdkCredentials;
use aws_sdk_sts::config::{BehaviorVersion, Region as SdkRegion};
use aws_sdk_sts::error::ProvideErrorMetadata;
use aws_sdk_sts::types::{AssumedRoleUser, Credentials};

use jiff::Timestamp;

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::retry::RetryConfig;

use crate::config::Profile;
use crate::config::arn::RoleArn;
use crate::config::names::{Region, SafeUrl, SessionDuration};
use crate::error::{Explain, Kind, excerpt};
use crate::http::{Http, HttpError, ServerClock, small_request_retries, small_request_timeouts, transport_failure};
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::secret::Secret;

pub use assume::MfaProof;
pub use identity::fetch_caller_identity;
pub use saml::assume_role_with_saml;
pub use web_identity::{WebIdentityRequest, assume_role_with_web_identity};

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
    /// The ID token has ended.
    #[error("STS refuses the ID token: it has expired")]
    TokenExpired,
    /// AWS could not ask the provider for its keys.
    #[error("STS could not reach the provider of the ID token")]
    ProviderUnreachable,
    /// The role's trust, the provider in IAM or the token are not as they must be.
    #[error("STS refuses the ID token for {role}: {code}{}", if .message.is_empty() { String::new() } else { format!(": {}", .message) })]
    TokenRefused {
        /// The role's ARN.
        role: String,
        /// AWS's error code.
        code: String,
        /// AWS's own words.
        message: String,
    },
    /// The code is wrong, was used, or is another device's.
    #[error("STS refuses the MFA code: {message}")]
    MfaRefused {
        /// AWS's own words.
        message: String,
    },
    /// The role's trust policy, or the caller's own, doesn't allow it.
    #[error("STS doesn't let you assume {role}: {message}")]
    RoleRefused {
        /// The role.
        role: String,
        /// AWS's own words.
        message: String,
    },
    /// What was asked for is more than AWS gives, or not as it must be.
    #[error("STS doesn't take the request: {message}")]
    Rejected {
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
            StsError::Expired | StsError::AssertionExpired | StsError::TokenExpired => Kind::NotSignedIn,
            StsError::AssertionRefused { .. }
            | StsError::TokenRefused { .. }
            | StsError::RoleRefused { .. }
            | StsError::MfaRefused { .. } => Kind::Denied,
            StsError::ProviderUnreachable => Kind::Network,
            StsError::RegionDisabled { .. } | StsError::Rejected { .. } => Kind::Usage,
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
            StsError::TokenExpired => Some(
                "have a fresh one made; if it is fresh, this machine's or the provider's clock is wrong".to_owned(),
            ),
            StsError::ProviderUnreachable => {
                Some("try again; AWS must be able to reach the provider's address from the internet".to_owned())
            }
            StsError::TokenRefused { code, .. } if code == "AccessDenied" => Some(
                "ask the administrator to compare the role's trust policy with the token's subject and audience, and \
                 with the session's name where the policy limits it"
                    .to_owned(),
            ),
            StsError::TokenRefused { .. } => Some(
                "ask the administrator to check the OpenID Connect provider in IAM: its URL, and that the token's \
                 audience is among its client ids"
                    .to_owned(),
            ),
            StsError::MfaRefused { .. } => Some(
                "wait for the device's next code and run `securecart login` again; a code is good for one use"
                    .to_owned(),
            ),
            StsError::RoleRefused { .. } => Some(
                "ask the role's owner whether its trust policy names you, and what it asks for: `external_id`, \
                 `mfa_serial`, `role_session_name`, `source_identity` or `tags`; your own policies must allow it too"
                    .to_owned(),
            ),
            StsError::Rejected { message } if message.contains("role chaining") => Some(
                "leave `session_duration` out: a role that another role assumes lasts an hour at most, and is assumed \
                 again silently"
                    .to_owned(),
            ),
            StsError::Rejected { .. } => Some("check the profile's settings for this role".to_owned()),
            StsError::Http(error) => error.hint(),
            StsError::Service { .. } | StsError::Incomplete { .. } => None,
        }
    }
}

/// STS as one caller asks it.
pub struct Sts<'a> {
    http: &'a Http,
    region: &'a Region,
    endpoint: Option<&'a SafeUrl>,
    caller: SdkCredentials,
    clock: ServerClock,
}

impl<'a> Sts<'a> {
    /// Where the profile says, signed with these credentials.
    pub fn new(http: &'a Http, profile: &'a Profile, caller: SdkCredentials) -> Self {
        let endpoint = profile.endpoints.sts.as_ref();
        Self { http, region: &profile.region, endpoint, caller, clock: ServerClock::default() }
    }

    /// A request that carries what is good for one use is not repeated.
    fn client(&self, repeatable: bool) -> aws_sdk_sts::Client {
        let config = config(self.http, self.region, self.endpoint)
            .credentials_provider(self.caller.clone())
            .interceptor(self.clock.clone());
        let config = if repeatable { config } else { config.retry_config(RetryConfig::disabled()) };
        aws_sdk_sts::Client::from_conf(config.build())
    }

    fn transport<E, R>(&self, error: &SdkError<E, R>) -> Option<StsError> {
        transport_failure(error, &host(self.region, self.endpoint)).map(Into::into)
    }

    /// What an error code means where a session was asked for.
    ///
    /// Sources: STS API reference, "Errors" of the operations; IAM user guide, "Troubleshoot IAM roles".
    fn session_refusal(&self, code: Option<&str>, message: Option<&str>, role: Option<&RoleArn>) -> StsError {
        let message = message.unwrap_or_default().chars().take(500).collect::<String>();
        match (code, role) {
            (Some("AccessDenied"), _) if message.starts_with("MultiFactorAuthentication") => {
                StsError::MfaRefused { message: message.trim_end().to_owned() }
            }
            (Some("AccessDenied"), Some(role)) => StsError::RoleRefused { role: role.to_string(), message },
            (
                Some("ValidationError" | "MalformedPolicyDocument" | "PackedPolicyTooLarge" | "InvalidParameterValue"),
                _,
            ) => StsError::Rejected { message },
            (code, _) => refusal(code, self.clock.complaint(), self.region),
        }
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
pub fn sdk_credentials(credentials: &RoleCredentials) -> SdkCredentials {
    SdkCredentials::new(
        credentials.access_key_id.as_str(),
        credentials.secret_access_key.expose(),
        Some(credentials.session_token.expose().to_owned()),
        Some(credentials.expiration.into()),
        "securecart",
    )
}

/// Asks for a session of that length; where the role doesn't allow it, for the API's default, an hour. The second value
/// tells whether that was needed.
async fn or_an_hour<T, E: ProvideErrorMetadata, F: Future<Output = Result<T, E>>>(
    wish: Option<SessionDuration>,
    ask: impl Fn(Option<SessionDuration>) -> F,
) -> (Result<T, E>, bool) {
    let reply = ask(wish).await;
    let refused = reply.as_ref().err().and_then(ProvideErrorMetadata::code) == Some("ValidationError");
    if refused && wish.is_some_and(|wish| wish.seconds() > 3600) {
        return (ask(None).await, true);
    }
    (reply, false)
}

/// The credentials of a reply.
fn role_credentials(reply: Option<&Credentials>) -> Result<RoleCredentials, StsError> {
    let reply = reply.ok_or(StsError::Incomplete { what: "Credentials" })?;
    let expiration = Timestamp::from_second(reply.expiration().secs())
        .map_err(|_| StsError::Incomplete { what: "a legal Expiration" })?;
    Ok(RoleCredentials {
        access_key_id: reply.access_key_id().to_owned(),
        secret_access_key: Secret::new(reply.secret_access_key()),
        session_token: Secret::new(reply.session_token()),
        expiration,
    })
}

/// Who one is in a role comes with the credentials: no second request is needed.
fn assumed_role(reply: Option<&AssumedRoleUser>, role: &RoleArn) -> Result<CallerIdentity, StsError> {
    let user = reply.ok_or(StsError::Incomplete { what: "AssumedRoleUser" })?;
    // The SDK makes an absent one empty, and it names the folder.
    if user.assumed_role_id().is_empty() {
        return Err(StsError::Incomplete { what: "AssumedRoleId" });
    }
    Ok(CallerIdentity {
        user_id: user.assumed_role_id().to_owned(),
        arn: user.arn().to_owned(),
        account_id: role.account().clone(),
    })
}

/// What STS says of a refusal, as a terminal may show it.
fn words(message: Option<&str>) -> String {
    excerpt(message.unwrap_or_default(), 200)
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
