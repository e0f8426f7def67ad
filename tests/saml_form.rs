//! Signing in with a SAML provider's forms, against the sandbox's provider and its STS.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use common::{DEV, PRODUCTION, Ran, Stage, files};
use securecart_sandbox::{Effect, Fault, Options, SamlProviderSpec, Service};
use terminal::Terminal;

const DOCS: &str = "arn:aws:iam::333333333333:role/SamlDocs";

struct Scene(Stage);

impl std::ops::Deref for Scene {
    type Target = Stage;
    fn deref(&self) -> &Stage {
        &self.0
    }
}

impl Scene {
    /// A profile `docs` of the sandbox's provider with further keys, and `other`, for the same provider and one role.
    fn new(user: &str, more: &str) -> Self {
        Self::at(Stage::with(Options::default()), user, more, None)
    }

    fn at(stage: Stage, user: &str, more: &str, url: Option<&str>) -> Self {
        let sandbox = &stage.sandbox;
        let idp = sandbox.idp_url();
        let common = format!(
            "method = \"saml\"\nurl = {:?}\nusername = \"{user}@example.com\"\nregion = \"{}\"\nendpoint_url = {:?}\nbucket = {:?}\n",
            url.unwrap_or(&idp),
            sandbox.region(),
            sandbox.url(),
            sandbox.bucket(),
        );
        let text = format!(
            "default_profile = \"docs\"\n[profile.docs]\n{common}{more}\n[profile.other]\n{common}role_arn = {DOCS:?}\n"
        );
        std::fs::write(stage.path("config.toml"), text).expect("our own directory");
        Self(stage)
    }

