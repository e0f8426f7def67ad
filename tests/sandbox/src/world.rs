//! Everything one sandbox knows.
//!
//! Owns the state behind all services and the few actions that a test takes past them. Never
//! parses a request.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use bytes::Bytes;

use crate::adfs::Adfs;
use crate::clock::Clock;
use crate::counters::{Counters, Event};
use crate::fault::{Effect, Fault, Faults, Service};
use crate::idp::Idp;
use crate::issuer::{Job, OidcProviderSpec, Register};
use crate::keycloak::Keycloak;
use crate::keys::{KeyStore, Keys};
use crate::mfa::Devices;
use crate::oidc::Registry;
use crate::okta::Okta;
use crate::okta_classic::OktaClassic;
use crate::okta_device::OktaDevice;
use crate::onelogin::OneLogin;
use crate::options::{ADMIN_BUCKET, BUCKET, Options};
use crate::org::{Org, Role, RoleSpec, User};
use crate::portal::RateLimit;
use crate::principal::{Kind, Principal};
use crate::s3::store::Store;
use crate::saml::{Federation, Provider, SamlProviderSpec};
use crate::sandbox::SandboxError;
use crate::signin::SigninTokens;
use crate::state::{Call, State};

/// The state behind every service.
#[derive(Debug)]
pub(crate) struct World {
    pub options: Options,
    pub port: u16,
    pub clock: Clock,
    org: Org,
    registry: Mutex<Registry>,
    keys: Mutex<KeyStore>,
    devices: Mutex<Devices>,
    roles: Mutex<Vec<Arc<Role>>>,
    store: Mutex<Store>,
    federation: Mutex<Federation>,
    idp: Mutex<Idp>,
    adfs: Mutex<Adfs>,
    keycloak: Mutex<Keycloak>,
    okta: Mutex<Okta>,
    okta_device: Mutex<OktaDevice>,
    onelogin: Mutex<OneLogin>,
    issuer: Mutex<Register>,
    okta_classic: Mutex<OktaClassic>,
    faults: Mutex<Faults>,
    counters: Mutex<Counters>,
    pub portal_rate: Mutex<RateLimit>,
    pub signin_tokens: Mutex<SigninTokens>,
}

