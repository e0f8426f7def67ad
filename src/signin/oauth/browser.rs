//! A browser on this machine, from the address it is sent to until it brings the code back.

use super::callback::Callback;
use super::error::OAuthError;
use super::pkce::Attempt;
use crate::secret::Secret;
use crate::signin::Interaction;

/// What the browser brought, and what the token endpoint wants with it.
pub(in crate::signin) struct Authorized {
    /// Good for one use.
    pub(in crate::signin) code: Secret,
    /// As it was sent.
    pub(in crate::signin) redirect_uri: String,
    /// Proves that who exchanges the code also asked for it.
    pub(in crate::signin) verifier: Secret,
    /// What an ID token must hold.
    pub(in crate::signin) nonce: Secret,
}

/// Sends the person's browser to `endpoint`, and waits for what it brings back. `more` are further parameters, given the
/// nonce.
///
/// # Errors
/// [`OAuthError`].
pub(in crate::signin) async fn authorize(
    endpoint: &str,
    client_id: &str,
    more: impl FnOnce(&Secret) -> Vec<(&'static str, String)>,
    (port, open): (u16, bool),
    person: &dyn Interaction,
) -> Result<Authorized, OAuthError> {
    let mut random = [0; 96];
    getrandom::fill(&mut random).map_err(|_| OAuthError::NoRandomness)?;
    let attempt = Attempt::new(&random);
    let callback = Callback::bind(port).await?;
    let redirect_uri = callback.redirect_uri();
    let url = attempt.authorize_url(endpoint, client_id, &redirect_uri, &more(&attempt.nonce));
    if open && person.open_browser(&url) {
        person.say(&format!("Your browser has been opened to sign in. If it has not, go to:\n\n  {url}\n"));
    } else {
        person.say(&format!("To sign in, open this address in a browser on this machine:\n\n  {url}\n"));
    }
    let code = callback.code(&attempt.state).await?;
    Ok(Authorized { code, redirect_uri, verifier: attempt.verifier, nonce: attempt.nonce })
}
