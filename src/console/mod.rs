//! The AWS console: credentials in, the address of a signed-in session out.
//!
//! It opens no browser and prints nothing. The credentials go to the partition's federation endpoint alone, in the
//! body of a POST; the sign-in token it answers with is part of the address, and is as secret as they are for the
//! 15 minutes it lasts.
//!
//! Source: IAM user guide, "Enable custom identity broker access to the AWS console".

mod destination;
mod duration;
mod error;
mod federation;

pub use destination::{Destination, Partition};
pub use duration::{SessionDuration, SessionKind};
pub use error::ConsoleError;
pub use federation::fetch_sign_in_url;
