//! The folder commands at a terminal: what is asked, and what is left on the screen.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use common::Stage;
use terminal::Terminal;

#[test]
fn a_yes_to_a_removal_counts_with_its_enter_which_nobody_else_reads() {
    let stage = Stage::signed_in();
    let key = format!("{}d/a", stage.folder());
    stage.sandbox.put_object(stage.sandbox.bucket(), &key, "x").unwrap();
    let mut terminal = Terminal::start(stage.command(&["rm", "-r", "d"]));
    // Without Enter it is taken back by the next key.
    terminal.shows("Remove 1 object (1 B)?").press("y").press("n").press("\r");
    let (code, screen) = terminal.finish();
    assert!(code == 130 && screen.contains("nothing was removed"), "{screen}");
    assert!(stage.sandbox.object(stage.sandbox.bucket(), &key).is_some(), "it did not wait for Enter");
    let mut terminal = Terminal::start(stage.command(&["rm", "-r", "d"]));
    terminal.shows("Remove 1 object (1 B)?").press("y").press("\r");
    let (code, screen) = terminal.finish();
    assert!(code == 0 && screen.contains("removed 1 object"), "{screen}");
    assert_eq!(stage.sandbox.object(stage.sandbox.bucket(), &key), None);
    stage.sandbox.put_object(stage.sandbox.bucket(), &key, "x").unwrap();
    let mut terminal = Terminal::start(stage.command(&["rm", "-r", "."]));
    terminal.answer("Remove 1 object (1 B)?", "n");
    let (code, screen) = terminal.finish();
    assert!(code == 130 && screen.contains("nothing was removed"), "{screen}");
    // There is nothing to agree to.
    let (code, screen) = Terminal::start(stage.command(&["rm", "-r", "missing"])).finish();
    assert!(code == 1 && screen.contains("`missing` is not in your folder") && !screen.contains("Remove"), "{screen}");
}

#[test]
fn an_interrupted_bar_is_erased_whatever_the_terminal_echoed_behind_it() {
    let stage = Stage::signed_in();
    std::fs::write(stage.path("big"), vec![7; 40 << 20]).unwrap();
    let mut terminal = Terminal::start(stage.command(&["put", "big", "--limit-rate", "2M"]));
    terminal.shows(" of 40.0 MiB").press("\u{3}").interrupt();
    let (code, screen) = terminal.finish();
    assert_eq!(code, 130, "{screen}");
    let drawn: Vec<&str> = screen.split("\r\u{1b}[2K").collect();
    assert_eq!(drawn.last(), Some(&"error: interrupted\r\n"), "{screen}");
    // A terminal without a size of its own counts as 79 columns wide; `^C` must not begin another line.
    for line in drawn {
        assert!(line.chars().count() < 79, "{line:?}");
    }
}