/// Locks, and goes on with what a panicking test left behind.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(options: Options, port: u16) -> Self {
        let org = Org::new(&options);
        let clock = Clock::default();
        let mut keys = KeyStore::default();
        let mut devices = Devices::default();
        for user in &org.users {
            keys.add_user(user.access_key_id, user.secret_access_key, user.principal());
            if let Some(seed) = user.mfa_seed {
                devices.add(&user.arn(), seed);
            }
        }
        let mut store = Store::default();
        for bucket in [BUCKET, ADMIN_BUCKET] {
            store.create_bucket(bucket, clock.now(), options.versioning && bucket == BUCKET);
        }
        let url = format!("http://127.0.0.1:{port}");
        let specs = crate::idp::roles().into_iter().chain(crate::issuer::roles(&url));
        let roles = specs.filter_map(|spec| Role::parse(spec).ok()).map(Arc::new).collect();
        Self {
            options,
            port,
            clock,
            org,
            registry: Mutex::default(),
            keys: Mutex::new(keys),
            devices: Mutex::new(devices),
            roles: Mutex::new(roles),
            store: Mutex::new(store),
            federation: Mutex::new(crate::idp::federation(&url)),
            idp: Mutex::default(),
            adfs: Mutex::default(),
            keycloak: Mutex::default(),
            okta: Mutex::default(),
            okta_device: Mutex::default(),
            onelogin: Mutex::default(),
            issuer: Mutex::new(Register::new(&url)),
            okta_classic: Mutex::default(),
            faults: Mutex::default(),
            counters: Mutex::default(),
            portal_rate: Mutex::default(),
            signin_tokens: Mutex::default(),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn start_url(&self) -> String {
        format!("{}/start", self.url())
    }

    pub(crate) fn org(&self) -> &Org {
        &self.org
    }

    pub(crate) fn registry(&self) -> MutexGuard<'_, Registry> {
        lock(&self.registry)
    }

    pub(crate) fn keys(&self) -> MutexGuard<'_, KeyStore> {
        lock(&self.keys)
    }

    pub(crate) fn devices(&self) -> MutexGuard<'_, Devices> {
        lock(&self.devices)
    }

    pub(crate) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    pub(crate) fn federation(&self) -> MutexGuard<'_, Federation> {
        lock(&self.federation)
    }

    pub(crate) fn idp(&self) -> MutexGuard<'_, Idp> {
        lock(&self.idp)
    }

    pub(crate) fn adfs(&self) -> MutexGuard<'_, Adfs> {
        lock(&self.adfs)
    }

    pub(crate) fn keycloak(&self) -> MutexGuard<'_, Keycloak> {
        lock(&self.keycloak)
    }

    pub(crate) fn okta_device(&self) -> MutexGuard<'_, OktaDevice> {
        lock(&self.okta_device)
    }

    pub(crate) fn onelogin(&self) -> MutexGuard<'_, OneLogin> {
        lock(&self.onelogin)
    }

    pub(crate) fn okta_classic(&self) -> MutexGuard<'_, OktaClassic> {
        lock(&self.okta_classic)
    }

    pub(crate) fn okta(&self) -> MutexGuard<'_, Okta> {
        lock(&self.okta)
    }

    pub(crate) fn issuer(&self) -> MutexGuard<'_, Register> {
        lock(&self.issuer)
    }

    /// Starts a job at the CI service.
    pub(crate) fn add_job(&self, subject: &str) -> Job {
        let (id, request_token) = self.issuer().add_job(subject);
        let request_url = format!("{}/actions/jobs/{id}/idtoken?api-version=2.0", self.url());
        Job { request_url, request_token }
    }

    /// Registers an OpenID Connect provider in IAM.
    pub(crate) fn add_oidc_provider(&self, spec: OidcProviderSpec) {
        self.issuer().trust(&spec.account, &spec.issuer, spec.client_ids);
    }

    /// Registers a SAML provider in IAM.
    pub(crate) fn add_saml_provider(&self, spec: SamlProviderSpec) -> Result<(), SandboxError> {
        let certificate = base64::engine::general_purpose::STANDARD.decode(spec.certificate.trim());
        let certificate = certificate.map_err(|why| SandboxError::MalformedPolicy(format!("certificate: {why}")))?;
        self.federation().providers.insert(spec.arn, Provider { issuer: spec.issuer, certificate });
        Ok(())
    }

    pub(crate) fn role(&self, arn: &str) -> Option<Arc<Role>> {
        lock(&self.roles).iter().find(|role| role.arn == arn).cloned()
    }

    pub(crate) fn add_role(&self, spec: RoleSpec) -> Result<(), SandboxError> {
        let role = Role::parse(spec).map_err(|why| SandboxError::MalformedPolicy(why.to_string()))?;
        let mut roles = lock(&self.roles);
        roles.retain(|it| it.arn != role.arn);
        roles.push(Arc::new(role));
        Ok(())
    }

    /// Makes role credentials for a person, as the portal does.
    pub(crate) fn issue_role_credentials(
        &self,
        person: &str,
        account: &str,
        permission_set: &str,
    ) -> Result<Keys, SandboxError> {
        let person = self.org.person(person).ok_or_else(|| SandboxError::UnknownPerson(person.into()))?;
        let policies = self.org.policies_of(permission_set);
        let assigned = self.org.roles_of(&person.name, account).contains(&permission_set);
        let (Some(identity), true) = (policies, assigned) else {
            return Err(SandboxError::NotAssigned(format!("{permission_set} in {account} to {}", person.name)));
        };
        let principal = Principal {
            account: account.into(),
            arn: Org::session_arn(account, permission_set, &person.name),
            user_id: self.org.user_id(&person.name, account, permission_set),
            kind: Kind::AssumedRole { role_arn: self.org.permission_set_role_arn(account, permission_set) },
            tags: person.tags.clone(),
            transitive: BTreeSet::new(),
            identity,
            session: None,
            issued: None,
            source_identity: None,
            mfa: None,
            chained: false,
        };
        Ok(self.keys().issue(principal, self.clock.now(), self.options.role_credential_secs))
    }

    pub(crate) fn user_keys(&self, user: &str) -> Option<Keys> {
        self.keys().of_user(&User::arn_of(user))
    }

    /// The serial number of a user's MFA device, and what it shows now.
    pub(crate) fn mfa(&self, user: &str) -> Option<(String, String)> {
        let (arn, devices) = (User::arn_of(user), self.devices());
        Some((devices.serial(&arn)?, devices.code(&arn, self.clock.now())?))
    }

    pub(crate) fn approve(&self, user_code: &str, person: &str) -> Result<(), SandboxError> {
        let person = self.org.person(person).ok_or_else(|| SandboxError::UnknownPerson(person.into()))?;
        let now = self.clock.now();
        let waited = self.registry().approve_device(user_code, &person.name, now)
            || self.issuer().decide(user_code, Some(&person.name), now);
        if !waited {
            return Err(SandboxError::UnknownUserCode(user_code.into()));
        }
        self.count(Event::Approval);
        Ok(())
    }

    pub(crate) fn deny(&self, user_code: &str) -> Result<(), SandboxError> {
        let now = self.clock.now();
        if !self.registry().deny_device(user_code, now) && !self.issuer().decide(user_code, None, now) {
            return Err(SandboxError::UnknownUserCode(user_code.into()));
        }
        self.count(Event::Denial);
        Ok(())
    }

    pub(crate) fn add_fault(&self, fault: Fault) {
        lock(&self.faults).add(fault);
    }

    pub(crate) fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    pub(crate) fn effects_for(&self, service: Service, operation: &str, subject: Option<&str>) -> Vec<Effect> {
        lock(&self.faults).take(service, operation, subject)
    }

    pub(crate) fn revoke_access_tokens(&self) {
        self.registry().revoke_access_tokens();
    }

    pub(crate) fn revoke_refresh_tokens(&self) {
        self.registry().revoke_refresh_tokens();
        self.issuer().revoke_refresh_tokens();
    }

    pub(crate) fn forget_clients(&self) {
        self.registry().forget_clients();
    }

    pub(crate) fn expire_role_credentials(&self) {
        self.keys().expire_sessions(self.clock.now());
    }

    pub(crate) fn put_object(&self, bucket: &str, key: &str, body: Vec<u8>) -> Result<(), SandboxError> {
        let stored = self.store().seed(bucket, key, Bytes::from(body), self.clock.wall());
        stored.then_some(()).ok_or_else(|| SandboxError::UnknownBucket(bucket.into()))
    }

    pub(crate) fn generate_objects(
        &self,
        bucket: &str,
        prefix: &str,
        count: u32,
        size: usize,
    ) -> Result<(), SandboxError> {
        let stored = self.store().generate(bucket, prefix, count, size, self.clock.wall());
        stored.then_some(()).ok_or_else(|| SandboxError::UnknownBucket(bucket.into()))
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        Some(self.store().object(bucket, key)?.bytes())
    }

    pub(crate) fn keys_of(&self, bucket: &str) -> Vec<String> {
        self.store().keys_of(bucket)
    }

    pub(crate) fn count(&self, event: Event) {
        lock(&self.counters).count(event);
    }

    /// Counts a request when it arrives, so that one still in flight is seen too.
    pub(crate) fn count_request(&self, service: Service, operation: &str) {
        lock(&self.counters).count_request(service, operation);
    }

    pub(crate) fn note(&self, call: Call) {
        lock(&self.counters).note(call);
    }

    pub(crate) fn reset_counters(&self) {
        *lock(&self.counters) = Counters::default();
    }

    pub(crate) fn state(&self) -> State {
        let mut state = lock(&self.counters).state();
        state.pending_user_codes = self.registry().pending_user_codes(self.clock.now());
        state.pending_user_codes.extend(self.issuer().pending_user_codes(self.clock.now()));
        let store = self.store();
        state.objects = store.summaries();
        state.open_uploads = store.open_uploads();
        state
    }
}
