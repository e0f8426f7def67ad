//! The API for tests: start a sandbox, drive it, observe it, stop it.
//!
//! Owns the server's thread. Never answers a request itself.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::front;
use crate::issuer::{IdTokenSpec, Job, OidcProviderSpec};
use crate::keys::Keys;
use crate::options::{BUCKET, Options};
use crate::org::RoleSpec;
use crate::policy::Document;
use crate::saml::SamlProviderSpec;
use crate::state::State;
use crate::world::World;

/// Why the sandbox could not do what a test asked of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SandboxError {
    /// No device authorization waits under this user code.
    UnknownUserCode(String),
    /// Nobody of this name is in the organisation.
    UnknownPerson(String),
    /// The person has no such role in that account.
    NotAssigned(String),
    /// No bucket of this name exists.
    UnknownBucket(String),
    /// A policy or trust document cannot be read.
    MalformedPolicy(String),
}

impl std::fmt::Display for SandboxError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownUserCode(code) => write!(f, "no sign-in waits under user code {code}"),
            Self::UnknownPerson(name) => write!(f, "nobody is called {name}"),
            Self::NotAssigned(what) => write!(f, "not assigned: {what}"),
            Self::UnknownBucket(name) => write!(f, "no bucket is called {name}"),
            Self::MalformedPolicy(why) => write!(f, "malformed policy: {why}"),
        }
    }
}

impl std::error::Error for SandboxError {}

