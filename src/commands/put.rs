//! `securecart put`.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;

use super::transfer::{self, Telling};
use crate::cli::folder::{PutArgs, TransferArgs};
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::folder::attributes::Attributes;
use crate::folder::journal::Journal;
use crate::folder::outcome::Action;
use crate::folder::removal::{RemovalOptions, remove};
use crate::folder::upload::{ByteSource, Mirror, Source, UploadOptions, upload};
use crate::ui::{Ui, size};

/// Uploads the sources to the destination, which is the last path when there are several.
///
/// # Errors
/// [`crate::error::Kind::Denied`] for a destination outside the folder, before anything is read; any of the folder's.
pub async fn run(args: &PutArgs, folder: &Folder, state: Option<&Path>, ui: &Ui) -> Result<()> {
    let asked = &args.transfer;
    let (sources, destination) = args.split();
    let target = match destination {
        Some(typed) => folder.prefix().key(typed, asked.literal)?,
        None => folder.prefix().root(),
    };
    if sources.iter().filter(|source| *source == "-").count() > 1 {
        return Err(Error::usage("standard input can be read once"));
    }
    // Where nothing is kept, there is nothing to go on with.
    let journal = state.map(|state| Journal::new(state.join("uploads")));
    if args.abort_stale {
        let aborted = match &journal {
            Some(journal) => folder.abort_stale(journal, Timestamp::now()).await?,
            None => 0,
        };
        ui.say(format_args!("aborted {}", size::counted(aborted, "unfinished upload")));
        return Ok(());
    }
    transfer::check_can_delete(asked, ui)?;
    let options = UploadOptions {
        transfer: transfer::options(asked, journal)?,
        mirror: asked.tree.delete.then(Arc::default),
        attributes: Attributes::new(args.storage_class.clone(), &args.metadata, &args.tag)
            .map_err(|error| Error::usage(error.to_string()))?,
        content_type: args.content_type.clone(),
        encryption: folder.encryption().cloned(),
    };
    let source = |typed: &String| match typed.as_str() {
        "-" => Source::Stream(ByteSource::new(std::io::stdin(), "standard input")),
        path => Source::Path(path.to_owned()),
    };
    let sources = sources.iter().map(source).collect();
    let mut telling = transfer::begin(asked, ui, asked.json, Action::Upload);
    let (stop, progress) = (telling.stop.clone(), telling.progress.clone());
    let result = upload(folder, sources, &target, &options, &stop, &progress, |outcome| telling.report(&outcome)).await;
    for key in folder.unfinished_uploads() {
        ui.warn(format_args!("S3 did not confirm that the unfinished upload of `{key}` is gone"));
    }
    for key in folder.resumable_uploads() {
        ui.say(format_args!("run the same command again to go on with the upload of `{key}`"));
    }
    let result = match (result, &options.mirror) {
        (Ok(()), Some(mirror)) if telling.nothing_failed() => {
            delete(asked, folder, &options, mirror, &mut telling).await
        }
        (result, _) => result.map_err(Into::into),
    };
    telling.finish(result)
}

/// Removes what only the destination has, after asking.
async fn delete(
    args: &TransferArgs,
    folder: &Folder,
    options: &UploadOptions,
    mirror: &Mirror,
    telling: &mut Telling<'_>,
) -> Result<()> {
    let surplus = mirror.surplus(folder, &options.transfer.filter).await?;
    let bytes = surplus.iter().map(|object| object.size).sum();
    if !transfer::agree_to_delete(args, telling, surplus.len() as u64, "object", bytes)? {
        return Ok(());
    }
    let targets = surplus.into_iter().map(|object| object.key).collect();
    let removal = RemovalOptions { recursive: false, listed: true, dry_run: args.dry_run };
    let (stop, progress) = (telling.stop.clone(), telling.progress.clone());
    Ok(remove(folder, targets, &removal, &stop, &progress, |outcome| telling.report(&outcome)).await?)
}
