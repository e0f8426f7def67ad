//! `securecart accounts`, `roles` and `configure --all` against the sandbox.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use common::{Ran, Stage};
use securecart_sandbox::Options;

/// A profile without a role, signed in to.
fn stage(extra_accounts: u32) -> Stage {
    let options = Options { auto_approve: Some(common::ALICE.to_owned()), extra_accounts, ..Options::default() };
    let stage = Stage::with(options);
    let ran = stage.run(&["login", "--account-id", common::PRODUCTION, "--role-name", common::ROLE]);
    assert_eq!(ran.code, 0, "{ran}");
    stage
}

fn read(stage: &Stage, name: &str) -> String {
    std::fs::read_to_string(stage.path(name)).unwrap_or_default()
}

#[test]
fn everything_one_may_assume_is_listed_for_people_and_as_json() {
    let stage = stage(120);
    let roles = stage.run(&["roles", "--json"]).json_lines();
    let accounts = stage.run(&["accounts", "--json"]).json_lines();
    assert!(accounts.len() > 120, "more than a page: {}", accounts.len());
    let listed: usize = accounts.iter().map(|account| account["roles"].as_array().unwrap().len()).sum();
    assert_eq!(roles.len(), listed);
    assert!(roles.iter().any(|role| role["account_id"] == common::PRODUCTION && role["role_name"] == common::ROLE));

    let people = stage.run(&["roles", "--account-id", common::PRODUCTION]);
    let lines: Vec<&str> = people.stdout.lines().collect();
    assert!(lines[0].starts_with("ACCOUNT       NAME"), "{people}");
    let column = lines[0].find("ROLE").unwrap();
    assert!(lines[1..].iter().all(|line| line.starts_with(common::PRODUCTION)), "{people}");
    assert!(lines.iter().any(|line| &line[column..] == common::ROLE), "{people}");
    assert_eq!(stage.run(&["roles", "--account-id", "999999999999"]).code, 5);
}

#[test]
fn without_a_sign_in_they_exit_4() {
    let stage = Stage::new();
    for command in ["accounts", "roles"] {
        let ran = stage.run(&[command]);
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
        assert!(ran.stderr.contains("`securecart login --profile docs`"), "{ran}");
    }
}

#[test]
fn a_profile_is_written_for_each_role_and_works() {
    let stage = stage(0);
    let roles = stage.run(&["roles", "--json"]).json_lines();
    let dry = stage.run(&["configure", "--all", "--dry-run", "--json"]);
    assert_eq!(dry.code, 0, "{dry}");
    assert!(dry.json_lines().iter().all(|line| line["change"] == "added"), "{dry}");
    assert_eq!(dry.json_lines().len(), roles.len());
    assert!(!read(&stage, "config.toml").contains("generated_from") && !stage.path(".aws/config").exists());

    let ran = stage.run(&["configure", "--all", "--json"]);
    assert_eq!((ran.code, &ran.stdout), (0, &dry.stdout), "{ran}");
    let line = ran.json_lines().into_iter().find(|line| line["account_id"] == common::PRODUCTION).unwrap();
    let name = line["profile"].as_str().unwrap();
    assert!(read(&stage, ".aws/config").contains(&format!("[profile {name}]\ncredential_process = ")));
    let whoami = stage.run(&["whoami", "--json", "--profile", name]);
    assert_eq!(whoami.json_lines()[0]["account_id"], common::PRODUCTION, "{whoami}");

    // Doing it twice is doing it once.
    let files = (read(&stage, "config.toml"), read(&stage, ".aws/config"));
    let again = stage.run(&["configure", "--all", "--prune", "--json"]);
    assert_eq!((again.code, again.json_lines().len()), (0, roles.len()), "{again}");
    assert!(again.json_lines().iter().all(|line| line["change"] == "unchanged"), "{again}");
    assert_eq!((read(&stage, "config.toml"), read(&stage, ".aws/config")), files);
}

