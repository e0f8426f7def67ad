//! Access keys: who holds which, and until when.
//!
//! Owns every secret access key and session token the sandbox gave out. Never decides what their
//! holder may do.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::principal::Principal;
use crate::random;

/// A set of AWS credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    /// `AKIA…` for a user, `ASIA…` for a session.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// Present for a session.
    pub session_token: Option<String>,
    /// When a session ends.
    pub expiration: Option<Timestamp>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("access_key_id", &self.access_key_id)
            .field("expiration", &self.expiration)
            .finish_non_exhaustive()
    }
}

/// What the sandbox knows about one access key.
#[derive(Clone)]
pub(crate) struct Held {
    pub keys: Keys,
    pub principal: Arc<Principal>,
}

/// Why an access key with a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyError {
    /// No such key, or a session's key without its token.
    Unknown,
    /// The token isn't this key's.
    WrongToken,
    /// The session has ended.
    Expired,
}

/// Every access key given out.
#[derive(Default)]
pub(crate) struct KeyStore(HashMap<String, Held>);

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyStore({} keys)", self.0.len())
    }
}

impl KeyStore {
    /// Adds a user's long-lived key.
    pub(crate) fn add_user(&mut self, access_key_id: &str, secret: &str, principal: Principal) {
        let keys = Keys {
            access_key_id: access_key_id.into(),
            secret_access_key: secret.into(),
            session_token: None,
            expiration: None,
        };
        self.0.insert(
            access_key_id.into(),
            Held {
                keys,
                principal: Arc::new(principal),
            },
        );
    }

    /// Makes keys for a session that ends `secs` from now.
    pub(crate) fn issue(&mut self, mut principal: Principal, now: Timestamp, secs: u32) -> Keys {
        principal.issued = Some(now);
        let ends = now
            .saturating_add(SignedDuration::from_secs(secs.into()))
            .unwrap_or(Timestamp::MAX);
        let keys = Keys {
            access_key_id: random::access_key_id(),
            secret_access_key: random::secret_access_key(),
            session_token: Some(random::session_token()),
            // AWS gives whole seconds.
            expiration: Timestamp::from_second(ends.as_second()).ok(),
        };
        let held = Held {
            keys: keys.clone(),
            principal: Arc::new(principal),
        };
        self.0.insert(keys.access_key_id.clone(), held);
        keys
    }

    /// Finds a key whose token fits and whose session lasts.
    pub(crate) fn find(
        &self,
        access_key_id: &str,
        token: Option<&str>,
        now: Timestamp,
    ) -> Result<Held, KeyError> {
        let held = self.0.get(access_key_id).ok_or(KeyError::Unknown)?;
        match (held.keys.session_token.as_deref(), token) {
            (None, None) => {}
            (Some(_), None) => return Err(KeyError::Unknown),
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return Err(KeyError::WrongToken),
        }
        if held.keys.expiration.is_some_and(|ends| ends <= now) {
            return Err(KeyError::Expired);
        }
        Ok(held.clone())
    }

    /// The secret of a key, whatever its state.
    pub(crate) fn secret(&self, access_key_id: &str) -> Option<String> {
        self.0
            .get(access_key_id)
            .map(|held| held.keys.secret_access_key.clone())
    }

    /// The long-lived keys of a user.
    pub(crate) fn of_user(&self, arn: &str) -> Option<Keys> {
        self.0
            .values()
            .find(|held| held.principal.arn == arn && held.keys.session_token.is_none())
            .map(|held| held.keys.clone())
    }

    /// Ends every session now.
    pub(crate) fn expire_sessions(&mut self, now: Timestamp) {
        for held in self.0.values_mut() {
            if let Some(ends) = &mut held.keys.expiration {
                *ends = now.min(*ends);
            }
        }
    }
}
