//! What the providers know: jobs, codes, refresh tokens, and what IAM was told of them.
//!
//! Owns that every code and token is good once. Never decides who somebody is.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp};

use super::{CI_AUDIENCE, CLIENT_ID, Grant, jwt};
use crate::org::PRODUCTION;
use crate::random;

/// A provider as IAM knows it.
#[derive(Debug, Clone)]
pub(crate) struct TrustedProvider {
    /// The issuer, as tokens must have it.
    pub issuer: String,
    /// The audiences that are taken.
    pub client_ids: Vec<String>,
}

/// Everything the providers know.
#[derive(Debug)]
pub(crate) struct Register {
    pub keys: jwt::Keys,
    trusted: BTreeMap<String, TrustedProvider>,
    /// A job's bearer token and subject, by the job's id.
    pub(super) jobs: HashMap<String, (String, String)>,
    pub(super) codes: HashMap<String, Code>,
    pub(super) devices: HashMap<String, Device>,
    pub(super) refresh_tokens: HashMap<String, Grant>,
}

/// An authorization code.
#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) grant: Grant,
    pub(super) expires: Timestamp,
}

/// A device that waits for its person.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) user_code: String,
    pub(super) offline: bool,
    pub(super) expires: Timestamp,
    pub(super) interval: SignedDuration,
    pub(super) last_poll: Option<Timestamp>,
    pub(super) decision: Decision,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Decision {
    None,
    Allowed(String),
    Denied,
}

impl Register {
    /// With both providers known to IAM in the account of production.
    pub(crate) fn new(url: &str) -> Self {
        let mut register = Self {
            keys: jwt::Keys::default(),
            trusted: BTreeMap::new(),
            jobs: HashMap::new(),
            codes: HashMap::new(),
            devices: HashMap::new(),
            refresh_tokens: HashMap::new(),
        };
        register.trust(PRODUCTION, &format!("{url}/actions"), vec![CI_AUDIENCE.into()]);
        register.trust(PRODUCTION, &format!("{url}/company"), vec![CLIENT_ID.into()]);
        register
    }

    /// Registers a provider in IAM.
    pub(crate) fn trust(&mut self, account: &str, issuer: &str, client_ids: Vec<String>) {
        let provider = TrustedProvider { issuer: issuer.into(), client_ids };
        self.trusted.insert(provider_arn(account, issuer), provider);
    }

    /// The provider of an issuer in an account, with its ARN.
    pub(crate) fn trusted(&self, account: &str, issuer: &str) -> Option<(String, TrustedProvider)> {
        let arn = provider_arn(account, issuer);
        let provider = self.trusted.get(&arn).filter(|it| it.issuer == issuer)?;
        Some((arn, provider.clone()))
    }

    /// A new job: its id and its bearer token.
    pub(crate) fn add_job(&mut self, subject: &str) -> (String, String) {
        let (id, token) = (random::hex_id(), random::token("job-"));
        self.jobs.insert(id.clone(), (token.clone(), subject.into()));
        (id, token)
    }

    /// The user codes that wait for a person.
    pub(crate) fn pending_user_codes(&self, now: Timestamp) -> Vec<String> {
        let waits = |it: &&Device| it.decision == Decision::None && now < it.expires;
        self.devices.values().filter(waits).map(|it| it.user_code.clone()).collect()
    }

    /// Writes a decision down; whether anything waited for it.
    pub(crate) fn decide(&mut self, user_code: &str, allowed: Option<&str>, now: Timestamp) -> bool {
        let plain = |code: &str| code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        let waits = |it: &&mut Device| {
            it.decision == Decision::None && now < it.expires && plain(&it.user_code) == plain(user_code)
        };
        let Some(device) = self.devices.values_mut().find(waits) else { return false };
        device.decision = allowed.map_or(Decision::Denied, |person| Decision::Allowed(person.into()));
        true
    }

    /// Ends every session of a person: what they were given to renew with is good no more.
    pub(crate) fn revoke_refresh_tokens(&mut self) {
        self.refresh_tokens.clear();
    }
}

/// Source: *IAM User Guide*, "IAM ARNs": the issuer without its scheme.
fn provider_arn(account: &str, issuer: &str) -> String {
    format!("arn:aws:iam::{account}:oidc-provider/{}", bare(issuer))
}

/// An issuer as ARNs and condition keys have it.
pub(crate) fn bare(issuer: &str) -> &str {
    issuer.split_once("://").map_or(issuer, |(_, rest)| rest)
}
