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
/// The bucket of the folder, over what the profile says.
pub const BUCKET: &str = "SECURECART_BUCKET";
/// The role to assume with an ID token, over what the profile says; without a named profile, a profile of its own.
pub const ROLE_ARN: &str = "SECURECART_ROLE_ARN";
/// The session's name, over what the profile says.
pub const ROLE_SESSION_NAME: &str = "SECURECART_ROLE_SESSION_NAME";
/// The file that holds the ID token.
pub const TOKEN_FILE: &str = "SECURECART_TOKEN_FILE";
/// The name of the variable that holds the ID token.
pub const TOKEN_ENV: &str = "SECURECART_TOKEN_ENV";
/// Whom GitHub Actions' ID token is for.
pub const AUDIENCE: &str = "SECURECART_AUDIENCE";
/// The role that AWS SDKs assume with [`AWS_WEB_IDENTITY_TOKEN_FILE`].
pub const AWS_ROLE_ARN: &str = "AWS_ROLE_ARN";
/// The session's name for AWS SDKs.
pub const AWS_ROLE_SESSION_NAME: &str = "AWS_ROLE_SESSION_NAME";
/// The file of an ID token, as EKS sets it.
pub const AWS_WEB_IDENTITY_TOKEN_FILE: &str = "AWS_WEB_IDENTITY_TOKEN_FILE";
/// Where a job of GitHub Actions asks for an ID token.
pub const ACTIONS_ID_TOKEN_REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
/// What it shows there.
pub const ACTIONS_ID_TOKEN_REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
/// Which AWS profile other tools use.
pub const AWS_PROFILE: &str = "AWS_PROFILE";
/// Which key signs requests of other AWS tools.
pub const AWS_ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
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
    (BUCKET, "the bucket, over the profile's"),
    (
        ROLE_ARN,
        "the role to assume with an ID token, over the profile's; when no profile is named, this makes one of \
         variables alone, named environment, that keeps nothing unless SECURECART_KEYCHAIN says where",
    ),
    (ROLE_SESSION_NAME, "the session's name, over the profile's and the one from the token's subject"),
    (TOKEN_FILE, "the file that holds the ID token"),
    (TOKEN_ENV, "the name of the variable that holds the ID token"),
    (AUDIENCE, "whom GitHub Actions' ID token is for [sts.amazonaws.com]"),
    (
        AWS_ROLE_ARN,
        "the role when neither SECURECART_ROLE_ARN nor the profile names one; with an ID token and without a \
         configuration file it makes a profile too",
    ),
    (AWS_WEB_IDENTITY_TOKEN_FILE, "the file that holds the ID token when nothing else says where it is"),
    (AWS_ROLE_SESSION_NAME, "the session's name when nothing else says it"),
    ("ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN", "where a job of GitHub Actions gets its ID token"),
    (BROWSER_PATH, "the Chrome, Edge or Chromium that login --browser starts"),
    (BROWSER_FLAGS, "more flags for it, separated by spaces: --no-sandbox as root in a container"),
    (AWS_PROFILE, "used like SECURECART_PROFILE, but only when it names a profile of config.toml"),
    (
        AWS_ACCESS_KEY_ID,
        "with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN: the credentials of a profile with `method = \"aws\"` that looks in \
         the environment; the variables of containers and instances (AWS_CONTAINER_…, AWS_EC2_METADATA_…) likewise",
    ),
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
