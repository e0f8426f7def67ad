//! How far this machine's clock is from the server's, learnt from the `Date` header of replies.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::date_time::Format;

/// The clock of the last server that answered, relative to ours.
#[derive(Debug, Clone, Default)]
pub struct ServerClock {
    ahead_seconds: Arc<AtomicI64>,
}

impl ServerClock {
    /// Seconds by which the server is ahead of this machine; 0 when it isn't known.
    pub fn ahead_seconds(&self) -> i64 {
        self.ahead_seconds.load(Ordering::Relaxed)
    }

    /// `your clock is 17 min behind`, when it is off by more than AWS tolerates (5 min for SigV4).
    pub fn complaint(&self) -> Option<String> {
        complaint(self.ahead_seconds())
    }
}

/// `this machine's clock is 17 min behind`, when a server is so far ahead that AWS refuses signatures.
pub fn complaint(ahead_seconds: i64) -> Option<String> {
    let minutes = (ahead_seconds.unsigned_abs() + 30) / 60;
    (minutes >= 5).then(|| {
        let direction = if ahead_seconds > 0 { "behind" } else { "ahead" };
        format!("this machine's clock is {minutes} min {direction}")
    })
}

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for ServerClock {
    fn name(&self) -> &'static str {
        "ServerClock"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _settings: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        if let Some(date) = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok())
            && let Ok(now) = SystemTime::now().duration_since(UNIX_EPOCH)
        {
            let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
            self.ahead_seconds.store(date.secs().saturating_sub(now), Ordering::Relaxed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::complaint;

    #[test]
    fn small_differences_are_not_mentioned_and_large_ones_name_the_direction() {
        assert_eq!(complaint(0), None);
        assert_eq!(complaint(-200), None);
        assert_eq!(complaint(17 * 60).as_deref(), Some("this machine's clock is 17 min behind"));
        assert_eq!(complaint(-3 * 3600).as_deref(), Some("this machine's clock is 180 min ahead"));
    }
}
