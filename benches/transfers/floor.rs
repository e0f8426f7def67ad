//! The least that moving bytes costs: pre-signed requests over raw sockets, with no checksum, no retry and no check of
//! any kind. What no client can be faster than, on this server.
//!
//! usage: floor CONNECTIONS < lines of `GET|PUT TARGET FILE OFFSET LENGTH`, then HOST:PORT in $FLOOR_HOST.

use std::fs::File;
use std::io::{BufRead as _, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::FileExt as _;
use std::sync::Mutex;

fn main() {
    let connections: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(16);
    let host = std::env::var("FLOOR_HOST").expect("FLOOR_HOST");
    let lines: Vec<String> = std::io::stdin().lock().lines().map(|line| line.expect("a line")).collect();
    let next = Mutex::new(lines.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..connections {
            scope.spawn(|| work(&host, &next));
        }
    });
}

fn work(host: &str, next: &Mutex<std::vec::IntoIter<String>>) {
    let mut socket = TcpStream::connect(host).expect("a connection");
    socket.set_nodelay(true).expect("a socket");
    let mut buffer = vec![0; 256 << 10];
    loop {
        let Some(line) = next.lock().expect("no panic").next() else { return };
        let words: Vec<&str> = line.split(' ').collect();
        let [method, target, file, offset, length] = words[..] else { panic!("{line}") };
        let (mut at, mut left): (u64, usize) = (offset.parse().expect("an offset"), length.parse().expect("a length"));
        if method == "GET" {
            let file = File::options().write(true).create(true).truncate(false).open(file).expect("a file");
            let last = at + left as u64 - 1;
            let asked = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nRange: bytes={at}-{last}\r\n\r\n");
            socket.write_all(asked.as_bytes()).expect("a request");
            let (head, mut have) = head(&mut socket, &mut buffer);
            let mut from = head;
            while left > 0 {
                let chunk = &buffer[from..have];
                file.write_all_at(chunk, at).expect("a write");
                at += chunk.len() as u64;
                left -= chunk.len();
                if left > 0 {
                    (from, have) = (0, socket.read(&mut buffer).expect("a body"));
                    assert!(have > 0, "the body ended early");
                }
            }
        } else {
            let file = File::open(file).expect("a file");
            let asked = format!("PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {left}\r\n\r\n");
            socket.write_all(asked.as_bytes()).expect("a request");
            while left > 0 {
                let chunk = buffer.len().min(left);
                file.read_exact_at(&mut buffer[..chunk], at).expect("a read");
                socket.write_all(&buffer[..chunk]).expect("a body");
                at += chunk as u64;
                left -= chunk;
            }
            let (end, have) = head(&mut socket, &mut buffer);
            assert!(end == have, "an answer with a body");
        }
    }
}

/// Reads the head of an answer: where it ends, and how much was read.
fn head(socket: &mut TcpStream, buffer: &mut [u8]) -> (usize, usize) {
    let mut have = 0;
    loop {
        let read = socket.read(&mut buffer[have..]).expect("an answer");
        assert!(read > 0, "no answer");
        have += read;
        if let Some(end) = buffer[..have].windows(4).position(|four| four == b"\r\n\r\n") {
            let told = String::from_utf8_lossy(&buffer[..end]).into_owned();
            assert!(told.starts_with("HTTP/1.1 20"), "{told}");
            return (end + 4, have);
        }
    }
}
