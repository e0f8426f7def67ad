//! The folder commands against Ceph's RGW, an S3 server that isn't ours: started by `tests/peers/ceph-rgw.sh`, which
//! names it in `SECURECART_RGW`. Without that, it says `skipped: …`.
//!
//! The session that RGW's STS gave is put where `securecart login` would; everything else is the binary's.
#![cfg(target_os = "linux")]
#![allow(missing_docs, clippy::print_stdout, clippy::unwrap_used, reason = "the helpers of tests are tests too")]

mod common;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::SystemTime;

use common::{PASSPHRASE, Ran};
use jiff::{SignedDuration, Timestamp};
use securecart::config::profile::StoreChoice;
use securecart::config::{Environment, Overrides, load};
use securecart::credentials::{Records, SignedIn};
use securecart::identity::{CallerIdentity, RoleCredentials};
use securecart::keychain::Keychain;
use securecart::secret::Secret;

#[derive(serde::Deserialize)]
struct Rgw {
    url: String,
    bucket: String,
    user_id: String,
    other_id: String,
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    /// Where rclone is, another program that keeps modification times.
    rclone: PathBuf,
}

struct Home {
    dir: tempfile::TempDir,
}

impl Home {
    /// Two profiles with the same credentials: `docs` with the caller's own folder, `other` with somebody else's.
    fn new(rgw: &Rgw) -> Self {
        let home = Self { dir: tempfile::tempdir().unwrap() };
        let profile = |name: &str| {
            format!(
                "[profile.{name}]\nmethod = \"sso\"\nstart_url = \"https://example.awsapps.com/start\"\n\
                 sso_region = \"us-east-1\"\nregion = \"us-east-1\"\nbucket = {:?}\nendpoint_url = {:?}\n\
                 keychain = \"file\"\nrequest_checksum_calculation = \"when_required\"\n",
                rgw.bucket, rgw.url
            )
        };
        std::fs::write(home.path("config.toml"), profile("docs") + &profile("other")).unwrap();
        home.sign_in("docs", &rgw.user_id, rgw);
        home.sign_in("other", &rgw.other_id, rgw);
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn sign_in(&self, profile: &str, user_id: &str, rgw: &Rgw) {
        let config = self.path("config.toml");
        let environment =
            Environment::from_pairs([("HOME", self.dir.path().as_os_str()), ("SECURECART_CONFIG", config.as_os_str())]);
        let overrides = Overrides { profile: Some(profile.parse().unwrap()), ..Overrides::default() };
        let profile = load(&environment, &overrides).unwrap().profile;
        let keychain = Keychain::open(StoreChoice::File, &self.path("state"), || Ok(Secret::new(PASSPHRASE)));
        let account_id = "000000000000".parse::<securecart::config::names::AccountId>().unwrap();
        let session_name = user_id.split_once(':').unwrap().1;
        let signed_in = SignedIn {
            account_id: account_id.clone(),
            account_name: None,
            role_name: Some("DocsUser".parse().unwrap()),
            credentials: RoleCredentials {
                access_key_id: rgw.access_key_id.clone(),
                secret_access_key: Secret::new(rgw.secret_access_key.clone()),
                session_token: Secret::new(rgw.session_token.clone()),
                expiration: Timestamp::now() + SignedDuration::from_mins(55),
            },
            identity: Some(CallerIdentity {
                user_id: user_id.to_owned(),
                arn: format!("arn:aws:sts::000000000000:assumed-role/DocsUser/{session_name}"),
                account_id,
            }),
            saml_role: None,
            chained: false,
        };
        Records::new(&keychain).save_signed_in(&profile, &signed_in).unwrap();
    }

    fn run(&self, profile: &str, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_securecart"));
        command
            .args(["--profile", profile])
            .args(args)
            .env_clear()
            .env("HOME", self.dir.path())
            .env("SECURECART_CONFIG", self.path("config.toml"))
            .env("SECURECART_STATE_DIR", self.path("state"))
            .env("SECURECART_PASSPHRASE", PASSPHRASE)
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        Ran::of(command)
    }

    fn ok(&self, args: &[&str]) -> Ran {
        let ran = self.run("docs", args);
        assert_eq!(ran.code, 0, "{args:?}: {ran}");
        ran
    }

    fn denied(&self, args: &[&str]) {
        let ran = self.run("other", args);
        assert_eq!(ran.code, 5, "{args:?}: {ran}");
    }
}

#[test]
fn the_folder_commands_need_nothing_but_the_per_user_policy() {
    let Some(path) = std::env::var_os("SECURECART_RGW") else {
        println!("skipped: no RGW (run tests/peers/ceph-rgw.sh)");
        return;
    };
    let rgw: Rgw = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let home = Home::new(&rgw);
    let large: Vec<u8> = (0..40_000_000_u32).map(|n| (n ^ (n >> 8) ^ (n >> 16)) as u8).collect();
    std::fs::write(home.path("large.bin"), &large).unwrap();
    std::fs::write(home.path("small.txt"), "hello").unwrap();
    std::fs::create_dir(home.path("many")).unwrap();
    for n in 0..30 {
        std::fs::write(home.path(&format!("many/ä {n:02}+.txt")), n.to_string()).unwrap();
    }

    assert_eq!(home.ok(&["ls"]).stdout, "", "an empty folder");
    home.ok(&["put", "small.txt", "2026/"]);
    home.ok(&["put", "large.bin"]);
    home.ok(&["put", "-r", "many", "."]);
    println!("  ok: put of one file, of 40 MB in parts, of a directory");

    let listed = home.ok(&["ls", "-r", "--json"]);
    let objects = listed.json_lines();
    assert_eq!(objects.len(), 32, "{listed}");
    let find = |path: &str| objects.iter().find(|object| object["path"] == path).unwrap();
    assert_eq!(find("large.bin")["size"], 40_000_000);
    assert!(find("large.bin")["etag"].as_str().unwrap().contains('-'), "it went up in parts");
    assert_eq!(find("many/ä 07+.txt")["key"], format!("{}/many/ä 07+.txt", rgw.user_id));
    assert_eq!(home.ok(&["ls", "--json"]).json_lines().len(), 3, "two folders and a file");
    println!("  ok: ls, ls -r");

    assert_eq!(home.ok(&["get", "2026/small.txt", "-"]).stdout, "hello");
    home.ok(&["get", "large.bin", "back.bin"]);
    assert!(std::fs::read(home.path("back.bin")).unwrap() == large, "other bytes came back");
    home.ok(&["get", "-r", "many", "back"]);
    assert_eq!(std::fs::read_to_string(home.path("back/many/ä 29+.txt")).unwrap(), "29");
    println!("  ok: get to standard output, of 40 MB in ranges, of a folder");

    let again = home.ok(&["put", "--no-clobber", "small.txt", "2026/"]);
    assert!(again.stderr.contains("skipped"), "{again}");
    home.ok(&["put", "--encryption", "aws:kms", "--kms-key-id", "testkey-1", "small.txt", "encrypted.txt"]);
    assert_eq!(home.ok(&["get", "encrypted.txt", "-"]).stdout, "hello");
    println!("  ok: put --no-clobber, put --encryption aws:kms");

    let missing = home.run("docs", &["get", "no-such-file", "x"]);
    assert_eq!(missing.code, 1, "{missing}");
    home.denied(&["ls"]);
    home.denied(&["get", "secret", "stolen"]);
    home.denied(&["put", "small.txt", "planted"]);
    home.denied(&["put", "large.bin", "planted"]);
    home.denied(&["rm", "secret"]);
    // In one batch, in which RGW refuses each key.
    let names: Vec<String> = (0..30).map(|n| n.to_string()).collect();
    let batch: Vec<&str> = ["rm", "--yes", "secret"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let ran = home.run("other", &batch);
    assert!(ran.code != 0 && ran.stderr.contains("31 of 31 failed"), "{ran}");
    assert!(!home.path("stolen").exists());
    assert_eq!(home.run("docs", &["get", "../x", "x"]).code, 5);
    println!("  ok: somebody else's folder is refused by RGW, with exit 5");

    home.ok(&["rm", "2026/small.txt"]);
    home.ok(&["rm", "-r", ".", "--yes"]);
    assert_eq!(home.ok(&["ls", "-r"]).stdout, "");
    println!("  ok: rm, rm -r");
    modification_times(&home, &rgw);
    home.ok(&["put", "small.txt"]);
    let ran = home.run("docs", &["ls", "--versions"]);
    assert!(ran.code == 5 && ran.stderr.contains("your role's policy has no `s3:ListBucketVersions`"), "{ran}");
    let ran = home.run("docs", &["get", "small.txt", "-", "--version-id", "null"]);
    assert!(ran.code == 5 && ran.stderr.contains("your role's policy has no `s3:GetObjectVersion`"), "{ran}");
    println!("  ok: ls --versions and get --version-id name the permission that the policy lacks");
}

/// The script runs it on its own, when the bucket has versioning and the policy the optional permissions.
#[test]
fn versions_are_listed_and_fetched_where_the_policy_allows() {
    let Some(path) = std::env::var_os("SECURECART_RGW_VERSIONS") else {
        println!("skipped: no RGW with versioning (run tests/peers/ceph-rgw.sh)");
        return;
    };
    let rgw: Rgw = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let home = Home::new(&rgw);
    let large = |seed: usize| -> Vec<u8> { (0..20_000_000).map(|n: usize| ((n >> 16) + seed) as u8).collect() };
    for seed in 0..2 {
        std::fs::write(home.path("v"), large(seed)).unwrap();
        home.ok(&["put", "v", "dir/ä +%.bin"]);
    }
    let list = || home.ok(&["ls", "--versions", "dir/ä +%.bin", "--json"]).json_lines();
    let told = |lines: &[serde_json::Value]| -> Vec<_> {
        lines.iter().map(|line| (line["delete_marker"] == true, line["is_latest"] == true)).collect()
    };
    let stored = list();
    assert_eq!(told(&stored), [(false, true), (false, false)], "{stored:?}");
    // While the key has an object: once it is removed, this RGW shows old versions to the bucket's owner only.
    for (line, seed) in stored.iter().zip([1, 0]) {
        let id = line["version_id"].as_str().unwrap();
        home.ok(&["get", "dir/ä +%.bin", "back", "--version-id", id, "--part-size", "5M"]);
        assert!(std::fs::read(home.path("back")).unwrap() == large(seed), "other bytes came back");
    }
    home.ok(&["rm", "dir/ä +%.bin"]);
    let removed = list();
    assert_eq!(told(&removed), [(true, true), (false, false), (false, false)], "{removed:?}");
    home.denied(&["ls", "--versions"]);
    println!("  ok: ls --versions, get --version-id, of 20 MB in ranges");
}

/// rclone with the same session, below the same folder. It never looks at the bucket, which the policy wouldn't allow.
fn rclone(home: &Home, rgw: &Rgw, args: &[&str]) -> Ran {
    let mut command = Command::new(&rgw.rclone);
    command
        .args(args)
        .env_clear()
        .env("HOME", home.dir.path())
        .env("TZ", "UTC")
        .env("RCLONE_CONFIG", home.path("rclone.conf"))
        .env("RCLONE_CONFIG_RGW_TYPE", "s3")
        .env("RCLONE_CONFIG_RGW_PROVIDER", "Ceph")
        .env("RCLONE_CONFIG_RGW_REGION", "us-east-1")
        .env("RCLONE_CONFIG_RGW_ENDPOINT", &rgw.url)
        .env("RCLONE_CONFIG_RGW_NO_CHECK_BUCKET", "true")
        .env("RCLONE_CONFIG_RGW_ACCESS_KEY_ID", &rgw.access_key_id)
        .env("RCLONE_CONFIG_RGW_SECRET_ACCESS_KEY", &rgw.secret_access_key)
        .env("RCLONE_CONFIG_RGW_SESSION_TOKEN", &rgw.session_token)
        .current_dir(home.dir.path())
        .stdin(Stdio::null());
    let ran = Ran::of(command);
    assert_eq!(ran.code, 0, "rclone {args:?}: {ran}");
    ran
}

/// Writes a file that was last modified then.
fn dated(home: &Home, name: &str, bytes: usize, then: &str) -> SystemTime {
    std::fs::write(home.path(name), vec![b'x'; bytes]).unwrap();
    let then = SystemTime::from(then.parse::<Timestamp>().unwrap());
    std::fs::File::options().write(true).open(home.path(name)).unwrap().set_modified(then).unwrap();
    then
}

/// rclone sees the times that we keep, and we those that it keeps: of one request, and of several.
fn modification_times(home: &Home, rgw: &Rgw) {
    let folder = format!("rgw:{}/{}", rgw.bucket, rgw.user_id);
    std::fs::create_dir(home.path("dated")).unwrap();
    dated(home, "dated/small", 3, "2001-02-03T04:05:06.123456789Z");
    dated(home, "dated/large", 12 << 20, "1999-12-31T23:59:59Z");
    home.ok(&["put", "-r", "dated", ".", "--part-size", "5M"]);
    let listed = rclone(home, rgw, &["lsl", &format!("{folder}/dated")]);
    for line in ["       3 2001-02-03 04:05:06.123456789 small", " 12582912 1999-12-31 23:59:59.000000000 large"] {
        assert!(listed.stdout.lines().any(|listed| listed.ends_with(line)), "{line}: {listed}");
    }
    let again = rclone(home, rgw, &["copy", "-v", "dated", &format!("{folder}/dated")]);
    assert!(again.stderr.contains("There was nothing to transfer"), "{again}");
    println!("  ok: rclone lists our modification times to the nanosecond, and has nothing to transfer");

    std::fs::create_dir(home.path("theirs")).unwrap();
    let times = [
        ("small", dated(home, "theirs/small", 3, "2011-12-13T14:15:16.171819202Z")),
        ("large", dated(home, "theirs/large", 12 << 20, "1969-07-20T20:17:40.5Z")),
    ];
    let in_parts = ["--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M"];
    rclone(home, rgw, &[&["copy", "theirs", &format!("{folder}/theirs")], &in_parts[..]].concat());
    home.ok(&["get", "-r", "theirs", "ours"]);
    for (name, then) in times {
        let found = std::fs::metadata(home.path("ours/theirs").join(name)).unwrap().modified().unwrap();
        assert_eq!(found, then, "{name}");
    }
    let again = home.ok(&["get", "-r", "theirs", "ours", "--json"]);
    assert_eq!(again.json_lines().last().unwrap()["skipped"], 2, "{again}");
    println!("  ok: get restores the modification times that rclone kept, and has nothing to transfer");
}
