//! Signing in with a person present: sign-in → choice of a role → credentials → identity, all kept.

use std::pin::Pin;

use super::caller::Caller;
use super::provider::Renewal;
use super::records::SignedIn;
use super::renewal::SsoRenewal;
use crate::config::names::{AccountId, RoleName};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;
use crate::signin::oauth::SignIn;
use crate::signin::sso::{AccessToken, Assignment, SsoError, SsoSession};
use crate::signin::{Interaction, WHICH_ROLE};

/// What the person asked for.
#[derive(Debug, Clone, Default)]
pub struct LoginRequest {
    /// A browser can open on this machine, in front of the person.
    pub browser_here: bool,
    /// Sign in with a code that is entered in a browser anywhere.
    pub device_code: bool,
    /// Print the address instead of opening the browser.
    pub no_browser: bool,
    /// Sign in to a SAML provider in the person's own browser.
    pub in_browser: bool,
    /// Sign in even if the session still lives.
    pub force: bool,
    /// Choose again, rather than take last time's choice.
    pub choose: bool,
    /// The account wanted.
    pub account_id: Option<AccountId>,
    /// The role wanted.
    pub role_name: Option<RoleName>,
    /// The name to sign in with at a SAML provider.
    pub username: Option<String>,
    /// A password that was handed in, rather than typed.
    pub password: Option<Secret>,
    /// Which factor to take at a SAML provider.
    pub mfa: Option<String>,
    /// The secret of the SAML provider's API client, handed in.
    pub client_secret: Option<Secret>,
}

/// One way of signing in: with a person, and afterwards without.
pub trait SignInMethod: Renewal {
    /// Signs a person in and keeps what that gives. A session that still lives is used without asking.
    ///
    /// # Errors
    /// What the sign-in, the service or the keychain say. That STS can't be asked is not one: the identity is left open.
    fn login<'a>(&'a self, request: &'a LoginRequest, person: &'a dyn Interaction) -> LoginFuture<'a>;

    /// Everything the person may assume, asked for without them.
    ///
    /// # Errors
    /// [`Kind::NotSignedIn`] when only a person can help; [`Kind::Usage`] for a way of signing in that has no such list.
    fn assignments(&self) -> AssignmentsFuture<'_> {
        Box::pin(async {
            Err(Error::usage("this way of signing in has no list of accounts and roles").with_hint(
                "name a profile of IAM Identity Center with `--profile NAME`; a SAML provider's roles are \
                            listed by `securecart login --choose`",
            ))
        })
    }

    /// Credentials that are there without anything kept or renewed, to assume a role with. `None` for a way of signing in
    /// whose credentials are kept.
    ///
    /// # Errors
    /// What the place says where they should be.
    fn caller(&self) -> CallerFuture<'_> {
        Box::pin(async { Ok(None) })
    }
}

/// A look for credentials under way.
pub type CallerFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<Caller>>> + 'a>>;

/// A list under way.
pub type AssignmentsFuture<'a> = Pin<Box<dyn Future<Output = Result<Vec<Assignment>>> + 'a>>;

/// A sign-in under way.
pub type LoginFuture<'a> = Pin<Box<dyn Future<Output = Result<SignedIn>> + 'a>>;

impl SignInMethod for SsoRenewal<'_> {
    fn login<'a>(&'a self, request: &'a LoginRequest, person: &'a dyn Interaction) -> LoginFuture<'a> {
        Box::pin(self.sign_in_and_choose(request, person))
    }

    fn assignments(&self) -> AssignmentsFuture<'_> {
        Box::pin(self.fetch_assignments())
    }
}

