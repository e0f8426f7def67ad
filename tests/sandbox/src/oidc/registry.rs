//! What has been registered, asked for, approved and given out.
//!
//! Owns clients, device authorizations, authorization codes, sign-in sessions and tokens, and the
//! rule that each code and each refresh token works once. Never reads a request.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::random;

/// A registered public client.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub secret: String,
    pub expires: Timestamp,
    pub scopes: Vec<String>,
    pub grant_types: Vec<String>,
    pub redirect_uris: Vec<String>,
}

/// A device authorization and how far it is.
#[derive(Debug, Clone)]
pub(crate) struct Device {
    pub client_id: String,
    pub user_code: String,
    pub expires: Timestamp,
    pub interval: SignedDuration,
    pub last_poll: Option<Timestamp>,
    pub status: DeviceStatus,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeviceStatus {
    Pending,
    Approved { person: String },
    Denied,
    Used,
}

/// An authorization code.
#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub client_id: String,
    pub redirect_uri: String,
    pub challenge: String,
    pub person: String,
    pub expires: Timestamp,
    /// The session its first use opened.
    pub session: Option<u64>,
}

/// Somebody's sign-in: the tokens below hang on it.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub person: String,
    pub expires: Timestamp,
    pub revoked: bool,
}

#[derive(Debug, Clone)]
struct Token {
    session: u64,
    client_id: String,
    expires: Timestamp,
    used: bool,
    revoked: bool,
}

/// What came of presenting a refresh token.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// Good, and now used up.
    Fresh { session: u64 },
    /// It had been used before.
    Reused { session: u64 },
    /// Unknown, revoked, expired or another client's.
    Invalid,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    clients: HashMap<String, Client>,
    devices: HashMap<String, Device>,
    codes: HashMap<String, Code>,
    sessions: HashMap<u64, Session>,
    access_tokens: HashMap<String, Token>,
    refresh_tokens: HashMap<String, Token>,
    last_session: u64,
}

impl Registry {
    /// Remembers a client and gives its id.
    pub(crate) fn add_client(&mut self, client: Client) -> String {
        let id = random::token("");
        self.clients.insert(id.clone(), client);
        id
    }

    /// A client that exists and hasn't lapsed.
    pub(crate) fn client(&self, id: &str, now: Timestamp) -> Option<&Client> {
        self.clients.get(id).filter(|client| client.expires > now)
    }

    /// Forgets every client.
    pub(crate) fn forget_clients(&mut self) {
        self.clients.clear();
    }

    /// Remembers a device authorization under a new device code.
    pub(crate) fn add_device(&mut self, device: Device) -> String {
        let code = random::token("");
        self.devices.insert(code.clone(), device);
        code
    }

    /// A device authorization by its device code.
    pub(crate) fn device(&mut self, device_code: &str) -> Option<&mut Device> {
        self.devices.get_mut(device_code)
    }

    /// The pending device authorization under a user code, typed with or without its hyphen.
    pub(crate) fn pending_device(
        &mut self,
        user_code: &str,
        now: Timestamp,
    ) -> Option<&mut Device> {
        let plain = |code: &str| code.replace('-', "").trim().to_ascii_uppercase();
        self.devices.values_mut().find(|it| {
            it.status == DeviceStatus::Pending
                && it.expires > now
                && plain(&it.user_code) == plain(user_code)
        })
    }

    /// Approves what waits under a user code; false when nothing does.
    pub(crate) fn approve_device(&mut self, user_code: &str, person: &str, now: Timestamp) -> bool {
        self.decide(
            user_code,
            DeviceStatus::Approved {
                person: person.into(),
            },
            now,
        )
    }

    /// Refuses what waits under a user code; false when nothing does.
    pub(crate) fn deny_device(&mut self, user_code: &str, now: Timestamp) -> bool {
        self.decide(user_code, DeviceStatus::Denied, now)
    }

