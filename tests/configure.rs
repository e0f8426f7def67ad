//! `securecart configure` without a terminal: what it writes, and what it refuses to write.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use assert_cmd::assert::Assert;
use predicates::prelude::*;
use predicates::str::contains;

struct Home {
    folder: tempfile::TempDir,
}

const SSO: [&str; 4] = ["--start-url", "https://example.awsapps.com/start", "--sso-region", "eu-west-1"];

impl Home {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn config(&self) -> String {
        fs::read_to_string(self.path("config.toml")).unwrap()
    }

    fn aws(&self) -> String {
        fs::read_to_string(self.path(".aws/config")).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn configure(&self, args: &[&str]) -> Assert {
        let mut command = Command::new(env!("CARGO_BIN_EXE_securecart"));
        command.arg("configure").args(args).env_clear().current_dir(self.folder.path());
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        command.env(home, self.folder.path());
        command.env("SECURECART_CONFIG", self.path("config.toml"));
        command.env("SECURECART_STATE_DIR", self.path("state"));
        command.assert()
    }

    /// With everything that is required, and more.
    fn configured(&self, args: &[&str]) -> Assert {
        let all: Vec<&str> = SSO.iter().chain(args).copied().collect();
        self.configure(&all)
    }

    fn is_untouched(&self) {
        assert!(!self.path("config.toml").exists());
        assert!(!self.path(".aws/config").exists());
    }
}

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_securecart"))
}

#[test]
fn a_script_gets_a_profile_in_both_files_and_nothing_on_stdout() {
    let home = Home::new();
    home.configured(&["--profile", "docs", "--bucket", "docs-bucket", "--region", "eu-central-1"])
        .success()
        .stdout("")
        .stderr(
            contains("securecart login --profile docs").and(contains("aws sts get-caller-identity --profile docs")),
        );
    assert!(home.config().contains(
        "[profile.docs]\nstart_url = \"https://example.awsapps.com/start\"\nsso_region = \"eu-west-1\"\n\
         region = \"eu-central-1\"\nbucket = \"docs-bucket\"\n"
    ));
    let aws = home.aws();
    assert!(aws.starts_with("[profile docs]\ncredential_process = "), "{aws}");
    assert!(aws.ends_with("securecart credential-process --profile docs\nregion = eu-central-1\n"), "{aws}");
    assert!(program().is_absolute());
}

#[test]
fn missing_options_are_listed_when_nobody_can_be_asked() {
    let home = Home::new();
    home.configure(&[]).code(2).stderr(contains("`--start-url` and `--sso-region` are missing"));
    home.configure(&SSO[..2]).code(2).stderr(contains("`--sso-region` is missing"));
    home.is_untouched();
}

#[test]
fn a_portal_that_names_its_region_needs_no_other() {
    let home = Home::new();
    home.configure(&["--start-url", "https://ssoins-1.portal.eu-west-2.app.aws"]).success();
    assert!(home.config().contains("sso_region = \"eu-west-2\""));
}

#[test]
fn wrong_values_are_refused_as_typed() {
    let home = Home::new();
    for (option, value, message) in [
        ("--start-url", "http://example.awsapps.com/start", "is plain http"),
        ("--account-id", "123", "is not twelve digits"),
        ("--folder", "shared/", "has no variable"),
        ("--profile", "a b", "profile name"),
        ("--keychain", "plain", "possible values"),
    ] {
        home.configure(&[option, value]).code(2).stderr(contains(message));
    }
    home.is_untouched();
}

#[test]
fn one_setting_is_changed_and_everything_else_stays() {
    let home = Home::new();
    home.configured(&["--profile", "docs"]).success();
    let commented = home.config().replace("[profile.docs]", "# mine\n[profile.docs] # here");
    home.write("config.toml", &commented);
    let aws = home.aws();
    home.configure(&["--profile", "docs", "--keychain", "keyutils", "--auto-login"]).success();
    assert_eq!(home.config(), format!("{commented}keychain = \"keyutils\"\nauto_login = true\n"));
    assert_eq!(home.aws(), aws);
    home.configure(&["--profile", "docs", "--auto-login=false"]).success();
    assert!(home.config().contains("auto_login = false"));
}

