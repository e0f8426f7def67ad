//! The JSON that AWS SDKs read from a `credential_process`. Pure.
//!
//! Source: AWS SDKs and Tools reference, "Process credential provider".

use zeroize::Zeroizing;

use crate::config::names::AccountId;
use crate::identity::RoleCredentials;

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Version1<'a> {
    version: u8,
    access_key_id: &'a str,
    secret_access_key: &'a str,
    session_token: &'a str,
    // Without it SDKs never ask again.
    expiration: String,
    account_id: &'a str,
}

/// One JSON document of version 1, ending in a newline.
pub fn process_output(credentials: &RoleCredentials, account_id: &AccountId) -> Zeroizing<Vec<u8>> {
    let document = Version1 {
        version: 1,
        access_key_id: &credentials.access_key_id,
        secret_access_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.expose(),
        expiration: credentials.expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        account_id: account_id.as_str(),
    };
    // Room for the longest token seen, so that no half of it stays behind in a reallocated buffer.
    let mut bytes = Zeroizing::new(Vec::with_capacity(1024 + 2 * credentials.session_token.expose().len()));
    serde_json::to_writer(&mut *bytes, &document).expect("strings always serialize into memory");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn the_document_is_version_1_with_whole_seconds_in_utc() {
        let credentials = RoleCredentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: Secret::new("se/cr+et"),
            session_token: Secret::new("to\"ken"),
            expiration: "2026-11-22T07:00:00.123Z".parse().unwrap(),
        };
        let output = process_output(&credentials, &"111111111111".parse().unwrap());
        assert_eq!(
            String::from_utf8(output.to_vec()).unwrap(),
            "{\"Version\":1,\"AccessKeyId\":\"ASIAEXAMPLE\",\"SecretAccessKey\":\"se/cr+et\",\"SessionToken\":\"to\\\"ken\",\
             \"Expiration\":\"2026-11-22T07:00:00Z\",\"AccountId\":\"111111111111\"}\n"
        );
    }
}
