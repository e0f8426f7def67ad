//! A profile's table and the flags → how uploads are encrypted. Pure.

use super::document::{Located, Section};
use super::error::{ConfigError, Where, shown};
use super::profile::Encryption;
use super::settings::Overrides;

/// The names of the kinds of encryption, as S3's `x-amz-server-side-encryption` has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum EncryptionChoice {
    /// What the bucket does by itself.
    None,
    /// SSE-S3.
    #[value(name = "AES256")]
    Aes256,
    /// SSE-KMS.
    #[value(name = "aws:kms")]
    Kms,
}

impl EncryptionChoice {
    /// The name in the file and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            EncryptionChoice::None => "none",
            EncryptionChoice::Aes256 => "AES256",
            EncryptionChoice::Kms => "aws:kms",
        }
    }
}

pub(super) fn encryption(section: &Section<'_>, flags: &Overrides) -> Result<Option<Encryption>, ConfigError> {
    let choice = match flags.encryption {
        Some(choice) => Some(choice),
        None => section.text("encryption")?.map(encryption_choice).transpose()?,
    };
    let key = match &flags.kms_key_id {
        Some(key) => Some(Located { value: key.as_str(), at: Where::Flag("--kms-key-id".into()) }),
        // A flag that asks for another encryption leaves the profile's key aside.
        None if flags.encryption.is_some_and(|choice| choice != EncryptionChoice::Kms) => None,
        None => section.text("kms_key_id")?,
    };
    match (choice, key) {
        (Some(EncryptionChoice::Kms), key) => Ok(Some(Encryption::Kms { key_id: key.map(kms_key).transpose()? })),
        // A key alone can only mean KMS; so does a key on the command line over a profile with another encryption.
        (None, Some(key)) => Ok(Some(Encryption::Kms { key_id: Some(kms_key(key)?) })),
        (Some(_), Some(key)) if flags.kms_key_id.is_some() && flags.encryption.is_none() => {
            Ok(Some(Encryption::Kms { key_id: Some(kms_key(key)?) }))
        }
        (Some(other), Some(key)) => Err(ConfigError::KeyWithoutKms { at: key.at, encryption: other.as_str() }),
        (Some(EncryptionChoice::Aes256), None) => Ok(Some(Encryption::S3)),
        (Some(EncryptionChoice::None) | None, None) => Ok(None),
    }
}

fn encryption_choice(named: Located<&str>) -> Result<EncryptionChoice, ConfigError> {
    <EncryptionChoice as clap::ValueEnum>::from_str(named.value, false).map_err(|_| ConfigError::BadValue {
        at: named.at,
        problem: format!("there is no encryption `{}`; it is none, AES256 or aws:kms", shown(named.value)),
    })
}

fn kms_key(key: Located<&str>) -> Result<String, ConfigError> {
    // It becomes a header's value. Source: KMS API reference, `KeyId`: 1 to 2,048 characters.
    if (1..=2048).contains(&key.value.len()) && key.value.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(key.value.to_owned());
    }
    Err(ConfigError::BadValue { at: key.at, problem: format!("`{}` is not a KMS key", shown(key.value)) })
}