#[test]
fn doing_it_twice_changes_nothing() {
    let home = Home::new();
    home.configured(&["--profile", "docs"]).success();
    let (config, aws) = (home.config(), home.aws());
    home.configured(&["--profile", "docs"]).success().stderr(contains("was as it should be"));
    assert_eq!((home.config(), home.aws()), (config, aws));
}

#[test]
fn a_second_profile_does_not_take_over() {
    let home = Home::new();
    home.configured(&["--profile", "docs"]).success();
    home.configured(&["--profile", "prod"]).success();
    assert!(home.config().contains("default_profile = \"docs\""));
    home.configure(&["--profile", "prod", "--set-default"]).success();
    assert!(home.config().contains("default_profile = \"prod\""));
    home.configured(&[]).code(2).stderr(contains("`--profile` is missing"));
}

#[test]
fn the_aws_file_keeps_every_other_byte() {
    let home = Home::new();
    let before = "# mine\r\n[default]\r\nregion=us-east-1\r\n\r\n[profile docs]\r\noutput = json\r\n; end";
    home.write(".aws/config", before);
    home.configured(&["--profile", "docs"]).success();
    let aws = home.aws();
    let added: Vec<&str> = aws.split_inclusive("\r\n").filter(|line| !before.contains(*line)).collect();
    assert_eq!(added.len(), 2, "{added:?}");
    assert_eq!(added.iter().fold(aws.clone(), |rest, line| rest.replace(line, "")), before);
}

#[test]
fn settings_that_would_win_are_refused_unless_forced_and_nothing_is_written() {
    let home = Home::new();
    home.write(".aws/config", "[profile docs]\nsso_session = corp\nsso_account_id = 012345678901\n");
    home.configured(&["--profile", "docs"])
        .code(2)
        .stderr(contains("`sso_session` (line 2)").and(contains("--aws-profile NAME")));
    assert!(!home.path("config.toml").exists());
    home.configured(&["--profile", "docs", "--aws-profile", "docs-files"]).success();
    assert!(home.aws().contains("[profile docs-files]\n"));
    assert!(home.aws().contains("credential-process --profile docs\n"));
    home.configured(&["--profile", "docs", "--force"]).success().stderr(contains("`sso_session` is a comment now"));
    assert!(home.aws().starts_with("[profile docs]\n# sso_session = corp\n# sso_account_id = 012345678901\n"));
}

#[test]
fn keys_in_the_credentials_file_are_noticed() {
    let home = Home::new();
    home.write(".aws/credentials", "[docs]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n");
    home.configured(&["--profile", "docs"])
        .code(2)
        .stderr(contains("credentials").and(contains("AKIAIOSFODNN7EXAMPLE").not()));
    home.is_untouched();
    home.configured(&["--profile", "docs", "--force"]).success().stderr(contains("warning: "));
}

#[test]
fn identity_center_settings_are_imported() {
    let home = Home::new();
    home.write(
        ".aws/config",
        "[profile dev]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = Dev\nregion = eu-central-1\n\
         [sso-session corp]\nsso_start_url = https://example.awsapps.com/start#\nsso_region = eu-west-1\n",
    );
    home.configure(&["--import", "nobody"]).code(2).stderr(contains("name one of dev, corp"));
    home.configure(&["--import"]).code(2).stderr(contains("name one of dev, corp"));
    home.configure(&["--import", "dev", "--profile", "docs"]).success();
    let config = home.config();
    for line in [
        "start_url = \"https://example.awsapps.com/start\"",
        "sso_region = \"eu-west-1\"",
        "account_id = \"012345678901\"",
        "role_name = \"Dev\"",
        "region = \"eu-central-1\"",
    ] {
        assert!(config.contains(line), "{line} is not in {config}");
    }
    home.configure(&["--import", "corp"]).success();
    assert!(home.config().contains("[profile.corp]"));
}

#[test]
fn the_aws_file_is_left_alone_on_request() {
    let home = Home::new();
    home.configured(&["--profile", "docs", "--no-aws-config"]).success();
    assert!(home.path("config.toml").exists());
    assert!(!home.path(".aws").exists());
}

#[test]
fn the_report_is_one_json_document() {
    let home = Home::new();
    let output = home.configured(&["--profile", "docs", "--json"]).success().get_output().stdout.clone();
    let report: serde_json::Value = serde_json::from_slice(&output).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!((&report["config"], &report["aws"]["change"]), (&"added".into(), &"added".into()));
    assert_eq!(report["next"][0], "securecart login --profile docs");
}

