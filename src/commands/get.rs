//! `securecart get`.

use std::sync::Arc;

use super::transfer::Telling;
use crate::cli::folder::GetArgs;
use crate::error::Result;
use crate::folder::download::{DownloadOptions, Target, download};
use crate::folder::outcome::Action;
use crate::folder::{Folder, FolderKey};
use crate::ui::Ui;

/// Downloads the sources to the destination, which is the last path when there are several.
///
/// # Errors
/// [`crate::error::Kind::Denied`] for a path outside the folder, before anything is asked; any of the folder's.
pub async fn run(args: &GetArgs, folder: &Folder, ui: &Ui) -> Result<()> {
    let (sources, destination) = args.split();
    let sources: Vec<FolderKey> =
        sources.iter().map(|path| folder.prefix().key(path, args.literal)).collect::<Result<_, _>>()?;
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
        dry_run: args.dry_run,
        jobs: args.jobs,
    };
    // Standard output holds the objects' bytes and nothing else.
    let mut telling = Telling::begin(ui, args.json && !to_stdout, Action::Download);
    let (stop, progress) = (telling.stop.clone(), telling.progress.clone());
    let result =
        download(folder, sources, target, &options, &stop, &progress, |outcome| telling.report(&outcome)).await;
    telling.finish(result)
}
