//! The binary at a terminal, and somebody who reads and types.
#![allow(dead_code, unreachable_pub, missing_docs)]

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

/// A run of the binary whose questions are answered.
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Arc<Mutex<String>>,
    /// How far the screen has been read.
    seen: usize,
}

impl Terminal {
    pub fn start(mut command: Command) -> Self {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&ours).expect("a terminal");
        unlockpt(&ours).expect("a terminal");
        let name = ptsname(&ours, Vec::new()).expect("a terminal");
        let theirs = File::options().read(true).write(true).open(name.to_str().expect("a path")).expect("a terminal");
        let copy = || Stdio::from(theirs.try_clone().expect("a descriptor"));
        command.env("TERM", "xterm").stdin(copy()).stdout(copy()).stderr(copy());
        let child = command.spawn().expect("the binary starts");
        drop((command, theirs));
        let ours: OwnedFd = ours;
        let keyboard = File::from(ours);
        let (mut reader, screen) = (keyboard.try_clone().expect("a descriptor"), Arc::new(Mutex::new(String::new())));
        let shared = Arc::clone(&screen);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                shared.lock().expect("nobody panics").push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        });
        Self { child, keyboard, screen, seen: 0 }
    }

    fn text(&self) -> String {
        self.screen.lock().expect("nobody panics").clone()
    }

    /// Waits for a question behind the last one, then types.
    pub fn answer(&mut self, question: &str, typed: &str) -> &mut Self {
        // Typed when the question stands, not while the terminal is being set up.
        self.shows(question).press(&format!("{typed}\r"))
    }

    /// Waits until something is on the screen, behind what was waited for before.
    pub fn shows(&mut self, what: &str) -> &mut Self {
        let started = Instant::now();
        loop {
            let text = self.text();
            if let Some(at) = text[self.seen..].find(what) {
                self.seen += at + what.len();
                return self;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "{what} was not shown: {text}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Presses keys, and no Enter.
    pub fn press(&mut self, keys: &str) -> &mut Self {
        std::thread::sleep(Duration::from_millis(150));
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal");
        self
    }

    /// What Ctrl-C does where the terminal is the controlling one.
    pub fn interrupt(&mut self) -> &mut Self {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().expect("kill").success());
        self
    }

    /// The exit code and everything that was on the screen.
    pub fn finish(mut self) -> (i32, String) {
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                break status;
            }
            if started.elapsed() > Duration::from_secs(60) {
                let _ = self.child.kill();
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        std::thread::sleep(Duration::from_millis(100));
        (status.code().unwrap_or(-1), self.text())
    }
}
