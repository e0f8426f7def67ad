//! `securecart console`: the AWS console in the browser, signed in.

mod handoff;

use super::interrupt::{small_runtime, unless_interrupted};
use super::login::browser_is_here;
use super::setup::Context;
use crate::cli::ConsoleArgs;
use crate::config::Profile;
use crate::console::{SessionKind, fetch_sign_in_url};
use crate::credentials::SignedIn;
use crate::error::{Error, Kind, Result};
use crate::signin::Interaction as _;
use crate::ui::Terminal;

/// Runs it.
///
/// # Errors
/// [`Kind::NotSignedIn`]; what the federation endpoint says; [`Kind::Usage`] where no browser can open.
pub fn run(args: &ConsoleArgs, context: &Context) -> Result<()> {
    if !args.print && !args.open && !browser_is_here(&context.environment) {
        return Err(Error::usage("no browser can open on this machine")
            .with_hint("get the address with `securecart console --print`, for a browser anywhere"));
    }
    let setup = context.setup()?;
    let http = setup.http()?;
    let signed_in = setup.provider().obtain(&*setup.method(&http))?;
    let Profile { region, endpoints, .. } = &setup.profile;
    let (signin, credentials, destination) =
        (endpoints.signin.as_ref(), &signed_in.credentials, args.destination.as_ref());
    let duration = kind(&signed_in).duration(args.duration)?;
    let runtime = small_runtime()?;
    let fetched = async { Ok(fetch_sign_in_url(&http, region, signin, credentials, destination, duration).await?) };
    let url = runtime.block_on(unless_interrupted(fetched))?;
    if args.print {
        return context.ui.data(url.expose());
    }
    runtime.block_on(unless_interrupted(async {
        let handoff = handoff::Handoff::bind().await?;
        if !Terminal::silent().open_browser(&handoff.url()) {
            return Err(Error::new(Kind::Failed, "the browser could not be started")
                .with_hint("get the address with `securecart console --print`"));
        }
        handoff.hand_over(&url).await
    }))?;
    context.ui.say(format_args!("Opened the console as {} in account {}", signed_in.who(), signed_in.account_id));
    Ok(())
}

/// What Identity Center gives is a role's session, assumed with a proof of identity.
fn kind(signed_in: &SignedIn) -> SessionKind {
    match &signed_in.identity {
        _ if signed_in.chained => SessionKind::ChainedRole,
        Some(identity) if identity.user_name().is_some() => SessionKind::User,
        Some(identity) if identity.arn.contains(":federated-user/") => SessionKind::Federated,
        _ => SessionKind::Role,
    }
}
