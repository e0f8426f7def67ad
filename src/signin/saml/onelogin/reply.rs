//! A reply of OneLogin's API. Pure.

use serde_json::Value;

use crate::signin::saml::shown::shown;

/// What a factor's device is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It asks its owner.
    Push,
    /// It shows a code.
    Code,
    /// A code is sent; by the word that `mfa` knows it by.
    Sent(&'static str),
    /// Not in a terminal.
    Impossible,
}

/// A factor's device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Device {
    /// OneLogin's id of it.
    pub(super) id: String,
    /// What a person reads.
    pub(super) label: String,
    /// What it is for.
    pub(super) kind: Kind,
}

impl Device {
    /// The word that `mfa` knows it by.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Push => "push",
            Kind::Code => "totp",
            Kind::Sent(how) => how,
            Kind::Impossible => "",
        }
    }

    fn of(device: &Value) -> Vec<Self> {
        let kind = shown(device.get("device_type").and_then(Value::as_str).unwrap_or_default());
        let id = device.get("device_id");
        let Some(id) = id.and_then(Value::as_str).map(ToOwned::to_owned).or_else(|| Some(id?.as_u64()?.to_string()))
        else {
            return Vec::new();
        };
        let one = |label: String, kind| Self { id: id.clone(), label, kind };
        let words = kind.to_lowercase();
        let has = |word: &str| words.contains(word);
        match () {
            () if has("protect") => {
                vec![one(format!("{kind}: push"), Kind::Push), one(format!("{kind}: code"), Kind::Code)]
            }
            () if has("duo") || has("webauthn") || has("fido") || has("question") || has("trusted idp") => {
                vec![one(kind, Kind::Impossible)]
            }
            () if has("sms") => vec![one(kind, Kind::Sent("sms"))],
            () if has("mail") => vec![one(kind, Kind::Sent("email"))],
            () if has("voice") || has("phone") => vec![one(kind, Kind::Sent("call"))],
            () => vec![one(kind, Kind::Code)],
        }
    }
}

/// That a factor is wanted.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Mfa {
    /// Goes with every answer.
    pub(super) state_token: String,
    /// The devices to choose from.
    pub(super) devices: Vec<Device>,
}

/// Why there is no response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Name or password.
    Password(String),
    /// The password has expired.
    Expired,
    /// The account is locked or suspended.
    Locked(String),
    /// It took too long.
    State,
    /// The application isn't there for this person.
    Application(String),
    /// Asked too often.
    TooMany,
    /// What was sent is wrong: the application's id or the subdomain.
    Request(String),
}

impl Refusal {
    /// Whether nothing that is sent next can change it.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Locked(_) | Self::Expired | Self::State | Self::Application(_) | Self::TooMany)
    }
}

/// A reply; tokens are in it.
#[derive(Clone)]
pub(super) struct Reply {
    value: Value,
    status: u16,
}

