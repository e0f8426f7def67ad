//! `securecart completions`.

use clap::CommandFactory as _;

use crate::cli::{Cli, CompletionsArgs};
use crate::error::Result;
use crate::ui::Ui;

/// Prints the script.
///
/// # Errors
/// When standard output can't be written.
pub fn run(args: &CompletionsArgs, ui: &Ui) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "securecart", &mut script);
    ui.data_bytes(&script)
}
