//! `~/.aws/config`, the file that the AWS SDKs and tools share: adding one profile without disturbing a byte of
//! the rest, and finding Identity Center settings in it. Pure.
//!
//! The dialect is botocore's (Python's `configparser`), which is the strictest reader of the file; where the
//! other SDKs read it differently, what is written here means the same to all of them.
//! Sources: botocore's `configloader.py`; AWS SDKs and Tools reference, "Shared config and credentials files".

mod conflict;
mod edit;
mod ini;
mod process_line;
mod remove;
mod serves;
mod sso;

pub use conflict::{Conflict, config_file_credentials, credentials_file_conflict};
pub use edit::{AwsConfigError, Change, OnConflict, Upserted, upsert_profile};
pub use process_line::{CommandLineProblem, Shell, is_ours, process_line};
pub use remove::{foreign_profiles, remove_profile};
pub use serves::asks_us_for;
pub use sso::{FoundSso, Origin, parse_sso};
