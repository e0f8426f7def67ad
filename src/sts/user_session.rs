//! Temporary credentials for an IAM user's own keys: the user's session, and federated users of a broker.

use aws_sdk_sts::error::ProvideErrorMetadata as _;

use super::assume::{MfaProof, Seconds};
use super::{Sts, StsError, role_credentials};
use crate::config::names::AccountId;
use crate::config::session::{FederatedName, SessionPolicy};
use crate::identity::{CallerIdentity, RoleCredentials};

impl Sts<'_> {
    /// The caller's session: the same user, proven with MFA where a code is given.
    ///
    /// Source: STS API reference, `GetSessionToken`.
    ///
    /// # Errors
    /// [`StsError::MfaRefused`] and what every request can say.
    pub async fn session_token(
        &self,
        seconds: Seconds,
        mfa: Option<MfaProof<'_>>,
    ) -> Result<RoleCredentials, StsError> {
        let reply = self
            .client(mfa.is_none())
            .get_session_token()
            .set_duration_seconds(seconds.and_then(|seconds| i32::try_from(seconds).ok()))
            .set_serial_number(mfa.map(|mfa| mfa.serial.as_str().to_owned()))
            .set_token_code(mfa.map(|mfa| mfa.code.expose().to_owned()))
            .send()
            .await;
        let reply = reply.map_err(|error| match self.transport(&error) {
            Some(failure) => failure,
            None => self.session_refusal(error.code(), error.message(), None),
        })?;
        role_credentials(reply.credentials())
    }

    /// A federated user's session, who may do what both the policy and the caller's own allow.
    ///
    /// Source: STS API reference, `GetFederationToken`.
    ///
    /// # Errors
    /// As [`Sts::session_token`].
    pub async fn federation_token(
        &self,
        name: &FederatedName,
        policy: &SessionPolicy,
        seconds: Seconds,
    ) -> Result<(RoleCredentials, CallerIdentity), StsError> {
        let reply = self
            .client(true)
            .get_federation_token()
            .name(name.as_str())
            .policy(policy.as_str())
            .set_duration_seconds(seconds.and_then(|seconds| i32::try_from(seconds).ok()))
            .send()
            .await;
        let reply = reply.map_err(|error| match self.transport(&error) {
            Some(failure) => failure,
            None => self.session_refusal(error.code(), error.message(), None),
        })?;
        let user = reply.federated_user().ok_or(StsError::Incomplete { what: "FederatedUser" })?;
        let account = user.federated_user_id().split_once(':').and_then(|(account, _)| account.parse().ok());
        let account_id: AccountId = account.ok_or(StsError::Incomplete { what: "a legal FederatedUserId" })?;
        let (user_id, arn) = (user.federated_user_id().to_owned(), user.arn().to_owned());
        Ok((role_credentials(reply.credentials())?, CallerIdentity { user_id, arn, account_id }))
    }
}
