//! One file per command, each a story: resolve settings, get credentials, act, report.

pub mod get;
pub mod ls;
pub mod put;
pub mod rm;
