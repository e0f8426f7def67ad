//! `securecart configure`: settle the settings, show the plan, write both files, say what comes next.

pub mod all;
mod draft;
mod elsewhere;
mod plan;
mod program;
mod wizard;

use std::path::PathBuf;

use draft::Draft;
use plan::{AwsPlan, Plan};

use crate::cli::configure::ConfigureArgs;
use crate::config::aws_config::{
    AwsConfigError, Change, FoundSso, OnConflict, Shell, credentials_file_conflict, parse_sso, process_line,
};
use crate::config::directories::{aws_config_file, aws_credentials_file};
use crate::config::document::Document;
use crate::config::names::ProfileName;
use crate::config::profile_table::ProfileEdit;
use crate::config::write::{WriteLock, read_or_empty, update};
use crate::config::{Directories, Environment};
use crate::error::{Error, Kind, Result};
use crate::ui::Ui;
use crate::ui::prompt::Ask;

/// Adds or changes a profile in `config.toml` and in the AWS tools' file.
///
/// # Errors
/// [`Kind::Usage`] when something is missing or wrong, [`Kind::Interrupted`] when the person stopped; both files are
/// then as they were. [`Kind::Failed`] when a file could not be written.
pub fn run(args: &ConfigureArgs, environment: &Environment, ui: &Ui) -> Result<()> {
    if let Some(option) = for_all_alone(args) {
        return Err(Error::usage(format!("`{option}` is for `securecart configure --all`, and nothing was written"))
            .with_hint(format!("give `--all` too, without the settings of one profile, or leave `{option}` out")));
    }
    let prompt = ui.prompt();
    let ask: Option<&dyn Ask> = prompt.as_ref().map(|prompt| prompt as &dyn Ask);
    let files = Files::read(args, environment)?;

    let settled = settle(args, environment, &files, ask)?;
    let plan = plan(args, environment, &files, &settled, ask.filter(|_| settled.asked).map(|ask| (ask, ui)))?;
    check_credentials_file(args, environment, &plan, ui)?;
    if let (true, Some(ask)) = (settled.asked, ask) {
        ui.say(plan.show(&files.config, &files.aws)?);
        if !ask.confirm("Write this?", true)? {
            return Err(Error::new(Kind::Interrupted, "nothing was written"));
        }
    }
    let report = write(&plan, &files)?;
    if args.json {
        return ui.data(serde_json::to_string(&report).map_err(|error| Error::new(Kind::Failed, error.to_string()))?);
    }
    report.say(ui, environment);
    Ok(())
}

/// An option that means nothing without `--all`. clap would not ask for that one beside any option it conflicts with.
fn for_all_alone(args: &ConfigureArgs) -> Option<&'static str> {
    let options =
        [("--dry-run", args.dry_run), ("--prune", args.prune), ("--name-template", args.name_template.is_some())];
    options.into_iter().find(|(_, given)| *given).map(|(option, _)| option)
}

/// Both files as they are now.
struct Files {
    directories: Directories,
    config: String,
    aws_file: PathBuf,
    aws: String,
    found: Vec<FoundSso>,
}

impl Files {
    fn read(args: &ConfigureArgs, environment: &Environment) -> Result<Self> {
        let directories = Directories::new(environment)?;
        let config = read_or_empty(&directories.config_file)?;
        let aws_file = aws_config_file(environment)?;
        // A file that isn't going to be touched needn't be one that can be.
        let aws = match read_or_empty(&aws_file) {
            Err(_) if args.no_aws_config && args.import.is_none() => String::new(),
            aws => aws?,
        };
        let found = parse_sso(&aws);
        Ok(Self { directories, config, aws_file, aws, found })
    }
}

/// A profile whose settings are complete.
struct Settled {
    name: ProfileName,
    draft: Draft,
    /// A person answered questions, and sees the plan before it is carried out.
    asked: bool,
}

fn settle(args: &ConfigureArgs, environment: &Environment, files: &Files, ask: Option<&dyn Ask>) -> Result<Settled> {
    let document = Document::parse(&files.directories.config_file, &files.config)?;
    let flags = Draft::from_args(args);
    // Without a single setting on the command line, a person wants to be asked even if nothing is missing.
    let ask_anyway = flags == Draft::default() && args.import.is_none() && !args.set_default;
    let mut import = import(args, files, ask)?;
    let name = name(args, environment, &document, import, ask)?;
    let there = document.profile(name.as_str())?.map(|section| Draft::from_section(&section)).unwrap_or_default();

    let offer_import = ask_anyway && there.start_url.is_none() && !files.found.is_empty();
    if let (true, Some(ask)) = (offer_import, ask) {
        import = wizard::import(ask, &files.found, true)?;
    }
    if let Some(found) = import {
        wizard::check_import(found)?;
    }
    let there = import.map(Draft::from_import).unwrap_or_default().over(there).of_portal(flags.start_url.as_ref());
    let known = flags.clone().over(there.clone()).guess(&files.found);
    if let Some((problem, hint)) = elsewhere::contradiction(&known) {
        return Err(Error::usage(problem).with_hint(hint));
    }
    let missing = known.missing();
    match ask {
        Some(ask) if ask_anyway || !missing.is_empty() => {
            let draft = wizard::questions(ask, flags, there, &files.found)?.recognised();
            Ok(Settled { name, draft, asked: true })
        }
        _ if missing.is_empty() => Ok(Settled { name, draft: known.recognised(), asked: false }),
        _ => Err(is_missing(&missing)),
    }
}

