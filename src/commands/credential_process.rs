//! `securecart credential-process`: what `~/.aws/config` calls, thousands of times a day.
//!
//! Fresh credentials cost one read of the configuration and one of the keychain. It never asks anything; only with
//! `auto_login = true` may it open a browser, and then one for however many callers.

use super::interrupt::{small_runtime, unless_interrupted};
use super::login::browser_is_here;
use super::setup::{Context, Setup};
use crate::credentials::{LoginRequest, Renewal, SignInMethod, SignedIn, process_output};
use crate::error::{Kind, Result};
use crate::ui::Terminal;

/// Runs it.
///
/// # Errors
/// [`Kind::NotSignedIn`] when only a person can help.
pub fn run(context: &Context) -> Result<()> {
    let setup = context.silent_setup()?;
    let signed_in = match setup.provider().load_fresh()? {
        Some(fresh) => fresh,
        None => renewed(&setup, context)?,
    };
    context.ui.data_bytes(&process_output(&signed_in.credentials, &signed_in.account_id))
}

fn renewed(setup: &Setup, context: &Context) -> Result<SignedIn> {
    let http = setup.http()?;
    let method = setup.method(&http);
    if !setup.profile.auto_login || !browser_is_here(&context.environment) {
        return setup.provider().obtain(&*method);
    }
    let request = LoginRequest { browser_here: true, ..LoginRequest::default() };
    setup.provider().obtain(&AutoLogin { method, request, terminal: Terminal::silent() })
}

/// Renews silently, and signs in through the browser when that is the only way.
struct AutoLogin<'a> {
    method: Box<dyn SignInMethod + 'a>,
    request: LoginRequest,
    terminal: Terminal,
}

impl Renewal for AutoLogin<'_> {
    fn renew(&self, old: Option<&SignedIn>) -> Result<SignedIn> {
        match self.method.renew(old) {
            Err(error) if error.kind == Kind::NotSignedIn => {
                small_runtime()?.block_on(unless_interrupted(self.method.login(&self.request, &self.terminal)))
            }
            renewed => renewed,
        }
    }
}
