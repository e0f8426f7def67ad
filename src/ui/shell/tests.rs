//! The lines are given to the real shells, where they are installed.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

const HOSTILE: &[&str] = &[
    "",
    "'",
    "''",
    "'\\''",
    "\\",
    "\\'",
    "a\\",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "${HOME} $HOME %PATH% !x! ~ * ? [a]",
    "a\nb",
    "\n",
    "a\r\nb",
    "#x",
    "-n",
    "\u{2019}; touch pwned; \u{2019}",
    "é日本\u{1f600}",
    "\u{1}\u{7f}\u{1b}[2J",
    " lead and trail ",
];

/// What the shell has in its variables after it read the lines.
fn taken(program: &str, shell: Shell, values: &[String]) -> Option<Vec<String>> {
    let names: Vec<String> = (0..values.len()).map(|number| format!("V{number}")).collect();
    let pairs: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(values.iter().map(String::as_str)).collect();
    let mut script = shell.set(&pairs, "").unwrap();
    // Other programs see the environment, and `env -0` shows it to the byte.
    script.push_str("env -0\n");
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(program)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{program} ran a command");
    let text = String::from_utf8(output.stdout).unwrap();
    let value = |name: &String| {
        let prefix = format!("{name}=");
        text.split('\0').find_map(|pair| pair.strip_prefix(&prefix)).expect(name).to_owned()
    };
    Some(names.iter().map(value).collect())
}

#[test]
fn every_shell_takes_the_values_as_they_are_and_runs_nothing() {
    let shells = [("bash", Shell::Bash), ("dash", Shell::Bash), ("zsh", Shell::Zsh), ("fish", Shell::Fish)];
    for (program, shell) in shells {
        let hostile: Vec<String> = HOSTILE.iter().map(|value| (*value).to_owned()).collect();
        let Some(got) = taken(program, shell, &hostile) else {
            eprintln!("skipped: no {program} here");
            continue;
        };
        assert_eq!(got, hostile, "{program}");
        let value = "([^\0]|['\"\\\\$`!%;&|<>(){}\n]){0,12}";
        let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
        runner
            .run(&proptest::collection::vec(value, 50), |values| {
                prop_assert_eq!(taken(program, shell, &values).unwrap(), values);
                Ok(())
            })
            .expect(program);
    }
}

#[test]
fn zsh_with_its_own_quoting_of_quotes_takes_them_too() {
    let script = format!("setopt RC_QUOTES\nexport V={}\nprint -rn -- $V", posix("''a''b'"));
    let Ok(output) = Command::new("zsh").args(["-c", &script]).output() else { return };
    assert_eq!(output.stdout, b"''a''b'");
}

#[test]
fn shells_that_are_not_here_get_literal_text() {
    let set = |shell: Shell, value: &str| shell.set(&[("V", value)], "EOF1");
    assert_eq!(set(Shell::Powershell, "a'b\u{2019}$c`d").unwrap(), "$env:V = 'a''b\u{2019}\u{2019}$c`d'\n");
    assert_eq!(set(Shell::Cmd, "a+/=&|<>b").unwrap(), "set \"V=a+/=&|<>b\"\r\n");
    for value in ["%PATH%", "a\"b", "!x!", "a\nb", "a^b"] {
        assert!(set(Shell::Cmd, value).is_err(), "{value}");
    }
    assert_eq!(set(Shell::Dotenv, "IQoJ+/==").unwrap(), "V=IQoJ+/==\n");
    assert_eq!(set(Shell::Dotenv, "a $b # c").unwrap(), "V='a $b # c'\n");
    for value in ["a'b", "a\\b", "a\nb"] {
        assert!(set(Shell::Dotenv, value).is_err(), "{value}");
    }
    assert_eq!(set(Shell::Json, "a\"\n").unwrap(), "{\"V\":\"a\\\"\\n\"}\n");
    assert_eq!(set(Shell::Nushell, "a").unwrap(), "{\"V\":\"a\"}\n");
    assert_eq!(set(Shell::GithubActions, "a\nW=b").unwrap(), "V<<EOF1\na\nW=b\nEOF1\n");
    assert_eq!(github_mask("100%\nb\n\n"), "::add-mask::100%25\n::add-mask::b\n");
}

#[test]
fn programs_are_known_by_name() {
    let of = |path: &str| Shell::of_program(path.as_ref());
    assert_eq!(of("/usr/bin/fish"), Some(Shell::Fish));
    assert_eq!(of("/bin/sh"), Some(Shell::Bash));
    assert_eq!(of("/opt/homebrew/bin/nu"), Some(Shell::Nushell));
    assert_eq!(of("/bin/tcsh"), None);
}
