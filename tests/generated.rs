//! The completions and manual pages that are checked in are those of this program.
//!
//! `UPDATE_GENERATED=1 cargo test --test generated` writes them anew.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, ValueEnum as _};
use clap_complete::Shell;
use clap_mangen::Man;
use securecart::cli::Cli;
use securecart::config::variable::DOCUMENTED;

fn completions() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for shell in Shell::value_variants() {
        let mut command = Cli::command();
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut command, "securecart", &mut script);
        let name = clap_complete::Generator::file_name(shell, "securecart");
        files.insert(Path::new("completions").join(name), script);
    }
    files
}

fn pages() -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut top = Vec::new();
    Man::new(root.clone()).render(&mut top).unwrap();
    top.extend_from_slice(environment().as_bytes());
    top.extend_from_slice(EXTRA.as_bytes());
    files.insert(PathBuf::from("man/securecart.1"), top);
    for command in root.get_subcommands() {
        let name = format!("securecart-{}", command.get_name());
        let page = command.clone().name(name.clone()).display_name(name.clone());
        let mut text = Vec::new();
        Man::new(page).render(&mut text).unwrap();
        files.insert(PathBuf::from(format!("man/{name}.1")), text);
    }
    files
}

fn environment() -> String {
    let mut text = String::from(".SH ENVIRONMENT\n");
    for (name, meaning) in DOCUMENTED {
        text.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", name.replace('-', "\\-"), meaning.replace('-', "\\-")));
    }
    text
}

const EXTRA: &str = r".SH FILES
.TP
\fB~/.config/securecart/config.toml\fR
Profiles. It holds no secret. On macOS it is in ~/Library/Application Support/securecart, on Windows in %APPDATA%\\securecart\\config.
.TP
\fB~/.local/state/securecart\fR
Locks, the names of what is kept, and the encrypted files of the file store.
.TP
\fB~/.aws/config\fR
One profile in it is written by configure, and nothing else is touched.
.SH EXIT STATUS
.TP
\fB0\fR
done
.TP
\fB1\fR
failed
.TP
\fB2\fR
the command line or the configuration can't be used
.TP
\fB4\fR
not signed in, or the session has ended
.TP
\fB5\fR
denied by AWS, or outside your own folder
.TP
\fB6\fR
network, proxy or TLS
.TP
\fB7\fR
no keychain, or it is locked or does not answer
.TP
\fB130\fR
interrupted
.PP
\fBexec\fR ends with the code of the command it ran, or with 128 and the number of the signal that ended it; with 126 when the command can't be started, and with 127 when there is no such command.
.SH JSON
With \-\-json, data goes to standard output as one JSON object a line. Fields are only ever added; a field that changes its meaning gets another name. The help of each command shows its fields. \fBstatus\fR prints one object a profile: profile, default, error, method, start_url, keychain, kept, signed_in, renewable, user_id, account_id, account_name, role_name, credentials_expire, access_token_expires, folder. \fBwhoami\fR prints profile, user_id, arn, account_id, role_name, folder.
";

#[test]
fn checked_in_completions_and_manual_pages_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wanted = completions();
    wanted.extend(pages());
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        for (path, bytes) in &wanted {
            std::fs::write(root.join(path), bytes).unwrap();
        }
    }
    for (path, bytes) in &wanted {
        let there = std::fs::read(root.join(path)).unwrap_or_default();
        assert!(there == *bytes, "{} is stale: run `UPDATE_GENERATED=1 cargo test --test generated`", path.display());
    }
    for folder in ["completions", "man"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let path = path.strip_prefix(root).unwrap().to_owned();
            assert!(wanted.contains_key(&path), "{} belongs to no command", path.display());
        }
    }
}

#[test]
fn every_subcommand_and_option_is_explained() {
    fn look(command: &clap::Command, path: &str) {
        for argument in command.get_arguments() {
            let explained = argument.get_help().is_some_and(|help| !help.to_string().trim().is_empty());
            assert!(explained || argument.is_hide_set(), "{path} {} has no help", argument.get_id());
        }
        for inner in command.get_subcommands() {
            let path = format!("{path} {}", inner.get_name());
            assert!(inner.get_about().is_some(), "{path} has no help");
            look(inner, &path);
        }
    }
    look(&Cli::command(), "securecart");
}
