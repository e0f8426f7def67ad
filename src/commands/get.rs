//! `securecart get`.

use crate::cli::folder::GetArgs;
use crate::error::{Error, Kind, Result};
use crate::folder::Folder;
use crate::ui::Ui;

/// Runs it.
///
/// # Errors
/// Any of the folder's.
pub async fn run(_args: &GetArgs, _folder: &Folder, _ui: &Ui) -> Result<()> {
    Err(Error::new(Kind::Failed, "not there yet"))
}
