//! A sign-in that waits for its person.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};

use super::{Ran, Stage};

/// The device code flow with a person who takes a moment.
pub struct Waiting {
    pub child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    pub user_code: String,
}

impl Waiting {
    pub fn start(stage: &Stage, args: &[&str]) -> Self {
        let mut command = stage.command(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it goes on");
        let mut stderr = BufReader::new(child.stderr.take().expect("it goes on"));
        let mut user_code = String::new();
        let mut told = String::new();
        while user_code.is_empty() {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).expect("it goes on") > 0, "no code was shown: {told}");
            told.push_str(&line);
            let word = line.trim();
            if word.len() == 9 && word.chars().nth(4) == Some('-') {
                user_code = word.to_owned();
            }
        }
        Self { child, stderr, user_code }
    }

    pub fn finish(mut self) -> Ran {
        let mut text = String::new();
        self.stderr.read_to_string(&mut text).expect("it goes on");
        let output = self.child.wait_with_output().expect("it goes on");
        Ran { stderr: text, ..Ran::from(output) }
    }
}
