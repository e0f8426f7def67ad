//! `securecart get`.

use std::path::Path;
use std::sync::Arc;

use super::transfer::{self, Telling};
use crate::cli::folder::GetArgs;
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
    let (sources, destination) = args.split();
    let sources: Vec<FolderKey> =
        sources.iter().map(|path| folder.prefix().key(path, args.literal)).collect::<Result<_, _>>()?;
    if args.tree.delete && destination.is_none() {
        return Err(
            Error::usage("`--delete` needs a destination").with_hint("name it: `securecart get -r 2026/ out --delete`")
        );
    }
    transfer::check_can_delete(&args.tree, args.dry_run, ui)?;
    let to_stdout = destination == Some("-");
    let target = if to_stdout {
        let ui = ui.clone();
        Target::Stream(Arc::new(move |bytes| ui.data_bytes(bytes)))
    } else {
        Target::Path(destination.map(ToOwned::to_owned))
    };
    let options = DownloadOptions {
        recursive: args.recursive,
        no_clobber: args.no_clobber,
        compare: transfer::compare(&args.tree),
        filter: transfer::filter(&args.tree)?,
        mirror: args.tree.delete.then(Arc::default),
        dry_run: args.dry_run,
        jobs: args.jobs,
        part_size: args.part_size,
        limit_rate: args.limit_rate,
        journal: state.map(|state| Journal::new(state.join("downloads"))),
    };
    // Standard output holds the objects' bytes and nothing else.
    let mut telling = transfer::begin(&args.tree, ui, args.json && !to_stdout, Action::Download);
    let (stop, progress) = (telling.stop.clone(), telling.progress.clone());
    let result =
        download(folder, sources, target, &options, &stop, &progress, |outcome| telling.report(&outcome)).await;
    for key in folder.resumable_downloads() {
        ui.say(format_args!("run the same command again to go on with the download of `{key}`"));
    }
    let result = match (result, &options.mirror) {
        (Ok(()), Some(mirror)) if telling.nothing_failed() => delete(args, &options, mirror, &mut telling).await,
        (result, _) => result.map_err(Into::into),
    };
    telling.finish(result)
}

/// Removes what only the destination has, after asking.
async fn delete(args: &GetArgs, options: &DownloadOptions, mirror: &Mirror, telling: &mut Telling<'_>) -> Result<()> {
    // With `--dry-run` there may be no destination yet, and so nothing in it.
    let Some(surplus) = mirror.surplus(&options.filter).await? else { return Ok(()) };
    if transfer::agree_to_delete(&args.tree, args.dry_run, telling, surplus.count(), "file", surplus.bytes())? {
        surplus.remove(args.dry_run, |outcome| telling.report(&outcome)).await?;
    }
    Ok(())
}
