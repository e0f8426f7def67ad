//! What can go wrong in the folder, as facts that a person can act on.
//!
//! `reply` makes them out of S3's replies; nothing here has seen one.

use std::fmt;

use super::checksum::Expected;
use super::key::{FolderKey, KeyError};
use super::local_path::UnsafeName;
use crate::error::{Error, Explain, Kind};
use crate::http::HttpError;

/// Any failure of a folder operation. Names in it are relative to the caller's folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderError {
    /// A typed path was refused before any request.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// S3 says that it isn't there, and would have shown it if it were.
    #[error("`{what}` is not in your folder")]
    NotFound {
        /// The path.
        what: String,
    },
    /// S3 refused without saying whether there is something.
    #[error("`{what}` was not found, or is not yours to see")]
    NotFoundOrNotYours {
        /// The path.
        what: String,
    },
    /// The policy doesn't allow it.
    #[error("AWS refused {operation} on `{what}`{}", detail(.message))]
    Denied {
        /// S3's name of the operation.
        operation: &'static str,
        /// The path.
        what: String,
        /// What AWS said.
        message: String,
    },
    /// The policy doesn't allow what only some commands need.
    #[error("your role's policy has no `{permission}` for `{what}`{}", detail(.message))]
    Lacking {
        /// IAM's name of the permission.
        permission: &'static str,
        /// The path.
        what: String,
        /// What AWS said.
        message: String,
    },
    /// The object has no such version.
    #[error("`{what}` has no version `{version}`")]
    NoSuchVersion {
        /// The path.
        what: String,
        /// What was asked for.
        version: String,
    },
    /// The version only says that the object was removed.
    #[error("version `{version}` of `{what}` is a delete marker: there is nothing in it")]
    DeleteMarker {
        /// The path.
        what: String,
        /// What was asked for.
        version: String,
    },
    /// The policy allows the object but not the key that encrypts it.
    #[error("AWS refused the KMS key for {operation} on `{what}`{}", detail(.message))]
    KmsDenied {
        /// S3's name of the operation.
        operation: &'static str,
        /// The path.
        what: String,
        /// What AWS said.
        message: String,
    },
    /// The configured bucket isn't there.
    #[error("there is no bucket `{bucket}`")]
    NoSuchBucket {
        /// Its name.
        bucket: String,
    },
    /// The bucket is elsewhere than configured.
    #[error("bucket `{bucket}` is in `{actual}`, not in `{configured}`")]
    WrongRegion {
        /// Its name.
        bucket: String,
        /// Where requests were sent.
        configured: String,
        /// Where S3 says it is.
        actual: String,
    },
    /// The credentials ended and could not be renewed.
    #[error("the session has expired")]
    Expired,
    /// S3 doesn't know the credentials.
    #[error("AWS doesn't accept the credentials: {message}")]
    BadCredentials {
        /// What AWS said.
        message: String,
    },
    /// This machine's clock and AWS's differ too much for signatures.
    #[error("your clock is {} {}", minutes(.seconds_ahead), if *.seconds_ahead > 0 { "ahead" } else { "behind" })]
    ClockSkew {
        /// Seconds by which this machine is ahead of AWS; negative when behind.
        seconds_ahead: i64,
    },
    /// S3 asked for fewer requests for longer than we were ready to wait.
    #[error("S3 is too busy for {operation} on `{what}`")]
    SlowDown {
        /// S3's name of the operation.
        operation: &'static str,
        /// The path.
        what: String,
    },
    /// Somebody else was at the same object all the time.
    #[error("somebody else was changing `{what}`: S3 refused {operation}")]
    Conflict {
        /// S3's name of the operation.
        operation: &'static str,
        /// The path.
        what: String,
    },
    /// `--no-clobber` met an object or file.
    #[error("`{what}` exists already")]
    Exists {
        /// The path or local name.
        what: String,
    },
    /// The object was replaced while it was read.
    #[error("`{what}` changed in S3 while it was downloaded")]
    ChangedRemotely {
        /// The path.
        what: String,
    },
    /// The file was written to while it was read.
    #[error("`{what}` changed while it was uploaded")]
    ChangedLocally {
        /// The local name.
        what: String,
    },
    /// The bytes that arrived aren't those that were stored.
    #[error("`{what}` arrived damaged: its {algorithm} checksum is wrong")]
    Damaged {
        /// The path.
        what: String,
        /// Which checksum.
        algorithm: &'static str,
    },
    /// The same of an object that goes to standard output, where some of it is by now.
    #[error(transparent)]
    Printed(Box<FolderError>),
    /// S3 was not reached, or the connection broke.
    #[error("{error}, in {operation} on `{what}`")]
    Network {
        /// S3's name of the operation.
        operation: &'static str,
        /// The path.
        what: String,
        /// Which part of the way failed.
        error: HttpError,
    },
    /// Any other refusal, with S3's own words.
    #[error("S3 answered {code} to {operation} on `{what}`{}", detail(.message))]
    Service {
        /// S3's name of the operation.
        operation: &'static str,
        /// The path.
        what: String,
        /// S3's error code, or the HTTP status where it gave none.
        code: String,
        /// What AWS said.
        message: String,
        /// It is S3's own failure, or a proxy's, and not about what was asked.
        passes: bool,
    },
    /// A key that can't be a file here.
    #[error("`{key}` can't be written here: {reason}")]
    UnsafeName {
        /// The path.
        key: String,
        /// Why not.
        reason: UnsafeName,
    },
    /// A local file could not be read or written.
    #[error("{action} `{path}`: {message}")]
    Local {
        /// What was tried, such as `could not open`.
        action: &'static str,
        /// The local name.
        path: String,
        /// What the operating system said.
        message: String,
    },
    /// A local name has no place in S3.
    #[error("`{path}` {problem}")]
    LocalName {
        /// The local name.
        path: String,
        /// Why not.
        problem: &'static str,
    },
    /// No object can be that large.
    #[error("`{what}` is larger than an S3 object can be (48.8 TiB)")]
    TooLarge {
        /// The local name.
        what: String,
    },
    /// No credentials could be had.
    #[error("{0}")]
    Session(Error),
    /// Whoever takes the bytes did not.
    #[error("{0}")]
    Output(Error),
    /// The command line doesn't say where things go.
    #[error("{message}")]
    Usage {
        /// What is missing or wrong.
        message: String,
        /// What to type instead.
        hint: &'static str,
    },
    /// A one-way sync must not remove anything when it isn't certain what is at the source.
    #[error("nothing was deleted, because not everything was transferred")]
    NotMirrored,
    /// The person stopped it.
    #[error("interrupted")]
    Interrupted,
}

