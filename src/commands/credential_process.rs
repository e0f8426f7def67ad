//! `securecart credential-process`: what `~/.aws/config` calls, thousands of times a day.
//!
//! Fresh credentials cost one read of the configuration and one of the keychain. It never asks anything; only with
//! `auto_login = true` may it open a browser, and then one for however many callers.

use super::interrupt::{small_runtime, unless_interrupted};
use super::login::{LoginRequest, browser_sign_in};
use super::setup::{Context, Setup};
use crate::credentials::{Renewal, SignedIn, SsoRenewal, process_output};
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
    let silent = setup.renewal(&http);
    match browser_sign_in(&context.environment, setup.profile.callback_port) {
        Some(how) if setup.profile.auto_login => {
            let request = LoginRequest { how, force: false, choose: false, account_id: None, role_name: None };
            setup.provider().obtain(&AutoLogin { silent, request, terminal: Terminal::silent() })
        }
        _ => setup.provider().obtain(&silent),
    }
}

/// Renews silently, and signs in through the browser when that is the only way.
struct AutoLogin<'a> {
    silent: SsoRenewal<'a>,
    request: LoginRequest,
    terminal: Terminal,
}

impl Renewal for AutoLogin<'_> {
    fn renew(&self, old: Option<&SignedIn>) -> Result<SignedIn> {
        match self.silent.renew(old) {
            Err(error) if error.kind == Kind::NotSignedIn => {
                small_runtime()?.block_on(unless_interrupted(self.silent.login(&self.request, &self.terminal)))
            }
            renewed => renewed,
        }
    }
}