impl SsoRenewal<'_> {
    async fn fetch_assignments(&self) -> Result<Vec<Assignment>> {
        let portal = self.portal();
        let token = self.access_token(None).await?;
        match portal.fetch_assignments(&token.token, None).await {
            // The token looked valid, but the portal doesn't take it any more.
            Err(SsoError::SessionEnded { .. }) => {
                let token = self.access_token(Some(&token.token)).await?;
                Ok(portal.fetch_assignments(&token.token, None).await?)
            }
            fetched => Ok(fetched?),
        }
    }

    async fn sign_in_and_choose(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<SignedIn> {
        let silent = if request.force { None } else { self.still_signed_in().await? };
        let token = match &silent {
            Some(token) => token.clone(),
            None => self.sign_in(request, person).await?,
        };
        match self.role_credentials(&token, request, person).await {
            // The token looked valid, but the portal has ended the session.
            Err(error) if silent.is_some() && error.kind == Kind::NotSignedIn => {
                let token = self.sign_in(request, person).await?;
                self.role_credentials(&token, request, person).await
            }
            signed_in => signed_in,
        }
    }

    async fn still_signed_in(&self) -> Result<Option<AccessToken>> {
        match self.access_token(None).await {
            Ok(token) => Ok(Some(token)),
            Err(error) if error.kind == Kind::Keychain => Err(error),
            Err(_) => Ok(None),
        }
    }

    async fn sign_in(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<AccessToken> {
        let how = suitable_sign_in(request, self.profile().callback_port);
        let settings = self.settings();
        let new = || SsoSession::new(settings.start_url.clone(), settings.sso_region.clone());
        let kept = self.records().load_session(&settings.start_url, &settings.sso_region)?;
        let mut session = kept.unwrap_or_else(new);
        self.client().sign_in(&mut session, how, &|| self.now(), person).await?;
        self.records().save_session(&session)?;
        session.token.ok_or_else(|| SsoError::Incomplete { service: "IAM Identity Center", what: "a token" }.into())
    }

    async fn role_credentials(
        &self,
        token: &AccessToken,
        request: &LoginRequest,
        person: &dyn Interaction,
    ) -> Result<SignedIn> {
        let kept = self.records().load_signed_in(self.profile())?;
        let assignment = self.assignment(token, request, kept.as_ref(), person).await?;
        let Assignment { account, role_name } = assignment;
        let portal = self.portal();
        let credentials = portal.fetch_role_credentials(&token.token, &account.id, &role_name, self.now()).await?;
        let identity = match self.fetch_identity(&credentials).await {
            Ok(identity) => Some(identity),
            Err(error) => {
                person.say(&format!("warning: could not ask AWS who you are: {error}"));
                None
            }
        };
        let account_name = Some(account.name).filter(|name| !name.is_empty());
        let role_name = Some(role_name);
        let signed_in = SignedIn { account_name, role_name, identity, ..SignedIn::new(account.id, credentials) };
        self.records().save_signed_in(self.profile(), &signed_in)?;
        Ok(signed_in)
    }

    /// What the profile or flags name, else last time's choice, else the only one, else what the person chooses.
    async fn assignment(
        &self,
        token: &AccessToken,
        request: &LoginRequest,
        kept: Option<&SignedIn>,
        person: &dyn Interaction,
    ) -> Result<Assignment> {
        let profile = self.profile();
        let account_id = agreed("account", profile.account_id.as_ref(), request.account_id.as_ref(), profile)?;
        let role_name = agreed("role", profile.role_name.as_ref(), request.role_name.as_ref(), profile)?;
        let fits = |account: &AccountId, role: &RoleName| {
            account_id.is_none_or(|wanted| wanted == account) && role_name.is_none_or(|wanted| wanted == role)
        };
        if let Some(kept) = kept.filter(|_| !request.choose).and_then(SignedIn::assignment)
            && fits(&kept.account.id, &kept.role_name)
        {
            return Ok(kept);
        }
        let portal = self.portal();
        if let (Some(account_id), Some(role_name)) = (account_id, role_name) {
            return Ok(Assignment::unnamed(account_id.clone(), role_name.clone()));
        }
        let all = portal.fetch_assignments(&token.token, account_id).await?;
        let mut fitting: Vec<Assignment> =
            all.into_iter().filter(|assignment| fits(&assignment.account.id, &assignment.role_name)).collect();
        match fitting.len() {
            0 => Err(SsoError::NotAssigned {
                role: role_name.map_or_else(|| "any role".to_owned(), ToString::to_string),
                account: account_id.map_or_else(|| "any".to_owned(), ToString::to_string),
            }
            .into()),
            1 => Ok(fitting.remove(0)),
            _ => {
                let lines: Vec<String> = fitting.iter().map(ToString::to_string).collect();
                let chosen = person.choose(WHICH_ROLE, &lines)?;
                Ok(fitting.swap_remove(chosen.min(lines.len() - 1)))
            }
        }
    }
}

/// What a flag asks for must not contradict the profile: tools that use the profile would get somebody else's role.
pub(super) fn agreed<'a, T: PartialEq + std::fmt::Display>(
    what: &str,
    pinned: Option<&'a T>,
    asked: Option<&'a T>,
    profile: &crate::config::Profile,
) -> Result<Option<&'a T>> {
    match (pinned, asked) {
        (Some(pinned), Some(asked)) if pinned != asked => {
            Err(Error::usage(format!("profile `{}` is for {what} {pinned}, not {asked}", profile.name))
                .with_hint("make another profile for it with `securecart configure --profile NAME`"))
        }
        (pinned, asked) => Ok(pinned.or(asked)),
    }
}

/// Which way to sign in suits this machine.
///
/// Authorization code with PKCE needs a browser here; without one, or where it would open on another machine, a device
/// code does it.
pub(super) fn suitable_sign_in(request: &LoginRequest, port: u16) -> SignIn {
    match (request.device_code, request.no_browser, request.browser_here) {
        (true, _, _) | (false, false, false) => SignIn::DeviceCode,
        (false, true, _) => SignIn::AuthorizationCode { port, open: false },
        (false, false, true) => SignIn::AuthorizationCode { port, open: true },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_opened_only_where_one_is() {
        let how = |browser_here, device_code, no_browser| {
            suitable_sign_in(&LoginRequest { browser_here, device_code, no_browser, ..LoginRequest::default() }, 7)
        };
        assert_eq!(how(true, false, false), SignIn::AuthorizationCode { port: 7, open: true });
        assert_eq!(how(true, false, true), SignIn::AuthorizationCode { port: 7, open: false });
        assert_eq!(how(false, false, true), SignIn::AuthorizationCode { port: 7, open: false });
        assert_eq!(how(false, false, false), SignIn::DeviceCode);
        assert_eq!(how(true, true, false), SignIn::DeviceCode);
    }
}
