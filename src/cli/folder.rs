//! The arguments of `ls`, `get`, `put` and `rm`.

use clap::Args;

use crate::config::EncryptionChoice;
use crate::folder::attributes::{Class, Metadata, Tag};
use crate::folder::filter::{Pattern, Since};
use crate::folder::rate::{PartSize, RateLimit};
use crate::folder::version::VersionId;

const TREES: &str = "Trees (with -r)";

/// Which files of trees take part, and what becomes of those that only the destination has.
#[derive(Debug, Clone, Args)]
pub struct TreeArgs {
    /// Only files that match; may be given several times
    #[arg(long, value_name = "GLOB", requires = "recursive", help_heading = TREES)]
    pub include: Vec<Pattern>,
    /// No files that match, even if an --include does; may be given several times
    #[arg(long, value_name = "GLOB", requires = "recursive", help_heading = TREES)]
    pub exclude: Vec<Pattern>,
    /// Only files modified after a date (2026-01-31, 2026-01-31T12:00:00Z) or within an age (90m, 12h, 7d, 2w)
    #[arg(long, value_name = "WHEN", requires = "recursive", help_heading = TREES)]
    pub newer: Option<Since>,
    /// Delete files at the destination that the source doesn't have; asks first
    #[arg(long, requires = "recursive", help_heading = TREES)]
    pub delete: bool,
    /// Delete without asking
    #[arg(short, long, requires = "delete", help_heading = TREES)]
    pub yes: bool,
    /// Transfer also what is there already and equal
    #[arg(long, requires = "recursive", help_heading = TREES)]
    pub force: bool,
    /// Files of the same size are equal, whatever is in them
    #[arg(long, conflicts_with = "force", requires = "recursive", help_heading = TREES)]
    pub size_only: bool,
}

/// What `get` and `put` take alike. Where the direction changes what a flag means, each says so for itself.
#[derive(Debug, Clone, Args)]
pub struct TransferArgs {
    /// Whole trees
    #[arg(short, long)]
    pub recursive: bool,
    /// Leave what exists as it is
    #[arg(short, long)]
    pub no_clobber: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Take each path as the exact key behind your folder's prefix, even `../x` or `/x`
    #[arg(long)]
    pub literal: bool,
    /// How many requests run at once, however slow the line; without it, 64 or what the line can use
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
    /// What one request carries of a large object, from 5M to 5G
    #[arg(long, value_name = "SIZE")]
    pub part_size: Option<PartSize>,
    /// Bytes a second at most, all transfers together, such as 500K or 20M
    #[arg(long, value_name = "RATE")]
    pub limit_rate: Option<RateLimit>,
    /// What to do with trees.
    #[command(flatten)]
    pub tree: TreeArgs,
}

/// List your folder
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart ls                    what is in your folder
  securecart ls 2026/ -r           everything below 2026/
  securecart ls -r --json | jq -r 'select(.size > 1000000) | .path'
  securecart ls --versions report.pdf  what it was before, and when it was removed

Paths are relative to your folder. With --json, one object a line:
  {\"type\":\"object\",\"path\":\"2026/a.txt\",\"key\":\"<your folder>/2026/a.txt\",\"size\":12,
   \"modified\":\"2026-01-31T12:00:00Z\",\"etag\":\"\\\"…\\\"\",\"storage_class\":\"STANDARD\"}
  {\"type\":\"folder\",\"path\":\"2026/\",\"key\":\"<your folder>/2026/\"}
With --versions, the newest of each key first; a delete marker has no size, etag and storage_class:
  {\"type\":\"version\",\"path\":\"a.txt\",\"key\":\"<your folder>/a.txt\",\"version_id\":\"…\",\"is_latest\":true,
   \"delete_marker\":false,\"size\":12,\"modified\":\"…\",\"etag\":\"…\",\"storage_class\":\"STANDARD\"}")]
pub struct LsArgs {
    /// What to list; your whole folder when absent
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Everything below, not only the next level
    #[arg(short, long)]
    pub recursive: bool,
    /// All versions and delete markers, where the bucket has versioning; needs `s3:ListBucketVersions`
    #[arg(long)]
    pub versions: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Take each path as the exact key behind your folder's prefix, even `../x` or `/x`
    #[arg(long)]
    pub literal: bool,
}

/// Download from your folder
#[derive(Debug, Clone, Args)]
#[command(
    mut_arg("recursive", |arg| arg.help("Whole folders; `docs` arrives as DST/docs, what is in `docs/` arrives in DST")),
    mut_arg("no_clobber", |arg| arg.help("Leave files that exist as they are")),
    mut_arg("literal", |arg| arg.help("Take each SRC as the exact key behind your folder's prefix, even `../x` or `/x`")),
    mut_arg("part_size", |arg| arg.help("What one request fetches of a large object, from 5M to 5G; 8M when absent")),
)]
#[command(after_help = "\
Examples:
  securecart get 2026/report.pdf            into the current directory
  securecart get 2026/report.pdf r.pdf      under another name
  securecart get a.txt b.txt backup/        several files, into a directory
  securecart get -r 2026 .                  the folder 2026, as ./2026
  securecart get -r 2026/ out               what is in 2026, into out
  securecart get -r 2026/ out --delete      and make out the same as 2026
  securecart get -r . all --exclude '*.tmp' --newer 7d
  securecart get log.gz - | zcat            to standard output
  securecart get a.txt old.txt --version-id ID

