//! `securecart put`.

use super::transfer::Telling;
use crate::cli::folder::PutArgs;
use crate::error::{Error, Result};
use crate::folder::Folder;
use crate::folder::outcome::Action;
use crate::folder::upload::{ByteSource, Source, UploadOptions, upload};
use crate::ui::Ui;

/// Uploads the sources to the destination, which is the last path when there are several.
///
/// # Errors
/// [`crate::error::Kind::Denied`] for a destination outside the folder, before anything is read; any of the folder's.
pub async fn run(args: &PutArgs, folder: &Folder, ui: &Ui) -> Result<()> {
    let (sources, destination) = args.split();
    let target = folder.prefix().key(destination, args.literal)?;
    if sources.iter().filter(|source| *source == "-").count() > 1 {
        return Err(Error::usage("standard input can be read once"));
    }
    let options = UploadOptions {
        recursive: args.recursive,
        no_clobber: args.no_clobber,
        dry_run: args.dry_run,
        jobs: args.jobs,
        content_type: args.content_type.clone(),
        encryption: folder.encryption().cloned(),
    };
    let source = |typed: &String| match typed.as_str() {
        "-" => Source::Stream(ByteSource::new(std::io::stdin(), "standard input")),
        path => Source::Path(path.to_owned()),
    };
    let sources = sources.iter().map(source).collect();
    let mut telling = Telling::begin(ui, args.json, Action::Upload);
    let (stop, progress) = (telling.stop.clone(), telling.progress.clone());
    let result = upload(folder, sources, &target, &options, &stop, &progress, |outcome| telling.report(&outcome)).await;
    for key in folder.unfinished_uploads() {
        ui.warn(format_args!("S3 did not confirm that the unfinished upload of `{key}` is gone"));
    }
    telling.finish(result)
}
