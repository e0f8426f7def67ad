//! The OIDC service of IAM Identity Center: registering, signing in, renewing.

use aws_sdk_ssooidc::config::{BehaviorVersion, Region as SdkRegion};
use aws_sdk_ssooidc::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ssooidc::operation::create_token::{CreateTokenError, CreateTokenOutput};
use aws_smithy_types::retry::RetryConfig;
use jiff::{SignedDuration, Timestamp};

use super::error::SsoError;
use super::session::{AccessToken, Flow, Registration, SsoSession};
use crate::config::names::{Region, SafeUrl, StartUrl};
use crate::error::Result;
use crate::http::{Http, small_request_retries, small_request_timeouts, transport_failure};
use crate::secret::Secret;
use crate::signin::Interaction;
use crate::signin::oauth::{
    Authorized, DEVICE_GRANT, OAuthError, Poll, REGISTERED_REDIRECT, Reply, SignIn, authorize, instructions,
};

const SERVICE: &str = "IAM Identity Center";
/// What the organisation's administrators see in their logs and people see on the Allow page.
const CLIENT_NAME: &str = "securecart";
/// The scope that lets a token list and fetch role credentials.
const SCOPE: &str = "sso:account:access";

/// A client of one organisation's OIDC service.
#[derive(Debug)]
pub struct SsoClient {
    oidc: aws_sdk_ssooidc::Client,
    endpoint: String,
    start_url: StartUrl,
    sso_region: Region,
}

