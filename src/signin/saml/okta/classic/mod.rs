//! Okta's classic pipeline: the Authentication API.
//!
//! Name and password → a transaction with a state token → a factor → a session token, good once.

mod reply;
mod walk;

pub(super) use walk::Walk;