fn is_missing(options: &[&str]) -> Error {
    let verb = if options.len() == 1 { "is" } else { "are" };
    let list = options.iter().map(|option| format!("`{option}`")).collect::<Vec<_>>().join(" and ");
    Error::usage(format!("{list} {verb} missing, and there is no terminal to ask on"))
        .with_hint("give it on the command line; `securecart configure --help` has an example")
}

/// The profile or session that `--import` names, or the only one there is.
fn import<'f>(args: &ConfigureArgs, files: &'f Files, ask: Option<&dyn Ask>) -> Result<Option<&'f FoundSso>> {
    let Some(wanted) = &args.import else { return Ok(None) };
    // A profile may be called as its session is, and comes first.
    let mut named: Vec<&FoundSso> = Vec::new();
    for sso in &files.found {
        if named.iter().all(|earlier| earlier.name != sso.name) {
            named.push(sso);
        }
    }
    let names = || named.iter().map(|sso| sso.name.as_str()).collect::<Vec<_>>().join(", ");
    let file = files.aws_file.display();
    match (wanted.as_str(), named.as_slice(), ask) {
        (_, [], _) => Err(Error::usage(format!("{file} has no Identity Center profile or sso-session to import"))
            .with_hint("give `--start-url` and `--sso-region`")),
        ("", [only], _) => Ok(Some(only)),
        ("", _, Some(ask)) => wizard::import(ask, &files.found, false),
        ("", _, None) => Err(Error::usage("`--import` doesn't say which profile or sso-session")
            .with_hint(format!("name one of {}", names()))),
        (name, found, _) => match found.iter().find(|sso| sso.name == name) {
            Some(sso) => Ok(Some(sso)),
            None => Err(Error::usage(format!("{file} has no Identity Center profile or sso-session `{name}`"))
                .with_hint(format!("name one of {}", names()))),
        },
    }
}

/// The profile's name: told, or asked for, or `securecart` for the first one.
fn name(
    args: &ConfigureArgs,
    environment: &Environment,
    document: &Document<'_>,
    import: Option<&FoundSso>,
    ask: Option<&dyn Ask>,
) -> Result<ProfileName> {
    if let Some(name) = &args.profile {
        return Ok(name.clone());
    }
    if let Some(name) = &environment.profile {
        return name.parse().map_err(|problem| Error::usage(format!("SECURECART_PROFILE: {problem}")));
    }
    let imported = import.and_then(|sso| sso.name.parse().ok());
    let default = document.default_profile()?.and_then(|located| located.value.parse().ok());
    let names = document.names();
    let likely = imported.clone().or(default).unwrap_or_else(draft::default_name);
    match (ask, imported) {
        (Some(ask), _) => wizard::name(ask, &likely),
        (None, Some(imported)) => Ok(imported),
        (None, None) if names.is_empty() => Ok(likely),
        (None, None) => Err(is_missing(&["--profile"])),
    }
}

fn plan(
    args: &ConfigureArgs,
    environment: &Environment,
    files: &Files,
    settled: &Settled,
    ask: Option<(&dyn Ask, &Ui)>,
) -> Result<Plan> {
    let Settled { name, draft, .. } = settled;
    let edit = ProfileEdit { name: name.clone(), settings: draft.settings(), set_default: args.set_default };
    let mut plan = Plan { config_file: files.directories.config_file.clone(), edit, aws: None };
    let (config, _) = plan.config(&files.config)?;
    if args.no_aws_config {
        return Ok(plan);
    }
    let profile = plan.profile(&config)?;
    let program = program::path(environment)?;
    let command = process_line(&program, name, Shell::native())
        .map_err(|problem| Error::usage(problem.to_string()).with_hint("move it, or give `--no-aws-config`"))?;
    let mut pairs = vec![("credential_process", command), ("region", profile.region.to_string())];
    pairs.extend(args.endpoint_url.as_ref().map(|url| ("endpoint_url", url.to_string())));
    let on_conflict = if args.force { OnConflict::CommentOut } else { OnConflict::Refuse };
    let aws_profile = args.aws_profile.clone().unwrap_or_else(|| name.clone());
    let aws = AwsPlan { file: files.aws_file.clone(), profile: aws_profile, pairs, on_conflict };
    plan.aws = Some(settle_conflicts(aws, &files.aws, ask)?);
    refuse_to_ask_itself(&plan, draft)?;
    Ok(plan)
}

