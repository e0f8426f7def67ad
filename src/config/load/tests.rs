use std::fs;

use proptest::prelude::*;

use super::*;
use crate::config::EncryptionChoice;
use crate::config::profile::{Encryption, Method, RequestChecksums, StoreChoice};
use crate::error::Explain as _;

const SSO: &str = "start_url = 'https://example.awsapps.com/start'\nsso_region = 'eu-west-1'\n";

struct Scene {
    folder: tempfile::TempDir,
    variables: Vec<(String, String)>,
}

impl Scene {
    fn new(text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        fs::write(&path, text).unwrap();
        let variables = vec![
            ("SECURECART_CONFIG".to_owned(), path.to_str().unwrap().to_owned()),
            ("SECURECART_STATE_DIR".to_owned(), folder.path().join("state").to_str().unwrap().to_owned()),
        ];
        Self { folder, variables }
    }

    fn profile(body: &str) -> Self {
        Self::new(format!("[profile.docs]\n{SSO}{body}"))
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn environment(&self) -> Environment {
        Environment::from_pairs(self.variables.iter().cloned())
    }

    fn load(&self, overrides: &Overrides) -> Result<Loaded, ConfigError> {
        load(&self.environment(), overrides)
    }

    fn ok(&self) -> Profile {
        self.load(&Overrides::default()).unwrap().profile
    }

    /// The message without the temporary path, then the hint.
    fn error(&self) -> (String, String) {
        let error = self.load(&Overrides::default()).unwrap_err();
        assert_eq!(error.kind().exit_code(), 2);
        let place = format!("{}/", self.folder.path().display());
        (error.to_string().replace(&place, ""), error.hint().unwrap_or_default().replace(&place, ""))
    }
}

fn two() -> String {
    format!("[profile.docs]\n{SSO}[profile.prod]\n{SSO}")
}

#[test]
fn the_smallest_profile_has_safe_defaults() {
    let profile = Scene::profile("").ok();
    let Method::Sso(sso) = &profile.method else { panic!("Identity Center") };
    assert_eq!(sso.start_url.as_str(), "https://example.awsapps.com/start");
    assert_eq!(profile.region.as_str(), "eu-west-1");
    assert_eq!(profile.folder.as_str(), "${aws:userid}/");
    assert_eq!(profile.keychain, StoreChoice::Auto);
    assert_eq!(profile.request_checksums, RequestChecksums::WhenSupported);
    assert!(!profile.auto_login && !profile.path_style && profile.encryption.is_none() && profile.bucket.is_none());
}

#[test]
fn every_key_reaches_the_profile() {
    let profile = Scene::profile(
        "method = 'sso'\naccount_id = '012345678901'\nrole_name = 'Docs'\nregion = 'eu-central-1'\n\
         bucket = 'securecart-user-docs'\nbucket_region = 'eu-north-1'\nfolder = 'home/${aws:username}/'\n\
         keychain = 'keyutils'\nauto_login = true\ncallback_port = 8400\nencryption = 'aws:kms'\n\
         kms_key_id = 'alias/docs'\nrequest_checksum_calculation = 'when_required'\npath_style = true\n\
         endpoint_url = 'https://all.example'\nendpoint_url_s3 = 'https://s3.example'\n\
         endpoint_url_sts = 'https://sts.example'\nendpoint_url_sso = 'https://sso.example'\n\
         endpoint_url_sso_oidc = 'https://oidc.example'\n\
         endpoint_url_signin = 'https://signin.example'\n",
    )
    .ok();
    assert_eq!(profile.account_id.unwrap().as_str(), "012345678901");
    assert_eq!(profile.role_name.unwrap().as_str(), "Docs");
    assert_eq!(profile.region.as_str(), "eu-central-1");
    assert_eq!(profile.bucket.unwrap().as_str(), "securecart-user-docs");
    assert_eq!(profile.bucket_region.unwrap().as_str(), "eu-north-1");
    assert_eq!(profile.folder.as_str(), "home/${aws:username}/");
    assert_eq!(profile.keychain, StoreChoice::Keyutils);
    assert!(profile.auto_login && profile.path_style);
    assert_eq!(profile.callback_port, 8400);
    assert_eq!(profile.encryption, Some(Encryption::Kms { key_id: Some("alias/docs".into()) }));
    assert_eq!(profile.request_checksums, RequestChecksums::WhenRequired);
    let hosts = [&profile.endpoints.s3, &profile.endpoints.sts, &profile.endpoints.sso, &profile.endpoints.sso_oidc];
    let hosts = hosts.map(|url| url.as_ref().unwrap().as_str().to_owned());
    assert_eq!(hosts, ["https://s3.example", "https://sts.example", "https://sso.example", "https://oidc.example"]);
}

#[test]
fn each_mistake_names_its_place_and_what_to_do() {
    for (body, message, hint) in [
        ("buckett = 'x'", "config.toml:4:1: unknown key `buckett`; did you mean `bucket`?", ""),
        ("start-url = 'x'", "config.toml:4:1: unknown key `start-url`; did you mean `start_url`?", ""),
        ("colour = 'x'", "config.toml:4:1: unknown key `colour`", "the keys are method, start_url"),
        ("bucket = 5", "config.toml:4:10: `bucket` is a number, and should be a text in quotes", ""),
        ("auto_login = 'yes'", "config.toml:4:14: `auto_login` is a text, and should be true or false", ""),
        ("callback_port = 70000", "config.toml:4:17: `callback_port` is a number, and should be a port number", ""),
        ("callback_port = -1", "config.toml:4:17: `callback_port` is a number, and should be a port number", ""),
        ("account_id = 012345678901", "config.toml:4:14: `account_id` is a number", "put it in quotes"),
        ("account_id = 123456789012", "config.toml:4:14: `account_id` is a number", "put it in quotes"),
        ("account_id = '12'", "config.toml:4:14: account id `12` is not twelve digits", ""),
        ("region = 'Frankfurt'", "config.toml:4:10: region `Frankfurt` does not look like `eu-central-1`", ""),
        ("keychain = 'plain'", "config.toml:4:12: there is no secret store `plain`", ""),
        ("folder = 'shared/'", "config.toml:4:10: the folder has no variable", "write for example `${aws:userid}/`"),
        ("encryption = 'rot13'", "config.toml:4:14: there is no encryption `rot13`", ""),
        ("encryption = 'AES256'\nkms_key_id = 'k'", "config.toml:5:14: `kms_key_id` needs `encryption", ""),
        ("kms_key_id = \"a\\r\\nb\"", "config.toml:4:14: `a\\r\\nb` is not a KMS key", ""),
        ("method = 'samll'", "config.toml:4:10: sign-in method `samll` is not known", "did you mean `saml`?"),
        (
            "method = 'ldap'",
            "config.toml:4:10: sign-in method `ldap` is not known",
            "the methods are: sso (IAM Identity Center), saml (a SAML provider), browser (",
        ),
        ("endpoint_url = 'http://10.0.0.1'", "config.toml:4:16: URL `http://10.0.0.1` is plain http", ""),
        ("request_checksum_calculation = 'no'", "config.toml:4:32: `no` is neither", ""),
        ("bucket = 'ä' x", "config.toml:4:14: ", ""),
        ("bucket = ", "config.toml:4:10: ", ""),
        ("region = 'eu-west-1'\nregion = 'eu-west-1'", "config.toml:5:1: duplicate key", ""),
    ] {
        let (got, advice) = Scene::profile(body).error();
        assert!(got.starts_with(message), "{body}: {got}");
        assert!(advice.starts_with(hint), "{body}: {advice}");
    }
}

#[test]
fn mistakes_outside_of_profiles_are_explained_too() {
    for (text, message, hint) in [
        ("[docs]\n", "config.toml:1:2: unknown key `docs`", "a profile is written `[profile.docs]`"),
        ("[profiles.docs]\n", "config.toml:1:2: unknown key `profiles`; did you mean `profile`?", ""),
        ("profile = 'docs'\n", "config.toml:1:11: `profile` is a text, and should be tables", ""),
        ("profile.docs = 1\n", "config.toml:1:16: `profile` is a number, and should be tables", ""),
        ("", "config.toml holds no profile", "run `securecart configure`"),
        ("[profile]\n", "config.toml holds no profile", "run `securecart configure`"),
        (
            "[profile.docs]\n",
            "config.toml:1:10: profile `docs` has no `start_url`",
            "add it, or run `securecart configure --profile docs --start-url URL`",
        ),
        (
            "[profile.docs]\nmethod = 'saml'\n",
            "config.toml:1:10: profile `docs` has no `url`",
            "add it, or run `securecart configure --profile docs --url URL`",
        ),
        ("[profile.'a b']\n", "config.toml:1:10: profile name `a b` is not", ""),
    ] {
        let (got, advice) = Scene::new(text).error();
        assert!(got.starts_with(message), "{text}: {got}");
        assert!(advice.starts_with(hint), "{text}: {advice}");
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_are_fine() {
    let text = format!("\u{feff}[profile.docs]\n{SSO}bucket = 'docs-bucket'\n").replace('\n', "\r\n");
    assert_eq!(Scene::new(&text).ok().bucket.unwrap().as_str(), "docs-bucket");
    let (message, _) = Scene::new(text + "bucket = 5\r\n").error();
    assert!(message.starts_with("config.toml:5:1: duplicate key"), "{message}");
}

#[test]
fn what_is_not_a_small_text_file_is_refused_without_waiting() {
    let scene = Scene::new(b"\xff\xfe".as_slice());
    assert!(matches!(scene.load(&Overrides::default()), Err(ConfigError::NotText { .. })));
    let scene = Scene::new(vec![b'#'; 1024 * 1024 + 1]);
    assert!(matches!(scene.load(&Overrides::default()), Err(ConfigError::TooLarge { .. })));
    let scene = Scene::new("").with("SECURECART_CONFIG", "/");
    assert!(matches!(scene.load(&Overrides::default()), Err(ConfigError::NotAFile { .. })));
    let scene = Scene::new("").with("SECURECART_CONFIG", "/dev/zero");
    assert!(matches!(
        scene.load(&Overrides::default()),
        Err(ConfigError::NotAFile { .. }) | Err(ConfigError::NoFile { .. })
    ));
    let scene = Scene::new("").with("SECURECART_CONFIG", "/nonexistent/config.toml");
    assert!(matches!(scene.load(&Overrides::default()), Err(ConfigError::NoFile { .. })));
}

#[test]
fn the_profile_is_chosen_by_flag_then_variable_then_default() {
    let chosen = |scene: &Scene, flag: Option<&str>| {
        let overrides = Overrides { profile: flag.map(|name| name.parse().unwrap()), ..Overrides::default() };
        scene.load(&overrides).map(|loaded| (loaded.profile.name.to_string(), loaded.chosen_by))
    };
    let with_default = || Scene::new(format!("default_profile = 'prod'\n{}", two()));
    let is = |name: &str, by: ChosenBy| (name.to_owned(), by);
    let variable = with_default().with("SECURECART_PROFILE", "docs");
    assert_eq!(chosen(&variable, Some("prod")).unwrap(), is("prod", ChosenBy::Flag));
    assert_eq!(chosen(&variable, None).unwrap(), is("docs", ChosenBy::Variable));
    assert_eq!(chosen(&with_default(), None).unwrap(), is("prod", ChosenBy::Default));
    assert_eq!(chosen(&Scene::profile(""), None).unwrap(), is("docs", ChosenBy::Only));
    let error = chosen(&Scene::new(two()), None).unwrap_err();
    assert!(error.hint().unwrap().ends_with("the profiles are docs, prod"));
}

#[test]
fn an_unrelated_aws_profile_chooses_nothing() {
    let with_default = || Scene::new(format!("default_profile = 'prod'\n{}", two()));
    assert_eq!(with_default().with("AWS_PROFILE", "unrelated").ok().name.as_str(), "prod");
    assert_eq!(with_default().with("AWS_PROFILE", "docs").ok().name.as_str(), "docs");
}

#[test]
fn a_profile_that_is_not_there_suggests_the_one_meant() {
    let (message, hint) = Scene::new(two()).with("SECURECART_PROFILE", "dcos").error();
    assert_eq!(
        (message.as_str(), hint.as_str()),
        ("there is no profile `dcos` (SECURECART_PROFILE)", "did you mean `docs`?")
    );
    let (message, hint) = Scene::new(format!("default_profile = 'staging'\n{}", two())).error();
    assert!(message.starts_with("there is no profile `staging` (config.toml:1:19)"), "{message}");
    assert_eq!(hint, "the profiles are docs, prod");
}

#[test]
fn the_region_is_the_flags_then_ours_then_the_profiles_and_only_then_awss() {
    let region = |scene: Scene| scene.ok().region.to_string();
    let body = "region = 'eu-central-1'";
    assert_eq!(region(Scene::profile(body).with("AWS_REGION", "us-east-1")), "eu-central-1");
    assert_eq!(region(Scene::profile(body).with("SECURECART_REGION", "us-east-2")), "us-east-2");
    assert_eq!(region(Scene::profile("").with("AWS_REGION", "us-east-1")), "us-east-1");
    assert_eq!(region(Scene::profile("").with("AWS_DEFAULT_REGION", "us-west-1")), "us-west-1");
    let flags = Overrides { region: Some("sa-east-1".parse().unwrap()), ..Overrides::default() };
    let loaded = Scene::profile(body).with("SECURECART_REGION", "us-east-2").load(&flags).unwrap();
    assert_eq!(loaded.profile.region.as_str(), "sa-east-1");
    let (message, _) = Scene::profile("").with("SECURECART_REGION", "moon").error();
    assert_eq!(message, "SECURECART_REGION: region `moon` does not look like `eu-central-1`");
}

#[test]
fn endpoints_have_the_precedence_of_the_aws_sdks() {
    let body = "endpoint_url = 'https://d.example'\nendpoint_url_s3 = 'https://c.example'";
    let s3 = |scene: &Scene| scene.ok().endpoints.s3.map(|url| url.to_string());
    let sts = |scene: &Scene| scene.ok().endpoints.sts.map(|url| url.to_string());
    let scene = Scene::profile(body);
    assert_eq!((s3(&scene), sts(&scene)), (Some("https://c.example".into()), Some("https://d.example".into())));
    let scene = scene.with("AWS_ENDPOINT_URL", "https://b.example");
    assert_eq!((s3(&scene), sts(&scene)), (Some("https://b.example".into()), Some("https://b.example".into())));
    let scene = scene.with("AWS_ENDPOINT_URL_S3", "https://a.example");
    assert_eq!((s3(&scene), sts(&scene)), (Some("https://a.example".into()), Some("https://b.example".into())));
    let flags = Overrides { endpoint_url: Some("http://127.0.0.1:1".parse().unwrap()), ..Overrides::default() };
    assert_eq!(scene.load(&flags).unwrap().profile.endpoints.s3.unwrap().as_str(), "http://127.0.0.1:1");
    let scene = scene.with("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
    assert_eq!((s3(&scene), sts(&scene)), (None, None));
    let (message, _) = Scene::profile("").with("AWS_ENDPOINT_URL", "http://minio.example").error();
    assert!(message.starts_with("AWS_ENDPOINT_URL: URL `http://minio.example` is plain http"), "{message}");
}

#[test]
fn buckets_are_addressed_as_paths_where_a_host_name_cannot_hold_them() {
    let paths = |body: &str| Scene::profile(body).ok().path_style;
    assert!(paths("endpoint_url = 'http://127.0.0.1:9000'"));
    assert!(paths("endpoint_url_s3 = 'http://localhost:9000'"));
    assert!(paths("endpoint_url_s3 = 'https://10.1.2.3'"));
    assert!(paths("endpoint_url_s3 = 'https://[::1]:9'"));
    assert!(!paths("endpoint_url_s3 = 'https://s3.example'"));
    assert!(!paths("endpoint_url_sts = 'http://127.0.0.1:9000'"));
    assert!(!paths("path_style = false\nendpoint_url_s3 = 'http://127.0.0.1:9000'"));
}

#[test]
fn flags_choose_the_encryption_over_the_profile() {
    let kms = "encryption = 'aws:kms'\nkms_key_id = 'k1'";
    let with = |body: &str, encryption, key: Option<&str>| {
        let flags = Overrides { encryption, kms_key_id: key.map(str::to_owned), ..Overrides::default() };
        Scene::profile(body).load(&flags).map(|loaded| loaded.profile.encryption)
    };
    let key = |id: &str| Some(Encryption::Kms { key_id: Some(id.to_owned()) });
    assert_eq!(with(kms, None, None).unwrap(), key("k1"));
    assert_eq!(with(kms, None, Some("k2")).unwrap(), key("k2"));
    assert_eq!(with(kms, Some(EncryptionChoice::Aes256), None).unwrap(), Some(Encryption::S3));
    assert_eq!(with(kms, Some(EncryptionChoice::None), None).unwrap(), None);
    assert_eq!(with("encryption = 'AES256'", None, Some("k2")).unwrap(), key("k2"));
    assert_eq!(with("kms_key_id = 'k1'", None, None).unwrap(), key("k1"));
    assert!(with("", Some(EncryptionChoice::Aes256), Some("k2")).is_err());
}

#[test]
fn a_mistake_in_one_profile_does_not_stop_another() {
    let scene = Scene::new(format!("[profile.docs]\n{SSO}[profile.new]\nmethod = 'oidc'\ntoken = 'x'\n"))
        .with("SECURECART_PROFILE", "docs");
    assert_eq!(scene.ok().name.as_str(), "docs");
    let list = all_profiles(&scene.environment()).unwrap();
    let seen: Vec<_> = list.iter().map(|listed| (listed.name.as_str(), listed.profile.is_ok())).collect();
    assert_eq!(seen, [("docs", true), ("new", false)]);
}

#[test]
fn no_file_is_no_profiles_rather_than_an_error_for_lists() {
    let scene = Scene::new("").with("SECURECART_CONFIG", "/nonexistent/config.toml");
    assert!(all_profiles(&scene.environment()).unwrap().is_empty());
}

#[cfg(unix)]
#[test]
fn a_file_or_folder_that_others_can_change_is_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::profile("");
    let file = scene.folder.path().join("config.toml");
    let set = |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let warnings = || scene.load(&Overrides::default()).unwrap().warnings;
    set(&file, 0o600);
    assert_eq!(warnings(), []);
    set(&file, 0o602);
    assert_eq!(warnings(), [Warning::WritableByOthers { path: file.clone() }]);
    set(&file, 0o644);
    set(scene.folder.path(), 0o777);
    assert_eq!(warnings(), [Warning::WritableByOthers { path: scene.folder.path().to_owned() }]);
    set(scene.folder.path(), 0o1777);
    assert_eq!(warnings(), []);
}

#[test]
fn loading_is_fast_enough_for_every_credential_process() {
    let scene = Scene::new((0..20).fold(two(), |text, n| format!("{text}[profile.p{n}]\n{SSO}")))
        .with("SECURECART_PROFILE", "docs");
    let best = (0..200)
        .map(|_| {
            let start = std::time::Instant::now();
            scene.ok();
            start.elapsed()
        })
        .min()
        .unwrap();
    // Well below a millisecond when optimised; this bound only catches something gone badly wrong.
    assert!(best < std::time::Duration::from_millis(10), "{best:?}");
    println!("load: {best:?}");
}

#[test]
fn nesting_without_end_is_refused_rather_than_followed() {
    for text in
        ["x = ".to_owned() + &"[".repeat(500_000), format!("x{} = 1", ".a".repeat(200_000)), "{".repeat(300_000)]
    {
        assert!(Document::parse(std::path::Path::new("x"), &text).is_err());
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,200}|(\\[profile\\.|docs|\\]|\n|\r|=|'|\"|\u{feff}|bucket|ä|5|\\{){0,40}") {
        let path = std::path::Path::new("config.toml");
        if let Ok(document) = Document::parse(path, &text) {
            for name in document.names() {
                let _ = resolve_chain(&document, &name, &Environment::default(), &Overrides::default());
            }
        }
    }

    #[test]
    fn no_value_makes_a_profile_panic(key in proptest::sample::select(crate::config::settings::KEYS), value in "'[^']{0,30}'|[0-9]{1,25}|true|\\[\\]|\\{\\}|1979-05-27") {
        let text = format!("[profile.docs]\n{SSO}{key} = {value}\n");
        let path = std::path::Path::new("config.toml");
        if let Ok(document) = Document::parse(path, &text) {
            let _ = resolve_chain(&document, "docs", &Environment::default(), &Overrides::default());
        }
    }
}

#[test]
fn a_saml_profile_is_told_by_its_method() {
    let saml = "[profile.docs]\nmethod = 'saml'\nurl = 'https://sso.example.com/app'\n";
    let profile = Scene::new(format!(
        "{saml}region = 'eu-west-1'\nprovider = 'form'\nsession_duration = '8h'\nallowed_hosts = ['Login.Example.org', '*.example.net']\n\
         role_arn = 'arn:aws:iam::111122223333:role/R'\nhome_realm = 'Partner Ltd.'\n"
    ))
    .ok();
    let Method::Saml(settings) = &profile.method else { panic!("SAML") };
    assert_eq!(settings.allowed_hosts, ["login.example.org", "*.example.net"]);
    assert_eq!(settings.session_duration.map(|duration| duration.seconds()), Some(28_800));
    assert_eq!(settings.home_realm.as_deref(), Some("Partner Ltd."));
    assert_eq!(settings.role_arn.as_ref().map(|arn| arn.name().as_str()), Some("R"));

    let problem = |more: &str| Scene::new(format!("{saml}{more}")).error().0;
    assert!(problem("").ends_with("profile `docs` has no `region`"), "{}", problem(""));
    for (more, words) in [
        ("provider = 'nope'", "there is no provider `nope`"),
        ("allowed_hosts = ['*.com']", "`*.com` is not a host name"),
        ("allowed_hosts = ['https://x.example.com']", "is not a host name"),
        ("allowed_hosts = 'x.example.com'", "should be a list of texts"),
        ("session_duration = '13h'", "is not from `15m` to `12h`"),
        ("role_arn = 'R'", "is not the ARN of a role"),
        ("username = ' '", "`username` is empty"),
        ("home_realm = ''", "`home_realm` is empty"),
    ] {
        let told = problem(&format!("region = 'eu-west-1'\n{more}\n"));
        assert!(told.contains(words), "{told}");
    }
    assert!(Scene::new("[profile.docs]\nmethod = 'saml'\nregion = 'eu-west-1'\n").error().0.contains("has no `url`"));
}

#[test]
fn the_browser_method_is_saml_in_a_browser() {
    let browser = "[profile.docs]\nmethod = 'browser'\nurl = 'https://sso.example.com/app'\nregion = 'eu-west-1'\n";
    let profile = Scene::new(format!("{browser}browser_path = '/opt/edge'\n")).ok();
    let Method::Saml(settings) = &profile.method else { panic!("SAML") };
    assert!(settings.in_browser);
    assert_eq!(settings.browser_path.as_deref(), Some(std::path::Path::new("/opt/edge")));
    let Method::Saml(settings) = &Scene::new(browser.replace("'browser'", "'saml'")).ok().method else {
        panic!("SAML")
    };
    assert!(!settings.in_browser);
}
