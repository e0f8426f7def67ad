//! Where a job's ID token comes from. Each call gets a fresh one: they last minutes.
//!
//! Sources: "OpenID Connect reference" of GitHub Actions; "ID token authentication" of GitLab CI; the EKS user guide,
//! "IAM roles for service accounts".

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use super::error::OidcError;
use super::session_name::session_name;
use super::token::{IdToken, LONGEST};
use crate::config::names::SafeUrl;
use crate::config::oidc::{OidcSettings, TokenSource};
use crate::config::variable::ACTIONS_ID_TOKEN_REQUEST_TOKEN;
use crate::http::{Http, HttpError};
use crate::program;
use crate::secret::Secret;

/// Looks an environment variable up.
pub type Variables = fn(&str) -> Option<Secret>;

/// How long a program may take for its token: a minute, because it may wait for somebody's touch.
const COMMAND_PATIENCE: Duration = Duration::from_secs(60);
/// How often a job's endpoint is asked, and how long it is waited in between at first.
const TRIES: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(300);

/// Gets a fresh token without a person.
///
/// # Errors
/// [`OidcError`]. A source that needs a person is [`OidcError::NoSource`].
pub async fn fetch_token(source: &TokenSource, variables: Variables, http: &Http) -> Result<IdToken, OidcError> {
    match source {
        TokenSource::GithubActions { request_url: None, .. } | TokenSource::Issuer(_) => Err(OidcError::NoSource),
        TokenSource::GithubActions { request_url: Some(url), audience } => {
            let bearer = variables(ACTIONS_ID_TOKEN_REQUEST_TOKEN).ok_or(OidcError::NoRequestToken)?;
            ask_job(http, url, &bearer, audience).await
        }
        TokenSource::Command(words) => {
            let words = words.clone();
            let from = source.to_string();
            // One byte more than STS takes is told apart below.
            let ran = tokio::task::spawn_blocking(move || program::output(&words, LONGEST + 2, COMMAND_PATIENCE)).await;
            let text = ran.unwrap_or_else(|_| Ok(Secret::new("")))?;
            IdToken::new(text.expose(), &from)
        }
        TokenSource::Variable(_) | TokenSource::File(_) => at_hand(source, variables),
    }
}

/// Whether credentials of a session with this name are of whoever holds the token now. A source that can't be looked
/// at without asking somebody says yes: its credentials are kept under a name of the job's own.
pub fn same_holder(settings: &OidcSettings, variables: Variables, kept: &str) -> bool {
    if let Some(name) = &settings.role_session_name {
        return name.as_str() == kept;
    }
    match &settings.source {
        source @ (TokenSource::Variable(_) | TokenSource::File(_)) => {
            let claims = at_hand(source, variables).and_then(|token| token.claims(""));
            claims.is_ok_and(|claims| session_name(&claims.subject).as_str() == kept)
        }
        _ => true,
    }
}

fn at_hand(source: &TokenSource, variables: Variables) -> Result<IdToken, OidcError> {
    match source {
        TokenSource::Variable(name) => {
            let text = variables(name).ok_or_else(|| OidcError::VariableUnset { name: name.clone() })?;
            IdToken::new(text.expose(), &source.to_string())
        }
        TokenSource::File(path) => IdToken::new(&read(path)?, &source.to_string()),
        _ => Err(OidcError::NoSource),
    }
}

