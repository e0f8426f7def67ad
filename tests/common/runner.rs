//! A CI runner: nothing but environment variables, and an empty home.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use securecart_sandbox::{CI_AUDIENCE, IdTokenSpec, Job, Options, Sandbox};

use super::{Ran, files};

/// The subject of the job's tokens.
pub const SUBJECT: &str = "repo:example/docs:ref:refs/heads/main";
/// The role that trusts it.
pub const ROLE: &str = "arn:aws:iam::333333333333:role/CiDocs";

/// A runner: a sandbox, a workspace with a build in it, and an empty home.
pub struct Runner {
    pub sandbox: Sandbox,
    pub job: Job,
    dir: tempfile::TempDir,
}

impl Runner {
    pub fn new() -> Self {
        let sandbox = Sandbox::start(Options::default()).unwrap();
        let job = sandbox.start_job(SUBJECT);
        let dir = tempfile::tempdir().unwrap();
        for path in ["home", "tmp", "workspace/build/assets"] {
            std::fs::create_dir_all(dir.path().join(path)).unwrap();
        }
        let runner = Self { sandbox, job, dir };
        std::fs::write(runner.path("workspace/build/index.html"), "<p>hello").unwrap();
        std::fs::write(runner.path("workspace/build/assets/app.js"), "let it = 1").unwrap();
        std::fs::write(runner.path("github_env"), "").unwrap();
        runner
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// No variable but these.
    pub fn bare(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_securecart"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("TZ", "UTC")
            .env("AWS_ENDPOINT_URL", self.sandbox.url())
            .env("AWS_REGION", self.sandbox.region())
            .env("SECURECART_BUCKET", self.sandbox.bucket())
            .current_dir(self.path("workspace"))
            .stdin(Stdio::null());
        command
    }

    /// What a job with `permissions: id-token: write` has besides.
    pub fn in_job(&self, args: &[&str]) -> Command {
        let mut command = self.bare(args);
        command
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_ENV", self.path("github_env"))
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", &self.job.request_url)
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &self.job.request_token)
            .env("SECURECART_ROLE_ARN", ROLE);
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.in_job(args))
    }

    pub fn token(&self, subject: &str) -> String {
        self.sandbox.id_token(&IdTokenSpec::new("actions", subject, CI_AUDIENCE))
    }

    /// With the token in a file, as EKS has it.
    pub fn in_pod(&self, token: &str, args: &[&str]) -> Command {
        std::fs::write(self.path("token"), token).unwrap();
        let mut command = self.bare(args);
        command
            .env("SECURECART_CONFIG", self.path("none.toml"))
            .env("AWS_ROLE_ARN", ROLE)
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", self.path("token"));
        command
    }

    pub fn left_behind(&self) -> Vec<PathBuf> {
        [files(&self.path("home")), files(&self.path("tmp"))].concat()
    }

    pub fn calls(&self, operation: &str) -> u64 {
        self.sandbox.state().requests.get(operation).copied().unwrap_or(0)
    }

    /// `aws:userid` of the job.
    pub fn user_id(&self) -> String {
        self.run(&["whoami", "--json"]).user_id()
    }
}

impl Ran {
    /// What `whoami --json` told.
    pub fn user_id(&self) -> String {
        assert_eq!(self.code, 0, "{self}");
        self.json_lines()[0]["user_id"].as_str().expect("a text").to_owned()
    }
}
