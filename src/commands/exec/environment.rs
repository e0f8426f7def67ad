//! What the command inherits, and what it doesn't.

use std::ffi::OsString;
use std::process::Command;

use super::super::setup::Context;
use crate::config::aws_config::{Conflict, config_file_credentials, credentials_file_conflict};
use crate::config::directories::{aws_config_file, aws_credentials_file};
use crate::config::environment::ProxyVariables;
use crate::config::variable::{AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE};
use crate::config::write::read_or_empty;
use crate::credentials::{Variable, is_cleared};
use crate::error::Result;

/// The profile AWS tools use when none is named.
const DEFAULT: &str = "default";
/// A file with nothing in it.
const NOTHING: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// The command, without the variables that would choose other credentials.
pub(super) fn clean(words: &[OsString]) -> Command {
    let (program, arguments) = words.split_first().expect("clap requires a command");
    let mut command = Command::new(program);
    command.args(arguments);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_cleared) {
            command.env_remove(name);
        }
    }
    command
}

/// Gives it these.
pub(super) fn set(command: &mut Command, variables: &[Variable]) {
    command.envs(variables.iter().map(|variable| (variable.name, variable.value.expose())));
}

/// SDKs take the credentials of the default profile before those of a container: where it has some, its file is hidden
/// from the command, and the person is told.
pub(super) fn hide_default_profile(command: &mut Command, context: &Context) -> Result<()> {
    let environment = &context.environment;
    let mut hide = |variable: &str, file: &std::path::Path, conflict: Option<Conflict>| {
        if let Some(Conflict { key, line, .. }) = conflict {
            let file = file.display();
            context
                .ui
                .say(format_args!("{file} is hidden from the command: its default profile has {key} (line {line})"));
            command.env(variable, NOTHING);
        }
    };
    let config = aws_config_file(environment)?;
    // A file that can't be read here can't be read by the command either.
    let text = read_or_empty(&config).unwrap_or_default();
    hide(AWS_CONFIG_FILE, &config, config_file_credentials(&text, DEFAULT));
    let credentials = aws_credentials_file(environment)?;
    let text = read_or_empty(&credentials).unwrap_or_default();
    hide(AWS_SHARED_CREDENTIALS_FILE, &credentials, credentials_file_conflict(&text, DEFAULT));
    Ok(())
}

/// The token of the endpoint is not for a proxy, which some SDKs would ask even for this machine.
pub(super) fn keep_from_proxies(command: &mut Command, proxy: &ProxyVariables) {
    if proxy.http.is_none() && proxy.all.is_none() {
        return;
    }
    let value = match &proxy.no {
        None => "127.0.0.1".to_owned(),
        Some(hosts) if hosts.split(',').any(|host| ["127.0.0.1", "*"].contains(&host.trim())) => return,
        Some(hosts) => format!("{hosts},127.0.0.1"),
    };
    command.env("NO_PROXY", &value).env("no_proxy", &value);
}
