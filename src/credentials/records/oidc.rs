//! What a sign-in at an OpenID Connect provider left: one item for each provider and client.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::Records;
use super::forms::FORM;
use super::items::short_hash;
use crate::config::oidc::IssuerSettings;
use crate::error::Result;
use crate::secret::Secret;
use crate::signin::oidc::{IdToken, OidcSession};

/// The item of a provider's sign-in; also what its renewals lock.
pub(in crate::credentials) fn oidc_item(issuer: &IssuerSettings) -> String {
    format!("oidc-session {}", short_hash(&[issuer.issuer.as_str(), &issuer.client_id]))
}

impl Records<'_> {
    /// What is kept of a provider.
    ///
    /// # Errors
    /// When the keychain can't be read.
    pub fn load_oidc_session(&self, issuer: &IssuerSettings) -> Result<Option<OidcSession>> {
        Ok(self.load::<Form>(&oidc_item(issuer))?.and_then(Form::open))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn save_oidc_session(&self, issuer: &IssuerSettings, session: &OidcSession) -> Result<()> {
        let form = Form {
            form: FORM,
            id_token: session.id_token.expose().to_owned(),
            refresh_token: session.refresh_token.as_ref().map(|token| token.expose().to_owned()),
        };
        self.save(&oidc_item(issuer), &form)
    }

    /// Forgets it; whether there was any.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn remove_oidc_session(&self, issuer: &IssuerSettings) -> Result<bool> {
        Ok(self.keychain.remove(&oidc_item(issuer))?)
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Form {
    form: u8,
    id_token: String,
    refresh_token: Option<String>,
}

impl Form {
    fn open(mut self) -> Option<OidcSession> {
        if self.form != FORM {
            return None;
        }
        Some(OidcSession {
            id_token: IdToken::new(&self.id_token, "").ok()?,
            refresh_token: self.refresh_token.take().map(Secret::new),
        })
    }
}