impl SsoClient {
    /// For the organisation at `start_url`. `endpoint` replaces AWS's own.
    pub fn new(http: &Http, start_url: StartUrl, sso_region: Region, endpoint: Option<&SafeUrl>) -> Self {
        let mut config = aws_sdk_ssooidc::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::new(sso_region.as_str().to_owned()))
            .http_client(http.client(endpoint))
            .retry_config(small_request_retries())
            .timeout_config(small_request_timeouts());
        config.set_endpoint_url(endpoint.map(|url| url.as_str().to_owned()));
        let endpoint = endpoint.map_or_else(
            || format!("https://oidc.{sso_region}.{}", sso_region.dns_suffix()),
            |url| url.as_str().to_owned(),
        );
        Self { oidc: aws_sdk_ssooidc::Client::from_conf(config.build()), endpoint, start_url, sso_region }
    }

    /// Signs a person in, through a browser on this machine or anywhere. `session` keeps the registration for the
    /// next time and gets the token.
    ///
    /// # Errors
    /// [`SsoError`]; each of denial, expiry and an unknown start URL is a variant of its own.
    pub async fn sign_in(
        &self,
        session: &mut SsoSession,
        how: SignIn,
        now: &dyn Fn() -> Timestamp,
        person: &dyn Interaction,
    ) -> Result<()> {
        let flow = flow_of(how);
        let mut fresh = false;
        if !session.registration(flow).is_some_and(|registration| registration.is_usable(now())) {
            session.set_registration(self.register(flow).await?);
            fresh = true;
        }
        loop {
            let registration = session
                .registration(flow)
                .cloned()
                .ok_or(SsoError::Incomplete { service: SERVICE, what: "a registration" })?;
            let signed_in = match how {
                SignIn::AuthorizationCode { port, open } => {
                    self.with_browser(&registration, port, open, now, person).await
                }
                SignIn::DeviceCode => self.with_device_code(&registration, now, person).await,
            };
            match signed_in {
                // The service may forget a registration before its time: register again, once.
                Err(Failure::UnknownClient) if !fresh => {
                    session.set_registration(self.register(flow).await?);
                    fresh = true;
                }
                Err(failure) => return Err(self.explain(failure).into()),
                Ok(token) => {
                    session.token = Some(token);
                    return Ok(());
                }
            }
        }
    }

    /// Renews the access token with the refresh token, which is good for one use: keep what comes back.
    ///
    /// # Errors
    /// [`SsoError::SessionEnded`] when the portal session is over or there is nothing to renew with.
    pub async fn renew(&self, session: &SsoSession, now: Timestamp) -> Result<AccessToken, SsoError> {
        let ended = || SsoError::SessionEnded { start_url: self.start_url.to_string() };
        let token = session.token.as_ref().ok_or_else(ended)?;
        let refresh_token = token.refresh_token.as_ref().ok_or_else(ended)?;
        let registration = session.registration(token.flow).ok_or_else(ended)?;
        let reply = self
            .oidc
            .create_token()
            .client_id(&registration.client_id)
            .client_secret(registration.client_secret.expose())
            .grant_type("refresh_token")
            .refresh_token(refresh_token.expose())
            .send()
            .await;
        match reply.map_err(|error| self.token_failure(&error)) {
            Ok(reply) => {
                let renewed = access_token(&reply, token.flow, now)?;
                let refresh_token = renewed.refresh_token.or_else(|| token.refresh_token.clone());
                Ok(AccessToken { refresh_token, ..renewed })
            }
            Err(Failure::InvalidGrant | Failure::UnknownClient) => Err(ended()),
            Err(Failure::Reply(Reply::Expired | Reply::Denied)) => Err(ended()),
            Err(failure) => Err(self.explain(failure)),
        }
    }

    async fn register(&self, flow: Flow) -> Result<Registration, SsoError> {
        let request = self.oidc.register_client().client_name(CLIENT_NAME).client_type("public").scopes(SCOPE);
        let request = match flow {
            Flow::AuthorizationCode => request
                .grant_types("authorization_code")
                .grant_types("refresh_token")
                .redirect_uris(REGISTERED_REDIRECT)
                .issuer_url(self.start_url.as_str()),
            Flow::DeviceCode => request.grant_types(DEVICE_GRANT).grant_types("refresh_token"),
        };
        let reply = request.send().await.map_err(|error| {
            if error.as_service_error().is_some_and(|error| error.is_invalid_request_exception()) {
                return self.unknown_start_url();
            }
            self.other_failure(&error, error.code())
        })?;
        let lacks = |what| SsoError::Incomplete { service: SERVICE, what };
        Ok(Registration {
            flow,
            client_id: reply.client_id().ok_or_else(|| lacks("clientId"))?.to_owned(),
            client_secret: Secret::new(reply.client_secret().ok_or_else(|| lacks("clientSecret"))?),
            expires_at: Timestamp::from_second(reply.client_secret_expires_at())
                .map_err(|_| lacks("a legal clientSecretExpiresAt"))?,
        })
    }

    async fn with_browser(
        &self,
        registration: &Registration,
        port: u16,
        open: bool,
        now: &dyn Fn() -> Timestamp,
        person: &dyn Interaction,
    ) -> Result<AccessToken, Failure> {
        let endpoint = format!("{}/authorize", self.endpoint.trim_end_matches('/'));
        let scopes = |_: &Secret| vec![("scopes", SCOPE.to_owned())];
        let authorized = authorize(&endpoint, &registration.client_id, scopes, (port, open), person).await;
        let Authorized { code, redirect_uri, verifier, .. } = authorized.map_err(SsoError::from)?;
        let reply = self
            .oidc
            .create_token()
            .client_id(&registration.client_id)
            .client_secret(registration.client_secret.expose())
            .grant_type("authorization_code")
            .redirect_uri(redirect_uri)
            .code(code.expose())
            .code_verifier(verifier.expose())
            .send()
            .await
            .map_err(|error| self.token_failure(&error))?;
        Ok(access_token(&reply, Flow::AuthorizationCode, now())?)
    }

    async fn with_device_code(
        &self,
        registration: &Registration,
        now: &dyn Fn() -> Timestamp,
        person: &dyn Interaction,
    ) -> Result<AccessToken, Failure> {
        let device = self
            .oidc
            .start_device_authorization()
            .client_id(&registration.client_id)
            .client_secret(registration.client_secret.expose())
            .start_url(self.start_url.as_str())
            .send()
            .await
            .map_err(|error| match error.as_service_error() {
                Some(service) if service.is_invalid_client_exception() => Failure::UnknownClient,
                Some(service) if service.is_invalid_request_exception() => self.unknown_start_url().into(),
                _ => self.other_failure(&error, error.code()).into(),
            })?;
        let lacks = |what| SsoError::Incomplete { service: SERVICE, what };
        let device_code = Secret::new(device.device_code().ok_or_else(|| lacks("deviceCode"))?);
        let user_code = device.user_code().ok_or_else(|| lacks("userCode"))?;
        let page = device.verification_uri().ok_or_else(|| lacks("verificationUri"))?;
        person.say(&instructions(page, user_code));
        let mut poll = Poll::new(device.interval(), device.expires_in());
        loop {
            tokio::time::sleep(poll.interval()).await;
            // Polling is paced by the answers; the SDK's own retries would break the pace.
            let asked = self
                .oidc
                .create_token()
                .client_id(&registration.client_id)
                .client_secret(registration.client_secret.expose())
                .grant_type(DEVICE_GRANT)
                .device_code(device_code.expose())
                .customize()
                .config_override(aws_sdk_ssooidc::config::Builder::new().retry_config(RetryConfig::disabled()))
                .send()
                .await;
            match asked.map_err(|error| self.token_failure(&error)) {
                Ok(reply) => return Ok(access_token(&reply, Flow::DeviceCode, now())?),
                Err(Failure::Reply(reply)) => poll.after(reply)?,
                Err(failure) => return Err(failure),
            }
        }
    }

    fn token_failure(&self, error: &SdkError<CreateTokenError>) -> Failure {
        if let Some(failure) = transport_failure(error, &self.host()) {
            return Failure::Reply(Reply::Unreachable(failure.into()));
        }
        let Some(service) = error.as_service_error() else {
            return self.other_failure(error, error.code()).into();
        };
        match service {
            error if error.is_authorization_pending_exception() => Failure::Reply(Reply::Pending),
            error if error.is_slow_down_exception() => Failure::Reply(Reply::SlowDown),
            error if error.is_expired_token_exception() => Failure::Reply(Reply::Expired),
            error if error.is_access_denied_exception() => Failure::Reply(Reply::Denied),
            error if error.is_invalid_client_exception() => Failure::UnknownClient,
            error if error.is_invalid_grant_exception() => Failure::InvalidGrant,
            error if error.is_internal_server_exception() => {
                Failure::Reply(Reply::Unreachable(service_error("InternalServerException")))
            }
            other => Failure::Reply(Reply::Failed(service_error(other.code().unwrap_or("an unknown error")))),
        }
    }

    fn other_failure<E, R>(&self, error: &SdkError<E, R>, code: Option<&str>) -> SsoError {
        match transport_failure(error, &self.host()) {
            Some(failure) => failure.into(),
            None if matches!(code, Some("SlowDownException" | "TooManyRequestsException")) => {
                SsoError::TooManyRequests { service: SERVICE }
            }
            None => service_error(code.unwrap_or("an unknown error")),
        }
    }

    fn explain(&self, failure: Failure) -> SsoError {
        match failure {
            Failure::UnknownClient => service_error("InvalidClientException"),
            Failure::InvalidGrant => service_error("InvalidGrantException"),
            Failure::Reply(Reply::Unreachable(error) | Reply::Failed(error)) | Failure::Other(error) => error,
            Failure::Reply(Reply::Denied) => OAuthError::Denied.into(),
            Failure::Reply(Reply::SlowDown | Reply::Pending) => SsoError::TooManyRequests { service: SERVICE },
            Failure::Reply(Reply::Expired) => SsoError::SessionEnded { start_url: self.start_url.to_string() },
        }
    }

    fn unknown_start_url(&self) -> SsoError {
        SsoError::UnknownStartUrl { start_url: self.start_url.to_string(), region: self.sso_region.to_string() }
    }

    fn host(&self) -> String {
        self.endpoint.split_once("://").map_or(self.endpoint.as_str(), |(_, host)| host).to_owned()
    }
}

