//! The form in which the AWS CLI and SDKs keep Identity Center tokens. Pure.
//!
//! Source: botocore's `tokens.py` and `utils.py` (`SSOTokenLoader`): a file for each session, named by the SHA-1 of its
//! name, or of the start URL where a profile names no session.

use sha1::{Digest as _, Sha1};
use zeroize::Zeroizing;

use crate::config::names::Region;
use crate::signin::sso::AccessToken;

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    start_url: &'a str,
    region: &'a str,
    access_token: &'a str,
    expires_at: String,
}

/// The file's name for a session's name or a start URL, as it stands in `~/.aws/config`.
pub fn cache_file_name(key: &str) -> String {
    let digest = Sha1::digest(key.as_bytes());
    digest.iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}")) + ".json"
}

/// The file's contents, without what renews the token: a refresh token is good for one use, and it is ours.
pub fn sso_cache(start_url: &str, region: &Region, token: &AccessToken) -> Zeroizing<Vec<u8>> {
    let document = Document {
        start_url,
        region: region.as_str(),
        access_token: token.token.expose(),
        expires_at: token.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024 + 2 * token.token.expose().len()));
    serde_json::to_writer(&mut *bytes, &document).expect("strings always serialize into memory");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use crate::signin::sso::Flow;

    #[test]
    fn names_are_those_botocore_computes() {
        // `python3 -c 'import hashlib; print(hashlib.sha1(b"corp").hexdigest())'`
        assert_eq!(cache_file_name("corp"), "ee0bfd2552fbd840c02cc48b6e823320543c450f.json");
    }

    #[test]
    fn the_form_is_botocores_without_what_renews() {
        let token = AccessToken {
            token: Secret::new("to\"ken"),
            expires_at: "2026-11-22T07:00:00.9Z".parse().unwrap(),
            refresh_token: Some(Secret::new("hunter2")),
            flow: Flow::DeviceCode,
        };
        let bytes = sso_cache("https://example.awsapps.com/start", &"eu-west-1".parse().unwrap(), &token);
        assert_eq!(
            String::from_utf8(bytes.to_vec()).unwrap(),
            "{\"startUrl\":\"https://example.awsapps.com/start\",\"region\":\"eu-west-1\",\"accessToken\":\"to\\\"ken\",\
             \"expiresAt\":\"2026-11-22T07:00:00Z\"}"
        );
    }
}
