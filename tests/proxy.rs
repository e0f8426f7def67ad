//! Proxies and trust bundles: what is between us and AWS.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};

use common::{Ran, Stage};

#[test]
fn a_proxy_is_not_used_for_loopback_and_a_broken_bundle_is_a_configuration_error() {
    let stage = Stage::new();
    let mut proxied = stage.command(&["login"]);
    proxied.env("HTTPS_PROXY", "http://127.0.0.1:9").env("HTTP_PROXY", "http://127.0.0.1:9");
    assert_eq!(Ran::of(proxied).code, 0);
    let mut bundled = stage.command(&["login", "--force"]);
    bundled.env("AWS_CA_BUNDLE", "/nonexistent.pem");
    let ran = Ran::of(bundled);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("/nonexistent.pem"), "{ran}");
}

/// A proxy that notes what it is asked for and refuses.
fn refusing_proxy() -> (String, std::thread::JoinHandle<String>) {
    use std::io::Write as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream.try_clone().unwrap()).read_line(&mut line).unwrap();
        // Retries are refused as well.
        std::thread::spawn(move || {
            stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n").unwrap();
            drop(stream);
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let mut some = [0; 1024];
                let _ = stream.read(&mut some);
                let _ = stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
            }
        });
        line
    });
    (address, asked)
}

#[test]
fn aws_is_reached_through_the_proxy_and_a_refusal_names_it() {
    let stage = Stage::new();
    std::fs::write(
        stage.path("config.toml"),
        "[profile.docs]\nmethod = \"sso\"\nstart_url = \"https://example.awsapps.com/start\"\nsso_region = \"eu-central-1\"\n",
    )
    .unwrap();
    let (proxy, asked) = refusing_proxy();
    let mut command = stage.command(&["login"]);
    command.env("HTTPS_PROXY", &proxy);
    let ran = Ran::of(command);
    assert_eq!(asked.join().unwrap(), "CONNECT oidc.eu-central-1.amazonaws.com:443 HTTP/1.1\r\n");
    assert_eq!(ran.code, 6, "{ran}");
    assert!(ran.stderr.contains("proxy did not connect to oidc.eu-central-1.amazonaws.com"), "{ran}");
    assert!(ran.stderr.contains("`HTTPS_PROXY`"), "{ran}");
}
