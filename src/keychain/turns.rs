//! One holder at a time within this process: what a store that ends with the process needs for a lock.

use std::collections::HashSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The names that are held.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns(Arc<(Mutex<HashSet<String>>, Condvar)>);

/// Holds a name until dropped.
#[derive(Debug)]
pub(super) struct Turn {
    turns: Turns,
    name: String,
}

impl Turns {
    /// Waits until nobody else holds the name; `None` when that takes longer than `deadline`.
    pub(super) fn take(&self, name: &str, deadline: Duration) -> Option<Turn> {
        let (held, changed) = &*self.0;
        let names = held.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = changed.wait_timeout_while(names, deadline, |names| names.contains(name));
        let (mut names, late) = waited.unwrap_or_else(PoisonError::into_inner);
        if late.timed_out() {
            return None;
        }
        names.insert(name.to_owned());
        Some(Turn { turns: self.clone(), name: name.to_owned() })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let (held, changed) = &*self.turns.0;
        held.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
        changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_holder_and_others_don_t_wait_for_it() {
        let turns = Turns::default();
        let first = turns.take("a", Duration::ZERO).unwrap();
        assert!(turns.take("a", Duration::from_millis(20)).is_none());
        assert!(turns.take("b", Duration::ZERO).is_some());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| turns.take("a", Duration::from_secs(10)).is_some());
            std::thread::sleep(Duration::from_millis(20));
            drop(first);
            assert!(second.join().unwrap());
        });
    }
}