fn detail(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

fn minutes(seconds: &i64) -> String {
    let minutes = (seconds.unsigned_abs() + 30) / 60;
    if minutes == 1 { "1 minute".into() } else { format!("{minutes} minutes") }
}

impl Explain for FolderError {
    fn kind(&self) -> Kind {
        match self {
            Self::Key(error) => error.kind(),
            Self::Session(error) | Self::Output(error) => error.kind,
            Self::Usage { .. } => Kind::Usage,
            Self::NotFoundOrNotYours { .. } | Self::Denied { .. } | Self::KmsDenied { .. } | Self::Lacking { .. } => {
                Kind::Denied
            }
            Self::NoSuchBucket { .. } | Self::WrongRegion { .. } => Kind::Usage,
            Self::Expired | Self::BadCredentials { .. } => Kind::NotSignedIn,
            Self::SlowDown { .. } | Self::Network { .. } => Kind::Network,
            Self::Interrupted => Kind::Interrupted,
            _ => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Key(error) => return error.hint(),
            Self::Session(error) | Self::Output(error) => return error.hint.clone(),
            Self::Usage { hint, .. } => (*hint).into(),
            Self::NotFound { .. } => "`securecart ls` shows what is there".into(),
            Self::NotFoundOrNotYours { .. } | Self::Denied { .. } => {
                "`securecart whoami` shows your role and folder; whoever manages the role can extend its policy".into()
            }
            Self::Lacking { permission, .. } => {
                format!(
                    "whoever manages the role can add `{permission}` for your folder, which is not among what every user needs"
                )
            }
            Self::NoSuchVersion { .. } | Self::DeleteMarker { .. } => {
                "`securecart ls --versions PATH` shows the versions of an object".into()
            }
            Self::KmsDenied { .. } => {
                "reading needs `kms:Decrypt` on the key, writing `kms:GenerateDataKey` and, for large files, \
                 `kms:Decrypt` too"
                    .into()
            }
            Self::NoSuchBucket { .. } => "check `bucket` in the profile".into(),
            Self::WrongRegion { actual, .. } => format!("set `bucket_region = \"{actual}\"` in the profile"),
            Self::Expired | Self::BadCredentials { .. } => "`securecart login`".into(),
            Self::ClockSkew { .. } => "set this machine's clock".into(),
            Self::SlowDown { .. } => "try again later, or with fewer requests at once: `--jobs 4`".into(),
            Self::ChangedRemotely { .. } | Self::Damaged { .. } => "nothing was written; run the command again".into(),
            Self::Printed(_) => {
                "what was printed is damaged or incomplete: throw it away and run the command again".into()
            }
            Self::Conflict { .. } => "run the command again when it is at rest".into(),
            Self::ChangedLocally { .. } => "nothing was stored; run the command again when the file is at rest".into(),
            Self::Network { error, .. } => return error.hint(),
            _ => return None,
        })
    }
}

impl FolderError {
    /// Whether the same may work later, so that what S3 has already is worth keeping.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Network { .. } | Self::SlowDown { .. } | Self::Conflict { .. } => true,
            Self::Expired | Self::Session(_) => true,
            Self::Service { passes, .. } => *passes,
            _ => false,
        }
    }

    /// A failed local operation.
    pub(super) fn local(action: &'static str, path: impl fmt::Display, error: &std::io::Error) -> Self {
        Self::Local { action, path: path.to_string(), message: plain(error) }
    }

    pub(super) fn damaged(key: &FolderKey, expected: &Expected) -> Self {
        Self::Damaged { what: key.to_string(), algorithm: expected.name() }
    }

    /// A folder was named where an object must be; `hint` is what else to type.
    pub(super) fn is_folder(key: &FolderKey, hint: &'static str) -> Self {
        Self::Usage { message: format!("`{key}` is a folder"), hint }
    }

    pub(super) fn not_found(key: &FolderKey) -> Self {
        Self::NotFound { what: key.to_string() }
    }
}

/// The operating system's words without Rust's `(os error 2)`.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