#[test]
fn prune_removes_what_is_gone_and_ours_and_nothing_else() {
    let stage = stage(0);
    let mine = "# mine\n[profile.old]\nstart_url = \"https://example.awsapps.com/start\"\nsso_region = \"eu-west-1\"\n";
    let config = format!("default_profile = \"docs\"\n{}\n{mine}", read(&stage, "config.toml"));
    let gone = "\n[profile.gone]\nstart_url = \"https://example.awsapps.com/start\"\nsso_region = \"eu-west-1\"\n\
                account_id = \"999999999999\"\nrole_name = \"Gone\"\ngenerated_from = \"docs\"\n\
                \n[profile.others]\nstart_url = \"https://example.awsapps.com/start\"\nsso_region = \"eu-west-1\"\n\
                generated_from = \"another\"\n";
    std::fs::write(stage.path("config.toml"), config.clone() + gone).unwrap();
    std::fs::create_dir(stage.path(".aws")).unwrap();
    let aws = "# mine\n[default]\nregion=us-east-1\n";
    let theirs =
        "\n[profile gone]\ncredential_process = /bin/securecart credential-process --profile gone\nregion = x\n";
    std::fs::write(stage.path(".aws/config"), format!("{aws}{theirs}")).unwrap();

    let ran = stage.run(&["configure", "--all"]);
    assert!(ran.stdout.contains("stale      gone  not assigned to you any more\n"), "{ran}");
    assert!(ran.stderr.contains("`securecart configure --all --prune --profile docs` removes"), "{ran}");
    assert!(!ran.stdout.contains("others") && !ran.stdout.contains(" old "), "they aren't ours: {ran}");
    assert!(read(&stage, "config.toml").contains("[profile.gone]"), "not without --prune: {ran}");
    let ran = stage.run(&["configure", "--all", "--prune", "--dry-run"]);
    assert!(ran.stdout.contains("would remove  gone  not assigned to you any more\n"), "{ran}");
    assert!(read(&stage, "config.toml").contains("[profile.gone]"), "a dry run");
    let ran = stage.run(&["configure", "--all", "--prune"]);
    assert_eq!(ran.code, 0, "{ran}");
    let (new_config, new_aws) = (read(&stage, "config.toml"), read(&stage, ".aws/config"));
    assert!(new_config.starts_with(&config), "{new_config}");
    assert!(!new_config.contains("profile.gone") && new_config.contains("profile.others"), "{new_config}");
    assert!(new_aws.starts_with(aws) && !new_aws.contains("gone"), "{new_aws}");
}

#[test]
fn a_profile_that_another_template_named_is_stale_and_says_its_new_name() {
    let stage = stage(0);
    let old = made_for_the_folder(&stage.run(&["configure", "--all", "--json"]));
    let renamed = ["configure", "--all", "--json", "--name-template", "new-{account_id}-{role_name}"];
    let ran = stage.run(&renamed);
    assert_eq!(ran.code, 0, "{ran}");
    let new = made_for_the_folder(&ran);
    let line = |ran: &Ran| ran.json_lines().into_iter().find(|line| line["profile"] == old.as_str()).unwrap();
    assert_ne!(old, new);
    assert_eq!(
        (line(&ran)["change"].as_str(), line(&ran)["reason"].as_str()),
        (Some("stale"), Some(&*format!("named {new} now")))
    );
    assert!(read(&stage, ".aws/config").contains(&format!("[profile {old}]")), "it works until it is removed");
    let ran = stage.run(&[renamed.as_slice(), &["--prune"]].concat());
    assert_eq!((ran.code, line(&ran)["change"].as_str()), (0, Some("removed")), "{ran}");
    assert!(!read(&stage, "config.toml").contains(&format!("[profile.{old}]")), "{ran}");
    assert!(!read(&stage, ".aws/config").contains(&format!("[profile {old}]")), "{ran}");
}

