//! The organisation: people, accounts, permission sets, roles and users.
//!
//! Owns who may take which role, and the stable identifiers AWS would have made up. Never hands
//! out a credential.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::options::{FOLDER_POLICY, Options};
use crate::policy::{Document, MalformedPolicy};
use crate::principal::{Kind, Principal};

/// The account of development.
pub const DEV: &str = "111111111111";
/// The account of staging.
pub const STAGING: &str = "222222222222";
/// The account of production, which owns the buckets and the IAM users.
pub const PRODUCTION: &str = "333333333333";

const READ_ONLY_POLICY: &str = include_str!("../policies/read-only.json");
const ADMIN_POLICY: &str = include_str!("../policies/admin.json");
pub(crate) const CI_POLICY: &str = include_str!("../policies/ci.json");
const BROKER_POLICY: &str = include_str!("../policies/broker.json");
const MFA_POLICY: &str = include_str!("../policies/mfa.json");

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub name: String,
    pub tags: BTreeMap<String, String>,
}

/// An account people may have access to.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub id: String,
    pub name: String,
    pub email: String,
}

/// An IAM user of the production account.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub name: &'static str,
    pub access_key_id: &'static str,
    pub secret_access_key: &'static str,
    pub policy: Document,
    /// What the user's MFA device makes its codes from, where there is one.
    pub mfa_seed: Option<&'static [u8]>,
}

impl User {
    pub(crate) fn arn_of(name: &str) -> String {
        format!("arn:aws:iam::{PRODUCTION}:user/{name}")
    }

    pub(crate) fn arn(&self) -> String {
        Self::arn_of(self.name)
    }

    /// Who its long-lived keys are.
    pub(crate) fn principal(&self) -> Principal {
        Principal {
            account: PRODUCTION.into(),
            arn: self.arn(),
            user_id: unique_id("AIDA", &[PRODUCTION, self.name]),
            kind: Kind::User { name: self.name.into() },
            tags: BTreeMap::new(),
            transitive: BTreeSet::new(),
            identity: Arc::new([self.policy.clone()]),
            session: None,
            issued: None,
            source_identity: None,
            mfa: None,
            chained: false,
        }
    }
}

/// An IAM role that `AssumeRole` can reach, as a test describes it.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct RoleSpec {
    /// The account it is in.
    pub account: String,
    /// Its name, without a path.
    pub name: String,
    /// Its trust policy, JSON.
    pub trust: String,
    /// Its permissions, JSON.
    pub policy: String,
    /// Its maximum session duration in seconds (3600 to 43200).
    #[serde(default = "one_hour")]
    pub max_session_secs: u32,
}

fn one_hour() -> u32 {
    3600
}

/// A role with its documents parsed.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub account: String,
    pub name: String,
    pub arn: String,
    pub id: String,
    pub trust: Document,
    pub policy: Arc<[Document]>,
    pub max_session_secs: u32,
}

impl Role {
    pub(crate) fn parse(spec: RoleSpec) -> Result<Self, MalformedPolicy> {
        Ok(Self {
            arn: format!("arn:aws:iam::{}:role/{}", spec.account, spec.name),
            id: unique_id("AROA", &[&spec.account, &spec.name]),
            trust: Document::parse_trust(&spec.trust)?,
            policy: Arc::new([Document::parse(&spec.policy)?]),
            account: spec.account,
            name: spec.name,
            max_session_secs: spec.max_session_secs,
        })
    }
}

/// Who is there, and who may do what.
#[derive(Debug)]
pub(crate) struct Org {
    pub people: Vec<Person>,
    pub accounts: Vec<Account>,
    pub users: Vec<User>,
    /// Partition-independent region of Identity Center, part of its role's paths.
    region: String,
    permission_sets: BTreeMap<&'static str, Arc<[Document]>>,
    read_only: Document,
    assignments: Vec<(String, String, &'static str)>,
}

impl Org {
    /// The organisation every sandbox starts with.
    pub(crate) fn new(options: &Options) -> Self {
        let document = |json: &str| Document::parse(json).expect("the sandbox's own policies are well-formed");
        let person = |name: &str, team: &str| Person {
            name: name.into(),
            tags: BTreeMap::from([("team".to_owned(), team.to_owned())]),
        };
        let mut org = Self {
            people: vec![
                person("alice@example.com", "docs"),
                person("bob@example.com", "sales"),
                person("carol+test=1@example.com", "docs"),
            ],
            accounts: vec![account(DEV, "Dev"), account(STAGING, "Staging"), account(PRODUCTION, "Production")],
            users: users(document),
            region: options.region.clone(),
            permission_sets: BTreeMap::from([
                ("DocsUser", Arc::from([document(options.docs_policy.as_deref().unwrap_or(FOLDER_POLICY))])),
                ("ReadOnly", Arc::from([document(READ_ONLY_POLICY)])),
                ("Admin", Arc::from([document(ADMIN_POLICY)])),
            ]),
            read_only: document(READ_ONLY_POLICY),
            assignments: Vec::new(),
        };
        for (person, account, sets) in [
            ("alice@example.com", DEV, &["Admin", "DocsUser", "ReadOnly"][..]),
            ("alice@example.com", STAGING, &["DocsUser", "ReadOnly"]),
            ("alice@example.com", PRODUCTION, &["DocsUser", "ReadOnly"]),
            ("bob@example.com", PRODUCTION, &["DocsUser"]),
            ("carol+test=1@example.com", PRODUCTION, &["DocsUser"]),
        ] {
            org.assignments.extend(sets.iter().map(|set| (person.to_owned(), account.to_owned(), *set)));
        }
        for number in 1..=options.extra_accounts {
            let id = format!("{:012}", 400_000_000_000_u64 + u64::from(number));
            org.accounts.push(account(&id, &format!("Extra {number:04}")));
            for person in ["alice@example.com", "bob@example.com"] {
                org.assignments.push((person.to_owned(), id.clone(), "DocsUser"));
            }
        }
        org
    }

