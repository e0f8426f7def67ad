//! `securecart configure --all`: a profile for every role the person may assume, and those that are gone removed.
//!
//! What it wrote is marked in `config.toml`; nothing else is ever changed or removed. What is gone is said, and removed
//! only when asked for. A setting that the profile they are made from no longer has stays in those that were made: nothing
//! tells whether it came from there, from an option or from the person's own hand.

use std::collections::BTreeSet;

use super::super::accounts::fetch_assignments;
use super::super::setup::Context;
use super::draft::Draft;
use super::plan::{of_option, option, shown};
use super::program;
use crate::cli::ConfigureArgs;
use crate::config::aws_config::{self, Change, OnConflict, Shell, process_line, upsert_profile};
use crate::config::directories::aws_config_file;
use crate::config::document::{Document, Section};
use crate::config::name_template::Named;
use crate::config::names::ProfileName;
use crate::config::profile_table::{ProfileEdit, Setting, edit_profile, remove_profile};
use crate::config::resolve::resolve_chain;
use crate::config::settings::GENERATED_FROM;
use crate::config::write::{WriteLock, read_or_empty, update};
use crate::config::{Directories, Environment, Overrides};
use crate::error::{Error, Kind, Result};
use crate::signin::sso::Assignment;

/// The texts that a new profile takes from the one it is made from: everything but which role it is.
const TEXTS: &[&str] = &[
    "start_url",
    "sso_region",
    "region",
    "bucket",
    "bucket_region",
    "folder",
    "keychain",
    "encryption",
    "kms_key_id",
    "request_checksum_calculation",
    "endpoint_url",
    "endpoint_url_s3",
    "endpoint_url_sts",
    "endpoint_url_sso",
    "endpoint_url_sso_oidc",
    "endpoint_url_signin",
];

/// What is true or false likewise.
const FLAGS: &[&str] = &["auto_login", "path_style"];