#[test]
fn names_that_mean_something_else_are_not_overwritten() {
    let stage = stage(0);
    let name = |ran: &Ran| {
        let lines = ran.json_lines();
        let line = lines.iter().find(|line| line["account_id"] == common::PRODUCTION).unwrap();
        line["profile"].as_str().unwrap().to_owned()
    };
    let dry = ["configure", "--all", "--dry-run", "--json"];
    let first = name(&stage.run(&dry));
    std::fs::create_dir(stage.path(".aws")).unwrap();
    std::fs::write(stage.path(".aws/config"), format!("[profile {first}]\nregion = us-east-1\n")).unwrap();
    assert_eq!(name(&stage.run(&dry)), format!("{first}-{}", common::PRODUCTION));
    let templated =
        stage.run(&["configure", "--all", "--dry-run", "--json", "--name-template", "x/{account_id}.{role_name}"]);
    assert_eq!(name(&templated), format!("x/{}.docsuser", common::PRODUCTION));
    let ran = stage.run(&["configure", "--all", "--name-template", "{nope}"]);
    assert_eq!(ran.code, 2, "{ran}");
}

/// What `config.toml` says of a profile.
fn section(stage: &Stage, name: &str) -> String {
    let text = read(stage, "config.toml");
    let start = text.find(&format!("[profile.{name}]")).unwrap_or_else(|| panic!("{name} is not in {text}"));
    text[start..].split("\n[").next().unwrap().to_owned()
}

/// The name of the profile that was made for the role of the folder.
fn made_for_the_folder(ran: &Ran) -> String {
    let lines = ran.json_lines();
    let is_it =
        |line: &&serde_json::Value| line["account_id"] == common::PRODUCTION && line["role_name"] == common::ROLE;
    lines.iter().find(is_it).unwrap()["profile"].as_str().unwrap().to_owned()
}

#[test]
fn all_of_them_have_the_folder_and_the_settings_of_the_profile_they_are_made_from() {
    let stage = stage(0);
    let more = "folder = 'home/${aws:userid}/'\nbucket_region = 'eu-north-1'\nencryption = 'aws:kms'\n\
                kms_key_id = 'alias/docs'\nrequest_checksum_calculation = 'when_required'\npath_style = true\n\
                auto_login = true\ncallback_port = 8400\n";
    std::fs::write(stage.path("config.toml"), read(&stage, "config.toml") + more).unwrap();
    let ran = stage.run(&["configure", "--all", "--json"]);
    assert_eq!(ran.code, 0, "{ran}");
    let made = section(&stage, &made_for_the_folder(&ran));
    let bucket = format!("bucket = {:?}", stage.sandbox.bucket());
    for setting in more.replace('\'', "\"").lines().chain([bucket.as_str()]) {
        assert!(made.lines().any(|line| line == setting), "{setting} is not in {made}");
    }
    let again = stage.run(&["configure", "--all", "--json"]);
    assert!(again.json_lines().iter().all(|line| line["change"] == "unchanged"), "{again}");
}