fn flow_of(how: SignIn) -> Flow {
    match how {
        SignIn::AuthorizationCode { .. } => Flow::AuthorizationCode,
        SignIn::DeviceCode => Flow::DeviceCode,
    }
}

/// Why a token request gave no token, before it is known what that means for the caller.
enum Failure {
    UnknownClient,
    InvalidGrant,
    Reply(Reply<SsoError>),
    Other(SsoError),
}

impl From<SsoError> for Failure {
    fn from(error: SsoError) -> Self {
        Failure::Other(error)
    }
}

fn service_error(code: &str) -> SsoError {
    let code = code.chars().filter(|c| c.is_ascii_alphanumeric() || "._- ".contains(*c)).take(80).collect();
    SsoError::Service { service: SERVICE, code }
}

fn access_token(reply: &CreateTokenOutput, flow: Flow, now: Timestamp) -> Result<AccessToken, SsoError> {
    let lacks = |what| SsoError::Incomplete { service: SERVICE, what };
    let token = Secret::new(reply.access_token().ok_or_else(|| lacks("accessToken"))?);
    let lifetime = SignedDuration::from_secs(i64::from(reply.expires_in().max(0)));
    let expires_at = now.checked_add(lifetime).map_err(|_| lacks("a legal expiresIn"))?;
    Ok(AccessToken { token, expires_at, refresh_token: reply.refresh_token().map(Secret::new), flow })
}
