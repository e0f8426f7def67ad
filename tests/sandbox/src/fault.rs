//! How the sandbox can be told to misbehave.
//!
//! Owns the rules and which request each applies to. Never touches a connection: the front door
//! asks for the effects of a request and carries them out.

use serde::{Deserialize, Serialize};

/// The AWS services the sandbox stands in for, and its SAML provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Service {
    /// IAM Identity Center's OIDC service and its sign-in pages.
    Oidc,
    /// IAM Identity Center's portal.
    Portal,
    /// Security Token Service.
    Sts,
    /// The SAML provider's sign-in pages.
    Idp,
    /// Simple Storage Service.
    S3,
    /// The console's federation endpoint.
    Signin,
    /// The OpenID Connect providers.
    Issuer,
}

impl Service {
    /// The name used in counters and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Oidc => "oidc",
            Self::Portal => "portal",
            Self::Sts => "sts",
            Self::Idp => "idp",
            Self::S3 => "s3",
            Self::Signin => "signin",
            Self::Issuer => "issuer",
        }
    }
}

/// What happens to a matching request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case")]
pub enum Effect {
    /// Wait before handling the request.
    Latency {
        /// Milliseconds to wait.
        ms: u64,
    },
    /// Answer with this error instead of handling the request.
    Status {
        /// HTTP status, for instance 503.
        status: u16,
        /// AWS error code, for instance `SlowDown` or `TooManyRequestsException`.
        code: String,
    },
    /// Cut the connection before handling the request.
    Drop,
    /// Handle the request, then cut the connection before the answer.
    DropReply,
    /// Send this many bytes of the answer's body, then cut the connection.
    Truncate {
        /// Bytes of the body to let through.
        bytes: u64,
    },
    /// Send this many bytes of the answer's body, then nothing more.
    Stall {
        /// Bytes of the body to let through.
        bytes: u64,
    },
    /// Flip the bits of one byte of the answer's body.
    Corrupt {
        /// Offset of that byte; bodies that are shorter stay whole.
        at: u64,
    },
}

/// One rule: the first `after` matching requests pass, the next `times` suffer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Only this service; `None` for any.
    #[serde(default)]
    pub service: Option<Service>,
    /// Only this operation (`GetObject`, `CreateToken`); `None` for any.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only requests whose subject contains this: the key or prefix for S3, the account for the
    /// portal, the grant type for tokens.
    #[serde(default)]
    pub subject: Option<String>,
    /// Matching requests to let through first.
    #[serde(default)]
    pub after: u32,
    /// Matching requests to spoil; `None` for all of them.
    #[serde(default)]
    pub times: Option<u32>,
    /// What happens to them.
    #[serde(flatten)]
    pub effect: Effect,
}

impl Fault {
    /// A rule that spoils every request; narrow it with the methods below.
    #[must_use]
    pub fn new(effect: Effect) -> Self {
        Self { service: None, operation: None, subject: None, after: 0, times: None, effect }
    }

    /// Only requests of this service and operation.
    #[must_use]
    pub fn on(mut self, service: Service, operation: &str) -> Self {
        self.service = Some(service);
        self.operation = Some(operation.into());
        self
    }

    /// Only requests whose subject contains this.
    #[must_use]
    pub fn about(mut self, subject: &str) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Only this many matching requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Let this many matching requests pass first.
    #[must_use]
    pub fn after(mut self, after: u32) -> Self {
        self.after = after;
        self
    }

    fn matches(&self, service: Service, operation: &str, subject: Option<&str>) -> bool {
        self.service.is_none_or(|wanted| wanted == service)
            && self.operation.as_deref().is_none_or(|wanted| wanted == operation)
            && self.subject.as_deref().is_none_or(|wanted| subject.is_some_and(|it| it.contains(wanted)))
    }
}

/// The rules in force, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Adds a rule.
    pub(crate) fn add(&mut self, fault: Fault) {
        self.0.push(fault);
    }

    /// Forgets every rule.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The effects for one request, in the order their rules were added; uses up the rules' counts.
    pub(crate) fn take(&mut self, service: Service, operation: &str, subject: Option<&str>) -> Vec<Effect> {
        let mut effects = Vec::new();
        for fault in &mut self.0 {
            if !fault.matches(service, operation, subject) {
                continue;
            }
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            match &mut fault.times {
                Some(0) => continue,
                Some(left) => *left -= 1,
                None => {}
            }
            effects.push(fault.effect.clone());
        }
        self.0.retain(|fault| fault.times != Some(0));
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_lets_some_pass_then_spoils_its_count_then_ends() {
        let mut faults = Faults::default();
        faults.add(Fault::new(Effect::Drop).on(Service::S3, "GetObject").after(1).times(2));
        let mut hit = || !faults.take(Service::S3, "GetObject", Some("k")).is_empty();
        assert_eq!([hit(), hit(), hit(), hit()], [false, true, true, false]);
    }

    #[test]
    fn json_of_a_rule_is_flat() {
        let json = r#"{"service":"s3","operation":"PutObject","subject":"a/","times":1,"effect":"truncate","bytes":9}"#;
        let fault: Fault = serde_json::from_str(json).unwrap();
        assert_eq!(fault, Fault::new(Effect::Truncate { bytes: 9 }).on(Service::S3, "PutObject").about("a/").times(1));
    }
}
