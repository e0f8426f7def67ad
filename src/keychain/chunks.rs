//! Values of any size in a store whose items are small.
//!
//! Writers take the item's lock; readers take none. A writer stores the new parts under a new generation, then
//! the header, then removes the old parts: whenever it stops, a reader finds the old value or the new one.
//! Before it starts it notes both generations in the lock file, so that the next writer can remove what a
//! writer that died has left behind.

use std::path::Path;
use std::time::Duration;

use super::envelope::{self, Envelope, Generation, Header};
use super::leftovers::Leftovers;
use super::{Guard, KeychainError, Lock, LockError, Store};
use crate::secret::SecretBytes;

/// How often a reader starts again because a writer has changed the header meanwhile.
const READER_TRIES: u32 = 50;

/// How long a writer waits for another one to finish with the same item.
const WRITER_PATIENCE: Duration = Duration::from_secs(10);

/// One item of a store: its value, and the parts if it has any.
pub(super) struct Chunks<'a> {
    pub store: &'a dyn Store,
    pub state: &'a Path,
    pub item: &'a str,
}

impl Chunks<'_> {
    /// The value, or `None`. One store read if it was stored whole.
    pub(super) fn load(&self) -> Result<Option<SecretBytes>, KeychainError> {
        let mut seen = None;
        for attempt in 0..READER_TRIES {
            let header = match self.envelope()? {
                None => return Ok(None),
                Some(Envelope::Value(value)) => return Ok(Some(value)),
                Some(Envelope::Parts(header)) => header,
            };
            // Parts are only removed after the header has changed: under the same header they won't come back.
            if seen == Some(header) {
                break;
            }
            if let Some(value) = self.join(&header)? {
                return Ok(Some(value));
            }
            seen = Some(header);
            std::thread::sleep(Duration::from_millis(u64::from(attempt / 10)));
        }
        Err(self.damaged())
    }

    /// Saves the value, in parts if it is too large for one item.
    pub(super) fn save(&self, value: &[u8]) -> Result<(), KeychainError> {
        let Some(limit) = self.store.limit() else {
            return self.store.set(self.item, &envelope::encode_value(value));
        };
        let guard = self.lock()?;
        let (old, leftovers) = self.sweep(&guard)?;
        if value.len() <= envelope::room_for_value(limit) {
            self.note(&guard, &leftovers)?;
            self.store.set(self.item, &envelope::encode_value(value))?;
        } else {
            let header = Header::describe(new_generation()?, value, limit).ok_or_else(|| self.full())?;
            self.note(&guard, &leftovers.with(header))?;
            if let Err(error) = self.set_parts(&header, value, limit) {
                // A full store stays usable for others. What can't be removed now, the next writer removes.
                let _ = self.delete_parts(&header);
                return Err(error);
            }
            self.store.set(self.item, &header.encode())?;
        }
        if let Some(old) = old {
            self.delete_parts(&old)?;
        }
        self.note(&guard, &Leftovers::default())
    }

    /// Removes the value and its parts; false when there was none.
    pub(super) fn remove(&self) -> Result<bool, KeychainError> {
        if self.store.limit().is_none() {
            return self.store.delete(self.item);
        }
        let guard = self.lock()?;
        let (old, leftovers) = self.sweep(&guard)?;
        self.note(&guard, &leftovers)?;
        let found = self.store.delete(self.item)?;
        if let Some(old) = old {
            self.delete_parts(&old)?;
        }
        self.note(&guard, &Leftovers::default())?;
        Ok(found)
    }

    /// Removes the parts that writers before us have left behind. Gives back the header in use, if there is one,
    /// and it again as what will be left over if we stop halfway.
    fn sweep(&self, guard: &Guard) -> Result<(Option<Header>, Leftovers), KeychainError> {
        let current = match self.envelope() {
            Ok(Some(Envelope::Parts(header))) => Some(header),
            // What is damaged is about to be replaced or removed.
            Ok(_) | Err(KeychainError::Damaged { .. }) => None,
            Err(error) => return Err(error),
        };
        let left = guard.note().map(|(_, note)| Leftovers::parse(&note)).unwrap_or_default();
        for (generation, parts) in left.iter() {
            if current.is_none_or(|header| header.generation != generation) {
                for index in 0..parts {
                    self.store.delete(&generation.part_name(self.item, index))?;
                }
            }
        }
        let leftovers = current.map(|header| Leftovers::default().with(header)).unwrap_or_default();
        Ok((current, leftovers))
    }

    fn envelope(&self) -> Result<Option<Envelope>, KeychainError> {
        let Some(bytes) = self.store.get(self.item)? else { return Ok(None) };
        envelope::decode(&bytes).ok_or_else(|| self.damaged()).map(Some)
    }

    /// The value that the header describes; `None` when its parts aren't all there or don't fit together.
    fn join(&self, header: &Header) -> Result<Option<SecretBytes>, KeychainError> {
        // As large as it gets: a vector that grows leaves unwiped copies of the secret behind.
        let length = usize::try_from(header.length).unwrap_or(usize::MAX);
        let mut value = SecretBytes::new(Vec::with_capacity(length));
        for name in header.part_names(self.item) {
            let Some(part) = self.store.get(&name)? else { return Ok(None) };
            if part.len() > length - value.len() {
                return Ok(None);
            }
            value.extend_from_slice(&part);
        }
        Ok(header.matches(&value).then_some(value))
    }

    fn set_parts(&self, header: &Header, value: &[u8], limit: usize) -> Result<(), KeychainError> {
        header.part_names(self.item).zip(value.chunks(limit)).try_for_each(|(name, part)| self.store.set(&name, part))
    }

    fn delete_parts(&self, header: &Header) -> Result<(), KeychainError> {
        header.part_names(self.item).try_for_each(|name| self.store.delete(&name).map(|_| ()))
    }

    fn lock(&self) -> Result<Guard, KeychainError> {
        let name = format!("item {} in {}", self.item, self.store.name());
        Lock::acquire(self.state, &name, WRITER_PATIENCE).map_err(|error| match error {
            LockError::TimedOut { .. } => KeychainError::Busy { store: self.store.name(), item: self.item.to_owned() },
            LockError::Io { path, reason } => KeychainError::Io { action: "lock", path, reason },
        })
    }

    fn note(&self, guard: &Guard, leftovers: &Leftovers) -> Result<(), KeychainError> {
        let note = leftovers.to_string();
        if guard.note().map(|(_, note)| note).unwrap_or_default() == note {
            return Ok(());
        }
        guard.leave_note(&note).map_err(|error| KeychainError::io("write", self.state.join("locks"), &error))
    }

    fn damaged(&self) -> KeychainError {
        KeychainError::Damaged { store: self.store.name(), item: self.item.to_owned() }
    }

    fn full(&self) -> KeychainError {
        KeychainError::Full { store: self.store.name(), item: self.item.to_owned() }
    }
}

fn new_generation() -> Result<Generation, KeychainError> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|error| KeychainError::Failed {
        store: "the system's random number generator",
        reason: error.to_string(),
    })?;
    Ok(Generation(bytes))
}