#[test]
fn a_configuration_with_a_mistake_is_reported_not_built_upon() {
    let home = Home::new();
    home.write("config.toml", "[profile.docs]\nbuckett = 'x'\n");
    home.configured(&["--profile", "docs"])
        .code(2)
        .stderr(contains("config.toml:2:1: unknown key `buckett`; did you mean `bucket`?"));
    assert_eq!(home.config(), "[profile.docs]\nbuckett = 'x'\n");
}

#[cfg(unix)]
#[test]
fn new_files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    home.configured(&["--profile", "docs"]).success();
    for name in ["config.toml", ".aws/config"] {
        assert_eq!(fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn twenty_at_once_all_find_their_place() {
    let home = Home::new();
    std::thread::scope(|scope| {
        for number in 0..20 {
            let home = &home;
            scope.spawn(move || home.configured(&["--profile", &format!("p{number}")]).success());
        }
    });
    let (config, aws) = (home.config(), home.aws());
    for number in 0..20 {
        assert!(config.contains(&format!("[profile.p{number}]\n")));
        assert!(aws.contains(&format!("[profile p{number}]\n")));
    }
}

#[test]
fn what_is_for_all_profiles_writes_nothing_of_one() {
    let home = Home::new();
    for (option, more) in [("--dry-run", None), ("--prune", None), ("--name-template", Some("{role_name}"))] {
        let given: Vec<&str> = ["--profile", "docs", option].into_iter().chain(more).collect();
        home.configured(&given)
            .code(2)
            .stderr(contains(format!("`{option}` is for `securecart configure --all`")).and(contains("hint: ")));
        home.is_untouched();
        // Nor alone.
        home.configure(&given).code(2).stderr(contains(option));
        home.is_untouched();
    }
}

#[test]
fn a_profile_called_as_its_session_is_imported_without_a_question() {
    let home = Home::new();
    let corp = "[profile corp]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = Dev\n\
                [sso-session corp]\nsso_start_url = https://example.awsapps.com/start#\nsso_region = eu-west-1\n";
    home.write(".aws/config", corp);
    home.configure(&["--import", "--no-aws-config"]).success();
    assert!(home.config().contains("[profile.corp]") && home.config().contains("role_name = \"Dev\""));
    let other = "[profile other]\nsso_start_url = https://example.awsapps.com/start\nsso_region = eu-west-1\n";
    home.write(".aws/config", &format!("{corp}{other}"));
    home.configure(&["--import"]).code(2).stderr(contains("name one of corp, other\n"));
}

#[test]
fn a_mistake_in_an_option_is_not_one_in_a_line_that_is_not_there() {
    let home = Home::new();
    let at = |option: &str| contains(format!("error: {option}: ")).and(contains("config.toml").not());
    home.configured(&["--profile", "docs", "--kms-key-id", "bad key"]).code(2).stderr(at("--kms-key-id"));
    let role = ["--profile", "role", "--role-arn", "arn:aws:iam::111111111111:role/Other"];
    let of = |more: &[&'static str]| [role.as_slice(), more].concat();
    home.configured(&["--profile", "docs"]).success();
    home.configure(&of(&["--source", "nope"]))
        .code(2)
        .stderr(contains("error: there is no profile `nope` (--source)\n"));
    home.configure(&of(&["--source", "docs", "--session-duration", "2h"])).code(2).stderr(at("--session-duration"));
    home.configure(&of(&["--source", "docs", "--transitive-tag", "team"])).code(2).stderr(at("--transitive-tag"));
    // What the file says already is in the file.
    home.write("config.toml", &home.config().replace("start_url", "kms_key_id = 'bad key'\nstart_url"));
    home.configured(&["--profile", "docs"]).code(2).stderr(contains("config.toml:"));
}

#[test]
fn an_option_behind_the_mfa_command_is_said_to_be_part_of_it() {
    let home = Home::new();
    let serial = "arn:aws:iam::111122223333:mfa/dana";
    home.configure(
        &[
            &["--profile", "dana", "--region", "eu-west-1", "--from-aws-profile", "old"][..],
            &["--mfa-command", "ykman", "code", "--mfa-serial", serial],
        ]
        .concat(),
    )
    .code(2)
    .stderr(contains("hint: give `--mfa-serial ARN` before `--mfa-command`, which takes everything behind it"));
    home.is_untouched();
}