/// Where other settings would win, a person may choose another name, or let them become comments.
fn settle_conflicts(mut aws: AwsPlan, text: &str, ask: Option<(&dyn Ask, &Ui)>) -> Result<AwsPlan> {
    loop {
        let (problem, (ask, ui)) = match (aws.apply(text), ask) {
            (Ok(_), _) => return Ok(aws),
            (Err(problem @ AwsConfigError::Conflicts { .. }), Some(ask)) => (problem, ask),
            (Err(problem), _) => return Err(problem.into()),
        };
        ui.say(format_args!("In {}, {problem}", aws.file.display()));
        if ask.confirm("Turn those lines into comments?", false)? {
            aws.on_conflict = OnConflict::CommentOut;
        } else {
            let other = format!("{}-securecart", aws.profile);
            aws.profile = wizard::aws_name(ask, &other.parse().unwrap_or_else(|_| draft::default_name()))?;
        }
    }
}

/// The AWS profile whose credentials are taken can't be the one that will ask for them.
fn refuse_to_ask_itself(plan: &Plan, draft: &Draft) -> Result<()> {
    let (Some(aws), Some(from)) = (&plan.aws, &draft.elsewhere.from_aws_profile) else { return Ok(()) };
    if aws.profile.as_str() != from {
        return Ok(());
    }
    let problem = format!("AWS profile `{from}` would get its credentials from itself, through securecart");
    Err(Error::usage(problem).with_hint("name the new one with `--aws-profile NAME`, or give `--no-aws-config`"))
}

/// Long-lived keys under the same name would be used instead of ours.
fn check_credentials_file(args: &ConfigureArgs, environment: &Environment, plan: &Plan, ui: &Ui) -> Result<()> {
    let Some(aws) = &plan.aws else { return Ok(()) };
    let file = aws_credentials_file(environment)?;
    // Not ours to complain about: it is never written.
    let Ok(text) = read_or_empty(&file) else { return Ok(()) };
    let Some(conflict) = credentials_file_conflict(&text, aws.profile.as_str()) else { return Ok(()) };
    let problem = format!("profile `{}` has keys in {}: {conflict}", aws.profile, file.display());
    if args.force {
        ui.warn(problem);
        return Ok(());
    }
    Err(Error::usage(problem).with_hint("choose another name with `--aws-profile NAME`, or remove those lines"))
}

/// What was written: the document of `--json`, whose `version` changes when its meaning does.
#[derive(Debug, serde::Serialize)]
struct Report {
    version: u32,
    profile: ProfileName,
    config_file: PathBuf,
    config: Change,
    aws: Option<AwsReport>,
    next: Vec<String>,
}

#[derive(Debug, serde::Serialize)]
struct AwsReport {
    file: PathBuf,
    profile: ProfileName,
    change: Change,
    commented_out: Vec<String>,
}

fn write(plan: &Plan, files: &Files) -> Result<Report> {
    let lock = WriteLock::acquire(&files.directories.state)?;
    // What another `configure` wrote meanwhile is kept: the edits are made again on what is there now.
    let (config, bucket) = update(&lock, &plan.config_file, |old| {
        let (new, change) = plan.config(old)?;
        let bucket = plan.profile(&new)?.bucket;
        Ok((new, (change, bucket)))
    })?;
    let aws = plan.aws.as_ref().map(|aws| {
        let upserted = update(&lock, &aws.file, |old| {
            let upserted = aws.apply(old)?;
            Ok((upserted.text.clone(), upserted))
        })?;
        let (change, commented_out) = (upserted.change, upserted.commented_out);
        Ok::<_, Error>(AwsReport { file: aws.file.clone(), profile: aws.profile.clone(), change, commented_out })
    });
    let aws = aws.transpose()?;
    let name = &plan.edit.name;
    let mut next = vec![format!("securecart login --profile {name}")];
    next.extend(bucket.map(|_| format!("securecart ls --profile {name}")));
    next.extend(aws.as_ref().map(|aws| format!("aws sts get-caller-identity --profile {}", aws.profile)));
    Ok(Report { version: 1, profile: name.clone(), config_file: plan.config_file.clone(), config, aws, next })
}

impl Report {
    fn say(&self, ui: &Ui, environment: &Environment) {
        ui.say(sentence(self.config, &self.profile, &self.config_file));
        if let Some(aws) = &self.aws {
            ui.say(sentence(aws.change, &aws.profile, &aws.file));
            for key in &aws.commented_out {
                ui.say(format_args!("  `{key}` is a comment now"));
            }
            if environment.config_file.is_some() {
                ui.say("AWS tools will find this profile only where SECURECART_CONFIG is set as it is now");
            }
        }
        ui.say("Next:");
        for command in &self.next {
            ui.say(format_args!("  {command}"));
        }
    }
}

fn sentence(change: Change, profile: &ProfileName, file: &std::path::Path) -> String {
    let file = file.display();
    match change {
        Change::Added => format!("Added profile {profile} to {file}"),
        Change::Updated => format!("Changed profile {profile} in {file}"),
        Change::Unchanged => format!("Profile {profile} in {file} was as it should be"),
    }
}
