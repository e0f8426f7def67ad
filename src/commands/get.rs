//! `securecart get`.

use std::path::Path;
use std::sync::Arc;

use super::transfer::{self, Telling};
use crate::cli::folder::{GetArgs, TransferArgs};
use crate::error::{Error, Result};
use crate::folder::download::{DownloadOptions, Mirror, Target, download};
use crate::folder::journal::Journal;
use crate::folder::outcome::Action;
use crate::folder::{Folder, FolderKey};
use crate::ui::Ui;

/// Downloads the sources to the destination, which is the last path when there are several.
///
/// # Errors
/// [`crate::error::Kind::Denied`] for a path outside the folder, before anything is asked; any of the folder's.
pub async fn run(args: &GetArgs, folder: &Folder, state: Option<&Path>, ui: &Ui) -> Result<()> {
    let asked = &args.transfer;
    let (sources, destination) = args.split();
    let sources: Vec<FolderKey> =
        sources.iter().map(|path| folder.prefix().key(path, asked.literal)).collect::<Result<_, _>>()?;
    if asked.tree.delete && destination.is_none() {
        return Err(
            Error::usage("`--delete` needs a destination").with_hint("name it: `securecart get -r 2026/ out --delete`")
        );
    }
    if args.version_id.is_some() && sources.len() > 1 {
        return Err(Error::usage("`--version-id` names a version of one object")
            .with_hint("name one: `securecart get report.pdf old.pdf --version-id ID`"));
    }
    transfer::check_can_delete(asked, ui)?;
    let to_stdout = destination == Some("-");
    let target = if to_stdout {
        let ui = ui.clone();
        Target::Stream(Arc::new(move |bytes| ui.data_bytes(bytes)))
    } else {
        Target::Path(destination.map(ToOwned::to_owned))
    };
    let journal = state.map(|state| Journal::new(state.join("downloads")));
    let options = DownloadOptions {
        transfer: transfer::options(asked, journal)?,
        mirror: asked.tree.delete.then(Arc::default),
        version: args.version_id.clone(),
    };
    // Standard output holds the objects' bytes and nothing else.
    let mut telling = transfer::begin(asked, ui, asked.json && !to_stdout, Action::Download);
    let (stop, progress) = (telling.stop.clone(), telling.progress.clone());
    let result =
        download(folder, sources, target, &options, &stop, &progress, |outcome| telling.report(&outcome)).await;
    for key in folder.resumable_downloads() {
        ui.say(format_args!("run the same command again to go on with the download of `{key}`"));
    }
    let result = match (result, &options.mirror) {
        (Ok(()), Some(mirror)) if telling.nothing_failed() => delete(asked, &options, mirror, &mut telling).await,
        (result, _) => result.map_err(Into::into),
    };
    telling.finish(result)
}

/// Removes what only the destination has, after asking.
async fn delete(
    args: &TransferArgs,
    options: &DownloadOptions,
    mirror: &Mirror,
    telling: &mut Telling<'_>,
) -> Result<()> {
    // With `--dry-run` there may be no destination yet, and so nothing in it.
    let stop = telling.stop.clone();
    let Some(surplus) = mirror.surplus(&options.transfer.filter, &stop).await? else { return Ok(()) };
    if transfer::agree_to_delete(args, telling, surplus.count(), "file", surplus.bytes())? {
        surplus.remove(args.dry_run, &stop, |outcome| telling.report(&outcome)).await?;
    }
    Ok(())
}
