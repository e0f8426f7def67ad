//! What a profile with `method = "oidc"` needs: a role, and where its ID token comes from. Pure.
//!
//! Each setting has the same order as the region: `SECURECART_…`, the profile, `AWS_…`.

use std::path::PathBuf;

use super::arn::RoleArn;
use super::document::{Located, Section, parse};
use super::environment::Environment;
use super::error::{ConfigError, Where};
use super::names::{SafeUrl, SessionDuration};
use super::session::RoleSessionName;
use super::settings::{from_variable, line, missing};
use super::variable;

/// The keys that say where the token comes from, of which a profile has one.
const SOURCES: [&str; 4] = ["token_file", "token_env", "token_command", "issuer"];

/// What exchanging an ID token for credentials needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSettings {
    /// The role to assume.
    pub role_arn: RoleArn,
    /// The session's name, and with it the folder's; from the token's subject when absent.
    pub role_session_name: Option<RoleSessionName>,
    /// How long credentials should last.
    pub session_duration: Option<SessionDuration>,
    /// Where the token comes from.
    pub source: TokenSource,
}

/// Where an ID token comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenSource {
    /// The token endpoint of a GitHub Actions job.
    GithubActions {
        /// `ACTIONS_ID_TOKEN_REQUEST_URL`; absent outside of a job that may ask for tokens. It is a job's own.
        request_url: Option<SafeUrl>,
        /// Whom the token is for.
        audience: String,
    },
    /// An environment variable, as GitLab's `id_tokens` sets.
    Variable(String),
    /// A file that something else keeps fresh, as EKS does.
    File(PathBuf),
    /// The output of a program: its name and arguments, no shell.
    Command(Vec<String>),
    /// A person's sign-in at the company's own provider.
    Issuer(IssuerSettings),
}

/// A provider where people sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSettings {
    /// As its tokens have it, to the letter.
    pub issuer: SafeUrl,
    /// This program's client id there: a public client's.
    pub client_id: String,
    /// Asked for besides `openid`, and `offline_access` where the provider has it.
    pub scopes: Vec<String>,
}

impl IssuerSettings {
    /// Whether one sign-in serves both.
    pub fn same_client(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.client_id == other.client_id
    }
}

impl TokenSource {
    /// Whether only a person's sign-in gives a token.
    pub fn needs_person(&self) -> bool {
        matches!(self, TokenSource::Issuer(_))
    }
}

impl std::fmt::Display for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TokenSource::GithubActions { .. } => f.write_str("GitHub Actions"),
            TokenSource::Variable(name) => write!(f, "the variable {name}"),
            TokenSource::File(path) => write!(f, "the file {}", path.display()),
            // Arguments may be somebody's secret.
            TokenSource::Command(words) => write!(f, "the command {}", words.first().map_or("", String::as_str)),
            TokenSource::Issuer(issuer) => write!(f, "{}", issuer.issuer),
        }
    }
}

/// Reads the keys and variables.
pub(super) fn oidc(section: &Section<'_>, environment: &Environment) -> Result<OidcSettings, ConfigError> {
    let ours = from_variable(variable::ROLE_ARN, environment.role_arn.as_deref())?;
    let named: Option<RoleArn> = ours.or(section.parsed("role_arn")?);
    let is_named = named.is_some();
    let role_arn = match named {
        Some(named) => named,
        None => from_variable(variable::AWS_ROLE_ARN, environment.aws.role_arn.as_deref())?
            .ok_or_else(|| missing(section, "role_arn"))?,
    };
    Ok(OidcSettings {
        role_session_name: session_name(section, environment)?,
        session_duration: section.parsed("session_duration")?,
        source: source(section, environment, &role_arn, is_named)?,
        role_arn,
    })
}

fn session_name(section: &Section<'_>, environment: &Environment) -> Result<Option<RoleSessionName>, ConfigError> {
    let ours = from_variable(variable::ROLE_SESSION_NAME, environment.role_session_name.as_deref())?;
    let key = section.parsed("role_session_name")?;
    let aws = || from_variable(variable::AWS_ROLE_SESSION_NAME, environment.aws.role_session_name.as_deref());
    match ours.or(key) {
        Some(name) => Ok(Some(name)),
        None => aws(),
    }
}

