//! Okta Identity Engine: its sign-in page is a program that talks JSON, and this is what it says.
//!
//! Page with a state token → `introspect` → one remediation after the other → the address of the provider's response.
//! Every address comes from the reply before it, and every request carries the state handle.
//!
//! Source: the public replies and sources of Okta's sign-in widget.

mod reply;
mod token;
mod walk;

pub(super) use token::state_token;
pub(super) use walk::Walk;
