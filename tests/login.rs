//! `securecart login`, `status`, `whoami` against the sandbox.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
#[cfg(unix)]
#[path = "common/terminal.rs"]
mod terminal;

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::time::Duration;

use common::waiting::Waiting;
use common::{ALICE, BOB, Browser, DEV, PRODUCTION, ROLE, Ran, Stage, browse, eventually};
use securecart_sandbox::{Effect, Fault, Options, Service};
#[cfg(unix)]
use terminal::Terminal;

#[test]
fn login_says_who_one_is_which_role_until_when_and_which_folder() {
    let stage = Stage::new();
    let ran = stage.login();
    assert_eq!(ran.stdout, "", "stdout is data, and there is none");
    for told in [ALICE, PRODUCTION, ROLE, "until", &format!("s3://securecart-user-docs/{}", stage.folder())] {
        assert!(ran.stderr.contains(told), "{told} is missing: {ran}");
    }
    assert!(ran.stderr.contains("Only enter a code that you asked for yourself"), "{ran}");
}

#[test]
fn a_person_approves_the_code_in_a_browser_elsewhere() {
    let stage = Stage::with(Options::default());
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    let waiting = Waiting::start(&stage, &["login", "--device-code"]);
    stage.sandbox.approve(&waiting.user_code, BOB).unwrap();
    let ran = waiting.finish();
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains(BOB), "{ran}");
}

#[test]
fn denial_and_expiry_each_have_their_own_message() {
    let stage = Stage::with(Options { device_code_secs: 2, ..Options::default() });
    let waiting = Waiting::start(&stage, &["login", "--device-code"]);
    stage.sandbox.deny(&waiting.user_code).unwrap();
    let denied = waiting.finish();
    assert_eq!(denied.code, 5, "{denied}");
    assert!(denied.stderr.contains("was denied"), "{denied}");
    let expired = Waiting::start(&stage, &["login", "--device-code"]).finish();
    assert_eq!(expired.code, 4, "{expired}");
    assert!(expired.stderr.contains("nobody finished"), "{expired}");
}

