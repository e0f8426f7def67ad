//! Who is behind a set of keys.
//!
//! Owns what a request's credentials say about its caller. Never holds a secret.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::org::Role;
use crate::policy::{Caller, Context, Document, Question, allows};

/// An authenticated caller.
#[derive(Debug, Clone)]
pub(crate) struct Principal {
    /// Account id.
    pub account: String,
    /// The ARN `GetCallerIdentity` shows.
    pub arn: String,
    /// `aws:userid`.
    pub user_id: String,
    /// What kind of identity this is.
    pub kind: Kind,
    /// Session or user tags: `aws:PrincipalTag/…`.
    pub tags: BTreeMap<String, String>,
    /// Keys of the session tags that role chaining keeps.
    pub transitive: BTreeSet<String>,
    /// Identity policies.
    pub identity: Arc<[Document]>,
    /// Session policies, where the session was narrowed by any.
    pub session: Option<Arc<[Document]>>,
    /// When temporary credentials were made.
    pub issued: Option<Timestamp>,
    /// `aws:SourceIdentity`, which role chaining keeps.
    pub source_identity: Option<String>,
    /// When the user behind temporary credentials proved who they are with an MFA device.
    pub mfa: Option<Timestamp>,
    /// A role session that another role's session asked for.
    pub chained: bool,
}

/// The kinds of identity that can sign a request here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An IAM user with long-lived keys, or its `GetSessionToken` session.
    User {
        /// `aws:username`.
        name: String,
    },
    /// A session of an IAM role.
    AssumedRole {
        /// ARN of the role.
        role_arn: String,
    },
    /// A `GetFederationToken` session.
    Federated,
}

impl Principal {
    /// A session of a role, with nothing that comes from how it was asked for.
    pub(crate) fn in_role(role: &Role, session_name: &str) -> Self {
        Self {
            account: role.account.clone(),
            arn: format!("arn:aws:sts::{}:assumed-role/{}/{session_name}", role.account, role.name),
            user_id: format!("{}:{session_name}", role.id),
            kind: Kind::AssumedRole { role_arn: role.arn.clone() },
            tags: BTreeMap::new(),
            transitive: BTreeSet::new(),
            identity: Arc::clone(&role.policy),
            session: None,
            issued: None,
            source_identity: None,
            mfa: None,
            chained: false,
        }
    }

    /// Whether the caller's policies allow this.
    pub(crate) fn may(&self, action: &str, resource: &str, context: &Context) -> bool {
        allows(&self.identity, self.session.as_deref(), Question { action, resource, context })
    }

    /// This caller as a trust policy names it.
    pub(crate) fn caller(&self) -> Caller<'_> {
        let role_arn = match &self.kind {
            Kind::AssumedRole { role_arn } => Some(role_arn.as_str()),
            _ => None,
        };
        Caller { account: &self.account, arn: &self.arn, role_arn }
    }

    /// The condition keys that follow from who asks (*IAM User Guide*, "AWS global condition
    /// context keys", properties of the principal).
    pub(crate) fn context(&self, now: Timestamp) -> Context {
        let mut context = Context::new();
        context.set("aws:userid", &self.user_id);
        context.set("aws:PrincipalAccount", &self.account);
        let (kind, arn) = match &self.kind {
            Kind::User { name } => {
                context.set("aws:username", name);
                ("User", &self.arn)
            }
            Kind::AssumedRole { role_arn } => ("AssumedRole", role_arn),
            Kind::Federated => ("FederatedUser", &self.arn),
        };
        context.set("aws:PrincipalType", kind);
        context.set("aws:PrincipalArn", arn);
        for (key, value) in &self.tags {
            context.set(&format!("aws:PrincipalTag/{key}"), value);
        }
        if let Some(source) = &self.source_identity {
            context.set("aws:SourceIdentity", source);
        }
        if let Some(issued) = self.issued {
            context.set("aws:TokenIssueTime", issued.to_string());
            // Requests with long-lived keys carry neither key.
            context.set("aws:MultiFactorAuthPresent", self.mfa.is_some().to_string());
            if let Some(at) = self.mfa {
                context.set("aws:MultiFactorAuthAge", now.duration_since(at).as_secs().max(0).to_string());
            }
        }
        context.set("aws:CurrentTime", now.to_string());
        context.set("aws:EpochTime", now.as_second().to_string());
        context.set("aws:SourceIp", "127.0.0.1");
        context.set("aws:SecureTransport", "false");
        context
    }
}