    fn decide(&mut self, user_code: &str, status: DeviceStatus, now: Timestamp) -> bool {
        match self.pending_device(user_code, now) {
            Some(device) => {
                device.status = status;
                true
            }
            None => false,
        }
    }

    /// User codes that wait for a person.
    pub(crate) fn pending_user_codes(&self, now: Timestamp) -> Vec<String> {
        let mut codes: Vec<String> = self
            .devices
            .values()
            .filter(|it| it.status == DeviceStatus::Pending && it.expires > now)
            .map(|it| it.user_code.clone())
            .collect();
        codes.sort_unstable();
        codes
    }

    /// Remembers an authorization code.
    pub(crate) fn add_code(&mut self, code: Code) -> String {
        let id = random::token("");
        self.codes.insert(id.clone(), code);
        id
    }

    /// An authorization code.
    pub(crate) fn code(&mut self, id: &str) -> Option<&mut Code> {
        self.codes.get_mut(id)
    }

    /// Opens a session.
    pub(crate) fn open_session(&mut self, person: &str, expires: Timestamp) -> u64 {
        self.last_session += 1;
        let session = Session {
            person: person.into(),
            expires,
            revoked: false,
        };
        self.sessions.insert(self.last_session, session);
        self.last_session
    }

    /// A session that lasts.
    pub(crate) fn session(&self, id: u64, now: Timestamp) -> Option<&Session> {
        self.sessions
            .get(&id)
            .filter(|it| !it.revoked && it.expires > now)
    }

    /// Ends a session and with it all its tokens.
    pub(crate) fn revoke_session(&mut self, id: u64) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.revoked = true;
        }
    }

    /// Gives an access token.
    pub(crate) fn issue_access(
        &mut self,
        session: u64,
        client_id: &str,
        expires: Timestamp,
    ) -> String {
        let text = random::token("aoa");
        self.access_tokens
            .insert(text.clone(), token(session, client_id, expires));
        text
    }

    /// Gives a refresh token.
    pub(crate) fn issue_refresh(
        &mut self,
        session: u64,
        client_id: &str,
        expires: Timestamp,
    ) -> String {
        let text = random::token("aor");
        self.refresh_tokens
            .insert(text.clone(), token(session, client_id, expires));
        text
    }

    /// Who an access token stands for, with the session it belongs to.
    pub(crate) fn holder(&self, access_token: &str, now: Timestamp) -> Option<(u64, &str)> {
        let token = self
            .access_tokens
            .get(access_token)
            .filter(|it| !it.revoked && it.expires > now)?;
        let session = self.session(token.session, now)?;
        Some((token.session, &session.person))
    }

    /// Presents a refresh token: it works once.
    pub(crate) fn present_refresh(
        &mut self,
        text: &str,
        client_id: &str,
        now: Timestamp,
    ) -> Presented {
        let Some(token) = self
            .refresh_tokens
            .get(text)
            .filter(|it| it.client_id == client_id)
        else {
            return Presented::Invalid;
        };
        if token.used {
            return Presented::Reused {
                session: token.session,
            };
        }
        if token.revoked || token.expires <= now || self.session(token.session, now).is_none() {
            return Presented::Invalid;
        }
        let session = token.session;
        if let Some(token) = self.refresh_tokens.get_mut(text) {
            token.used = true;
        }
        Presented::Fresh { session }
    }

    /// Revokes every access token.
    pub(crate) fn revoke_access_tokens(&mut self) {
        self.access_tokens
            .values_mut()
            .for_each(|token| token.revoked = true);
    }

    /// Revokes every refresh token.
    pub(crate) fn revoke_refresh_tokens(&mut self) {
        self.refresh_tokens
            .values_mut()
            .for_each(|token| token.revoked = true);
    }
}

fn token(session: u64, client_id: &str, expires: Timestamp) -> Token {
    Token {
        session,
        client_id: client_id.into(),
        expires,
        used: false,
        revoked: false,
    }
}