    /// Signs in with a password from standard input.
    fn login_with(&self, password: &str, args: &[&str]) -> Ran {
        let args: Vec<&str> = ["login", "--password-fd", "0"].iter().chain(args).copied().collect();
        let mut child = self
            .command(&args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        // A program that ends before it reads is what some tests are about.
        let _ = child.stdin.take().expect("a pipe").write_all(format!("{password}\n").as_bytes());
        Ran::from(child.wait_with_output().expect("it ends"))
    }

    fn signed_in(user: &str, more: &str) -> Self {
        let scene = Self::new(user, more);
        let ran = scene.login_with(&format!("{user}pw"), &[]);
        assert_eq!(ran.code, 0, "{ran}");
        scene
    }

    fn passwords_sent(&self) -> u64 {
        self.calls("idp:POST password")
    }
}

#[test]
fn a_password_gives_a_role_in_as_few_requests_as_there_are() {
    let scene = Scene::new("alice", "account_id = \"333333333333\"");
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    for told in ["alice@example.com", PRODUCTION, "SamlDocs", ":alice@example.com/"] {
        assert!(ran.stderr.contains(told), "{told}: {ran}");
    }
    assert_eq!(ran.stdout, "");
    // The page, the password, and one to STS, which also tells who one is.
    assert_eq!(scene.sandbox.state().requests.values().sum::<u64>(), 3);
    let who = scene.run(&["whoami", "--json"]);
    assert_eq!(who.json_lines()[0]["role_name"], "SamlDocs", "{who}");
}

#[test]
fn a_wrong_password_is_sent_once_and_the_pages_words_are_told() {
    let scene = Scene::new("alice", "");
    let ran = scene.login_with("wrong", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name and password: Wrong user name or password"), "{ran}");
    assert_eq!(scene.passwords_sent(), 1);
    scene.login_with("wrong", &[]);
    scene.login_with("wrong", &[]);
    let locked = scene.login_with("alicepw", &[]);
    assert!(locked.stderr.contains("This account is locked"), "{locked}");
    assert_eq!(scene.passwords_sent(), 4);
}

#[test]
fn roles_are_chosen_from_a_list_and_the_choice_is_kept() {
    let scene = Scene::new("alice", "session_duration = \"15m\"");
    let nobody = scene.login_with("alicepw", &[]);
    assert_eq!(nobody.code, 2, "{nobody}");
    assert!(nobody.stderr.contains("111111111111 (dev)  SamlDocs"), "{nobody}");
    // The first sign-in's cookies are kept: nothing is asked but the role.
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Which account and role?", "3333");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(scene.passwords_sent(), 1);
    // Those of 15 minutes are never fresh: each call renews, in the role that was chosen.
    let renewed = scene.run(&["credential-process"]);
    assert_eq!(renewed.code, 0, "{renewed}");
    assert_eq!(scene.calls("sts:AssumeRoleWithSAML"), 2);
    let status = scene.run(&["status", "--json", "--profile", "docs"]);
    assert_eq!(status.json_lines()[0]["account_id"], PRODUCTION, "{status}");
    assert_eq!(status.json_lines()[0]["method"], "saml", "{status}");
    // The names are decoration: without the page that gives them, the list is there all the same.
    let gone = Effect::Status { status: 503, code: "Unavailable".to_owned() };
    scene.sandbox.fault(Fault::new(gone).on(Service::Signin, "Saml"));
    let mut terminal = Terminal::start(scene.command(&["login", "--choose"]));
    terminal.answer("Which account and role?", "1111");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("(dev)") && screen.contains("111111111111"), "{screen}");
    scene.sandbox.clear_faults();
    // A profile for another role is asked nothing: it is told.
    let flag = scene.run(&["login", "--account-id", DEV]);
    assert_eq!(flag.code, 0, "{flag}");
    assert!(flag.stderr.contains(DEV), "{flag}");
}

#[test]
fn one_sign_in_serves_every_profile_of_the_provider_until_its_session_ends() {
    let scene = Scene::signed_in("alice", "account_id = \"333333333333\"");
    let renewed = scene.run(&["credential-process", "--profile", "other"]);
    assert_eq!(renewed.code, 0, "{renewed}");
    assert!(renewed.stdout.contains("\"Version\":1"), "{renewed}");
    assert_eq!(scene.passwords_sent(), 1);

    let ended = Scene::signed_in("alice", "account_id = \"333333333333\"");
    ended.sandbox.advance(Duration::from_secs(9 * 3600));
    let silent = ended.run(&["credential-process", "--profile", "other"]);
    assert_eq!((silent.code, silent.stdout.as_str()), (4, ""), "{silent}");
    assert!(silent.stderr.contains("securecart login --profile other"), "{silent}");
    assert_eq!(ended.passwords_sent(), 1, "nobody's password is sent without a person");
}

#[test]
fn one_persons_session_never_serves_another() {
    let scene = Scene::signed_in("alice", "account_id = \"333333333333\"");
    let ran = scene.login_with("bobpw", &["--username", "bob@example.com"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("is for user name alice@example.com, not bob@example.com"), "{ran}");
    assert_eq!(scene.passwords_sent(), 1);

    // Where the profile names nobody, whoever is asked for is asked.
    scene.reconfigure("username = \"alice@example.com\"\n", "");
    for (sent, user) in [(2, "alice"), (3, "vera")] {
        let ran = scene.login_with(&format!("{user}pw"), &["--username", &format!("{user}@example.com")]);
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stderr.contains(&format!(":{user}@example.com/")), "{ran}");
        assert_eq!(scene.passwords_sent(), sent, "{user}");
    }
    let browser = scene.run(&["login", "--browser", "--username", "bob@example.com"]);
    assert_eq!(browser.code, 2, "{browser}");
    assert!(browser.stderr.contains("`--username` is for sign-ins in the terminal"), "{browser}");
}

#[test]
fn codes_are_asked_for_and_can_be_mistyped() {
    let scene = Scene::new("bob", "");
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Password for 127.0.0.1", "bobpw").answer("Code from your app", "000");
    let code = scene.sandbox.one_time_code("bob@example.com");
    terminal.answer("Code from your app", &code);
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("bobpw"), "{screen}");
    assert_eq!(scene.passwords_sent(), 1);
}