#[test]
fn what_an_option_gives_holds_for_all_of_them_and_wins() {
    let stage = stage(0);
    let kms = "encryption = 'aws:kms'\nkms_key_id = 'alias/docs'\n";
    let before = read(&stage, "config.toml").replace("bucket = ", "# bucket = ") + kms;
    std::fs::write(stage.path("config.toml"), &before).unwrap();
    let bucket = stage.sandbox.bucket().to_owned();
    let all = ["configure", "--all", "--json", "--bucket", &bucket, "--encryption", "AES256", "--region", "eu-north-1"];
    let ran = stage.run(&all);
    assert_eq!(ran.code, 0, "{ran}");
    let name = made_for_the_folder(&ran);
    let made = section(&stage, &name);
    for setting in [format!("bucket = {bucket:?}").as_str(), "encryption = \"AES256\"", "region = \"eu-north-1\""] {
        assert!(made.contains(setting) && !made.contains("kms_key_id"), "{setting} is not in {made}");
    }
    assert!(read(&stage, ".aws/config").contains("region = eu-north-1"), "AWS tools use it too");
    assert!(section(&stage, "docs").contains("kms_key_id"), "the profile they are made from stays as it is");
    // And it is a folder that works.
    std::fs::write(stage.path("f"), "mine").unwrap();
    let region = stage.sandbox.region().to_owned();
    let put = stage.run(&["put", "f", "--profile", &name, "--region", &region]);
    assert_eq!(put.code, 0, "{put}");
    // Without the options, what they gave stays where the profile says nothing else.
    let ran = stage.run(&["configure", "--all"]);
    assert_eq!(ran.code, 0, "{ran}");
    let made = section(&stage, &name);
    assert!(made.contains(&format!("bucket = {bucket:?}")) && made.contains("encryption = \"aws:kms\""), "{made}");
    let wrong = stage.run(&["configure", "--all", "--encryption", "AES256", "--kms-key-id", "k"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("kms_key_id"), "{wrong}");
    for refused in [["--url", "https://sso.example.com/x"], ["--role-arn", "arn:aws:iam::111122223333:role/R"]] {
        let ran = stage.run(&[&["configure", "--all"], refused.as_slice()].concat());
        assert!(ran.code == 2 && ran.stderr.contains("cannot be used with"), "{ran}");
    }
}

#[test]
fn the_command_that_prunes_names_the_profiles_as_this_one_did() {
    let stage = stage(0);
    assert_eq!(stage.run(&["configure", "--all", "--json"]).code, 0);
    let renamed = ["configure", "--all", "--name-template", "new-{account_id}-{role_name}", "--bucket", "other-docs"];
    let options = ["--auto-login", "--no-aws-config", "-p", "docs"];
    let ran = stage.run(&[renamed.as_slice(), &options].concat());
    let told = ran.stderr.split('`').nth(1).unwrap();
    assert_eq!(
        told,
        "securecart configure --all --prune --profile docs --name-template 'new-{account_id}-{role_name}' --bucket \
         other-docs --auto-login=true --no-aws-config"
    );
    let before = read(&stage, "config.toml");
    let words: Vec<&str> = told.split(' ').skip(1).map(|word| word.trim_matches('\'')).collect();
    let ran = stage.run(&words);
    assert!(ran.code == 0 && ran.stdout.contains("removed    "), "{ran}");
    let made = |text: &str| text.matches("[profile.new-").count();
    assert_eq!(made(&read(&stage, "config.toml")), made(&before), "{ran}");
    assert_eq!(read(&stage, "config.toml").matches("\nbucket = \"other-docs\"").count(), made(&before));
    assert!(!stage.path(".aws/config").exists() || !read(&stage, ".aws/config").contains("[profile new-"));
}

#[test]
fn a_mistake_in_what_holds_for_all_of_them_names_the_option() {
    let stage = stage(0);
    let before = read(&stage, "config.toml");
    let ran = stage.run(&["configure", "--all", "--encryption", "aws:kms", "--kms-key-id", "bad key"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.starts_with("error: --kms-key-id: `bad key` is not a KMS key"), "{ran}");
    assert_eq!(read(&stage, "config.toml"), before);
}

#[test]
fn a_dry_run_says_what_would_be_done_and_not_what_was() {
    let stage = stage(0);
    let ran = stage.run(&["configure", "--all", "--dry-run"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.lines().all(|line| line.starts_with("would add     ")), "{ran}");
    assert!(stage.run(&["configure", "--all"]).stdout.lines().all(|line| line.starts_with("added      ")));
    let ran = stage.run(&["configure", "--all", "--dry-run", "--bucket", "other-docs"]);
    assert!(ran.stdout.lines().all(|line| line.starts_with("would update  ")), "{ran}");
    let ran = stage.run(&["configure", "--all", "--dry-run"]);
    assert!(ran.stdout.lines().all(|line| line.starts_with("unchanged     ")), "{ran}");
}

#[test]
fn a_profile_without_a_list_of_roles_is_told_which_has_one() {
    let stage = stage(0);
    let role = "\n[profile.other]\nsource = \"docs\"\nrole_arn = \"arn:aws:iam::111111111111:role/Other\"\n";
    std::fs::write(stage.path("config.toml"), read(&stage, "config.toml") + role).unwrap();
    for command in [&["accounts"][..], &["roles"], &["configure", "--all"]] {
        let ran = stage.run(&[command, &["--profile", "other"]].concat());
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.stderr.contains("hint: name a profile of IAM Identity Center with `--profile NAME`"), "{ran}");
    }
}
