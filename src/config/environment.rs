//! The environment, read once into a value. Pure but for [`Environment::from_process`].
//!
//! An empty variable counts as unset. Values are taken as they are: whoever uses one validates it and names
//! the variable in the error.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::variable;
use crate::secret::Secret;

/// Everything the process was told through its environment.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// `SECURECART_CONFIG`.
    pub config_file: Option<PathBuf>,
    /// `SECURECART_PROFILE`.
    pub profile: Option<String>,
    /// `SECURECART_STATE_DIR`.
    pub state_dir: Option<PathBuf>,
    /// `SECURECART_KEYCHAIN`.
    pub keychain: Option<String>,
    /// `SECURECART_PASSPHRASE`.
    pub passphrase: Option<Secret>,
    /// `SECURECART_PASSPHRASE_FD`.
    pub passphrase_fd: Option<String>,
    /// `SECURECART_REGION`.
    pub region: Option<String>,
    /// `SECURECART_BUCKET`.
    pub bucket: Option<String>,
    /// `SECURECART_ROLE_ARN`.
    pub role_arn: Option<String>,
    /// `SECURECART_ROLE_SESSION_NAME`.
    pub role_session_name: Option<String>,
    /// `SECURECART_TOKEN_FILE`.
    pub token_file: Option<PathBuf>,
    /// `SECURECART_TOKEN_ENV`: a name, not a token.
    pub token_env: Option<String>,
    /// `SECURECART_AUDIENCE`.
    pub audience: Option<String>,
    /// `ACTIONS_ID_TOKEN_REQUEST_URL`.
    pub actions_request_url: Option<String>,
    /// What is set for the AWS SDKs and tools.
    pub aws: AwsVariables,
    /// Proxies.
    pub proxy: ProxyVariables,
    /// `BROWSER`.
    pub browser: Option<OsString>,
    /// `SECURECART_BROWSER_PATH`.
    pub browser_path: Option<PathBuf>,
    /// `SECURECART_BROWSER_FLAGS`.
    pub browser_flags: Option<String>,
    /// Under SSH: a browser here would open on the wrong machine.
    pub ssh: bool,
    /// X11 or Wayland is there to open a window on.
    pub display: bool,
    /// Windows Subsystem for Linux: the browser is on the Windows side.
    pub wsl: bool,
    /// Inside a container.
    pub container: bool,
    /// In a CI job: nobody is there to ask.
    pub ci: bool,
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// `TERM`.
    pub term: Option<String>,
    /// The home folder that the AWS tools expand `~` to: `HOME`, on Windows `USERPROFILE`.
    pub home: Option<PathBuf>,
    /// `SHELL`.
    pub shell: Option<PathBuf>,
    /// In Nushell, which doesn't set `SHELL`.
    pub nushell: bool,
    /// In PowerShell, which doesn't either.
    pub powershell: bool,
    /// `GITHUB_ENV`.
    pub github_env: Option<PathBuf>,
    /// `PATH`, to find the stable name of this program.
    pub path: Option<OsString>,
}

/// Variables that belong to the AWS SDKs and tools.
#[derive(Debug, Clone, Default)]
pub struct AwsVariables {
    /// `AWS_PROFILE`.
    pub profile: Option<String>,
    /// `AWS_ACCESS_KEY_ID`: whose keys they are, not a secret.
    pub access_key_id: Option<String>,
    /// `AWS_REGION`.
    pub region: Option<String>,
    /// `AWS_DEFAULT_REGION`.
    pub default_region: Option<String>,
    /// `AWS_ROLE_ARN`.
    pub role_arn: Option<String>,
    /// `AWS_ROLE_SESSION_NAME`.
    pub role_session_name: Option<String>,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`.
    pub web_identity_token_file: Option<PathBuf>,
    /// `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// `AWS_ENDPOINT_URL_S3`.
    pub endpoint_url_s3: Option<String>,
    /// `AWS_ENDPOINT_URL_STS`.
    pub endpoint_url_sts: Option<String>,
    /// `AWS_ENDPOINT_URL_SSO`.
    pub endpoint_url_sso: Option<String>,
    /// `AWS_ENDPOINT_URL_SSO_OIDC`.
    pub endpoint_url_sso_oidc: Option<String>,
    /// `AWS_ENDPOINT_URL_SIGNIN`.
    pub endpoint_url_signin: Option<String>,
    /// `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`.
    pub ignore_endpoints: bool,
    /// `AWS_REQUEST_CHECKSUM_CALCULATION`.
    pub request_checksum_calculation: Option<String>,
    /// `AWS_CA_BUNDLE`.
    pub ca_bundle: Option<PathBuf>,
    /// `AWS_CONFIG_FILE`.
    pub config_file: Option<PathBuf>,
    /// `AWS_SHARED_CREDENTIALS_FILE`.
    pub credentials_file: Option<PathBuf>,
}

