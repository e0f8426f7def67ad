//! `securecart exec`: a command with credentials in its environment, or with an endpoint that serves them.

mod environment;
mod supervise;

use std::ffi::OsString;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use super::interrupt::small_runtime;
use super::random;
use super::setup::{Context, Setup};
use crate::cli::ExecArgs;
use crate::config::load;
use crate::credentials::{Container, Source, credential_variables, setting_variables};
use crate::error::{Error, Kind, Result};
use crate::ui::Ui;

/// Runs it; the exit code of the command, 128 + n where signal n ended it.
///
/// # Errors
/// [`Kind::NotSignedIn`] before the command is started; [`Kind::NoSuchProgram`] or [`Kind::CannotExecute`] when it can't
/// be.
pub fn run(args: &ExecArgs, context: &Context) -> Result<u8> {
    let setup = Arc::new(context.setup()?);
    // Endpoints of the environment are meant for other credentials; those of the profile belong to these.
    let own = load(&context.environment.without_endpoints(), &context.overrides)?.profile;
    let settings = setting_variables(&own.region, &own.endpoints);
    let mut command = environment::clean(&args.command);
    environment::set(&mut command, &settings);

    let http = setup.http()?;
    let signed_in = setup.provider().obtain(&*setup.method(&http))?;
    if args.serve {
        environment::hide_default_profile(&mut command, context)?;
        environment::keep_from_proxies(&mut command, &context.environment.proxy);
        return serve(command, &args.command, setup, &context.ui);
    }
    environment::set(&mut command, &credential_variables(&signed_in.credentials, &signed_in.account_id));
    drop((signed_in, http, setup));
    supervise::replace_this_process(command).map_err(|error| cannot_start(&args.command, &error))
}

fn serve(mut command: Command, words: &[OsString], setup: Arc<Setup>, ui: &Ui) -> Result<u8> {
    let random = random::bytes::<32>()?;
    let source = source(setup, ui.clone())?;
    let runtime = small_runtime()?;
    let ended = runtime.block_on(async {
        let container = Container::bind(&random).await?;
        environment::set(&mut command, &container.variables());
        let serving = tokio::spawn(container.serve(source));
        let ended = supervise::run(command).await.map_err(|error| cannot_start(words, &error));
        serving.abort();
        ended
    });
    // A renewal that is under way is nobody's any more.
    runtime.shutdown_background();
    ended
}

/// The provider's credentials; what goes wrong is said once, since the command may hide what the SDK tells it.
fn source(setup: Arc<Setup>, ui: Ui) -> Result<Arc<Source>> {
    let http = setup.http()?;
    let last_said = Mutex::new(None);
    Ok(Arc::new(move || {
        let got = setup.provider().obtain(&*setup.method(&http));
        let failure = got.as_ref().err().map(|error| error.message.clone());
        let mut last_said = last_said.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = &got
            && failure != *last_said
        {
            ui.error(error);
        }
        *last_said = failure;
        got
    }))
}

fn cannot_start(words: &[OsString], error: &std::io::Error) -> Error {
    let program = words.first().map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    if error.kind() == std::io::ErrorKind::NotFound {
        return Error::new(Kind::NoSuchProgram, format!("there is no program `{program}`"))
            .with_hint("check the spelling, and `PATH`; a script may also name an interpreter that isn't there");
    }
    Error::new(Kind::CannotExecute, format!("`{program}` can't be started: {error}"))
}