impl Reply {
    /// Reads one.
    pub(super) fn parse(text: &str, status: u16) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        value.is_object().then_some(Self { value, status })
    }

    /// A member, wherever this version of the API puts it: flat, in `data`, or in `data`'s only element.
    fn get(&self, name: &str) -> Option<&Value> {
        let data = self.value.get("data");
        self.value.get(name).or_else(|| data?.get(name)).or_else(|| data?.get(0)?.get(name))
    }

    /// The token for further calls.
    pub(super) fn access_token(&self) -> Option<&str> {
        let token = self.get("access_token")?.as_str()?;
        (self.status < 400 && token.bytes().all(|byte| byte.is_ascii_graphic())).then_some(token)
    }

    /// The provider's response, base64.
    pub(super) fn response(&self) -> Option<&str> {
        self.value.get("data")?.as_str().filter(|data| self.status < 400 && !data.is_empty())
    }

    /// What it says.
    pub(super) fn message(&self) -> String {
        let status = self.value.get("status");
        let of_status = || status?.get("message")?.get("description").or(status?.get("message"))?.as_str();
        shown(self.value.get("message").and_then(Value::as_str).or_else(of_status).unwrap_or("it does not say why"))
    }

    /// Somebody hasn't answered on their phone yet. Source: the reference, "Authentication pending on OL Protect".
    pub(super) fn is_pending(&self) -> bool {
        self.status < 400 && self.message().to_lowercase().contains("pending")
    }

    /// The factors that are wanted.
    pub(super) fn mfa(&self) -> Option<Mfa> {
        let state_token = self.get("state_token")?.as_str()?.to_owned();
        let devices = self.get("devices").and_then(Value::as_array)?;
        let mut devices: Vec<Device> = devices.iter().flat_map(Device::of).collect();
        // Two of a kind are told apart by their ids.
        let labels: Vec<String> = devices.iter().map(|device| device.label.clone()).collect();
        for device in &mut devices {
            if labels.iter().filter(|label| **label == device.label).count() > 1 {
                device.label = format!("{} ({})", device.label, device.id);
            }
        }
        Some(Mfa { state_token, devices })
    }

    /// Why not, where it is not. The API has one status for several reasons, and tells them apart by its English text.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        if self.status < 400 {
            return None;
        }
        let says = self.message();
        let words = says.to_lowercase();
        Some(match self.status {
            429 => Refusal::TooMany,
            _ if words.contains("locked") || words.contains("suspended") => Refusal::Locked(says),
            _ if words.contains("state token") || words.contains("state_token") => Refusal::State,
            _ if words.contains("password") && words.contains("expired") => Refusal::Expired,
            _ if words.contains("access to") || words.contains("not assigned") => Refusal::Application(says),
            401 if words.contains("credentials") || words.contains("password") => Refusal::Password(says),
            _ => Refusal::Request(says),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn reply(value: Value, status: u16) -> Reply {
        Reply::parse(&value.to_string(), status).unwrap()
    }

    #[test]
    fn tokens_and_responses_are_found_flat_or_wrapped() {
        assert_eq!(reply(json!({ "access_token": "t" }), 200).access_token(), Some("t"));
        assert_eq!(reply(json!({ "data": { "access_token": "t" } }), 200).access_token(), Some("t"));
        assert_eq!(reply(json!({ "data": [{ "access_token": "t" }] }), 200).access_token(), Some("t"));
        assert_eq!(reply(json!({ "access_token": "a\nb" }), 200).access_token(), None);
        let success = reply(json!({ "message": "Success", "data": "PHg+" }), 200);
        assert_eq!((success.response(), success.refusal()), (Some("PHg+"), None));
        assert!(reply(json!({ "message": "Authentication pending on OL Protect" }), 200).is_pending());
    }

    #[test]
    fn devices_are_told_apart() {
        let device = |id: u64, kind: &str| json!({ "device_id": id, "device_type": kind });
        let wanted = reply(
            json!({ "message": "MFA is required for this user", "state_token": "s", "devices": [
            device(1, "OneLogin Protect"), device(2, "Google Authenticator"), device(3, "OneLogin SMS"), device(4, "Duo Duo Security"), device(5, "Google Authenticator")] }),
            200,
        );
        let mfa = wanted.mfa().unwrap();
        let named: Vec<_> = mfa.devices.iter().map(|it| (it.label.as_str(), it.name())).collect();
        assert_eq!(
            named,
            [
                ("OneLogin Protect: push", "push"),
                ("OneLogin Protect: code", "totp"),
                ("Google Authenticator (2)", "totp"),
                ("OneLogin SMS", "sms"),
                ("Duo Duo Security", ""),
                ("Google Authenticator (5)", "totp")
            ]
        );
    }

    #[test]
    fn refusals_are_told_apart() {
        let refusal =
            |status: u16, says: &str| reply(json!({ "statusCode": status, "message": says }), status).refusal();
        let says = |text: &str| text.to_owned();
        assert_eq!(
            refusal(401, "Authentication Failed: Invalid user credentials"),
            Some(Refusal::Password(says("Authentication Failed: Invalid user credentials")))
        );
        assert_eq!(refusal(401, "Authentication Failed: Password expired"), Some(Refusal::Expired));
        assert_eq!(refusal(401, "User is locked"), Some(Refusal::Locked(says("User is locked"))));
        assert_eq!(
            refusal(401, "User does not have access to this app"),
            Some(Refusal::Application(says("User does not have access to this app")))
        );
        assert_eq!(refusal(400, "Invalid app id"), Some(Refusal::Request(says("Invalid app id"))));
        assert_eq!(refusal(429, "x"), Some(Refusal::TooMany));
        assert_eq!(refusal(401, "The state token is invalid or has expired"), Some(Refusal::State));
        let old = json!({ "status": { "error": true, "code": 400, "message": { "description": "App not found" } } });
        assert_eq!(reply(old, 400).message(), "App not found");
    }

    proptest! {
        #[test]
        fn no_reply_panics(junk in "\\PC{0,60}", status in 100_u16..600) {
            for value in [json!({ "data": [junk], "devices": [junk], "state_token": "s" }), json!({ "data": junk, "status": junk, "message": [] }), json!({ "devices": [{ "device_id": junk }], "state_token": junk })] {
                let reply = reply(value, status);
                let _ = (reply.access_token(), reply.response(), reply.message(), reply.mfa().is_some(), reply.refusal(), reply.is_pending());
            }
        }
    }
}