fn read(path: &Path) -> Result<Zeroizing<String>, OidcError> {
    let failed = |reason: String| OidcError::File { path: path.to_owned(), reason };
    // Opening a pipe would wait for whoever writes to it.
    if !std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.is_file() {
        return Err(failed("it is not a regular file".to_owned()));
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(LONGEST + 64));
    let file = File::open(path).map_err(|error| failed(error.to_string()))?;
    file.take(LONGEST as u64 + 64).read_to_end(&mut bytes).map_err(|error| failed(error.to_string()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| failed("it is not text".to_owned()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

#[derive(Deserialize)]
struct JobReply {
    value: String,
}

async fn ask_job(http: &Http, url: &SafeUrl, bearer: &Secret, audience: &str) -> Result<IdToken, OidcError> {
    let url = with_audience(url, audience);
    let from = "GitHub Actions";
    let mut pause = FIRST_PAUSE;
    for attempt in 1..=TRIES {
        match http.get_json(&url, Some(bearer)).await {
            Ok(reply) if reply.status == 200 => {
                let read = serde_json::from_str::<JobReply>(reply.body.expose());
                let reply = read.map_err(|_| OidcError::NotAToken {
                    from: from.to_owned(),
                    problem: "the reply of its endpoint can't be read",
                })?;
                return IdToken::new(Secret::new(reply.value).expose(), from);
            }
            Ok(reply) if (reply.status < 500 && reply.status != 429) || attempt == TRIES => {
                return Err(OidcError::JobRefused { status: reply.status });
            }
            // A name that doesn't resolve won't a moment later; what was slow or broken may go well.
            Err(error @ (HttpError::Dns { .. } | HttpError::Tls { .. } | HttpError::CaBundle { .. })) => {
                return Err(error.into());
            }
            Err(error) if attempt == TRIES => return Err(error.into()),
            Ok(_) | Err(_) => {}
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    Err(OidcError::NoSource)
}

/// The address has a query of its own already.
fn with_audience(url: &SafeUrl, audience: &str) -> Url {
    let mut url = url.as_url().clone();
    url.query_pairs_mut().append_pair("audience", audience);
    url
}

#[cfg(test)]
mod tests {
    use super::super::token::unsigned;
    use super::*;

    #[test]
    fn the_audience_joins_the_query_that_is_there() {
        let asked = |url: &str| with_audience(&url.parse().unwrap(), "a&b").to_string();
        assert_eq!(asked("https://x.example/i?api-version=2.0"), "https://x.example/i?api-version=2.0&audience=a%26b");
        assert_eq!(asked("https://x.example/i"), "https://x.example/i?audience=a%26b");
    }

    #[test]
    fn kept_credentials_are_only_for_who_holds_the_token_now() {
        fn mallory(_: &str) -> Option<Secret> {
            Some(Secret::new(unsigned(r#"{"sub":"mallory"}"#)))
        }
        let settings = |source| OidcSettings {
            role_arn: "arn:aws:iam::333333333333:role/CiDocs".parse().unwrap(),
            role_session_name: None,
            session_duration: None,
            source,
        };
        let variable = settings(TokenSource::Variable("T".to_owned()));
        assert!(same_holder(&variable, mallory, "mallory"));
        assert!(!same_holder(&variable, mallory, "alice"));
        assert!(!same_holder(&variable, |_| None, "alice"));
        let named = OidcSettings { role_session_name: Some("job-1".parse().unwrap()), ..variable };
        assert!(same_holder(&named, mallory, "job-1") && !same_holder(&named, mallory, "job-2"));
        assert!(same_holder(&settings(TokenSource::Command(vec!["x".to_owned()])), mallory, "alice"));
    }

    #[test]
    fn a_file_is_read_within_limits_and_a_pipe_is_not_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        let token = |path: &Path| at_hand(&TokenSource::File(path.to_owned()), |_| None);
        assert!(matches!(token(&path), Err(OidcError::File { .. })));
        assert!(matches!(token(dir.path()), Err(OidcError::File { .. })));
        std::fs::write(&path, format!("{}\n", unsigned(r#"{"sub":"a"}"#))).unwrap();
        assert_eq!(token(&path).unwrap().claims("").unwrap().subject, "a");
        std::fs::write(&path, "x".repeat(LONGEST + 10_000)).unwrap();
        assert!(matches!(token(&path), Err(OidcError::NotAToken { .. })));
        std::fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(token(&path), Err(OidcError::File { .. })));
    }
}
