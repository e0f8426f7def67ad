//! Who asks STS for another session, and the name a role's session has by default. Pure.

use aws_credential_types::Credentials;

use crate::config::session::RoleSessionName;
use crate::error::{Error, Result};
use crate::identity::CallerIdentity;

/// Credentials to sign a request of STS with.
#[derive(Clone)]
pub struct Caller {
    /// Long-lived ones never leave this process.
    pub credentials: Credentials,
    /// Whose they are; `None` until somebody needs to know.
    pub identity: Option<CallerIdentity>,
}

/// The session name that a role is assumed under when the profile names none: the source's own.
///
/// It names the person's folder, so it must be the same each time, and two persons must never get the same one: a name
/// is taken as it is or not at all, never cleaned. A role's session gives its session name, an IAM user its user name.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when the source has no such name that STS takes.
pub fn usual_session_name(source: &CallerIdentity) -> Result<RoleSessionName> {
    let name = if source.is_role() { source.session_name() } else { source.user_name() };
    let problem = match name.map(str::parse::<RoleSessionName>) {
        Some(Ok(name)) => return Ok(name),
        Some(Err(error)) => error.to_string(),
        None => format!("{} is neither a role's session nor an IAM user", source.arn),
    };
    Err(Error::usage(format!("no name for the role's session follows from its source: {problem}"))
        .with_hint("set `role_session_name` in the profile; it names the folder, so it must stay the same"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn identity(user_id: &str, arn: &str) -> CallerIdentity {
        CallerIdentity { user_id: user_id.to_owned(), arn: arn.to_owned(), account_id: "111122223333".parse().unwrap() }
    }

    fn of_role(name: &str) -> CallerIdentity {
        identity(&format!("AROAEXAMPLE:{name}"), &format!("arn:aws:sts::111122223333:assumed-role/R/{name}"))
    }

    fn of_user(name: &str) -> CallerIdentity {
        identity("AIDAEXAMPLE", &format!("arn:aws:iam::111122223333:user/team/{name}"))
    }

    #[test]
    fn the_name_is_the_sources_own() {
        let name = |identity: &CallerIdentity| usual_session_name(identity).map(|name| name.to_string()).ok();
        assert_eq!(name(&of_role("alice@example.com")).as_deref(), Some("alice@example.com"));
        assert_eq!(name(&of_user("dana")).as_deref(), Some("dana"));
        assert_eq!(name(&of_user("d")), None, "STS takes no name of one letter");
        assert_eq!(name(&identity("111122223333", "arn:aws:iam::111122223333:root")), None);
        let federated = identity("111122223333:dora", "arn:aws:sts::111122223333:federated-user/dora");
        assert_eq!(name(&federated), None, "a federated user can't assume roles");
    }

    proptest! {
        #[test]
        fn a_name_is_legal_and_taken_as_it_is(name in "[a-zA-Z0-9_+=,.@-]{0,70}|\\PC{0,70}") {
            for identity in [of_role(&name), of_user(&name)] {
                if let Ok(found) = usual_session_name(&identity) {
                    // Nothing is cut, added or changed: two names are never the same session.
                    let ending = found.as_str();
                    prop_assert!(identity.arn.ends_with(ending));
                    prop_assert!(ending.parse::<RoleSessionName>().is_ok());
                    let last_of_path = format!("/{ending}");
                    prop_assert!(ending == name || name.ends_with(&last_of_path));
                }
            }
        }

        #[test]
        fn every_name_that_sts_takes_is_taken(name in "[a-zA-Z0-9_+=,.@-]{2,64}") {
            for identity in [of_role(&name), of_user(&name)] {
                let found = usual_session_name(&identity).unwrap();
                prop_assert_eq!(found.as_str(), name.as_str());
            }
        }
    }
}
