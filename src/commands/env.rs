//! `securecart env`: credentials as lines that a shell or tool takes as environment variables.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use zeroize::Zeroizing;

use super::random;
use super::setup::Context;
use crate::cli::EnvArgs;
use crate::config::{Environment, load};
use crate::credentials::{SET, Variable, credential_variables, is_cleared, setting_variables};
use crate::error::{Error, Kind, Result};
use crate::ui::shell::{Shell, github_mask};

/// Runs it.
///
/// # Errors
/// [`Kind::NotSignedIn`]; [`Kind::Usage`] when the shell isn't known, or a value can't be written for it.
pub fn run(args: &EnvArgs, context: &Context) -> Result<()> {
    let shell = match args.shell {
        Some(shell) => shell,
        None => detect(&context.environment)?,
    };
    if args.unset {
        let inherited = inherited();
        let names: Vec<&str> = SET.iter().copied().chain(inherited.iter().map(String::as_str)).collect();
        return emit(shell, &shell.unset(&names), context);
    }
    let setup = context.setup()?;
    let own = load(&context.environment.without_endpoints(), &context.overrides)?.profile;
    let http = setup.http()?;
    let signed_in = setup.provider().obtain(&*setup.method(&http))?;
    let mut variables = credential_variables(&signed_in.credentials, &signed_in.account_id);
    variables.extend(setting_variables(&own.region, &own.endpoints));
    print(shell, &variables, context)
}

/// Prints them so that the shell takes them, and drops what would win over them.
pub(super) fn print(shell: Shell, variables: &[Variable], context: &Context) -> Result<()> {
    let pairs: Vec<(&str, &str)> = variables.iter().map(|variable| (variable.name, variable.value.expose())).collect();
    let unset = if shell.has_variables() { shell.unset(&names(&inherited())) } else { String::new() };
    let set = shell.set(&pairs, &delimiter()?).map_err(|problem| Error::usage(problem.to_string()))?;
    let text = Zeroizing::new(unset + &set);
    if shell == Shell::GithubActions {
        // Opened before anything is printed: what can't be left for later steps isn't shown to anybody either.
        let file = later_steps(context)?;
        mask(variables, context)?;
        return file.add(&text);
    }
    if context.ui.stdout_is_terminal {
        context.ui.warn("your secret key is on the screen now; `eval \"$(securecart env)\"` doesn't show it");
    }
    emit(shell, &text, context)
}

/// The shell this was started from, as far as the environment tells.
pub(super) fn detect(environment: &Environment) -> Result<Shell> {
    if environment.nushell {
        return Ok(Shell::Nushell);
    }
    match &environment.shell {
        Some(path) => Shell::of_program(path).ok_or_else(|| {
            Error::usage(format!("there is no form for the shell {}", path.display()))
                .with_hint("choose one with `securecart env --shell bash`; `securecart env --help` lists them")
        }),
        None if cfg!(windows) => Ok(if environment.powershell { Shell::Powershell } else { Shell::Cmd }),
        None => Ok(Shell::Bash),
    }
}

/// What the environment holds that would choose other credentials. A name that isn't an ordinary one is not repeated:
/// it would be read as part of a command.
fn inherited() -> Vec<String> {
    let ordinary = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let mut names: Vec<String> = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
    names
        .retain(|name| name.starts_with("AWS_") && is_cleared(name) && ordinary(name) && !SET.contains(&name.as_str()));
    names.sort();
    names
}

fn names(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

/// A word that no value can hold by chance.
fn delimiter() -> Result<String> {
    Ok(format!("EOF_{}", random::word::<16>()?))
}

/// Hides what is secret from the log of the job, before anything could show it.
fn mask(variables: &[Variable], context: &Context) -> Result<()> {
    let hidden = variables.iter().filter(|variable| variable.is_secret || variable.name == "AWS_ACCESS_KEY_ID");
    let masks: String = hidden.map(|variable| github_mask(variable.value.expose())).collect();
    context.ui.data_bytes(Zeroizing::new(masks).as_bytes())
}

/// The file through which later steps of a GitHub Actions job get their environment.
struct LaterSteps<'a> {
    path: &'a Path,
    file: File,
}

fn later_steps(context: &Context) -> Result<LaterSteps<'_>> {
    let path = context.environment.github_env.as_deref().ok_or_else(|| {
        Error::usage("GITHUB_ENV is not set: this is not a step of a GitHub Actions job")
            .with_hint("choose another form, such as `securecart env --shell dotenv`")
    })?;
    let file = OpenOptions::new().append(true).open(path).map_err(|error| not_added(path, &error))?;
    Ok(LaterSteps { path, file })
}

impl LaterSteps<'_> {
    fn add(mut self, text: &str) -> Result<()> {
        self.file.write_all(text.as_bytes()).map_err(|error| not_added(self.path, &error))
    }
}

fn not_added(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("could not add to {}: {error}", path.display()))
}

fn emit(shell: Shell, text: &str, context: &Context) -> Result<()> {
    match shell {
        Shell::GithubActions => later_steps(context)?.add(text),
        _ => context.ui.data_bytes(text.as_bytes()),
    }
}
