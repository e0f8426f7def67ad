//! How work is told to stop.

use tokio::sync::watch;

/// A request to stop, seen by everything that holds a clone. It can't be taken back.
#[derive(Debug, Clone)]
pub struct Stop {
    flag: watch::Sender<bool>,
}

impl Default for Stop {
    fn default() -> Self {
        Self { flag: watch::Sender::new(false) }
    }
}

impl Stop {
    /// Asks everything that holds a clone to stop.
    pub fn stop(&self) {
        self.flag.send_replace(true);
    }

    /// Whether it was asked for.
    pub fn is_stopped(&self) -> bool {
        *self.flag.borrow()
    }

    /// Returns when it is asked for.
    pub async fn stopped(&self) {
        let mut flag = self.flag.subscribe();
        // The sender lives in `self`, so waiting can't fail.
        let _ = flag.wait_for(|stopped| *stopped).await;
    }
}