/// Proxy variables; their URLs may hold a password. Small letters win over capitals, as in curl.
#[derive(Debug, Clone, Default)]
pub struct ProxyVariables {
    /// `https_proxy` or `HTTPS_PROXY`.
    pub https: Option<Secret>,
    /// `http_proxy` or `HTTP_PROXY`; the latter is ignored under CGI, where a remote client can set it.
    pub http: Option<Secret>,
    /// `all_proxy` or `ALL_PROXY`.
    pub all: Option<Secret>,
    /// `no_proxy` or `NO_PROXY`.
    pub no: Option<String>,
}

impl Environment {
    /// Reads this process's environment, and whether it runs in a container.
    pub fn from_process() -> Self {
        let mut environment = Self::from_lookup(|name| std::env::var_os(name));
        // Source: Docker and Podman leave these files in the root of every container.
        environment.container |= ["/.dockerenv", "/run/.containerenv"].iter().any(|marker| Path::new(marker).exists());
        environment
    }

    /// An environment of exactly these variables, for tests.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<OsStr>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let pairs: Vec<(String, OsString)> =
            pairs.into_iter().map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned())).collect();
        Self::from_lookup(|name| pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
    }

    /// The same without the endpoints it names: what is left comes from the profile.
    #[must_use]
    pub fn without_endpoints(&self) -> Self {
        let aws = AwsVariables {
            endpoint_url: None,
            endpoint_url_s3: None,
            endpoint_url_sts: None,
            endpoint_url_sso: None,
            endpoint_url_sso_oidc: None,
            endpoint_url_signin: None,
            ..self.aws.clone()
        };
        Self { aws, ..self.clone() }
    }

    /// Whether it names a role for this program, with which it is a profile of its own.
    pub fn names_role(&self) -> bool {
        self.role_arn.is_some()
    }

    /// Whether it names a role and a token, as the place this runs in may for every AWS tool.
    pub fn offers_role(&self) -> bool {
        let token = self.token_file.is_some()
            || self.token_env.is_some()
            || self.actions_request_url.is_some()
            || self.aws.web_identity_token_file.is_some();
        self.names_role() || (self.aws.role_arn.is_some() && token)
    }

    /// Whether colour is wanted: `NO_COLOR` is unset and the terminal is not a dumb one.
    pub fn wants_colour(&self) -> bool {
        !self.no_color && self.term.as_deref() != Some("dumb")
    }

    /// The value of any variable of this process, for settings that name one. An empty one counts as unset.
    pub fn secret(name: &str) -> Option<Secret> {
        // A token is ASCII: what isn't Unicode is none.
        std::env::var(name).ok().filter(|value| !value.is_empty()).map(Secret::new)
    }

    fn from_lookup(lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let raw = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let path = |name: &str| raw(name).map(PathBuf::from);
        // What isn't Unicode turns into replacement characters, which no validation lets through.
        let text = |name: &str| raw(name).map(|value| value.to_string_lossy().into_owned());
        let any = |names: &[&str]| names.iter().any(|name| raw(name).is_some());
        let truth = |name: &str| text(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let either = |name: &str| text(&name.to_ascii_lowercase()).or_else(|| text(name));
        let cgi = any(&["REQUEST_METHOD"]);

        Self {
            config_file: path(variable::CONFIG),
            profile: text(variable::PROFILE),
            state_dir: path(variable::STATE_DIR),
            keychain: text(variable::KEYCHAIN),
            passphrase: text(variable::PASSPHRASE).map(Secret::new),
            passphrase_fd: text(variable::PASSPHRASE_FD),
            region: text(variable::REGION),
            bucket: text(variable::BUCKET),
            role_arn: text(variable::ROLE_ARN),
            role_session_name: text(variable::ROLE_SESSION_NAME),
            token_file: path(variable::TOKEN_FILE),
            token_env: text(variable::TOKEN_ENV),
            audience: text(variable::AUDIENCE),
            actions_request_url: text(variable::ACTIONS_ID_TOKEN_REQUEST_URL),
            aws: AwsVariables {
                profile: text(variable::AWS_PROFILE),
                access_key_id: text(variable::AWS_ACCESS_KEY_ID),
                region: text(variable::AWS_REGION),
                default_region: text(variable::AWS_DEFAULT_REGION),
                role_arn: text(variable::AWS_ROLE_ARN),
                role_session_name: text(variable::AWS_ROLE_SESSION_NAME),
                web_identity_token_file: path(variable::AWS_WEB_IDENTITY_TOKEN_FILE),
                endpoint_url: text(variable::AWS_ENDPOINT_URL),
                endpoint_url_s3: text(variable::AWS_ENDPOINT_URL_S3),
                endpoint_url_sts: text(variable::AWS_ENDPOINT_URL_STS),
                endpoint_url_sso: text(variable::AWS_ENDPOINT_URL_SSO),
                endpoint_url_sso_oidc: text(variable::AWS_ENDPOINT_URL_SSO_OIDC),
                endpoint_url_signin: text(variable::AWS_ENDPOINT_URL_SIGNIN),
                ignore_endpoints: truth(variable::AWS_IGNORE_CONFIGURED_ENDPOINT_URLS),
                request_checksum_calculation: text(variable::AWS_REQUEST_CHECKSUM_CALCULATION),
                ca_bundle: path(variable::AWS_CA_BUNDLE),
                config_file: path(variable::AWS_CONFIG_FILE),
                credentials_file: path(variable::AWS_SHARED_CREDENTIALS_FILE),
            },
            proxy: ProxyVariables {
                https: either("HTTPS_PROXY").map(Secret::new),
                http: text("http_proxy").or_else(|| text("HTTP_PROXY").filter(|_| !cgi)).map(Secret::new),
                all: either("ALL_PROXY").map(Secret::new),
                no: either("NO_PROXY"),
            },
            browser: raw(variable::BROWSER),
            browser_path: path(variable::BROWSER_PATH),
            browser_flags: text(variable::BROWSER_FLAGS),
            ssh: any(&["SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"]),
            display: any(&["DISPLAY", "WAYLAND_DISPLAY"]),
            wsl: any(&["WSL_DISTRO_NAME", "WSL_INTEROP"]),
            container: any(&["container", "KUBERNETES_SERVICE_HOST", "REMOTE_CONTAINERS", "CODESPACES"]),
            ci: any(&["GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "TF_BUILD", "JENKINS_URL", "CODEBUILD_BUILD_ID"])
                || text("CI").is_some_and(|value| !matches!(value.as_str(), "false" | "0")),
            no_color: raw(variable::NO_COLOR).is_some(),
            term: text(variable::TERM),
            home: path(if cfg!(windows) { "USERPROFILE" } else { "HOME" }),
            shell: path(variable::SHELL),
            nushell: any(&["NU_VERSION"]),
            powershell: any(&["PSModulePath"]),
            github_env: path(variable::GITHUB_ENV),
            path: raw("PATH"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_variable_is_an_unset_one() {
        let environment = Environment::from_pairs([("SECURECART_PROFILE", ""), ("NO_COLOR", ""), ("CI", "")]);
        assert_eq!(environment.profile, None);
        assert!(!environment.no_color && !environment.ci);
    }

    #[test]
    fn passwords_are_not_in_the_debug_form() {
        let environment = Environment::from_pairs([
            ("SECURECART_PASSPHRASE", "hunter2"),
            ("HTTPS_PROXY", "http://me:hunter2@proxy.example:3128"),
        ]);
        assert_eq!(environment.passphrase.as_ref().map(Secret::expose), Some("hunter2"));
        assert!(!format!("{environment:#?}").contains("hunter2"));
    }

    #[test]
    fn small_letters_win_and_a_cgi_request_cannot_set_the_proxy() {
        let proxies = |pairs: &[(&str, &str)]| Environment::from_pairs(pairs.iter().copied()).proxy;
        let both = proxies(&[("HTTPS_PROXY", "http://a"), ("https_proxy", "http://b"), ("NO_PROXY", "x")]);
        assert_eq!(both.https.as_ref().map(Secret::expose), Some("http://b"));
        assert_eq!(both.no.as_deref(), Some("x"));
        assert!(proxies(&[("HTTP_PROXY", "http://a")]).http.is_some());
        assert!(proxies(&[("HTTP_PROXY", "http://a"), ("REQUEST_METHOD", "GET")]).http.is_none());
    }

    #[test]
    fn where_nobody_sees_a_browser_is_recognised() {
        let seen = |name: &str, value: &str| Environment::from_pairs([(name, value)]);
        assert!(seen("SSH_TTY", "/dev/pts/1").ssh);
        assert!(seen("CI", "true").ci && !seen("CI", "false").ci);
        assert!(seen("KUBERNETES_SERVICE_HOST", "10.0.0.1").container);
        assert!(seen("WAYLAND_DISPLAY", "wayland-0").display);
        assert!(seen("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True").aws.ignore_endpoints);
    }
}
