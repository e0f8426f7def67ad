//! Who the caller is.

use aws_sdk_sts::error::ProvideErrorMetadata;

use super::{StsError, config, host, refusal, sdk_credentials};
use crate::config::Profile;
use crate::http::{Http, ServerClock, transport_failure};
use crate::identity::{CallerIdentity, RoleCredentials};

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