    /// Somebody by name, which ignores case as directories do.
    pub(crate) fn person(&self, name: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.name.eq_ignore_ascii_case(name.trim()))
    }

    /// The accounts in which a person has any role, in the organisation's order.
    pub(crate) fn accounts_of(&self, person: &str) -> Vec<&Account> {
        self.accounts
            .iter()
            .filter(|account| self.assignments.iter().any(|it| it.0 == person && it.1 == account.id))
            .collect()
    }

    /// The permission sets a person has in an account.
    pub(crate) fn roles_of(&self, person: &str, account: &str) -> Vec<&'static str> {
        self.assignments.iter().filter(|it| it.0 == person && it.1 == account).map(|it| it.2).collect()
    }

    /// The policies of a permission set.
    pub(crate) fn policies_of(&self, permission_set: &str) -> Option<Arc<[Document]>> {
        self.permission_sets.get(permission_set).cloned()
    }

    /// A managed policy of an account, which session policies may name: every account has `DocsReadOnly`.
    pub(crate) fn managed_policy(&self, account: &str, arn: &str) -> Option<&Document> {
        (arn == format!("arn:aws:iam::{account}:policy/DocsReadOnly")).then_some(&self.read_only)
    }

    /// Name of the IAM role Identity Center makes for a permission set in an account.
    fn role_name(account: &str, permission_set: &str) -> String {
        let digest = hex::encode(Sha256::digest(format!("role/{account}/{permission_set}")));
        format!("AWSReservedSSO_{permission_set}_{}", &digest[..16])
    }

    /// ARN of that role.
    pub(crate) fn permission_set_role_arn(&self, account: &str, permission_set: &str) -> String {
        let name = Self::role_name(account, permission_set);
        format!("arn:aws:iam::{account}:role/aws-reserved/sso.amazonaws.com/{}/{name}", self.region)
    }

    /// ARN of a person's session in that role.
    pub(crate) fn session_arn(account: &str, permission_set: &str, person: &str) -> String {
        format!("arn:aws:sts::{account}:assumed-role/{}/{person}", Self::role_name(account, permission_set))
    }

    /// `aws:userid` of that session.
    pub(crate) fn user_id(&self, person: &str, account: &str, permission_set: &str) -> String {
        let id = unique_id("AROA", &[account, &Self::role_name(account, permission_set)]);
        format!("{id}:{person}")
    }
}

/// An identifier as IAM makes them: a prefix that tells the kind and 17 characters, the same for
/// the same thing in every sandbox.
fn unique_id(prefix: &str, of: &[&str]) -> String {
    let digest = Sha256::digest(of.join("/").as_bytes());
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let rest: String = digest.iter().take(17).map(|byte| char::from(alphabet[usize::from(byte % 32)])).collect();
    format!("{prefix}{rest}")
}

fn account(id: &str, name: &str) -> Account {
    let email = format!("aws+{}@example.com", name.to_lowercase().replace(' ', "-"));
    Account { id: id.into(), name: name.into(), email }
}

fn users(document: impl Fn(&str) -> Document) -> Vec<User> {
    // Fixed keys, so that scripts can name them. They open nothing but this sandbox.
    vec![
        User {
            name: "admin",
            access_key_id: "AKIASANDBOXADMIN0001",
            secret_access_key: "sandbox/admin/secret/key/0123456789abcde",
            policy: document(ADMIN_POLICY),
            mfa_seed: None,
        },
        User {
            name: "ci",
            access_key_id: "AKIASANDBOXCIUSER001",
            secret_access_key: "sandbox/ci/user/secret/key/0123456789abc",
            policy: document(CI_POLICY),
            mfa_seed: None,
        },
        User {
            name: "broker",
            access_key_id: "AKIASANDBOXBROKER001",
            secret_access_key: "sandbox/broker/secret/key/0123456789abcd",
            policy: document(BROKER_POLICY),
            mfa_seed: None,
        },
        User {
            name: "dana",
            access_key_id: "AKIASANDBOXDANAUSER1",
            secret_access_key: "sandbox/dana/user/secret/key/0123456789a",
            policy: document(MFA_POLICY),
            mfa_seed: Some(b"sandbox-dana-mfa-dev"),
        },
    ]
}
