//! The access portal: who may assume what, and the role credentials themselves.

use std::fmt;
use std::sync::Arc;

use aws_sdk_sso::config::{BehaviorVersion, Region as SdkRegion};
use aws_sdk_sso::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_types::retry::RetryConfig;
use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::error::SsoError;
use crate::config::names::{AccountId, Region, RoleName, SafeUrl, StartUrl};
use crate::http::{Http, ServerClock, patient_timeouts, small_request_timeouts, transport_failure};
use crate::identity::RoleCredentials;
use crate::secret::Secret;

const SERVICE: &str = "the access portal";
/// Source: the portal API reference, `maxResults` 1 to 100.
const PAGE_SIZE: i32 = 100;
/// Accounts whose roles are listed at the same time: the portal answers 429 to many more.
const ACCOUNTS_AT_ONCE: usize = 8;

/// An account that something in it is assigned to the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// The account's name, as the organisation gave it.
    pub name: String,
    /// Twelve digits.
    pub id: AccountId,
}

/// A permission set assigned to the person in one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assignment {
    /// Where.
    pub account: Account,
    /// What.
    pub role_name: RoleName,
}

impl Assignment {
    /// One whose account's name isn't known.
    pub fn unnamed(id: AccountId, role_name: RoleName) -> Self {
        Self { account: Account { name: String::new(), id }, role_name }
    }
}

impl fmt::Display for Assignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, role_name } = self;
        if account.name.is_empty() {
            write!(f, "{} · {role_name}", account.id)
        } else {
            write!(f, "{} ({}) · {role_name}", account.name, account.id)
        }
    }
}

/// A client of one organisation's access portal.
#[derive(Debug, Clone)]
pub struct Portal {
    sso: aws_sdk_sso::Client,
    clock: ServerClock,
    host: String,
    start_url: StartUrl,
}

impl Portal {
    /// `endpoint` replaces AWS's own.
    pub fn new(http: &Http, start_url: StartUrl, sso_region: &Region, endpoint: Option<&SafeUrl>) -> Self {
        let clock = ServerClock::default();
        let mut config = aws_sdk_sso::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(SdkRegion::new(sso_region.as_str().to_owned()))
            .http_client(http.client(endpoint))
            .retry_config(RetryConfig::standard().with_max_attempts(6))
            .timeout_config(patient_timeouts())
            .interceptor(clock.clone());
        config.set_endpoint_url(endpoint.map(|url| url.as_str().to_owned()));
        let host = endpoint.map_or_else(
            || format!("portal.sso.{sso_region}.{}", sso_region.dns_suffix()),
            |url| url.as_str().to_owned(),
        );
        Self { sso: aws_sdk_sso::Client::from_conf(config.build()), clock, host, start_url }
    }

    /// The credentials of one role.
    ///
    /// # Errors
    /// [`SsoError::SessionEnded`] when the token isn't taken, [`SsoError::NotAssigned`], [`SsoError::ClockOff`].
    pub async fn fetch_role_credentials(
        &self,
        token: &Secret,
        account_id: &AccountId,
        role_name: &RoleName,
        now: Timestamp,
    ) -> Result<RoleCredentials, SsoError> {
        let reply = self
            .sso
            .get_role_credentials()
            .access_token(token.expose())
            .account_id(account_id.as_str())
            .role_name(role_name.as_str())
            .customize()
            .config_override(aws_sdk_sso::config::Builder::new().timeout_config(small_request_timeouts()))
            .send()
            .await
            .map_err(|error| match error.code() {
                Some("ForbiddenException" | "ResourceNotFoundException") => {
                    SsoError::NotAssigned { role: role_name.to_string(), account: account_id.to_string() }
                }
                code => self.failure(&error, code),
            })?;
        let lacks = |what| SsoError::Incomplete { service: SERVICE, what };
        let credentials = reply.role_credentials().ok_or_else(|| lacks("roleCredentials"))?;
        let fetched = RoleCredentials {
            access_key_id: credentials.access_key_id().ok_or_else(|| lacks("accessKeyId"))?.to_owned(),
            secret_access_key: Secret::new(credentials.secret_access_key().ok_or_else(|| lacks("secretAccessKey"))?),
            session_token: Secret::new(credentials.session_token().ok_or_else(|| lacks("sessionToken"))?),
            expiration: Timestamp::from_millisecond(credentials.expiration())
                .map_err(|_| lacks("a legal expiration"))?,
        };
        match self.clock.complaint() {
            Some(complaint) if !fetched.is_valid(now) => Err(SsoError::ClockOff { complaint }),
            _ => Ok(fetched),
        }
    }

