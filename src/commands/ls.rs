//! `securecart ls`.

use crate::cli::folder::LsArgs;
use crate::error::{Error, Kind, Result};
use crate::folder::Folder;
use crate::ui::Ui;

/// Runs it.
///
/// # Errors
/// Any of the folder's.
pub async fn run(_args: &LsArgs, _folder: &Folder, _ui: &Ui) -> Result<()> {
    Err(Error::new(Kind::Failed, "not there yet"))
}
