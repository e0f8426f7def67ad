//! Virtual MFA devices of IAM users: one-time codes of RFC 6238, each good for one use.
//!
//! Owns which codes were used. Never decides what a code is good for.
//!
//! Source: *RFC 6238*; *IAM User Guide*, "AWS multi-factor authentication in IAM".

use std::collections::HashMap;

use jiff::Timestamp;
use ring::hmac;

/// Seconds a code is shown.
const STEP_SECS: i64 = 30;

/// One user's device.
#[derive(Debug)]
struct Device {
    serial: String,
    seed: &'static [u8],
    /// The newest step whose code was taken: it and all before are used up.
    used: i64,
}

/// Every device, by the ARN of its user.
#[derive(Debug, Default)]
pub(crate) struct Devices(HashMap<String, Device>);

impl Devices {
    /// Gives a user a device.
    pub(crate) fn add(&mut self, user_arn: &str, seed: &'static [u8]) {
        let device = Device { serial: user_arn.replacen(":user/", ":mfa/", 1), seed, used: i64::MIN };
        self.0.insert(user_arn.to_owned(), device);
    }

    /// The serial number of a user's device, which for a virtual one is an ARN.
    pub(crate) fn serial(&self, user_arn: &str) -> Option<String> {
        self.0.get(user_arn).map(|device| device.serial.clone())
    }

    /// What the device shows now.
    pub(crate) fn code(&self, user_arn: &str, now: Timestamp) -> Option<String> {
        self.0.get(user_arn).map(|device| code(device.seed, step(now)))
    }

    /// Whether this is the user's own device.
    pub(crate) fn is_of(&self, user_arn: &str, serial: &str) -> bool {
        self.0.get(user_arn).is_some_and(|device| device.serial == serial)
    }

    /// Uses up a code: false when it isn't this step's or a neighbour's, or was used.
    pub(crate) fn redeem(&mut self, user_arn: &str, given: &str, now: Timestamp) -> bool {
        let Some(device) = self.0.get_mut(user_arn) else { return false };
        let now = step(now);
        let fitting = [now, now - 1, now + 1].into_iter().find(|step| code(device.seed, *step) == given);
        match fitting.filter(|step| *step > device.used) {
            Some(step) => {
                device.used = step;
                true
            }
            None => false,
        }
    }
}

fn step(now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP_SECS)
}

/// RFC 4226's truncation of the step's HMAC-SHA-1, six digits.
fn code(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let digest = tag.as_ref();
    let at = usize::from(digest.last().copied().unwrap_or(0) & 15);
    let number = digest.iter().skip(at).take(4).fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        // RFC 6238, appendix B, the last six of eight digits.
        for (seconds, shown) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
            assert_eq!(code(b"12345678901234567890", seconds / STEP_SECS), shown);
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_step_to_either_side() {
        let mut devices = Devices::default();
        let user = "arn:aws:iam::333333333333:user/dana";
        devices.add(user, b"12345678901234567890");
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let shown = devices.code(user, at(900)).unwrap();
        assert!(!devices.redeem(user, &shown, at(900 + 61)), "too late");
        assert!(devices.redeem(user, &shown, at(900 + 59)));
        assert!(!devices.redeem(user, &shown, at(900)), "used");
        let next = devices.code(user, at(930)).unwrap();
        assert!(!devices.redeem("arn:aws:iam::333333333333:user/ci", &next, at(930)), "another user");
        assert!(devices.redeem(user, &next, at(930)));
    }
}
