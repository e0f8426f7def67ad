//! Another role's credentials.

use aws_sdk_sts::error::ProvideErrorMetadata as _;
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};

use super::{Sts, StsError, assumed_role, role_credentials};
use crate::config::profile::RoleSettings;
use crate::config::session::{MfaSerial, RoleSessionName};
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::secret::Secret;

/// What proves that an IAM user is there: a device and the code it shows.
#[derive(Debug, Clone, Copy)]
pub struct MfaProof<'a> {
    /// The device.
    pub serial: &'a MfaSerial,
    /// Good for one use, so the request is sent once.
    pub code: &'a Secret,
}

/// What a role's sessions are limited to, in seconds; `None` is the API's default, an hour.
pub(super) type Seconds = Option<u32>;

impl Sts<'_> {
    /// Assumes a role with the caller's credentials. Who one is in it comes with them.
    ///
    /// Source: STS API reference, `AssumeRole`.
    ///
    /// # Errors
    /// [`StsError::RoleRefused`], [`StsError::MfaRefused`], [`StsError::Rejected`] and what every request can say.
    pub async fn assume_role(
        &self,
        role: &RoleSettings,
        session_name: &RoleSessionName,
        seconds: Seconds,
        mfa: Option<MfaProof<'_>>,
    ) -> Result<(RoleCredentials, CallerIdentity), StsError> {
        let text = |text: &str| text.to_owned();
        let tags = role.tags.iter().map(|tag| Tag::builder().key(&tag.key).value(&tag.value).build());
        let tags: Vec<Tag> =
            tags.collect::<Result<_, _>>().map_err(|_| StsError::Rejected { message: "a tag lacks its key".into() })?;
        let transitive: Vec<String> =
            role.tags.iter().filter(|tag| tag.transitive).map(|tag| tag.key.clone()).collect();
        let arns: Vec<PolicyDescriptorType> =
            role.policy_arns.iter().map(|arn| PolicyDescriptorType::builder().arn(arn.as_str()).build()).collect();
        let some = |list: bool| list.then_some(());
        let reply = self
            .client(mfa.is_none())
            .assume_role()
            .role_arn(role.role_arn.as_str())
            .role_session_name(session_name.as_str())
            .set_external_id(role.external_id.as_ref().map(|id| text(id.as_str())))
            .set_source_identity(role.source_identity.as_ref().map(|name| text(name.as_str())))
            .set_transitive_tag_keys(some(!transitive.is_empty()).map(|()| transitive))
            .set_tags(some(!tags.is_empty()).map(|()| tags))
            .set_policy(role.policy.as_ref().map(|policy| text(policy.as_str())))
            .set_policy_arns(some(!arns.is_empty()).map(|()| arns))
            .set_duration_seconds(seconds.and_then(|seconds| i32::try_from(seconds).ok()))
            .set_serial_number(mfa.map(|mfa| text(mfa.serial.as_str())))
            .set_token_code(mfa.map(|mfa| text(mfa.code.expose())))
            .send()
            .await;
        let reply = reply.map_err(|error| match self.transport(&error) {
            Some(failure) => failure,
            None => self.session_refusal(error.code(), error.message(), Some(&role.role_arn)),
        })?;
        Ok((role_credentials(reply.credentials())?, assumed_role(reply.assumed_role_user(), &role.role_arn)?))
    }
}