#[test]
fn a_code_is_asked_for_once_and_goes_into_a_box_for_each_digit() {
    let scene = Scene::new("grace", "");
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Password", "gracepw").answer("One-time code (6 characters)", "12345");
    let code = scene.sandbox.one_time_code("grace@example.com");
    terminal.answer("The code has 6 characters, and this has 5", &format!("{} {}", &code[..3], &code[3..]));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(scene.calls("idp:POST boxes"), 1, "nothing is sent before it is whole");

    let wrong = Scene::new("grace", "");
    let mut terminal = Terminal::start(wrong.command(&["login"]));
    terminal.answer("Password", "gracepw");
    for _ in 0..3 {
        terminal.answer("One-time code (6 characters)", "abcdef");
    }
    let (code, screen) = terminal.finish();
    assert_eq!(code, 5, "{screen}");
    assert!(screen.contains("did not accept the code: That is not the code"), "{screen}");

    let scripted = Scene::new("heidi", "").login_with("heidipw", &[]);
    assert_eq!(scripted.code, 1, "{scripted}");
    assert!(scripted.stderr.contains("asks for a code in boxes that only a script sends"), "{scripted}");
    assert!(scripted.stderr.contains("hint: sign in with your browser, with `--browser`"), "{scripted}");
}

#[test]
fn one_of_several_forms_is_picked_by_the_profile_or_by_the_person() {
    let at = |more: &str| {
        let stage = Stage::with(Options::default());
        let url = format!("{}/idp/tabs", stage.sandbox.url());
        Scene::at(stage, "alice", &format!("account_id = \"333333333333\"\n{more}"), Some(&url))
    };
    for wish in ["Our staff", "2_Staff"] {
        let told = at(&format!("home_realm = {wish:?}")).login_with("alicepw", &[]);
        assert_eq!(told.code, 0, "{wish}: {told}");
    }
    let asked = at("");
    let mut terminal = Terminal::start(asked.command(&["login"]));
    terminal.answer("Which organisation are you from?", "staff").answer("Password", "alicepw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("`home_realm = \"Our staff\"`"), "{screen}");
    // The page comes again with both: the choice stands, and the password was sent once.
    let wrong = at("");
    let mut terminal = Terminal::start(wrong.command(&["login"]));
    terminal.answer("Which organisation are you from?", "guests").answer("Password", "alicepw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 5, "{screen}");
    assert!(screen.contains("did not accept the user name and password: No guest of that name"), "{screen}");
    assert_eq!(wrong.calls("idp:POST tabs"), 1, "{screen}");
}

/// A scene whose sign-in begins at this page of the sandbox's provider.
fn beginning_at(path: &str, more: &str) -> Scene {
    let stage = Stage::with(Options::default());
    let url = format!("{}{path}", stage.sandbox.url());
    Scene::at(stage, "alice", &format!("account_id = \"333333333333\"\n{more}"), Some(&url))
}

#[test]
fn a_passcode_is_typed_unseen_asked_for_as_the_page_does_and_sent_to_the_provider_only() {
    let scene = beginning_at("/idp/passcode", "");
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("PIN and token code", "sesame000000");
    let good = format!("sesame{}", scene.sandbox.one_time_code("alice@example.com"));
    terminal.answer("says: That is not the passcode", &good);
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("sesame"), "{screen}");
    assert_eq!(scene.calls("idp:POST passcode"), 2, "each was sent once");

    let thief = Stage::with(Options::default());
    let scene = beginning_at(&format!("/idp/go?to={}/idp/passcode", thief.sandbox.url()), "");
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("is not one of the provider's own hosts"), "{ran}");
    assert_eq!(thief.calls("idp:POST passcode"), 0);
}

#[test]
fn a_page_that_looks_for_an_approval_is_waited_at_and_says_once_what_it_wants() {
    let scene = beginning_at("/idp/polled", "");
    let began = std::time::Instant::now();
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(began.elapsed() >= Duration::from_secs(2), "two looks, a second after each");
    assert_eq!(scene.calls("idp:POST polled"), 3, "{ran}");
    for told in
        ["says: Approve on your phone Choose the number 42 there.", "|     4   2     |", "Waiting for you to approve"]
    {
        assert_eq!(ran.stderr.matches(told).count(), 1, "{told}: {ran}");
    }
}