/// A profile that is to be there.
struct Wanted {
    name: ProfileName,
    assignment: Assignment,
    settings: Vec<(&'static str, Setting)>,
}

/// A profile that an earlier run wrote, and that isn't wanted by that name any more.
struct Stale {
    name: ProfileName,
    /// What the profile for its role is called now; `None` when the role isn't the person's any more.
    now: Option<ProfileName>,
}

/// One line of the report; the JSON form is documented in the help.
#[derive(Debug, PartialEq, Eq, serde::Serialize)]
struct Line {
    profile: ProfileName,
    change: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// Runs it.
///
/// # Errors
/// Not signed in; a file that can't be read or written. A profile that AWS tools have otherwise is reported and left.
pub fn run(args: &ConfigureArgs, context: &Context) -> Result<()> {
    let setup = context.setup()?;
    let from = setup.profile.name.clone();
    let assignments = fetch_assignments(&setup)?;
    let directories = Directories::new(&context.environment)?;
    let (config, aws) = (directories.config_file, aws_config_file(&context.environment)?);
    let program = program::path(&context.environment)?;

    let plan = |config_text: &str, aws_text: &str| {
        let document = Document::parse(&config, config_text)?;
        let section = document.profile(from.as_str())?.ok_or_else(|| Error::usage("the profile is gone"))?;
        let ours = generated(&document, &from)?;
        // Names that mean something else already, here or to the AWS tools, are nobody's to overwrite.
        let mut taken: BTreeSet<String> = document.names().into_iter().collect();
        taken.retain(|name| !ours.iter().any(|ours| ours.as_str() == name));
        if !args.no_aws_config {
            taken.extend(aws_config::foreign_profiles(aws_text));
        }
        let wanted = wanted(args, &section, &taken, &assignments)?;
        let stale = stale(&document, ours, &wanted)?;
        Ok::<_, Error>((wanted, stale))
    };
    let edit = |old: &str, aws_text: &str| {
        let (wanted, stale) = plan(old, aws_text)?;
        let (mut config_text, mut aws_text) = (old.to_owned(), aws_text.to_owned());
        let mut lines = Vec::new();
        // The only profile was the default one without a word; among others it has to be named.
        if Document::parse(&config, &config_text)?.default_profile()?.is_none() {
            let named = ProfileEdit { name: from.clone(), settings: Vec::new(), set_default: true };
            config_text = edit_profile(&config, &config_text, &named)?.0;
        }
        for Wanted { name, assignment, settings } in wanted {
            let edit = ProfileEdit { name: name.clone(), settings, set_default: false };
            let (account_id, role_name) =
                (Some(assignment.account.id.to_string()), Some(assignment.role_name.to_string()));
            let mut line =
                Line { profile: name.clone(), change: "unchanged", account_id, role_name, problem: None, reason: None };
            if !args.no_aws_config {
                let command = process_line(&program, &name, Shell::native())
                    .map_err(|problem| Error::usage(problem.to_string()).with_hint("give `--no-aws-config`"))?;
                let region = setup.profile.region.to_string();
                let endpoint = args.endpoint_url.as_ref().or(setup.profile.endpoints.every.as_ref());
                let endpoint = endpoint.map(ToString::to_string);
                let mut pairs = vec![("credential_process", command.as_str()), ("region", region.as_str())];
                pairs.extend(endpoint.as_deref().map(|url| ("endpoint_url", url)));
                match upsert_profile(&aws_text, &name, &pairs, OnConflict::Refuse) {
                    Ok(upserted) => {
                        line.change = told(upserted.change, line.change);
                        aws_text = upserted.text;
                    }
                    Err(problem) => {
                        line.change = "skipped";
                        line.problem = Some(problem.to_string());
                        lines.push(line);
                        continue;
                    }
                }
            }
            let (text, change) = edit_profile(&config, &config_text, &edit)?;
            config_text = text;
            line.change = told(change, line.change);
            lines.push(line);
        }
        // Nothing is written that would not load, such as a key for an encryption that takes none.
        let document = Document::parse(&config, &config_text)?;
        for line in lines.iter().filter(|line| line.problem.is_none()) {
            resolve_chain(&document, line.profile.as_str(), &Environment::default(), &Overrides::default())
                .map_err(|error| of_option(error, old, &config_text, &Draft::from_args(args).settings()))?;
        }
        for Stale { name, now } in stale {
            if args.prune {
                config_text = remove_profile(&config, &config_text, &name)?;
                if !args.no_aws_config {
                    aws_text = aws_config::remove_profile(&aws_text, &name);
                }
            }
            lines.push(Line {
                profile: name,
                change: if args.prune { "removed" } else { "stale" },
                account_id: None,
                role_name: None,
                problem: None,
                reason: Some(now.map_or("not assigned to you any more".to_owned(), |now| format!("named {now} now"))),
            });
        }
        Ok::<_, Error>((config_text, aws_text, lines))
    };

    let (_, _, preview) = edit(&read_or_empty(&config)?, &read_or_empty(&aws)?)?;
    if args.dry_run {
        return report(&preview, &from, args, context);
    }
    if let Some(prompt) = context.ui.prompt()
        && preview.iter().any(|line| !matches!(line.change, "unchanged" | "stale"))
    {
        preview.iter().for_each(|line| context.ui.say(line.for_people(false)));
        if !crate::ui::prompt::Ask::confirm(&prompt, "Write this?", true)? {
            return Err(Error::new(Kind::Interrupted, "nothing was written"));
        }
    }
    // What another `configure` wrote meanwhile is kept: the edits are made again on what is there now.
    let lock = WriteLock::acquire(&directories.state)?;
    let (new_config, new_aws, lines) = edit(&read_or_empty(&config)?, &read_or_empty(&aws)?)?;
    update(&lock, &config, |_| Ok((new_config, ())))?;
    if !args.no_aws_config {
        update(&lock, &aws, |_| Ok((new_aws, ())))?;
    }
    report(&lines, &from, args, context)
}

/// The profiles that an earlier run made from this one.
fn generated(document: &Document<'_>, from: &ProfileName) -> Result<Vec<ProfileName>> {
    let mut ours = Vec::new();
    for name in document.names() {
        let Some(section) = document.profile(&name)? else { continue };
        if section.text(GENERATED_FROM)?.is_some_and(|marked| marked.value == from.as_str()) {
            ours.extend(name.parse::<ProfileName>());
        }
    }
    Ok(ours)
}

/// Those of ours that aren't wanted.
fn stale(document: &Document<'_>, ours: Vec<ProfileName>, wanted: &[Wanted]) -> Result<Vec<Stale>> {
    let mut stale = Vec::new();
    for name in ours.into_iter().filter(|name| wanted.iter().all(|wanted| wanted.name != *name)) {
        let Some(section) = document.profile(name.as_str())? else { continue };
        let says = |key: &'static str, what: &str| {
            section.text(key).ok().flatten().is_some_and(|located| located.value == what)
        };
        let is_its_role = |wanted: &&Wanted| {
            let Assignment { account, role_name } = &wanted.assignment;
            says("account_id", account.id.as_str()) && says("role_name", role_name.as_str())
        };
        let now = wanted.iter().find(is_its_role).map(|wanted| wanted.name.clone());
        stale.push(Stale { name, now });
    }
    Ok(stale)
}

fn wanted(
    args: &ConfigureArgs,
    section: &Section<'_>,
    taken: &BTreeSet<String>,
    assignments: &[Assignment],
) -> Result<Vec<Wanted>> {
    let named: Vec<Named<'_>> = assignments
        .iter()
        .map(|Assignment { account, role_name }| Named {
            account_id: &account.id,
            account_name: &account.name,
            role_name,
        })
        .collect();
    let names = args.name_template.clone().unwrap_or_default().names(&named, taken);
    let shared = shared(args, section)?;
    let wanted = names.into_iter().zip(assignments).map(|(name, assignment)| {
        let mut settings = shared.clone();
        settings.push(("account_id", Setting::Text(assignment.account.id.to_string())));
        settings.push(("role_name", Setting::Text(assignment.role_name.to_string())));
        settings.push((GENERATED_FROM, Setting::Text(section.name.clone())));
        Wanted { name, assignment: assignment.clone(), settings }
    });
    Ok(wanted.collect())
}

/// What all of them have: what an option gives, else what the profile says that they are made from.
fn shared(args: &ConfigureArgs, section: &Section<'_>) -> Result<Vec<(&'static str, Setting)>> {
    let mut shared = Draft::from_args(args).settings();
    let mut below = Vec::new();
    for key in TEXTS {
        below.extend(section.text(key)?.map(|located| (*key, Setting::Text(located.value.to_owned()))));
    }
    for key in FLAGS {
        below.extend(section.flag(key)?.map(|flag| (*key, Setting::Flag(flag))));
    }
    below.extend(section.port("callback_port")?.map(|port| ("callback_port", Setting::Port(port))));
    // An encryption that an option gives leaves the profile's key aside, and a key alone means KMS.
    let encrypts = args.encryption.is_some() || args.kms_key_id.is_some();
    below.retain(|(key, _)| !(encrypts && matches!(*key, "encryption" | "kms_key_id")));
    below.retain(|(key, _)| shared.iter().all(|(given, _)| given != key));
    shared.extend(below);
    Ok(shared)
}

/// The larger of two changes, in a word.
fn told(change: Change, other: &'static str) -> &'static str {
    match (change, other) {
        (Change::Added, _) | (_, "added") => "added",
        (Change::Updated, _) | (_, "updated") => "updated",
        (Change::Unchanged, _) => "unchanged",
    }
}

impl Line {
    fn for_people(&self, done: bool) -> String {
        let Self { profile, change, .. } = self;
        let change = match *change {
            "added" if !done => "would add",
            "updated" if !done => "would update",
            "removed" if !done => "would remove",
            change => change,
        };
        let width = if done { 9 } else { 12 };
        match (&self.role_name, &self.account_id, &self.problem) {
            (_, _, Some(problem)) => format!("{change:<width$}  {profile}: {problem}"),
            (Some(role), Some(account), None) => format!("{change:<width$}  {profile}  {role} in {account}"),
            _ => format!("{change:<width$}  {profile}  {}", self.reason.as_deref().unwrap_or_default()),
        }
    }
}

fn report(lines: &[Line], from: &ProfileName, args: &ConfigureArgs, context: &Context) -> Result<()> {
    if args.json {
        return lines.iter().try_for_each(|line| context.ui.data_json(line));
    }
    lines.iter().try_for_each(|line| context.ui.data(line.for_people(!args.dry_run)))?;
    if lines.iter().any(|line| line.change == "stale") {
        context.ui.say(format_args!("`{}` removes what is stale", pruning(from, args)));
    }
    Ok(())
}

/// The same run once more, with `--prune`. Without its options it would name and set up the profiles otherwise.
fn pruning(from: &ProfileName, args: &ConfigureArgs) -> String {
    let mut words = vec![format!("securecart configure --all --prune --profile {from}")];
    words.extend(args.name_template.as_ref().map(|template| format!("--name-template {}", quoted(template.as_str()))));
    words.extend(Draft::from_args(args).settings().into_iter().map(|(key, setting)| match setting {
        Setting::Text(text) => format!("{} {}", option(key), quoted(&text)),
        // A flag's value is never a word of its own.
        setting => format!("{}={}", option(key), shown(&setting)),
    }));
    words.extend(args.no_aws_config.then(|| "--no-aws-config".to_owned()));
    words.join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
