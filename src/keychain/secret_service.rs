//! The Linux desktop's keychain: a Secret Service on D-Bus, such as GNOME Keyring or KWallet.
//!
//! Source: the freedesktop.org Secret Service API. Items are filed as keyring tools do, with the attributes
//! `service` and `username`, so `secret-tool lookup service securecart username NAME` finds them.
//!
//! The keyring store unlocks what it finds locked, which opens a window and waits for a person. We never do
//! that: a first connection asks whether the item is there and whether it is locked. It costs half a
//! millisecond, and makes a miss four times as fast because no session key is agreed on.

use std::collections::HashMap;
use std::time::Duration;

use dbus::Path;
use dbus::blocking::stdintf::org_freedesktop_dbus::Properties;
use dbus::blocking::{Connection, Proxy};
use dbus_secret_service::Error as ServiceError;
use dbus_secret_service_keyring_store::Store as ServiceStore;

use super::entries::{Entries, SERVICE};
use super::{KeychainError, Store};
use crate::secret::SecretBytes;

pub(super) const NAME: &str = "Secret Service";

/// How long one D-Bus reply may take; the caller's bound over all of them is as long.
const REPLY: Duration = Duration::from_secs(2);

const BUS_NAME: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
const SERVICE_INTERFACE: &str = "org.freedesktop.Secret.Service";
const COLLECTION_INTERFACE: &str = "org.freedesktop.Secret.Collection";

/// How often a service is asked that does not know its own methods, and how long we leave it alone in between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// What is said of a service that doesn't know its own methods.
const NOT_READY: &str = "it is not ready to answer";

/// The session's Secret Service. Connections last for one call: a bus takes only 256 of a user.
pub(super) struct SecretService;

enum Found {
    Item,
    Nothing,
}

/// Looks for the item without unlocking anything.
fn find(item: &str) -> Result<Found, KeychainError> {
    let bus = Connection::new_session().map_err(|error| match translate_bus(&error) {
        timed_out @ KeychainError::TimedOut { .. } => timed_out,
        _ => no_store("no D-Bus session", &error),
    })?;
    let attributes = HashMap::from([("service", SERVICE), ("username", item)]);
    let (unlocked, locked): (Vec<Path<'static>>, Vec<Path<'static>>) = service(&bus)
        .method_call(SERVICE_INTERFACE, "SearchItems", (attributes,))
        .map_err(|error| translate_bus(&error))?;
    if !locked.is_empty() {
        return Err(KeychainError::Locked { store: NAME });
    }
    if !unlocked.is_empty() {
        return Ok(Found::Item);
    }
    // Some services don't search what is locked, and a new item could not be saved there anyway.
    if default_is_locked(&bus).map_err(|error| translate_bus(&error))? {
        return Err(KeychainError::Locked { store: NAME });
    }
    Ok(Found::Nothing)
}

/// Whether there is a default collection, where new items go, and it is locked.
fn default_is_locked(bus: &Connection) -> Result<bool, dbus::Error> {
    let (path,): (Path<'static>,) = service(bus).method_call(SERVICE_INTERFACE, "ReadAlias", ("default",))?;
    if &*path == "/" {
        return Ok(false);
    }
    bus.with_proxy(BUS_NAME, path, REPLY).get(COLLECTION_INTERFACE, "Locked")
}

fn entries() -> Result<Entries, KeychainError> {
    let store = ServiceStore::new().map_err(|error| {
        let cause = std::error::Error::source(&error).and_then(|cause| translate(cause, SERVICE));
        cause.unwrap_or_else(|| KeychainError::Failed { store: NAME, reason: "no session".to_owned() })
    })?;
    Ok(Entries { store, name: NAME, modifiers: &[], translate })
}

impl Store for SecretService {
    fn name(&self) -> &'static str {
        NAME
    }

    fn persistence(&self) -> &'static str {
        "until `securecart logout`"
    }

    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        once_ready(|| match find(item)? {
            Found::Item => entries()?.get(item),
            Found::Nothing => Ok(None),
        })
    }

    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        once_ready(|| {
            find(item)?;
            entries()?.set(item, bytes)
        })
    }

    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        once_ready(|| match find(item)? {
            Found::Item => entries()?.delete(item),
            Found::Nothing => Ok(false),
        })
    }
}