#[test]
fn a_list_of_domains_is_answered_by_the_profile_or_by_the_person() {
    for wish in ["d2", "our staff"] {
        let scene = beginning_at("/idp/domains", &format!("home_realm = {wish:?}"));
        let ran = scene.login_with("alicepw", &[]);
        assert_eq!(ran.code, 0, "{wish}: {ran}");
    }
    let scene = beginning_at("/idp/domains", "");
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Which organisation are you from?", "staff").answer("Password", "alicepw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("`home_realm = \"Our staff\"`"), "{screen}");
    // The one that the page chose is as good as an answer, unless the profile has another.
    let chosen = beginning_at("/idp/domains?chosen=d2", "").login_with("alicepw", &[]);
    assert_eq!(chosen.code, 0, "{chosen}");
    let other = beginning_at("/idp/domains?chosen=d2", "home_realm = \"guests\"").login_with("alicepw", &[]);
    assert_eq!(other.code, 5, "{other}");
    assert!(other.stderr.contains("Nobody of that name in this domain"), "{other}");
}

#[test]
fn one_of_several_links_is_picked_by_the_profile_or_by_the_person() {
    let told = beginning_at("/idp/connectors", "home_realm = \"staff\"").login_with("alicepw", &[]);
    assert_eq!(told.code, 0, "{told}");
    let scene = beginning_at("/idp/connectors", "");
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Which organisation are you from?", "staff").answer("Password", "alicepw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn three_wrong_codes_are_enough() {
    let scene = Scene::new("bob", "");
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Password", "bobpw");
    for _ in 0..3 {
        terminal.answer("Code from your app", "x");
    }
    let (code, screen) = terminal.finish();
    assert_eq!(code, 5, "{screen}");
    assert!(screen.contains("did not accept the code: That is not the code"), "{screen}");
}

#[test]
fn a_factor_is_taken_from_the_profile_and_waited_for() {
    let scene = Scene::new("frank", "mfa = \"phone\"");
    let ran = scene.login_with("frankpw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(ran.stderr.matches("Waiting for you to approve").count(), 1, "{ran}");
    // Over the profile's choice, a flag.
    let mut terminal = Terminal::start(scene.command(&["login", "--force", "--mfa", "app"]));
    terminal.answer("Password", "frankpw");
    terminal.answer("Code from your app", &scene.sandbox.one_time_code("frank@example.com"));
    assert_eq!(terminal.finish().0, 0);
    // Without either, a menu.
    let scene = Scene::new("frank", "");
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Password", "frankpw").answer("asks", "Code");
    terminal.answer("Code from your app", &scene.sandbox.one_time_code("frank@example.com"));
    assert_eq!(terminal.finish().0, 0);
}

#[test]
fn what_was_turned_down_is_not_sent_once_more_by_itself() {
    let scene = Scene::new("gina", "mfa = \"phone\"");
    let ran = scene.login_with("ginapw", &[]);
    assert_eq!(ran.code, 2, "there is no terminal to choose on: {ran}");
    assert!(ran.stderr.contains("says: You turned it down on your phone"), "{ran}");
    assert_eq!(scene.calls("idp:POST menu"), 1);
    let mut terminal = Terminal::start(scene.command(&["login"]));
    terminal.answer("Password", "ginapw").answer("You turned it down", "Code");
    terminal.answer("Code from your app", &scene.sandbox.one_time_code("gina@example.com"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn a_provider_that_would_like_kerberos_leads_on_or_is_named() {
    let on = beginning_at("/idp/negotiate-or-not", "");
    assert_eq!(on.login_with("alicepw", &[]).code, 0);
    let only = beginning_at("/idp/negotiate", "");
    let ran = only.login_with("alicepw", &[]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("Windows integrated sign-in"), "{ran}");
    // A session that was there has ended: that is all that is known without a person.
    on.reconfigure("/idp/negotiate-or-not", "/idp/negotiate");
    let silent = on.run(&["credential-process", "--profile", "other"]);
    assert_eq!((silent.code, silent.stdout.as_str()), (4, ""), "{silent}");
}

#[test]
fn what_must_be_done_elsewhere_has_a_message_of_its_own() {
    let expired = Scene::new("erin", "").login_with("erinpw", &[]);
    assert_eq!(expired.code, 5, "{expired}");
    assert!(expired.stderr.contains("the password has expired"), "{expired}");
    let nothing = Scene::new("carol", "").login_with("carolpw", &[]);
    assert_eq!(nothing.code, 5, "{nothing}");
    assert!(nothing.stderr.contains("offers you no AWS role that can be read"), "{nothing}");
    let another = Scene::new("alice", "role_arn = \"arn:aws:iam::333333333333:role/Admin\"").login_with("alicepw", &[]);
    assert_eq!(another.code, 5, "{another}");
    assert!(another.stderr.contains("doesn't offer you arn:aws:iam::333333333333:role/Admin"), "{another}");
}

#[test]
fn a_password_never_goes_to_a_host_that_is_not_the_providers() {
    let thief = Stage::with(Options::default());
    let stage = Stage::with(Options::default());
    let url = format!("{}/idp/go?to={}", stage.sandbox.url(), thief.sandbox.idp_url());
    let scene = Scene::at(stage, "alice", "", Some(&url));
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("is not one of the provider's own hosts"), "{ran}");
    assert_eq!(thief.calls("idp:POST password"), 0);

    // Nor after it was sent to the provider, which hands it on.
    let stage = Stage::with(Options::default());
    let url = format!("{}/idp/handing-on?to={}/password", stage.sandbox.url(), thief.sandbox.idp_url());
    let url = url.replace("/idp/app/password", "/idp/password");
    let scene = Scene::at(stage, "alice", "", Some(&url));
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("is not one of the provider's own hosts"), "{ran}");
    assert_eq!((scene.calls("idp:POST hand-on"), thief.calls("idp:POST password")), (1, 0));

    let stage = Stage::with(Options::default());
    let url = format!("{}/idp/go?to=http://intranet.example/", stage.sandbox.url());
    let ran = Scene::at(stage, "alice", "", Some(&url)).login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("intranet.example, which is not https"), "{ran}");

    let stage = Stage::with(Options::default());
    let url = format!("{}/idp/go?to=/idp/go?to=/idp/go", stage.sandbox.url());
    let circle = format!(
        "{}/idp/go?to={}",
        stage.sandbox.url(),
        url::form_urlencoded::byte_serialize(url.as_bytes()).collect::<String>()
    );
    let scene = Scene::at(stage, "alice", "account_id = \"333333333333\"", Some(&circle));
    assert_eq!(scene.login_with("alicepw", &[]).code, 0, "redirects are followed");
}

#[test]
fn a_script_that_only_leads_on_is_followed_and_a_program_is_named() {
    let at = |path: &str| {
        let stage = Stage::with(Options::default());
        let url = format!("{}{path}", stage.sandbox.url());
        Scene::at(stage, "alice", "account_id = \"333333333333\"", Some(&url)).login_with("alicepw", &[])
    };
    let led = at("/idp/script");
    assert_eq!(led.code, 0, "{led}");
    let portal = at("/idp/portal");
    assert_eq!(portal.code, 1, "{portal}");
    assert!(portal.stderr.contains("the sign-in page `Portal` of 127.0.0.1"), "{portal}");
    assert!(portal.stderr.contains("is a program that can't be filled in here"), "{portal}");
    assert!(portal.stderr.contains("hint: sign in with your browser, with `--browser`"), "{portal}");
}

#[test]
fn pages_without_an_end_are_left() {
    let merry = beginning_at("/idp/merry", "home_realm = \"staff\"").login_with("alicepw", &[]);
    assert_eq!(merry.code, 1, "{merry}");
    assert!(merry.stderr.contains("without an end"), "{merry}");
    for (path, operation) in [("/idp/endless", "idp:POST endless"), ("/idp/round", "idp:GET round")] {
        let stage = Stage::with(Options::default());
        let url = format!("{}{path}", stage.sandbox.url());
        let scene = Scene::at(stage, "alice", "", Some(&url));
        let ran = scene.login_with("alicepw", &[]);
        assert_eq!(ran.code, 1, "{ran}");
        assert!(ran.stderr.contains("leads from page to page without an end"), "{ran}");
        assert!((10..=25).contains(&scene.calls(operation)), "{path}: {}", scene.calls(operation));
    }
}

#[test]
fn longer_sessions_are_asked_for_and_shorter_ones_taken_with_a_warning() {
    let long = Scene::signed_in("alice", "account_id = \"333333333333\"\nsession_duration = \"8h\"");
    let expires =
        long.run(&["status", "--json", "--profile", "docs"]).json_lines()[0]["credentials_expire"].to_string();
    let expires: jiff::Timestamp = expires.trim_matches('"').parse().expect("a time");
    let left = expires.duration_since(jiff::Timestamp::now()).as_mins();
    assert!((478..=480).contains(&left), "{left} min");
    let short = Scene::new("alice", "account_id = \"111111111111\"\nsession_duration = \"8h\"");
    let ran = short.login_with("alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("allows no session of 8h; this one lasts an hour"), "{ran}");
}

#[test]
fn an_assertion_that_sts_does_not_believe_is_explained() {
    let scene = Scene::new("alice", "account_id = \"333333333333\"");
    let provider = SamlProviderSpec {
        arn: "arn:aws:iam::333333333333:saml-provider/sandbox".to_owned(),
        issuer: "https://somebody.else.example".to_owned(),
        certificate: String::new(),
    };
    scene.sandbox.add_saml_provider(provider).expect("base64 of nothing");
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("InvalidIdentityToken: Issuer not present in specified provider"), "{ran}");
}

#[test]
fn nothing_secret_is_said_or_kept_in_the_clear() {
    let scene = Scene::new("alice", "account_id = \"333333333333\"");
    let ran = scene.login_with("alicepw", &["-vvv"]);
    assert_eq!(ran.code, 0, "{ran}");
    let kept: Vec<u8> =
        files(scene.home.path()).iter().flat_map(|path| std::fs::read(path).unwrap_or_default()).collect();
    for secret in ["alicepw", "sandbox-idp=", "SAMLResponse", "PHNhbWxwOl"] {
        assert!(!ran.stderr.contains(secret), "{secret}: {ran}");
        assert!(!kept.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret} is in a file");
    }
    assert!(ran.stderr.contains("role values that name no role"), "junk is told of: {ran}");
}

#[test]
fn logout_forgets_the_cookies_and_every_profile_of_the_provider() {
    let scene = Scene::signed_in("alice", "account_id = \"333333333333\"");
    assert_eq!(scene.run(&["credential-process", "--profile", "other"]).code, 0);
    let out = scene.run(&["logout"]);
    assert_eq!(out.code, 0, "{out}");
    assert!(out.stderr.contains("Signed out of http://127.0.0.1"), "{out}");
    for profile in ["docs", "other"] {
        assert_eq!(scene.run(&["credential-process", "--profile", profile]).code, 4, "{profile}");
    }
    let status = scene.run(&["status", "--json", "--profile", "docs"]);
    assert_eq!(status.json_lines()[0]["signed_in"], false, "{status}");
}

#[test]
fn configure_writes_a_profile_that_signs_in() {
    let scene = Scene::new("alice", "");
    let (idp, endpoint) = (scene.sandbox.idp_url(), scene.sandbox.url());
    let args = [
        "configure",
        "--profile",
        "new",
        "--url",
        &idp,
        "--username",
        "alice@example.com",
        "--region",
        "eu-central-1",
        "--endpoint-url",
        &endpoint,
        "--role-arn",
        DOCS,
        "--session-duration",
        "90m",
    ];
    let ran = scene.run(&args);
    assert_eq!(ran.code, 0, "{ran}");
    let text = std::fs::read_to_string(scene.path("config.toml")).expect("our own file");
    let wanted = format!(
        "[profile.new]\nmethod = \"saml\"\nurl = {idp:?}\nusername = \"alice@example.com\"\nrole_arn = {DOCS:?}\nsession_duration = \"1h30m\"\n"
    );
    let wanted = wanted.replace("1h30m", "90m");
    assert!(text.contains(&wanted), "{text}");
    let ran = scene.login_with("alicepw", &["--profile", "new"]);
    assert_eq!(ran.code, 0, "{ran}");
    let missing = scene.run(&["configure", "--profile", "third", "--url", &idp]);
    assert_eq!(missing.code, 2, "{missing}");
    assert!(missing.stderr.contains("`--region` is missing"), "{missing}");
}
