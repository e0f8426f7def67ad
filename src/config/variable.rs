//! The name of every environment variable that is read, and what it means. Pure.

/// Where `config.toml` is.
pub const CONFIG: &str = "SECURECART_CONFIG";
/// Which profile to use.
pub const PROFILE: &str = "SECURECART_PROFILE";
/// Where locks, the index and encrypted files are kept.
pub const STATE_DIR: &str = "SECURECART_STATE_DIR";
/// Which secret store to use.
pub const KEYCHAIN: &str = "SECURECART_KEYCHAIN";
/// The passphrase of the encrypted file store.
pub const PASSPHRASE: &str = "SECURECART_PASSPHRASE";
/// The number of an open file descriptor that the passphrase is read from.
pub const PASSPHRASE_FD: &str = "SECURECART_PASSPHRASE_FD";
/// The region, over what the profile says.
pub const REGION: &str = "SECURECART_REGION";
/// Which AWS profile other tools use.
pub const AWS_PROFILE: &str = "AWS_PROFILE";
/// The region other AWS tools use.
pub const AWS_REGION: &str = "AWS_REGION";
/// The region other AWS tools use when `AWS_REGION` is unset.
pub const AWS_DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
/// The endpoint of every service.
pub const AWS_ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";
/// The endpoint of S3.
pub const AWS_ENDPOINT_URL_S3: &str = "AWS_ENDPOINT_URL_S3";
/// The endpoint of STS.
pub const AWS_ENDPOINT_URL_STS: &str = "AWS_ENDPOINT_URL_STS";
/// The endpoint of the Identity Center portal.
pub const AWS_ENDPOINT_URL_SSO: &str = "AWS_ENDPOINT_URL_SSO";
/// The endpoint of Identity Center's OIDC service.
pub const AWS_ENDPOINT_URL_SSO_OIDC: &str = "AWS_ENDPOINT_URL_SSO_OIDC";
/// The endpoint that signs credentials in to the console.
pub const AWS_ENDPOINT_URL_SIGNIN: &str = "AWS_ENDPOINT_URL_SIGNIN";
/// `true`: no configured endpoint is used, wherever it is configured.
pub const AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
/// Whether uploads carry a checksum when S3 doesn't ask for one.
pub const AWS_REQUEST_CHECKSUM_CALCULATION: &str = "AWS_REQUEST_CHECKSUM_CALCULATION";
/// Certificates to trust instead of the operating system's.
pub const AWS_CA_BUNDLE: &str = "AWS_CA_BUNDLE";
/// Where other AWS tools keep their configuration.
pub const AWS_CONFIG_FILE: &str = "AWS_CONFIG_FILE";
/// Where other AWS tools keep long-lived keys.
pub const AWS_SHARED_CREDENTIALS_FILE: &str = "AWS_SHARED_CREDENTIALS_FILE";
/// The program that opens URLs.
pub const BROWSER: &str = "BROWSER";
/// The browser that the browser method starts.
pub const BROWSER_PATH: &str = "SECURECART_BROWSER_PATH";
/// Flags that it starts it with, separated by spaces.
pub const BROWSER_FLAGS: &str = "SECURECART_BROWSER_FLAGS";
/// Any value: no colour.
pub const NO_COLOR: &str = "NO_COLOR";
/// The kind of terminal.
pub const TERM: &str = "TERM";

/// The person's shell.
pub const SHELL: &str = "SHELL";
/// The file that a step of GitHub Actions leaves variables for later steps in.
pub const GITHUB_ENV: &str = "GITHUB_ENV";

/// Variables that say which credentials, which profile or which service AWS tools use: a program that is given
/// credentials inherits none of them.
///
/// Sources: AWS SDKs and Tools reference, "Environment variables support"; botocore's `configprovider.py`; the AWS SDK
/// for Java 1 and Ruby 1 for the names without `_ID`.
pub const SELECTING: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_ACCOUNT_ID",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_CREDENTIAL_FILE",
    "AWS_DEFAULT_PROFILE",
    AWS_DEFAULT_REGION,
    AWS_PROFILE,
    AWS_REGION,
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_VAULT",
];
/// What the names of more of them start with. `AWS_BEARER_TOKEN_` is followed by a service: a credential of its own.
pub const SELECTING_PREFIXES: &[&str] =
    &["AWS_BEARER_TOKEN_", "AWS_CONTAINER_", AWS_ENDPOINT_URL, "AWS_ROLE_", "AWS_SSO_", "AWS_WEB_IDENTITY_"];

/// What a person may set, in the order the manual lists it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    (CONFIG, "the configuration file, instead of config.toml in the user's configuration folder"),
    (PROFILE, "the profile to use when --profile is not given"),
    (STATE_DIR, "the folder for locks, the index of what is kept, and encrypted files"),
    (KEYCHAIN, "the secret store: auto, keychain, keyutils, file or memory"),
    (PASSPHRASE, "the passphrase of the encrypted file store, where nobody can be asked"),
    (PASSPHRASE_FD, "the number of an open file descriptor to read that passphrase from"),
    (REGION, "the region, over the profile's"),
    (BROWSER_PATH, "the Chrome, Edge or Chromium that login --browser starts"),
    (BROWSER_FLAGS, "more flags for it, separated by spaces: --no-sandbox as root in a container"),
    (AWS_PROFILE, "used like SECURECART_PROFILE, but only when it names a profile of config.toml"),
    (AWS_REGION, "the region when the profile names none; then AWS_DEFAULT_REGION"),
    (
        AWS_ENDPOINT_URL,
        "the endpoint of every service; _S3, _STS, _SSO, _SSO_OIDC and _SIGNIN behind it name one service's",
    ),
    (AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, "true: no configured endpoint is used"),
    (AWS_REQUEST_CHECKSUM_CALCULATION, "when_supported or when_required"),
    (AWS_CA_BUNDLE, "a PEM file of certificates to trust instead of the operating system's"),
    (AWS_CONFIG_FILE, "the file that configure adds a profile to, instead of ~/.aws/config"),
    ("HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY", "proxies, in capitals or small letters"),
    (BROWSER, "the program that opens the sign-in page"),
    (SHELL, "the shell that env writes for when --shell is not given"),
    (GITHUB_ENV, "the file that env --shell github-actions adds to"),
    (NO_COLOR, "no colour"),
];