    /// Everything assigned to the person, by account name and role; in one account only, if asked.
    ///
    /// # Errors
    /// [`SsoError::SessionEnded`], [`SsoError::NothingAssigned`], [`SsoError::TooManyRequests`].
    pub async fn fetch_assignments(
        &self,
        token: &Secret,
        only: Option<&AccountId>,
    ) -> Result<Vec<Assignment>, SsoError> {
        let accounts = match only {
            Some(id) => vec![Account { name: String::new(), id: id.clone() }],
            None => self.fetch_accounts(token).await?,
        };
        let permits = Arc::new(Semaphore::new(ACCOUNTS_AT_ONCE));
        let mut listings = JoinSet::new();
        for account in accounts {
            let (portal, token, permits) = (self.clone(), token.clone(), Arc::clone(&permits));
            listings.spawn(async move {
                let _permit = permits.acquire_owned().await;
                portal.fetch_roles(&token, account).await
            });
        }
        let mut assignments = Vec::new();
        while let Some(listed) = listings.join_next().await {
            assignments.extend(listed.unwrap_or(Err(SsoError::Incomplete { service: SERVICE, what: "roles" }))?);
        }
        if assignments.is_empty() {
            return Err(SsoError::NothingAssigned { start_url: self.start_url.to_string() });
        }
        assignments.sort();
        Ok(assignments)
    }

    /// Ends the portal session, for every program that shares it.
    ///
    /// # Errors
    /// When the portal can't be reached; a token that has ended already is not an error.
    pub async fn sign_out(&self, token: &Secret) -> Result<(), SsoError> {
        match self.sso.logout().access_token(token.expose()).send().await {
            Ok(_) => Ok(()),
            Err(error) => match self.failure(&error, error.code()) {
                SsoError::SessionEnded { .. } => Ok(()),
                failure => Err(failure),
            },
        }
    }

    async fn fetch_accounts(&self, token: &Secret) -> Result<Vec<Account>, SsoError> {
        let mut pages =
            self.sso.list_accounts().access_token(token.expose()).max_results(PAGE_SIZE).into_paginator().send();
        let mut accounts = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failure(&error, error.code()))?;
            // An id that isn't one is the portal's mistake, and no reason to hide the others.
            accounts.extend(page.account_list().iter().filter_map(|account| {
                let id = account.account_id()?.parse().ok()?;
                Some(Account { name: account.account_name().unwrap_or_default().to_owned(), id })
            }));
        }
        Ok(accounts)
    }

    async fn fetch_roles(&self, token: &Secret, account: Account) -> Result<Vec<Assignment>, SsoError> {
        let mut pages = self
            .sso
            .list_account_roles()
            .access_token(token.expose())
            .account_id(account.id.as_str())
            .max_results(PAGE_SIZE)
            .into_paginator()
            .send();
        let mut roles = Vec::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                // An account that isn't the person's has no roles of theirs.
                Err(error) if matches!(error.code(), Some("ForbiddenException" | "ResourceNotFoundException")) => break,
                Err(error) => return Err(self.failure(&error, error.code())),
            };
            roles.extend(page.role_list().iter().filter_map(|role| {
                Some(Assignment { account: account.clone(), role_name: role.role_name()?.parse().ok()? })
            }));
        }
        Ok(roles)
    }

    fn failure<E, R>(&self, error: &SdkError<E, R>, code: Option<&str>) -> SsoError {
        if let Some(failure) = transport_failure(error, &self.host) {
            return failure.into();
        }
        match code {
            Some("UnauthorizedException") => SsoError::SessionEnded { start_url: self.start_url.to_string() },
            Some("TooManyRequestsException") => SsoError::TooManyRequests { service: SERVICE },
            code => SsoError::Service { service: SERVICE, code: code.unwrap_or("an unknown error").to_owned() },
        }
    }
}
