//! Who the caller is.

use aws_sdk_sts::error::ProvideErrorMetadata;

use super::{Sts, StsError, refusal, sdk_credentials};
use crate::config::Profile;
use crate::http::Http;
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
    Sts::new(http, profile, sdk_credentials(credentials)).caller_identity().await
}

impl Sts<'_> {
    /// As [`fetch_caller_identity`].
    ///
    /// # Errors
    /// [`StsError`].
    pub async fn caller_identity(&self) -> Result<CallerIdentity, StsError> {
        let reply = self.client(true).get_caller_identity().send().await;
        let reply = reply.map_err(|error| match self.transport(&error) {
            Some(failure) => failure,
            None => refusal(error.code(), self.clock.complaint(), self.region),
        })?;
        let lacks = |what| StsError::Incomplete { what };
        Ok(CallerIdentity {
            user_id: reply.user_id().ok_or_else(|| lacks("UserId"))?.to_owned(),
            arn: reply.arn().ok_or_else(|| lacks("Arn"))?.to_owned(),
            account_id: reply.account().and_then(|id| id.parse().ok()).ok_or_else(|| lacks("a legal Account"))?,
        })
    }
}
