//! The binary says where it is, serves, and stops with its parent.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

fn start(flags: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_securecart-sandbox"))
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn it_prints_one_line_of_json_and_ends_when_stdin_closes() {
    let mut child = start(&["--until-stdin-closes", "--region", "eu-west-1"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(ready["region"], "eu-west-1");
    let url = ready["url"].as_str().unwrap();
    assert_eq!(ready["start_url"], format!("{url}/start"));
    let address = url.strip_prefix("http://").unwrap();
    assert!(std::net::TcpStream::connect(address).is_ok());
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_person_nobody_knows_cannot_approve() {
    let output = start(&["--auto-approve", "mallory@example.com"]).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("nobody is called mallory@example.com"));
}