/// GNOME Keyring under load, with clients coming and going, says now and then that `SearchItems` does not exist. The
/// next connection finds it.
fn once_ready<T>(call: impl Fn() -> Result<T, KeychainError>) -> Result<T, KeychainError> {
    for _ in 1..TRIES {
        match call() {
            Err(KeychainError::Failed { reason, .. }) if reason == NOT_READY => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    call()
}

fn service(bus: &Connection) -> Proxy<'_, &Connection> {
    bus.with_proxy(BUS_NAME, SERVICE_PATH, REPLY)
}

/// What the keyring store's causes mean.
fn translate(cause: &(dyn std::error::Error + 'static), _item: &str) -> Option<KeychainError> {
    Some(match cause.downcast_ref::<ServiceError>()? {
        ServiceError::Dbus(error) => translate_bus(error),
        ServiceError::Locked | ServiceError::Prompt => KeychainError::Locked { store: NAME },
        ServiceError::NoResult => KeychainError::NoCollection,
        ServiceError::Unavailable => KeychainError::NoStore { reason: "no Secret Service on D-Bus".to_owned() },
        _ => return None,
    })
}

/// What D-Bus errors mean; their names are from the D-Bus specification and the Secret Service API.
fn translate_bus(error: &dbus::Error) -> KeychainError {
    let name = error.name().unwrap_or_default();
    match name.strip_prefix("org.freedesktop.DBus.Error.").unwrap_or(name) {
        "NoReply" | "Timeout" | "TimedOut" => KeychainError::TimedOut { store: NAME, after: REPLY },
        "ServiceUnknown" | "NameHasNoOwner" | "NoServer" | "Disconnected" => {
            no_store("no Secret Service on D-Bus", error)
        }
        spawn if spawn.starts_with("Spawn.") => no_store("the Secret Service did not start", error),
        "UnknownMethod" => KeychainError::Failed { store: NAME, reason: NOT_READY.to_owned() },
        "AccessDenied" => KeychainError::Refused { store: NAME, reason: words(error) },
        "org.freedesktop.Secret.Error.IsLocked" => KeychainError::Locked { store: NAME },
        _ => KeychainError::Failed { store: NAME, reason: words(error) },
    }
}

fn no_store(what: &str, error: &dbus::Error) -> KeychainError {
    KeychainError::NoStore { reason: format!("{what} ({})", words(error)) }
}

fn words(error: &dbus::Error) -> String {
    error.message().or(error.name()).unwrap_or("no reason given").trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bus_errors_become_the_fact_they_stand_for() {
        let told = |name: &str| translate_bus(&dbus::Error::new_custom(name, "Why."));
        let spec = |name: &str| told(&format!("org.freedesktop.DBus.Error.{name}"));
        for absent in ["ServiceUnknown", "NameHasNoOwner", "NoServer", "Spawn.ExecFailed"] {
            assert!(matches!(spec(absent), KeychainError::NoStore { .. }), "{absent}");
        }
        assert!(matches!(spec("NoReply"), KeychainError::TimedOut { .. }));
        assert!(matches!(spec("AccessDenied"), KeychainError::Refused { .. }));
        assert_eq!(told("org.freedesktop.Secret.Error.IsLocked"), KeychainError::Locked { store: NAME });
        assert_eq!(spec("Failed"), KeychainError::Failed { store: NAME, reason: "Why".to_owned() });
    }

    #[test]
    fn a_service_that_forgot_its_methods_is_asked_again_but_not_for_ever() {
        let forgot = || translate_bus(&dbus::Error::new_custom("org.freedesktop.DBus.Error.UnknownMethod", "Why."));
        let calls = std::cell::Cell::new(0);
        let third_time = || {
            calls.set(calls.get() + 1);
            if calls.get() < 3 { Err(forgot()) } else { Ok(calls.get()) }
        };
        assert_eq!(once_ready(third_time), Ok(3));
        calls.set(0);
        let never = || -> Result<(), _> {
            calls.set(calls.get() + 1);
            Err(forgot())
        };
        assert_eq!((once_ready(never), calls.get()), (Err(forgot()), TRIES));
        let locked = || Err::<(), _>(KeychainError::Locked { store: NAME });
        assert_eq!(once_ready(locked), locked());
    }

    #[test]
    fn a_dismissed_prompt_means_locked_and_no_result_means_no_collection() {
        assert_eq!(translate(&ServiceError::Prompt, "a"), Some(KeychainError::Locked { store: NAME }));
        assert_eq!(translate(&ServiceError::NoResult, "a"), Some(KeychainError::NoCollection));
    }
}
