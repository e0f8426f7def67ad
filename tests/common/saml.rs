//! A profile of one of the sandbox's SAML providers, and ways to sign in to it.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::panic, clippy::unwrap_used)]

use std::io::Write as _;
use std::process::Stdio;

use super::common::{Ran, Stage};
use super::terminal::Terminal;

/// A stage with a profile `docs` for one role, and `other`, of the same provider, for whatever is offered in Production.
pub struct Scene(pub Stage);

impl std::ops::Deref for Scene {
    type Target = Stage;
    fn deref(&self) -> &Stage {
        &self.0
    }
}

impl Scene {
    /// Of this application of the sandbox's; `more` are further keys of both profiles.
    pub fn at(stage: Stage, path: &str, user: &str, more: &str) -> Self {
        let sandbox = &stage.sandbox;
        let common = format!(
            "method = \"saml\"\nurl = \"{}{path}\"\nusername = \"{user}@example.com\"\nregion = {:?}\nendpoint_url = {:?}\n\
             account_id = \"333333333333\"\n{more}\n",
            sandbox.url(),
            sandbox.region(),
            sandbox.url(),
        );
        let text = format!(
            "default_profile = \"docs\"\n[profile.docs]\n{common}session_duration = \"15m\"\n[profile.other]\n{common}"
        );
        std::fs::write(stage.path("config.toml"), text).expect("our own directory");
        Self(stage)
    }

    /// Signs in with this on standard input.
    pub fn login_typing(&self, typed: &str, args: &[&str]) -> Ran {
        let args: Vec<&str> = ["login"].iter().chain(args).copied().collect();
        let mut command = self.command(&args);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().expect("the binary starts");
        // A program that ends before it reads is what some tests are about.
        let _ = child.stdin.take().expect("a pipe").write_all(typed.as_bytes());
        Ran::from(child.wait_with_output().expect("it ends"))
    }

    /// Signs in with a password from standard input.
    pub fn login_with(&self, password: &str, args: &[&str]) -> Ran {
        let args: Vec<&str> = ["--password-fd", "0"].iter().chain(args).copied().collect();
        self.login_typing(&format!("{password}\n"), &args)
    }

    /// Somebody at a terminal who signs in.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        Terminal::start(self.command(&["login"].iter().chain(args).copied().collect::<Vec<_>>()))
    }

    pub fn code(&self, user: &str) -> String {
        self.sandbox.one_time_code(&format!("{user}@example.com"))
    }

    /// How many requests there have been, of every kind.
    pub fn requests(&self) -> u64 {
        self.sandbox.state().requests.values().sum()
    }
}
