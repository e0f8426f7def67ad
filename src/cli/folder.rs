//! The arguments of `ls`, `get`, `put` and `rm`.

use clap::Args;

use crate::config::EncryptionChoice;

/// List your folder
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart ls                    what is in your folder
  securecart ls 2026/ -r           everything below 2026/
  securecart ls -r --json | jq -r 'select(.size > 1000000) | .path'

Paths are relative to your folder. With --json, one object a line:
  {\"type\":\"object\",\"path\":\"2026/a.txt\",\"key\":\"<your folder>/2026/a.txt\",\"size\":12,
   \"modified\":\"2026-01-31T12:00:00Z\",\"etag\":\"\\\"…\\\"\",\"storage_class\":\"STANDARD\"}
  {\"type\":\"folder\",\"path\":\"2026/\",\"key\":\"<your folder>/2026/\"}")]
pub struct LsArgs {
    /// What to list; your whole folder when absent
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// Everything below, not only the next level
    #[arg(short, long)]
    pub recursive: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Take each path as the exact key behind your folder's prefix, even `../x` or `/x`
    #[arg(long)]
    pub literal: bool,
}

/// Download from your folder
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart get 2026/report.pdf            into the current directory
  securecart get 2026/report.pdf r.pdf      under another name
  securecart get a.txt b.txt backup/        several files, into a directory
  securecart get -r 2026 .                  the folder 2026, as ./2026
  securecart get -r 2026/ out               what is in 2026, into out
  securecart get log.gz - | zcat            to standard output

With several paths, the last is the destination. A file appears under its name only when it is complete.
With --json, one object a line for each file, then a summary:
  {\"type\":\"file\",\"action\":\"download\",\"path\":\"2026/a.txt\",\"local\":\"a.txt\",\"status\":\"done\",\"bytes\":12}
  {\"type\":\"summary\",\"action\":\"download\",\"done\":1,\"skipped\":0,\"failed\":0,\"bytes\":12,\"seconds\":0.1}")]
pub struct GetArgs {
    /// What to download, then where to; one path alone goes to the current directory
    #[arg(value_name = "SRC… [DST]", required = true)]
    pub paths: Vec<String>,
    /// Whole folders; `docs` arrives as DST/docs, what is in `docs/` arrives in DST
    #[arg(short, long)]
    pub recursive: bool,
    /// Leave files that exist as they are
    #[arg(short, long)]
    pub no_clobber: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Take each SRC as the exact key behind your folder's prefix, even `../x` or `/x`
    #[arg(long)]
    pub literal: bool,
    /// How many requests run at once
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
}

/// Upload into your folder
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart put report.pdf                 as report.pdf
  securecart put report.pdf 2026/           as 2026/report.pdf
  securecart put report.pdf 2026/q1         as 2026/q1
  securecart put *.csv data/                several files, into a folder
  securecart put *.csv .                    several files, into the top of your folder
  securecart put -r site www                the directory site, as www/site/…
  securecart put -r site/ www               what is in site, as www/…
  tar c . | securecart put - backup.tar     from standard input

With several paths, the last is the destination; it ends with `/` (or is `.`) unless there is one file.
Symbolic links inside directories are not followed. With --json, one object a line for each file, then a summary:
  {\"type\":\"file\",\"action\":\"upload\",\"path\":\"2026/a.txt\",\"local\":\"a.txt\",\"status\":\"done\",\"bytes\":12}
  {\"type\":\"summary\",\"action\":\"upload\",\"done\":1,\"skipped\":0,\"failed\":0,\"bytes\":12,\"seconds\":0.1}")]
pub struct PutArgs {
    /// What to upload, then where to; one path alone goes to the top of your folder
    #[arg(value_name = "SRC… [DST]", required = true)]
    pub paths: Vec<String>,
    /// Whole directories; `site` arrives as DST/site, what is in `site/` arrives in DST
    #[arg(short, long)]
    pub recursive: bool,
    /// Leave objects that exist as they are
    #[arg(short, long)]
    pub no_clobber: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// Take DST as the exact key behind your folder's prefix, even `../x` or `/x`
    #[arg(long)]
    pub literal: bool,
    /// How many requests run at once
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub jobs: Option<u16>,
    /// The content type of all files; guessed from each name when absent
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
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

S3 doesn't say whether an object that was removed had existed. On a versioned bucket old versions stay.
With --json, one object a line for each key, then a summary:
  {\"type\":\"file\",\"action\":\"remove\",\"path\":\"2026/a.txt\",\"status\":\"done\",\"bytes\":0}
  {\"type\":\"summary\",\"action\":\"remove\",\"done\":1,\"skipped\":0,\"failed\":0,\"bytes\":0,\"seconds\":0.1}")]
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
        match self.paths.split_last() {
            Some((last, sources)) if !sources.is_empty() => (sources, Some(last)),
            _ => (&self.paths, None),
        }
    }
}

impl PutArgs {
    /// What to upload, and where to; nothing is the folder itself.
    pub fn split(&self) -> (&[String], &str) {
        match self.paths.split_last() {
            Some((last, sources)) if !sources.is_empty() => (sources, last),
            _ => (&self.paths, ""),
        }
    }
}
