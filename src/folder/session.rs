//! Credentials for many workers at once: fetched once, renewed once, and asked for in vain once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, error::CredentialsError};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::{Error, Kind, Result};

/// A boxed future, so that [`Session`] can be a trait object.
pub type CredentialsFuture<'a> = Pin<Box<dyn Future<Output = Result<Credentials>> + Send + 'a>>;

/// Where the folder's credentials come from.
pub trait Session: Send + Sync {
    /// Credentials that are valid now, renewed if they must be. It is not called by two workers at a time.
    ///
    /// # Errors
    /// Whatever the person must know: not signed in, keychain locked…
    fn credentials(&self) -> CredentialsFuture<'_>;

    /// S3 said that these have expired, whatever their expiry says: the next ones must be others.
    fn mark_expired(&self, access_key_id: &str);
}

/// One set of credentials that nobody can renew.
pub struct FixedSession(pub Credentials);

impl Session for FixedSession {
    fn credentials(&self) -> CredentialsFuture<'_> {
        Box::pin(std::future::ready(Ok(self.0.clone())))
    }

    fn mark_expired(&self, _access_key_id: &str) {}
}

/// How long before their expiry credentials are no longer used for a new request.
const MARGIN: Duration = Duration::from_secs(60);

/// For how long a failure is everybody's, before somebody tries again.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// The credentials in use, shared by all workers of a folder.
pub(super) struct Leases {
    session: Arc<dyn Session>,
    current: Mutex<Lease>,
}

enum Lease {
    /// Nobody has asked yet, or what there was has expired.
    Nothing,
    Credentials(Credentials),
    /// There are none, since then: thousands of files that are still to go must not each try for a minute.
    Failed(Error, Instant),
}

impl Leases {
    pub(super) fn new(session: Arc<dyn Session>) -> Self {
        Self { session, current: Mutex::new(Lease::Nothing) }
    }

    /// Whoever comes first fetches; the rest wait and get the same. So it is with a failure: a session that has ended is
    /// not asked again, any other failure is tried again after `RETRY_AFTER`.
    pub(super) async fn current(&self) -> Result<Credentials> {
        let mut current = self.current.lock().await;
        match &*current {
            Lease::Credentials(credentials)
                if credentials.expiry().is_none_or(|expiry| SystemTime::now() + MARGIN < expiry) =>
            {
                return Ok(credentials.clone());
            }
            Lease::Failed(error, at) if error.kind == Kind::NotSignedIn || at.elapsed() < RETRY_AFTER => {
                return Err(error.clone());
            }
            _ => {}
        }
        let fetched = self.session.credentials().await;
        *current = match &fetched {
            Ok(credentials) => Lease::Credentials(credentials.clone()),
            Err(error) => Lease::Failed(error.clone(), Instant::now()),
        };
        fetched
    }

    /// A request signed with this key was answered with `ExpiredToken`. Only the first of many that say so counts.
    pub(super) async fn expired(&self, access_key_id: &str) {
        let mut current = self.current.lock().await;
        if matches!(&*current, Lease::Credentials(credentials) if credentials.access_key_id() == access_key_id) {
            self.session.mark_expired(access_key_id);
            *current = Lease::Nothing;
        }
    }
}

impl fmt::Debug for Leases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Leases")
    }
}

/// The same for the SDK, which asks before it signs.
#[derive(Debug)]
pub(super) struct LeasedCredentials(pub(super) Arc<Leases>);

impl ProvideCredentials for LeasedCredentials {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(async {
            self.0.current().await.map_err(|error| CredentialsError::provider_error(error.message))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counting {
        fetched: AtomicUsize,
        marked: AtomicUsize,
    }

    impl Session for Counting {
        fn credentials(&self) -> CredentialsFuture<'_> {
            Box::pin(async {
                let number = self.fetched.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok(Credentials::new(format!("ASIA{number}"), "secret", None, None, "test"))
            })
        }

        fn mark_expired(&self, _access_key_id: &str) {
            self.marked.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn a_hundred_workers_with_expired_credentials_renew_once() {
        let session = Arc::new(Counting { fetched: AtomicUsize::new(0), marked: AtomicUsize::new(0) });
        let leases = Arc::new(Leases::new(session.clone()));
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let leases = leases.clone();
            workers.spawn(async move {
                leases.expired("ASIA0").await;
                let first = leases.current().await.unwrap();
                if first.access_key_id() == "ASIA0" {
                    leases.expired("ASIA0").await;
                }
                assert_eq!(leases.current().await.unwrap().access_key_id(), "ASIA1");
            });
        }
        while let Some(done) = workers.join_next().await {
            done.unwrap();
        }
        assert_eq!(session.marked.load(Ordering::SeqCst), 1);
        assert_eq!(session.fetched.load(Ordering::SeqCst), 2);
    }
    struct Failing {
        kind: Kind,
        asked: AtomicUsize,
    }

    impl Session for Failing {
        fn credentials(&self) -> CredentialsFuture<'_> {
            Box::pin(async {
                self.asked.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_secs(60)).await;
                Err(Error::new(self.kind, "no credentials"))
            })
        }

        fn mark_expired(&self, _access_key_id: &str) {}
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_workers_without_credentials_try_once() {
        for (kind, tries_later) in [(Kind::NotSignedIn, 1), (Kind::Network, 2)] {
            let session = Arc::new(Failing { kind, asked: AtomicUsize::new(0) });
            let leases = Arc::new(Leases::new(session.clone()));
            let all_fail = async || {
                let mut workers = tokio::task::JoinSet::new();
                for _ in 0..100 {
                    let leases = leases.clone();
                    workers.spawn(async move { leases.current().await.unwrap_err() });
                }
                assert!(workers.join_all().await.iter().all(|error| error.kind == kind));
                session.asked.load(Ordering::SeqCst)
            };
            assert_eq!(all_fail().await, 1);
            tokio::time::advance(RETRY_AFTER).await;
            assert_eq!(all_fail().await, tries_later);
        }
    }
}
