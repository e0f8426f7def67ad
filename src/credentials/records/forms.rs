//! The serializable forms of what is kept. Old or foreign ones open as nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::SignedIn;
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::secret::Secret;
use crate::signin::saml::Jar;
use crate::signin::saml::assertion::SamlRole;
use crate::signin::sso::{AccessToken, Flow, Registration, SsoSession};

/// Raised when a stored form changes its meaning.
pub(super) const FORM: u8 = 1;

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct SignedInForm {
    form: u8,
    account_id: String,
    account_name: Option<String>,
    role_name: Option<String>,
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: i64,
    user_id: Option<String>,
    arn: Option<String>,
    caller_account_id: Option<String>,
    #[serde(default)]
    saml_role_arn: Option<String>,
    #[serde(default)]
    saml_provider_arn: Option<String>,
    #[serde(default)]
    chained: bool,
}

impl SignedInForm {
    pub(super) fn of(signed_in: &SignedIn) -> Self {
        let SignedIn { account_id, account_name, role_name, credentials, identity, saml_role, chained } = signed_in;
        Self {
            form: FORM,
            account_id: account_id.to_string(),
            account_name: account_name.clone(),
            role_name: role_name.as_ref().map(ToString::to_string),
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.expose().to_owned(),
            session_token: credentials.session_token.expose().to_owned(),
            expiration: credentials.expiration.as_second(),
            user_id: identity.as_ref().map(|identity| identity.user_id.clone()),
            arn: identity.as_ref().map(|identity| identity.arn.clone()),
            caller_account_id: identity.as_ref().map(|identity| identity.account_id.to_string()),
            saml_role_arn: saml_role.as_ref().map(|it| it.role.to_string()),
            saml_provider_arn: saml_role.as_ref().map(|it| it.provider.to_string()),
            chained: *chained,
        }
    }

    pub(super) fn open(mut self) -> Option<SignedIn> {
        if self.form != FORM {
            return None;
        }
        let identity = match (self.user_id.take(), self.arn.take(), self.caller_account_id.take()) {
            (Some(user_id), Some(arn), Some(id)) => Some(CallerIdentity { user_id, arn, account_id: id.parse().ok()? }),
            _ => None,
        };
        let saml_role = match (self.saml_role_arn.take(), self.saml_provider_arn.take()) {
            (Some(role), Some(provider)) => {
                Some(SamlRole { role: role.parse().ok()?, provider: provider.parse().ok()? })
            }
            _ => None,
        };
        Some(SignedIn {
            account_id: self.account_id.parse().ok()?,
            account_name: self.account_name.take(),
            role_name: self.role_name.take().map(|name| name.parse()).transpose().ok()?,
            credentials: RoleCredentials {
                access_key_id: std::mem::take(&mut self.access_key_id),
                secret_access_key: Secret::new(std::mem::take(&mut self.secret_access_key)),
                session_token: Secret::new(std::mem::take(&mut self.session_token)),
                expiration: Timestamp::from_second(self.expiration).ok()?,
            },
            identity,
            saml_role,
            chained: self.chained,
        })
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct JarForm {
    form: u8,
    cookies: String,
}

impl JarForm {
    pub(super) fn of(jar: &Jar) -> Self {
        Self { form: FORM, cookies: jar.to_text().expose().to_owned() }
    }

    pub(super) fn open(mut self) -> Option<Jar> {
        (self.form == FORM).then(|| Jar::from_text(&Secret::new(std::mem::take(&mut self.cookies))))
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct ClientForm {
    form: u8,
    secret: String,
}

impl ClientForm {
    pub(super) fn of(secret: &Secret) -> Self {
        Self { form: FORM, secret: secret.expose().to_owned() }
    }

    pub(super) fn open(mut self) -> Option<Secret> {
        (self.form == FORM).then(|| Secret::new(std::mem::take(&mut self.secret)))
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct SessionForm {
    form: u8,
    start_url: String,
    sso_region: String,
    registrations: Vec<RegistrationForm>,
    token: Option<TokenForm>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct RegistrationForm {
    #[zeroize(skip)]
    flow: Flow,
    client_id: String,
    client_secret: String,
    expires_at: i64,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(super) struct TokenForm {
    #[zeroize(skip)]
    flow: Flow,
    access_token: String,
    expires_at: i64,
    refresh_token: Option<String>,
}

impl SessionForm {
    pub(super) fn of(session: &SsoSession) -> Self {
        Self {
            form: FORM,
            start_url: session.start_url.to_string(),
            sso_region: session.sso_region.to_string(),
            registrations: session
                .registrations
                .iter()
                .map(|registration| RegistrationForm {
                    flow: registration.flow,
                    client_id: registration.client_id.clone(),
                    client_secret: registration.client_secret.expose().to_owned(),
                    expires_at: registration.expires_at.as_second(),
                })
                .collect(),
            token: session.token.as_ref().map(|token| TokenForm {
                flow: token.flow,
                access_token: token.token.expose().to_owned(),
                expires_at: token.expires_at.as_second(),
                refresh_token: token.refresh_token.as_ref().map(|token| token.expose().to_owned()),
            }),
        }
    }

    pub(super) fn open(mut self) -> Option<SsoSession> {
        if self.form != FORM {
            return None;
        }
        let token = match &mut self.token {
            None => None,
            Some(form) => Some(AccessToken {
                token: Secret::new(std::mem::take(&mut form.access_token)),
                expires_at: Timestamp::from_second(form.expires_at).ok()?,
                refresh_token: form.refresh_token.take().map(Secret::new),
                flow: form.flow,
            }),
        };
        let registrations = self.registrations.iter_mut().map(|form| {
            Some(Registration {
                flow: form.flow,
                client_id: std::mem::take(&mut form.client_id),
                client_secret: Secret::new(std::mem::take(&mut form.client_secret)),
                expires_at: Timestamp::from_second(form.expires_at).ok()?,
            })
        });
        Some(SsoSession {
            start_url: self.start_url.parse().ok()?,
            sso_region: self.sso_region.parse().ok()?,
            registrations: registrations.collect::<Option<_>>()?,
            token,
        })
    }
}
