//! `-v`: what this program does, on stderr.
//!
//! Only this crate's own events are let through, at any level: at TRACE the AWS SDK and the HTTP libraries print
//! request bodies with tokens in them.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Switches it on: warnings always, once more for each `-v`.
pub fn start(verbose: u8) {
    let level = match verbose {
        0 => Level::WARN,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let events = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).without_time();
    let own = Targets::new().with_target("securecart", level);
    // A second subscriber can only be a test's.
    let _ = tracing_subscriber::registry().with(events).with(own).try_init();
}
