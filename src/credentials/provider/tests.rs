use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use super::*;
use crate::config::profile::{Endpoints, Method, RequestChecksums, SsoSettings, StoreChoice};
use crate::error::Kind;
use crate::identity::RoleCredentials;
use crate::keychain::{Keychain, MemoryStore};
use crate::secret::Secret;

fn profile() -> Profile {
    Profile {
        origin: crate::config::profile::Origin::File,
        name: "docs".parse().unwrap(),
        method: Method::Sso(SsoSettings {
            start_url: "https://example.awsapps.com/start".parse().unwrap(),
            sso_region: "eu-central-1".parse().unwrap(),
        }),
        account_id: None,
        role_name: None,
        region: "eu-central-1".parse().unwrap(),
        bucket: None,
        bucket_region: None,
        folder: crate::config::FolderTemplate::default(),
        keychain: StoreChoice::Memory,
        auto_login: false,
        callback_port: 0,
        encryption: None,
        request_checksums: RequestChecksums::WhenSupported,
        path_style: false,
        endpoints: Endpoints::default(),
    }
}

fn signed_in(key: &str, expiration: i64) -> SignedIn {
    SignedIn {
        role_name: Some("DocsUser".parse().unwrap()),
        ..SignedIn::new(
            "111111111111".parse().unwrap(),
            RoleCredentials {
                access_key_id: key.to_owned(),
                secret_access_key: Secret::new("s"),
                session_token: Secret::new("t"),
                expiration: Timestamp::from_second(expiration).unwrap(),
            },
        )
    }
}

/// Counts its calls, takes a moment, and does as told.
struct Fake<F: Fn(usize) -> Result<SignedIn>> {
    calls: AtomicUsize,
    outcome: F,
}

impl<F: Fn(usize) -> Result<SignedIn>> Fake<F> {
    fn new(outcome: F) -> Self {
        Self { calls: AtomicUsize::new(0), outcome }
    }
}

impl<F: Fn(usize) -> Result<SignedIn>> Renewal for Fake<F> {
    fn renew(&self, _old: Option<&SignedIn>) -> Result<SignedIn> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(50));
        (self.outcome)(call)
    }
}

struct Desk {
    profile: Profile,
    keychain: Keychain,
    _state: tempfile::TempDir,
    now: AtomicI64,
}

impl Desk {
    fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        let keychain = Keychain::over(Arc::new(MemoryStore::default()), state.path());
        Self { profile: profile(), keychain, _state: state, now: AtomicI64::new(10_000) }
    }

    fn keep(&self, signed_in: &SignedIn) {
        Records::new(&self.keychain).save_signed_in(&self.profile, signed_in).unwrap();
    }

    fn with<T>(&self, act: impl FnOnce(&Provider<'_>) -> T) -> T {
        let now = || Timestamp::from_second(self.now.load(Ordering::SeqCst)).unwrap();
        act(&Provider::new(&self.profile, Records::new(&self.keychain), |_| None, &now))
    }
}

#[test]
fn fresh_credentials_are_handed_out_without_a_renewal() {
    let desk = Desk::new();
    desk.keep(&signed_in("FRESH", 10_000 + 900));
    let renewal = Fake::new(|_| panic!("not to be called"));
    let got = desk.with(|provider| provider.obtain(&renewal)).unwrap();
    assert_eq!(got.credentials.access_key_id, "FRESH");
}

#[test]
fn of_many_who_ask_at_once_one_renews_and_all_get_the_same() {
    let desk = Desk::new();
    desk.keep(&signed_in("OLD", 10_000));
    let renewal = Fake::new(|call| Ok(signed_in(&format!("NEW{call}"), 20_000)));
    std::thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(|| {
                let got = desk.with(|provider| provider.obtain(&renewal)).unwrap();
                assert_eq!(got.credentials.access_key_id, "NEW0");
            });
        }
    });
    assert_eq!(renewal.calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_failed_renewal_is_tried_once_for_all_who_waited_and_again_for_who_comes_later() {
    let desk = Desk::new();
    let failing = Fake::new(|_| Err(Error::new(Kind::Network, "down").with_hint("wait")));
    std::thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                let error = desk.with(|provider| provider.obtain(&failing)).unwrap_err();
                assert_eq!(error, Error::new(Kind::Network, "down").with_hint("wait"));
            });
        }
    });
    assert_eq!(failing.calls.load(Ordering::SeqCst), 1);
    let working = Fake::new(|_| Ok(signed_in("NEW", 20_000)));
    assert!(desk.with(|provider| provider.obtain(&working)).is_ok());
}

#[test]
fn when_renewal_fails_valid_credentials_are_handed_out_and_it_is_not_tried_again_at_once() {
    let desk = Desk::new();
    desk.keep(&signed_in("SHORT", 10_000 + 60));
    let failing = Fake::new(|_| Err(Error::new(Kind::Network, "down")));
    for _ in 0..3 {
        let got = desk.with(|provider| provider.obtain(&failing)).unwrap();
        assert_eq!(got.credentials.access_key_id, "SHORT");
    }
    assert_eq!(failing.calls.load(Ordering::SeqCst), 1);
    desk.now.store(10_060, Ordering::SeqCst);
    assert_eq!(desk.with(|provider| provider.obtain(&failing)).unwrap_err().kind, Kind::Network);
}

#[test]
fn rejected_credentials_are_replaced_once_for_all_workers() {
    let desk = Desk::new();
    desk.keep(&signed_in("REVOKED", 20_000));
    let renewal = Fake::new(|call| Ok(signed_in(&format!("NEW{call}"), 20_000)));
    for _ in 0..3 {
        let got = desk.with(|provider| provider.replace("REVOKED", &renewal)).unwrap();
        assert_eq!(got.credentials.access_key_id, "NEW0");
    }
    assert_eq!(renewal.calls.load(Ordering::SeqCst), 1);
}

#[test]
fn rejected_credentials_are_never_handed_out_again_even_if_they_look_valid() {
    let desk = Desk::new();
    desk.keep(&signed_in("REVOKED", 20_000));
    let failing = Fake::new(|_| Err(Error::new(Kind::NotSignedIn, "ended")));
    let error = desk.with(|provider| provider.replace("REVOKED", &failing)).unwrap_err();
    assert_eq!(error.kind, Kind::NotSignedIn);
}
