//! The `securecart` binary: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use securecart::cli::Cli;
use securecart::commands::{self, Context};
use securecart::config::Environment;
use securecart::{logging, process};

fn main() -> ExitCode {
    let cli = Cli::parse();
    process::harden();
    logging::start(cli.global.verbose);
    let context = Context::new(Environment::from_process(), &cli.global);
    match commands::run(&cli.command, &context) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            context.ui.error(&error);
            ExitCode::from(error.kind.exit_code())
        }
    }
}