fn source(
    section: &Section<'_>,
    environment: &Environment,
    role_arn: &RoleArn,
    role_is_named: bool,
) -> Result<TokenSource, ConfigError> {
    let keys = section.present(&SOURCES);
    if let [_, second, ..] = keys.as_slice() {
        let problem = format!("`{}` and `{}` both say where the token comes from", keys[0].0, second.0);
        return Err(ConfigError::BadValue { at: second.1.clone(), problem });
    }
    match (&environment.token_file, &environment.token_env) {
        (Some(_), Some(_)) => {
            let problem = format!("{} says where the token comes from too", variable::TOKEN_FILE);
            return Err(ConfigError::BadValue { at: Where::Variable(variable::TOKEN_ENV), problem });
        }
        (Some(file), None) => return Ok(TokenSource::File(file.clone())),
        (None, Some(name)) => return variable_name(Located { value: name, at: Where::Variable(variable::TOKEN_ENV) }),
        (None, None) => {}
    }
    match keys.first().map(|(key, _)| *key) {
        Some("token_file") => {
            let path = line(section, "token_file")?.ok_or_else(|| missing(section, "token_file"))?;
            Ok(TokenSource::File(path.into()))
        }
        Some("token_env") => match section.text("token_env")? {
            Some(name) => variable_name(name),
            None => Err(missing(section, "token_env")),
        },
        Some("token_command") => command(section),
        Some(_) => issuer(section).map(TokenSource::Issuer),
        None => surroundings(section, environment, role_arn, role_is_named),
    }
}

/// The token that the place this runs in offers: of the job, or of the machine. A role that was named for this program
/// goes with the job's, and `AWS_ROLE_ARN` with the file that was set beside it.
fn surroundings(
    section: &Section<'_>,
    environment: &Environment,
    role_arn: &RoleArn,
    role_is_named: bool,
) -> Result<TokenSource, ConfigError> {
    let request_url =
        from_variable(variable::ACTIONS_ID_TOKEN_REQUEST_URL, environment.actions_request_url.as_deref())?;
    match &environment.aws.web_identity_token_file {
        Some(file) if request_url.is_none() || !role_is_named => Ok(TokenSource::File(file.clone())),
        _ => Ok(TokenSource::GithubActions { request_url, audience: audience(section, environment, role_arn)? }),
    }
}

fn audience(section: &Section<'_>, environment: &Environment, role_arn: &RoleArn) -> Result<String, ConfigError> {
    let ours = environment.audience.as_deref().map(|value| Located { value, at: Where::Variable(variable::AUDIENCE) });
    let given = match ours {
        Some(ours) => Some(ours),
        None => section.text("audience")?,
    };
    let Some(given) = given else {
        // Source: "Configuring OpenID Connect in Amazon Web Services" of GitHub; AWS's own action for China.
        return Ok(match role_arn.partition() {
            "aws-cn" => "sts.amazonaws.com.cn".to_owned(),
            _ => "sts.amazonaws.com".to_owned(),
        });
    };
    if (1..=255).contains(&given.value.len()) && !given.value.chars().any(char::is_control) {
        return Ok(given.value.to_owned());
    }
    Err(ConfigError::BadValue { at: given.at, problem: "the audience is empty, too long or not one line".to_owned() })
}

fn variable_name(name: Located<&str>) -> Result<TokenSource, ConfigError> {
    // Source: POSIX.1-2024, 8.1 "Environment Variable Definition".
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if (1..=255).contains(&name.value.len()) && name.value.chars().all(legal) {
        return Ok(TokenSource::Variable(name.value.to_owned()));
    }
    // Not shown: somebody may have put the token itself here.
    let problem = "it should be the name of the environment variable that holds the token".to_owned();
    Err(ConfigError::BadValue { at: name.at, problem })
}

fn command(section: &Section<'_>) -> Result<TokenSource, ConfigError> {
    let words: Vec<String> = section.texts("token_command")?.into_iter().map(|word| word.value.to_owned()).collect();
    if words.first().is_none_or(String::is_empty) {
        let problem = "`token_command` names no program, as in `[\"get-token\", \"--audience\", \"aws\"]`".to_owned();
        return Err(ConfigError::BadValue { at: section.at(), problem });
    }
    Ok(TokenSource::Command(words))
}

fn issuer(section: &Section<'_>) -> Result<IssuerSettings, ConfigError> {
    let client_id = line(section, "client_id")?.ok_or_else(|| missing(section, "client_id"))?;
    let scope = |scope: Located<&str>| {
        // Source: RFC 6749, section 3.3.
        let legal = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        match !scope.value.is_empty() && scope.value.bytes().all(legal) {
            true => Ok(scope.value.to_owned()),
            false => Err(ConfigError::BadValue { at: scope.at, problem: "it is not the name of a scope".to_owned() }),
        }
    };
    let text = section.text("issuer")?.ok_or_else(|| missing(section, "issuer"))?;
    let (at, issuer) = (text.at.clone(), parse::<SafeUrl>(text)?);
    if issuer.as_url().query().is_some() || issuer.as_url().fragment().is_some() {
        let problem = "an issuer has neither `?` nor `#`".to_owned();
        return Err(ConfigError::BadValue { at, problem });
    }
    let scopes = section.texts("scopes")?.into_iter().map(scope).collect::<Result<_, _>>()?;
    Ok(IssuerSettings { issuer, client_id, scopes })
}
