//! The federation endpoint: credentials → sign-in token → address.

use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use super::destination::{Destination, Partition};
use super::duration::SessionDuration;
use super::error::ConsoleError;
use crate::config::names::{Region, SafeUrl};
use crate::http::Http;
use crate::identity::RoleCredentials;
use crate::secret::Secret;

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Session<'a> {
    session_id: &'a str,
    session_key: &'a str,
    session_token: &'a str,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    signin_token: String,
}

/// The address that signs a browser in to the console, once and within 15 minutes: a secret.
///
/// # Errors
/// [`ConsoleError`].
pub async fn fetch_sign_in_url(
    http: &Http,
    region: &Region,
    endpoint: Option<&SafeUrl>,
    credentials: &RoleCredentials,
    destination: Option<&Destination>,
    duration: Option<SessionDuration>,
) -> Result<Secret, ConsoleError> {
    let unknown = || ConsoleError::UnknownPartition { region: region.to_string() };
    let partition = match (Partition::of(region), endpoint) {
        (Some(partition), _) => partition,
        (None, Some(endpoint)) => Partition::at(endpoint).ok_or_else(unknown)?,
        (None, None) => return Err(unknown()),
    };
    let page = partition.page(destination, region)?;
    let origin = endpoint.map_or(partition.signin.as_ref(), SafeUrl::as_str);
    let url: SafeUrl = format!("{origin}/federation").parse().map_err(|_| unknown())?;

    let session = Session {
        session_id: &credentials.access_key_id,
        session_key: credentials.secret_access_key.expose(),
        session_token: credentials.session_token.expose(),
    };
    let session = Zeroizing::new(serde_json::to_string(&session).expect("strings always serialize into memory"));
    let seconds = duration.map(|duration| duration.as_secs().to_string());
    let mut fields = vec![("Action", "getSigninToken"), ("Session", session.as_str())];
    fields.extend(seconds.as_deref().map(|seconds| ("SessionDuration", seconds)));
    let reply = http.post_form(&url, &fields).await?;
    if reply.status != 200 {
        return Err(ConsoleError::Refused { status: reply.status });
    }
    let answer: Answer = serde_json::from_str(reply.body.expose()).map_err(|_| ConsoleError::Incomplete)?;
    let token = Secret::new(answer.signin_token);
    let query = Serializer::new(String::new())
        .append_pair("Action", "login")
        .append_pair("Issuer", "securecart")
        .append_pair("Destination", &page)
        .append_pair("SigninToken", token.expose())
        .finish();
    Ok(Secret::new(format!("{url}?{query}")))
}
