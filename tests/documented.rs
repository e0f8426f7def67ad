//! The examples of `--json` in the help are what is printed.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;

use std::collections::BTreeSet;

use common::Stage;
use serde_json::Value;

/// The JSON documents of a command's help, each possibly over several lines.
fn examples(stage: &Stage, command: &str) -> Vec<Value> {
    let help = stage.run(&[command, "--help"]).stdout;
    let from = help.find("\n  {\"type\"").unwrap_or_else(|| panic!("{command}: no example in {help}"));
    let documents = serde_json::Deserializer::from_str(&help[from..]).into_iter::<Value>();
    documents.map_while(Result::ok).collect()
}

/// Which keys a line has, by what it is about and how that ended.
fn keys(line: &Value) -> (String, BTreeSet<String>) {
    let kind = format!("{} {}", line["type"], line.get("status").unwrap_or(&Value::Null));
    let error = line.get("error").and_then(Value::as_object).into_iter().flatten();
    let names = line.as_object().unwrap().keys().cloned().chain(error.map(|(key, _)| format!("error.{key}")));
    (kind, names.collect())
}

#[test]
fn the_help_of_the_folder_commands_has_every_key_of_what_they_print() {
    let stage = Stage::signed_in();
    std::fs::write(stage.path("a"), "x").unwrap();
    for (command, args) in
        [("put", &["put", "a", "missing", "d/", "--json"][..]), ("get", &["get", "d/a", "d/missing", "out/", "--json"])]
    {
        let ran = stage.run(args);
        let documented: Vec<_> = examples(&stage, command).iter().map(keys).collect();
        let printed: Vec<_> = ran.json_lines().iter().map(keys).collect();
        assert_eq!(printed.len(), 3, "{ran}");
        for line in printed {
            assert!(documented.contains(&line), "{command}: {line:?} is not among {documented:?}");
        }
    }
    let documented: Vec<_> = examples(&stage, "rm").iter().map(keys).collect();
    for line in stage.run(&["rm", "d/a", "--json"]).json_lines().iter().map(keys) {
        assert!(documented.contains(&line), "rm: {line:?} is not among {documented:?}");
    }
}