#[test]
fn slow_down_is_obeyed_and_does_not_end_the_sign_in() {
    let stage = Stage::new();
    let slow = Fault::new(Effect::Status { status: 400, code: "SlowDownException".to_owned() });
    stage.sandbox.fault(slow.on(Service::Oidc, "CreateToken").times(1));
    let started = std::time::Instant::now();
    let ran = stage.run(&["login", "--device-code"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(started.elapsed() > Duration::from_secs(6), "one second, then six");
}

#[test]
fn the_registration_is_reused_and_a_live_session_asks_nobody() {
    let stage = Stage::signed_in();
    assert_eq!(stage.calls("oidc:RegisterClient"), 1);
    let again = stage.login();
    assert!(!again.stderr.contains("enter this code"), "{again}");
    assert_eq!(stage.calls("oidc:StartDeviceAuthorization"), 1);
    let forced = stage.run(&["login", "--force"]);
    assert_eq!(forced.code, 0, "{forced}");
    assert_eq!(stage.calls("oidc:StartDeviceAuthorization"), 2);
    assert_eq!(stage.calls("oidc:RegisterClient"), 1);
}

#[test]
fn a_registration_the_service_forgot_is_made_again() {
    let stage = Stage::signed_in();
    stage.sandbox.forget_clients();
    let ran = stage.run(&["login", "--force"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stage.calls("oidc:RegisterClient"), 2);
}

#[test]
fn pkce_opens_the_browser_and_the_browser_brings_the_code() {
    let stage = Stage::new();
    let browser = Browser::new(&stage);
    let mut command = stage.command(&["login"]);
    command.env("BROWSER", &browser.script).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let url = eventually("the browser", || browser.urls().first().cloned());
    let (status, page) = browse(&url);
    assert_eq!(status, 200);
    assert!(page.contains("go back to the terminal"), "{page}");
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains(ALICE), "{ran}");
    assert_eq!(stage.calls("oidc:StartDeviceAuthorization"), 0);
    assert_eq!(browser.urls().len(), 1);
}

#[test]
fn no_browser_prints_the_address_and_opens_nothing() {
    let stage = Stage::new();
    let mut command = stage.command(&["login", "--no-browser"]);
    let browser = Browser::new(&stage);
    command.env("BROWSER", &browser.script).stderr(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let url = loop {
        let mut line = String::new();
        assert!(stderr.read_line(&mut line).unwrap() > 0);
        if line.trim().starts_with("http://") {
            break line.trim().to_owned();
        }
    };
    assert!(browser.urls().is_empty());
    let redirect = url::Url::parse(&url).unwrap();
    let redirect_uri = redirect.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1.into_owned();
    // Somebody else's answer does not end the wait, and neither does another path.
    for bogus in [format!("{redirect_uri}?code=x&state=wrong"), redirect_uri.replace("/oauth/callback", "/")] {
        let status = browse(&bogus).0;
        assert!(status == 400 || status == 404, "{bogus}: {status}");
    }
    assert_eq!(browse(&url).0, 200);
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success(), "{rest}");
    // The listener is gone.
    assert_eq!(browse(&redirect_uri).0, 0);
}

#[test]
fn ctrl_c_ends_a_waiting_login_with_130_and_keeps_no_session() {
    let stage = Stage::with(Options::default());
    let waiting = Waiting::start(&stage, &["login", "--device-code"]);
    let id = rustix::process::Pid::from_raw(i32::try_from(waiting.child.id()).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    let ran = waiting.finish();
    assert_eq!(ran.code, 130, "{ran}");
    assert_eq!(stage.run(&["credential-process"]).code, 4);
}

#[test]
fn without_a_terminal_several_roles_are_listed_and_flags_choose() {
    let stage = Stage::with(Options { auto_approve: Some(ALICE.to_owned()), ..Options::default() });
    let several = stage.run(&["login"]);
    assert_eq!(several.code, 2, "{several}");
    assert!(several.stderr.contains("--account-id"), "{several}");
    let chosen = stage.run(&["login", "--account-id", DEV, "--role-name", ROLE]);
    assert_eq!(chosen.code, 0, "{chosen}");
    // The choice is kept: credentials go on without the flags.
    let credentials = stage.run(&["credential-process"]);
    assert_eq!(credentials.json_lines()[0]["AccountId"], DEV, "{credentials}");
}

#[test]
fn a_single_assignment_needs_no_choice() {
    let stage = Stage::with(Options { auto_approve: Some(BOB.to_owned()), ..Options::default() });
    let ran = stage.login();
    assert!(ran.stderr.contains("Production") && ran.stderr.contains(ROLE), "{ran}");
}

#[test]
fn flags_can_not_put_another_role_into_a_profile_that_names_one() {
    let stage = Stage::new();
    let ran = stage.run(&["login", "--role-name", "Admin"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("is for role DocsUser"), "{ran}");
}

#[test]
fn a_role_that_is_not_assigned_is_named() {
    let stage = Stage::with(Options { auto_approve: Some(BOB.to_owned()), ..Options::default() });
    stage.configure(&[("account_id", &format!("{DEV:?}")), ("role_name", "\"Admin\"")]);
    let ran = stage.run(&["login"]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("Admin in account 111111111111 is not assigned to you"), "{ran}");
}

#[test]
fn hundreds_of_assignments_are_listed_politely() {
    let options = Options {
        auto_approve: Some(ALICE.to_owned()),
        extra_accounts: 300,
        portal_requests_per_second: Some(200),
        ..Options::default()
    };
    let stage = Stage::with(options);
    let ran = stage.run(&["login"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("more"), "{ran}");
}

#[test]
fn an_unknown_start_url_and_an_unreachable_portal_are_told_apart() {
    let stage = Stage::new();
    let config = std::fs::read_to_string(stage.path("config.toml")).unwrap();
    std::fs::write(stage.path("config.toml"), config.replace("/start\"", "/elsewhere\"")).unwrap();
    let unknown = stage.run(&["login"]);
    assert_eq!(unknown.code, 2, "{unknown}");
    assert!(unknown.stderr.contains("does not know the start URL"), "{unknown}");
    std::fs::write(stage.path("config.toml"), config.replace(&stage.sandbox.url(), "http://127.0.0.1:9")).unwrap();
    let unreachable = stage.run(&["login"]);
    assert_eq!(unreachable.code, 6, "{unreachable}");
    assert!(unreachable.stderr.contains("could not connect"), "{unreachable}");
}

#[test]
fn a_clock_that_makes_everything_look_expired_is_called_that() {
    // What a clock 8 h ahead sees: credentials that are over when they arrive, and a server that dates its replies back.
    let stage =
        Stage::with(Options { auto_approve: Some(BOB.to_owned()), role_credential_secs: 0, ..Options::default() });
    stage.sandbox.set_skew(-8 * 3600);
    let ran = stage.run(&["login"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("clock is 480 min ahead"), "{ran}");
}

#[test]
fn a_clock_that_is_a_little_off_is_put_up_with() {
    let stage = Stage::new();
    stage.sandbox.set_skew(-20 * 60);
    stage.login();
    let ran = stage.run(&["whoami"]);
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn whoami_asks_aws() {
    let stage = Stage::signed_in();
    let ran = stage.run(&["whoami", "--json"]);
    assert_eq!(ran.code, 0, "{ran}");
    let report = &ran.json_lines()[0];
    assert_eq!(report["user_id"], stage.sandbox.user_id(ALICE, PRODUCTION, ROLE));
    assert_eq!(report["folder"], format!("s3://securecart-user-docs/{}", stage.folder()));
    let people = stage.run(&["whoami"]);
    assert!(people.stdout.contains(&stage.folder()), "{people}");
}

#[test]
fn status_tells_what_is_kept_and_shows_no_secret() {
    let stage = Stage::new();
    let before = stage.run(&["status", "--json"]);
    assert_eq!(before.json_lines()[0]["signed_in"], false, "{before}");
    stage.login();
    let after = stage.run(&["status", "--json"]);
    let report = &after.json_lines()[0];
    assert_eq!(report["signed_in"], true, "{after}");
    assert_eq!(report["renewable"], true, "{after}");
    assert_eq!(report["keychain"], "encrypted files", "{after}");
    assert_eq!(report["account_id"], PRODUCTION, "{after}");
    let people = stage.run(&["status"]);
    assert!(people.stdout.contains("signed in, renews silently"), "{people}");
    let secrets = stage.run(&["credential-process"]).json_lines()[0].clone();
    for text in [&after.stdout, &people.stdout] {
        for secret in ["SecretAccessKey", "SessionToken"] {
            assert!(!text.contains(secrets[secret].as_str().unwrap()), "{text}");
        }
    }
}

#[test]
fn nothing_secret_is_logged_at_any_level() {
    let stage = Stage::new();
    let mut command = stage.command(&["login", "-vvvv"]);
    command.env("RUST_LOG", "trace").env("LOG_SENSITIVE_BODIES", "true");
    let ran = Ran::of(command);
    assert_eq!(ran.code, 0, "{ran}");
    let secrets = stage.run(&["credential-process"]).json_lines()[0].clone();
    for secret in ["AccessKeyId", "SecretAccessKey", "SessionToken"] {
        assert!(!ran.stderr.contains(secrets[secret].as_str().unwrap()), "{secret}: {ran}");
    }
    for word in ["refresh", "clientSecret", "device_code\"", "Bearer"] {
        assert!(!ran.stderr.contains(word), "{word}: {ran}");
    }
}

#[test]
fn eventually_is_not_instantly() {
    let mut looks = 0;
    eventually("the third look", || {
        looks += 1;
        (looks == 3).then_some(())
    });
    assert_eq!(looks, 3);
}

#[test]
fn the_access_token_is_exported_on_request_only_for_its_owner_and_without_what_renews_it() {
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::new();
    let start_url = stage.sandbox.start_url();
    std::fs::create_dir(stage.path(".aws")).unwrap();
    let text = format!(
        "[sso-session corp]\nsso_start_url = {start_url}\nsso_region = {0}\n[profile legacy]\nsso_start_url = {start_url}/\n\
         sso_region = {0}\n[sso-session other]\nsso_start_url = https://other.awsapps.com/start\nsso_region = {0}\n",
        stage.sandbox.region()
    );
    std::fs::write(stage.path(".aws/config"), text).unwrap();
    stage.login();
    assert!(!stage.path(".aws/sso").exists(), "not without being asked");

    let cache = stage.path(".aws/sso/cache");
    let corp = cache.join(securecart::credentials::cache_file_name("corp"));
    std::fs::create_dir_all(&cache).unwrap();
    std::fs::write(&corp, "{}").unwrap();
    std::fs::set_permissions(&corp, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = stage.run(&["login", "--export-sso-token"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("unencrypted"), "{ran}");
    let files = common::files(&cache);
    assert_eq!(files.len(), 3, "one for the session, two spellings of the start URL: {files:?}");
    for file in files {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["accessToken", "expiresAt", "region", "startUrl"]);
    }
}

#[cfg(unix)]
#[test]
fn a_list_that_is_left_is_taken_off_the_screen() {
    let stage = Stage::with(Options { auto_approve: Some(ALICE.to_owned()), ..Options::default() });
    for key in ["\u{3}", "\u{1b}"] {
        let mut terminal = Terminal::start(stage.command(&["login", "--device-code"]));
        terminal.shows("Which account and role?").shows("Staging (222222222222) · ReadOnly").press(key);
        let (exit, screen) = terminal.finish();
        assert_eq!(exit, 130, "{screen:?}");
        let (_, list) = screen.rsplit_once("Which account and role?").unwrap();
        let (items, after) = list.rsplit_once("ReadOnly").unwrap();
        let rows = 1 + items.lines().skip(1).count();
        assert!(rows > 5 && after.matches("\u{1b}[2K").count() == rows, "{rows} rows to clear: {after:?}");
        // The cursor is shown again, and nothing but the error is below what was there before.
        assert!(after.contains("\u{1b}[?25h") && after.ends_with("error: interrupted\r\n"), "{after:?}");
        assert!(!after.contains("\r\n\r\n"), "{after:?}");
    }
}