/// A running sandbox; dropping it stops the server and forgets everything.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Binds 127.0.0.1 and serves on a thread of its own; ready when this returns.
    ///
    /// # Errors
    /// When the port cannot be bound, the runtime cannot be made, or nobody is called as the
    /// person who approves.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        if let Some(policy) = &options.docs_policy {
            Document::parse(policy).map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))?;
        }
        let world = Arc::new(World::new(options, port));
        if let Some(name) = &world.options.auto_approve
            && world.org().person(name).is_none()
        {
            let why = SandboxError::UnknownPerson(name.clone());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&world);
        let thread = std::thread::Builder::new().name("securecart-sandbox".into()).spawn(move || {
            runtime.block_on(front::serve(serving, listener, stopped));
            runtime.shutdown_background();
        })?;
        Ok(Self { world, stop: Some(stop), thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`, the endpoint of every service.
    #[must_use]
    pub fn url(&self) -> String {
        self.world.url()
    }

    /// The port it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.world.port
    }

    /// The organisation's start URL.
    #[must_use]
    pub fn start_url(&self) -> String {
        self.world.start_url()
    }

    /// Region of Identity Center and of the buckets.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.world.options.region
    }

    /// The bucket with everybody's folders.
    #[must_use]
    pub fn bucket(&self) -> &'static str {
        BUCKET
    }

    /// `aws:userid` of a person in a role: `AROA…:person`. The folder is this plus `/`.
    #[must_use]
    pub fn user_id(&self, person: &str, account: &str, permission_set: &str) -> String {
        self.world.org().user_id(person, account, permission_set)
    }

    /// ARN of the IAM role behind a permission set in an account.
    #[must_use]
    pub fn role_arn(&self, account: &str, permission_set: &str) -> String {
        self.world.org().permission_set_role_arn(account, permission_set)
    }

    /// Role credentials as the portal would give them, without any sign-in.
    ///
    /// # Errors
    /// When the person is unknown or not assigned to that role.
    pub fn role_credentials(&self, person: &str, account: &str, permission_set: &str) -> Result<Keys, SandboxError> {
        self.world.issue_role_credentials(person, account, permission_set)
    }

    /// Long-lived keys of an IAM user: `admin`, `ci`, `broker` or `dana`, who has an MFA device.
    #[must_use]
    pub fn user_keys(&self, user: &str) -> Option<Keys> {
        self.world.user_keys(user)
    }

    /// The serial number of an IAM user's MFA device, and the code it shows now: good once, and for 30 s to either side.
    #[must_use]
    pub fn mfa(&self, user: &str) -> Option<(String, String)> {
        self.world.mfa(user)
    }

    /// `aws:userid` of the role that the sandbox's instance and container have.
    #[must_use]
    pub fn machine_user_id(&self) -> String {
        crate::metadata::machine_user_id()
    }

    /// Approves the device authorization under this user code, as a person would in a browser.
    ///
    /// # Errors
    /// When the code or the person is unknown, or the code has expired.
    pub fn approve(&self, user_code: &str, person: &str) -> Result<(), SandboxError> {
        self.world.approve(user_code, person)
    }

    /// Refuses the device authorization under this user code.
    ///
    /// # Errors
    /// When the code is unknown or has expired.
    pub fn deny(&self, user_code: &str) -> Result<(), SandboxError> {
        self.world.deny(user_code)
    }

    /// Counters, calls, objects and open uploads.
    #[must_use]
    pub fn state(&self) -> State {
        self.world.state()
    }

    /// Forgets counters and calls; objects and sign-ins stay.
    pub fn reset_counters(&self) {
        self.world.reset_counters();
    }

    /// Adds a fault rule.
    pub fn fault(&self, fault: Fault) {
        self.world.add_fault(fault);
    }

    /// Forgets every fault rule.
    pub fn clear_faults(&self) {
        self.world.clear_faults();
    }

    /// Moves expiry ahead. The `Date` header and the signature window stay, as the client's own
    /// clock does.
    pub fn advance(&self, by: Duration) {
        self.world.clock.advance(i64::try_from(by.as_secs()).unwrap_or(i64::MAX));
    }

    /// Makes the server's clock (its `Date` header, its signature window) differ by this much.
    pub fn set_skew(&self, secs: i64) {
        self.world.clock.set_skew(secs);
    }

    /// Revokes every SSO access token.
    pub fn revoke_access_tokens(&self) {
        self.world.revoke_access_tokens();
    }

    /// Revokes every SSO refresh token.
    pub fn revoke_refresh_tokens(&self) {
        self.world.revoke_refresh_tokens();
    }

    /// Makes every temporary credential expire now.
    pub fn expire_role_credentials(&self) {
        self.world.expire_role_credentials();
    }

    /// Forgets every client registration, as if all had lapsed.
    pub fn forget_clients(&self) {
        self.world.forget_clients();
    }

    /// Adds an IAM role that `AssumeRole` can reach.
    ///
    /// # Errors
    /// When one of its documents cannot be read.
    pub fn add_role(&self, role: RoleSpec) -> Result<(), SandboxError> {
        self.world.add_role(role)
    }

    /// Registers a SAML provider in IAM, by its signing certificate.
    ///
    /// # Errors
    /// When the certificate cannot be read.
    pub fn add_saml_provider(&self, provider: SamlProviderSpec) -> Result<(), SandboxError> {
        self.world.add_saml_provider(provider)
    }

    /// Registers an OpenID Connect provider in IAM. Only tokens of the sandbox's own issuers can be verified.
    pub fn add_oidc_provider(&self, provider: OidcProviderSpec) {
        self.world.add_oidc_provider(provider);
    }

    /// The company's OpenID Connect provider, where people sign in.
    #[must_use]
    pub fn issuer(&self) -> String {
        crate::issuer::url_of(&self.world, "company")
    }

    /// The issuer of CI jobs' tokens.
    #[must_use]
    pub fn ci_issuer(&self) -> String {
        crate::issuer::url_of(&self.world, "actions")
    }

    /// A signed ID token.
    #[must_use]
    pub fn id_token(&self, token: &IdTokenSpec) -> String {
        crate::issuer::mint(&self.world, token)
    }

    /// Starts a job at the CI service, whose tokens have this subject.
    #[must_use]
    pub fn start_job(&self, subject: &str) -> Job {
        self.world.add_job(subject)
    }

    /// The address that starts the AWS application at the sandbox's own SAML provider.
    #[must_use]
    pub fn idp_url(&self) -> String {
        format!("{}/idp/app", self.url())
    }

    /// The same at the sandbox's Okta.
    #[must_use]
    pub fn okta_url(&self) -> String {
        format!("{}/okta/app", self.url())
    }

    /// The one-time code that somebody's device at the sandbox's SAML provider shows now.
    #[must_use]
    pub fn one_time_code(&self, person: &str) -> String {
        crate::idp::one_time_code(person, self.world.clock.now())
    }

    /// Stores an object under exactly this key, past every policy.
    ///
    /// # Errors
    /// When there is no such bucket.
    pub fn put_object(&self, bucket: &str, key: &str, body: impl Into<Vec<u8>>) -> Result<(), SandboxError> {
        self.world.put_object(bucket, key, body.into())
    }

    /// Stores `count` objects named `prefix000000`, `prefix000001`… of `size` bytes each.
    ///
    /// # Errors
    /// When there is no such bucket.
    pub fn generate_objects(&self, bucket: &str, prefix: &str, count: u32, size: usize) -> Result<(), SandboxError> {
        self.world.generate_objects(bucket, prefix, count, size)
    }

    /// The bytes of an object, past every policy.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        self.world.object(bucket, key)
    }

    /// Every key of a bucket, in S3's order; empty for an unknown bucket.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.world.keys_of(bucket)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The server may have ended by itself; then nobody listens, and that is fine.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