With several paths, the last is the destination. A file appears under its name only when it is complete, with the \
modification time that was kept with it (metadata `mtime`, as in rclone). \
A large download that was cut short goes on where it was when the same command is run again, as long as the object is \
the same; one that you interrupt leaves nothing behind. \
With -r, files that are here already and equal are skipped. Equal are files of the same size whose content has the \
object's MD5 or checksum; where S3 knows neither, those with the modification time that was kept.

GLOB reads as in a .gitignore: without `/` it matches a name at any depth, with one a path from the top of the tree; \
what matches a directory holds for all in it. A file takes part if it matches an --include (or there is none) and no \
--exclude; the order doesn't matter. --newer looks at when the object was stored. \
--delete removes only below the destination, never what is excluded, and nothing if anything failed. \
It deletes files, but no directories and no links.

With --json, one object a line for each file, then a summary; `status` is done, skipped (with `reason`), planned
(with --dry-run) or failed (with `error`):
  {\"type\":\"file\",\"action\":\"download\",\"path\":\"2026/a.txt\",\"local\":\"a.txt\",\"status\":\"done\",\"bytes\":12}
  {\"type\":\"file\",\"action\":\"download\",\"path\":\"2026/b.txt\",\"local\":\"b.txt\",\"status\":\"failed\",\"bytes\":0,
   \"error\":{\"kind\":\"denied\",\"message\":\"…\",\"hint\":\"…\"}}
  {\"type\":\"summary\",\"action\":\"download\",\"done\":1,\"skipped\":0,\"planned\":0,\"failed\":1,\"bytes\":12,\"seconds\":0.1}
With --delete the summary also has \"deleted\" and \"delete_planned\".")]
pub struct GetArgs {
    /// What to download, then where to; one path alone goes to the current directory
    #[arg(value_name = "SRC… [DST]", required = true)]
    pub paths: Vec<String>,
    /// This version of one object, as `ls --versions` shows it; needs `s3:GetObjectVersion`
    #[arg(long, value_name = "ID", conflicts_with = "recursive")]
    pub version_id: Option<VersionId>,
    /// What `put` takes too.
    #[command(flatten)]
    pub transfer: TransferArgs,
}

/// Upload into your folder
#[derive(Debug, Clone, Args)]
#[command(
    mut_arg("recursive", |arg| arg.help("Whole directories; `site` arrives as DST/site, what is in `site/` arrives in DST")),
    mut_arg("no_clobber", |arg| arg.help("Leave objects that exist as they are")),
    mut_arg("literal", |arg| arg.help("Take DST as the exact key behind your folder's prefix, even `../x` or `/x`")),
    mut_arg("part_size", |arg| {
        arg.help("The size of the parts of large objects, from 5M to 5G; chosen by the object's size when absent")
    }),
)]
#[command(after_help = "\
Examples:
  securecart put report.pdf                 as report.pdf
  securecart put report.pdf 2026/           as 2026/report.pdf
  securecart put report.pdf 2026/q1         as 2026/q1
  securecart put *.csv data/                several files, into a folder
  securecart put *.csv .                    several files, into the top of your folder
  securecart put -r site www                the directory site, as www/site/…
  securecart put -r site/ www               what is in site, as www/…
  securecart put -r site/ www --delete      and make www the same as site
  securecart put -r src --include '*.rs' --exclude target/
  tar c . | securecart put - backup.tar     from standard input

With several paths, the last is the destination; it ends with `/` (or is `.`) unless there is one file. \
A large file whose upload was cut short goes on where it was when the same command is run again, as long as the file \
is the same; `securecart put --abort-stale` gives up what nobody went on with for a day. \
Symbolic links inside directories are not followed. A file's modification time is kept with it (metadata `mtime`, as in \
rclone), and `get` restores it. \
With -r, files that are stored already and equal are skipped. Equal are objects of the same size whose MD5 or checksum \
is that of the file's content; where S3 knows neither, those with the file's modification time.

