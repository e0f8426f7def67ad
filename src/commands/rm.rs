//! `securecart rm`.

use super::transfer::Telling;
use crate::cli::folder::RmArgs;
use crate::error::{Error, Kind, Result};
use crate::folder::outcome::{Action, Totals};
use crate::folder::removal::{self, RemovalOptions, remove};
use crate::folder::{Folder, FolderKey};
use crate::ui::prompt::Ask as _;
use crate::ui::{Ui, size};

/// Paths that are removed without asking, when each was typed.
const FEW: usize = 20;

/// Objects that are counted before asking: with more, `more than` says enough.
const COUNTED: u64 = 10_000;

/// Removes the paths, after asking where that is wise.
///
/// # Errors
/// [`Kind::Denied`] for a path outside the folder, before anything is asked; [`Kind::Usage`] when it would have to
/// ask and can't; any of the folder's.
pub async fn run(args: &RmArgs, folder: &Folder, ui: &Ui) -> Result<()> {
    let targets: Vec<FolderKey> =
        args.paths.iter().map(|path| folder.prefix().key(path, args.literal)).collect::<Result<_, _>>()?;
    let many = args.recursive || targets.len() > FEW;
    if many && !args.yes && !args.dry_run {
        agree(args, folder, ui, &targets).await?;
    }
    let options = RemovalOptions { recursive: args.recursive, listed: false, dry_run: args.dry_run };
    let mut telling = Telling::begin(ui, args.json, Action::Remove, args.dry_run, Totals::default());
    let (stop, progress) = (telling.stop.clone(), telling.progress.clone());
    let result = remove(folder, targets, &options, &stop, &progress, |outcome| telling.report(&outcome)).await;
    telling.finish(result.map_err(Into::into))
}

/// Asks the person, who is told how much it is.
async fn agree(args: &RmArgs, folder: &Folder, ui: &Ui, targets: &[FolderKey]) -> Result<()> {
    let Some(prompt) = ui.prompt() else {
        return Err(Error::usage("removing many objects needs a yes, and there is no terminal to ask on")
            .with_hint("look with `--dry-run`, then add `--yes`"));
    };
    let question = if args.recursive {
        let count = removal::count(folder, targets, COUNTED).await?;
        if count.objects == 0 {
            // There is nothing to agree to; that it isn't there is told as ever.
            return Ok(());
        }
        let more = if count.more { "more than " } else { "" };
        format!("Remove {more}{} ({})?", size::counted(count.objects, "object"), size::human(count.bytes))
    } else {
        format!("Remove {}?", size::counted(targets.len() as u64, "object"))
    };
    if prompt.confirm(&question, false)? { Ok(()) } else { Err(Error::new(Kind::Interrupted, "nothing was removed")) }
}
