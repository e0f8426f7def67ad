//! What a sandbox is started with.
//!
//! Owns the defaults. Never reads the environment: the binary turns flags into this, tests fill
//! it in.

/// The bucket that holds everybody's folders.
pub const BUCKET: &str = "securecart-user-docs";

/// What `DocsUser` allows unless told otherwise: the own folder.
pub const FOLDER_POLICY: &str = include_str!("../policies/folder.json");

/// The same, and what the file commands can do besides: versions and tags.
pub const FOLDER_POLICY_WITH_OPTIONS: &str = include_str!("../policies/folder-with-options.json");

/// A bucket in which only administrators may do anything.
pub const ADMIN_BUCKET: &str = "admin-only";

/// Settings of one sandbox; `Options::default()` is an organisation as AWS would set it up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Region of Identity Center and of the buckets; the only one S3 signatures are accepted for.
    pub region: String,
    /// Approve every sign-in at once as this person, as a browser with a live session would.
    pub auto_approve: Option<String>,
    /// Further accounts to make, in each of which alice and bob have `DocsUser`.
    pub extra_accounts: u32,
    /// Life of an SSO access token (AWS: one hour).
    pub access_token_secs: u32,
    /// Life of the portal session, after which refreshing is refused (AWS: 8 h by default).
    pub session_secs: u32,
    /// Life of role credentials from the portal (AWS: the permission set's session duration, 1 h).
    pub role_credential_secs: u32,
    /// Life of a device code and its user code (AWS: 600 s).
    pub device_code_secs: u32,
    /// Seconds a client must wait between polls (AWS answers 1).
    pub interval_secs: u32,
    /// Life of a client registration (AWS: about 90 days; some organisations 24 h).
    pub client_secs: u32,
    /// Portal requests allowed per second before 429; `None` for no limit.
    pub portal_requests_per_second: Option<u32>,
    /// Revoke the whole sign-in when a used refresh token comes back (OAuth 2.1, section 4.3.1).
    /// Otherwise the reuse is refused and counted.
    pub revoke_on_refresh_reuse: bool,
    /// The sandbox's Okta is on the classic pipeline rather than the Identity Engine.
    pub okta_classic: bool,
    /// Whether the bucket with everybody's folders has versioning.
    pub versioning: bool,
    /// What the permission set `DocsUser` allows, as a policy document; the own folder and no more when absent.
    pub docs_policy: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            region: "eu-central-1".into(),
            auto_approve: None,
            extra_accounts: 0,
            access_token_secs: 3600,
            session_secs: 8 * 3600,
            role_credential_secs: 3600,
            device_code_secs: 600,
            interval_secs: 1,
            client_secs: 90 * 24 * 3600,
            portal_requests_per_second: None,
            revoke_on_refresh_reuse: false,
            okta_classic: false,
            versioning: false,
            docs_policy: None,
        }
    }
}
