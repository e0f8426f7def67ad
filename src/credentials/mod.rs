//! Role credentials: their freshness, how they are kept and renewed, and how AWS tools get them.

mod role;

pub use role::RoleCredentials;