GLOB reads as in a .gitignore: without `/` it matches a name at any depth, with one a path from the top of the tree; \
what matches a directory holds for all in it. A file takes part if it matches an --include (or there is none) and no \
--exclude; the order doesn't matter. --newer looks at the file's modification time. \
--delete removes only below the destination, never what is excluded, and nothing if anything failed.

With --json, one object a line for each file, then a summary; `status` is done, skipped (with `reason`), planned
(with --dry-run) or failed (with `error`):
  {\"type\":\"file\",\"action\":\"upload\",\"path\":\"2026/a.txt\",\"local\":\"a.txt\",\"status\":\"done\",\"bytes\":12}
  {\"type\":\"file\",\"action\":\"upload\",\"path\":\"2026/b.txt\",\"local\":\"b.txt\",\"status\":\"failed\",\"bytes\":0,
   \"error\":{\"kind\":\"denied\",\"message\":\"…\",\"hint\":\"…\"}}
  {\"type\":\"summary\",\"action\":\"upload\",\"done\":1,\"skipped\":0,\"planned\":0,\"failed\":1,\"bytes\":12,\"seconds\":0.1}
With --delete the summary also has \"deleted\" and \"delete_planned\".")]
pub struct PutArgs {
    /// What to upload, then where to; one path alone goes to the top of your folder
    #[arg(value_name = "SRC… [DST]", required_unless_present = "abort_stale")]
    pub paths: Vec<String>,
    /// What `get` takes too.
    #[command(flatten)]
    pub transfer: TransferArgs,
    /// The content type of all files; guessed from each name when absent
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// Give up unfinished uploads to your folder that this machine began more than a day ago; nothing is uploaded
    #[arg(long, conflicts_with = "paths")]
    pub abort_stale: bool,
    /// The storage class of all files, such as STANDARD_IA; the bucket's usual one when absent
    #[arg(long, value_name = "CLASS")]
    pub storage_class: Option<Class>,
    /// Metadata of all files; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub metadata: Vec<Metadata>,
    /// A tag of all files, which needs `s3:PutObjectTagging`; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    pub tag: Vec<Tag>,
    /// Server-side encryption; the profile's when absent
    #[arg(long, value_enum, value_name = "KIND")]
    pub encryption: Option<EncryptionChoice>,
    /// The KMS key for `--encryption aws:kms`: id, alias or ARN
    #[arg(long, value_name = "KEY")]
    pub kms_key_id: Option<String>,
}

/// Remove from your folder
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart rm 2026/report.pdf
  securecart rm -r 2026                     asks first
  securecart rm -r 2026 --dry-run
  securecart rm -r . --yes                  everything in your folder, without asking

On a versioned bucket old versions stay.
With --json, one object a line for each key, then a summary; `status` is done, planned (with --dry-run) or failed
(with `error`):
  {\"type\":\"file\",\"action\":\"remove\",\"path\":\"2026/a.txt\",\"status\":\"done\",\"bytes\":0}
  {\"type\":\"file\",\"action\":\"remove\",\"path\":\"2026/b.txt\",\"status\":\"failed\",\"bytes\":0,
   \"error\":{\"kind\":\"denied\",\"message\":\"…\",\"hint\":\"…\"}}
  {\"type\":\"summary\",\"action\":\"remove\",\"done\":1,\"skipped\":0,\"planned\":0,\"failed\":1,\"bytes\":0,\"seconds\":0.1}")]
pub struct RmArgs {
    /// What to remove
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<String>,
    /// Everything below too
    #[arg(short, long)]
    pub recursive: bool,
    /// Don't ask
    #[arg(short, long)]
    pub yes: bool,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Take each path as the exact key behind your folder's prefix, even `../x` or `/x`
    #[arg(long)]
    pub literal: bool,
}

impl GetArgs {
    /// What to download, and where to.
    pub fn split(&self) -> (&[String], Option<&str>) {
        split(&self.paths)
    }
}

impl PutArgs {
    /// What to upload, and where to; nothing is the folder itself.
    pub fn split(&self) -> (&[String], Option<&str>) {
        split(&self.paths)
    }
}

/// Sources, and the destination where there is one.
fn split(paths: &[String]) -> (&[String], Option<&str>) {
    match paths.split_last() {
        Some((last, sources)) if !sources.is_empty() => (sources, Some(last)),
        _ => (paths, None),
    }
}
