//! Setting keys of one profile in `config.toml`, with every comment and all other formatting kept. Pure.

use std::collections::BTreeMap;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use super::aws_config::Change;
use super::document::Document;
use super::error::ConfigError;
use super::names::ProfileName;

/// Keys to set in one profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileEdit {
    /// The profile.
    pub name: ProfileName,
    /// The keys and their values; keys that aren't named keep theirs.
    pub settings: Vec<(&'static str, Setting)>,
    /// Make it the profile in use when none is named. The first profile always is.
    pub set_default: bool,
}

/// A value of `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Setting {
    /// A text.
    Text(String),
    /// `true` or `false`.
    Flag(bool),
    /// A port's number.
    Port(u16),
    /// A list of texts.
    Texts(Vec<String>),
    /// A table of texts.
    Table(BTreeMap<String, String>),
}

impl From<&Setting> for Value {
    fn from(setting: &Setting) -> Self {
        match setting {
            Setting::Text(text) => text.as_str().into(),
            Setting::Flag(flag) => (*flag).into(),
            Setting::Port(port) => i64::from(*port).into(),
            Setting::Texts(texts) => Value::Array(texts.iter().collect()),
            Setting::Table(texts) => {
                Value::InlineTable(texts.iter().map(|(key, text)| (key.as_str(), text.as_str())).collect())
            }
        }
    }
}

/// What is put at the top of a new file.
const HEADER: &str = "# Settings of securecart. No secret belongs here: credentials are in the keychain.\n\n";

/// Applies an edit. Doing it twice is doing it once.
///
/// # Errors
/// [`ConfigError`] when the file is not what `load` would take, so that nothing is built on a mistake.
pub fn edit_profile(path: &Path, text: &str, edit: &ProfileEdit) -> Result<(String, Change), ConfigError> {
    let document = Document::parse(path, text)?;
    let names = document.names();
    let syntax = |error: &dyn std::fmt::Display| ConfigError::BadValue {
        at: super::error::Where::File { path: path.to_owned(), line: 1, column: 1 },
        problem: error.to_string(),
    };
    let fresh = text.is_empty();
    let mut tree: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| syntax(&error.message()))?;
    if edit.set_default || names.is_empty() {
        set(tree.as_table_mut(), "default_profile", &Setting::Text(edit.name.to_string()));
    }
    let profiles = tree.entry("profile").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let not_a_table = || syntax(&"`profile` is not a table");
    let profiles = profiles.as_table_like_mut().ok_or_else(not_a_table)?;
    if !profiles.contains_key(edit.name.as_str()) {
        let mut table = Table::new();
        table.decor_mut().set_prefix("\n");
        profiles.insert(edit.name.as_str(), Item::Table(table));
    }
    let profile = profiles.get_mut(edit.name.as_str()).and_then(Item::as_table_like_mut).ok_or_else(not_a_table)?;
    for (key, setting) in &edit.settings {
        set(profile, key, setting);
    }
    let new = with_line_ends_of(text, tree.to_string());
    let new = if fresh { format!("{HEADER}{new}") } else { new };
    let change = match (names.iter().any(|name| name == edit.name.as_str()), new == text) {
        (false, _) => Change::Added,
        (true, false) => Change::Updated,
        (true, true) => Change::Unchanged,
    };
    Ok((new, change))
}

/// Takes a profile out, with the comments above it; everything else stays. Without such a profile the text stays.
///
/// # Errors
/// As [`edit_profile`].
pub fn remove_profile(path: &Path, text: &str, name: &ProfileName) -> Result<String, ConfigError> {
    if Document::parse(path, text)?.profile(name.as_str())?.is_none() {
        return Ok(text.to_owned());
    }
    let mut tree: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| ConfigError::BadValue {
        at: super::error::Where::File { path: path.to_owned(), line: 1, column: 1 },
        problem: error.message().to_owned(),
    })?;
    if let Some(profiles) = tree.get_mut("profile").and_then(Item::as_table_like_mut) {
        profiles.remove(name.as_str());
    }
    Ok(with_line_ends_of(text, tree.to_string()))
}

/// Sets a key, keeping the comment behind its old value.
fn set(table: &mut dyn TableLike, key: &str, setting: &Setting) {
    // One that is there stays in its form, with a header of its own or inline.
    if let Setting::Table(texts) = setting
        && let Some(there) = table.get_mut(key).and_then(Item::as_table_like_mut)
    {
        let gone = there.iter().map(|(key, _)| key.to_owned()).filter(|key| !texts.contains_key(key));
        for key in gone.collect::<Vec<_>>() {
            there.remove(&key);
        }
        texts.iter().for_each(|(key, text)| set(there, key, &Setting::Text(text.clone())));
        return;
    }
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(value) if same(value, setting) => {}
        Some(value) => {
            let decor = value.decor().clone();
            *value = setting.into();
            *value.decor_mut() = decor;
        }
        None => {
            table.insert(key, Item::Value(setting.into()));
        }
    }
}

fn same(value: &Value, setting: &Setting) -> bool {
    match setting {
        Setting::Text(text) => value.as_str() == Some(text),
        Setting::Flag(flag) => value.as_bool() == Some(*flag),
        Setting::Port(port) => value.as_integer() == Some((*port).into()),
        Setting::Texts(texts) => value
            .as_array()
            .is_some_and(|array| array.iter().map(Value::as_str).eq(texts.iter().map(|text| Some(text.as_str())))),
        // What is a table is gone through by key.
        Setting::Table(_) => false,
    }
}

/// A file with Windows line ends throughout keeps them, and its byte order mark.
fn with_line_ends_of(old: &str, new: String) -> String {
    let windows = old.contains("\r\n") && !old.replace("\r\n", "").contains('\n');
    let new = if windows { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new };
    match old.starts_with('\u{feff}') && !new.starts_with('\u{feff}') {
        true => format!("\u{feff}{new}"),
        false => new,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edit(settings: &[(&'static str, &str)], set_default: bool) -> ProfileEdit {
        let settings = settings.iter().map(|(key, value)| (*key, Setting::Text((*value).to_owned()))).collect();
        ProfileEdit { name: "docs".parse().expect("a name"), settings, set_default }
    }

    fn apply(text: &str, edit: &ProfileEdit) -> (String, Change) {
        edit_profile(Path::new("config.toml"), text, edit).expect(text)
    }

    #[test]
    fn a_new_file_says_what_it_is_and_has_a_default() {
        let (text, change) = apply("", &edit(&[("bucket", "docs-bucket")], false));
        assert_eq!(text, format!("{HEADER}default_profile = \"docs\"\n\n[profile.docs]\nbucket = \"docs-bucket\"\n"));
        assert_eq!(change, Change::Added);
        assert_eq!(apply(&text, &edit(&[("bucket", "docs-bucket")], false)), (text, Change::Unchanged));
    }

    #[test]
    fn comments_and_formatting_of_everything_else_stay() {
        let before = "# mine\ndefault_profile='b' # old\n\n[profile.b]\nbucket   =   'x-x' # keep\n\n# docs\n[profile.docs] # here\nregion = 'a-b-c'   # why\n# end\n";
        let (text, change) = apply(before, &edit(&[("region", "eu-central-1"), ("bucket", "new")], false));
        let after = "# mine\ndefault_profile='b' # old\n\n[profile.b]\nbucket   =   'x-x' # keep\n\n# docs\n[profile.docs] # here\nregion = \"eu-central-1\"   # why\nbucket = \"new\"\n# end\n";
        assert_eq!((text.as_str(), change), (after, Change::Updated));
    }

    #[test]
    fn a_profile_is_removed_and_the_rest_stays() {
        let before = "# mine\ndefault_profile='b' # old\n\n[profile.docs]\nregion = 'x'\n\n# b\n[profile.b] # here\nregion   = 'y'\n";
        let remove = |text: &str| remove_profile(Path::new("c"), text, &"docs".parse().unwrap()).unwrap();
        let after = "# mine\ndefault_profile='b' # old\n\n# b\n[profile.b] # here\nregion   = 'y'\n";
        assert_eq!(remove(before), after);
        assert_eq!(remove(after), after);
    }

    #[test]
    fn the_default_changes_only_on_request() {
        let before = "default_profile = 'b' # old\n[profile.b]\n";
        assert!(apply(before, &edit(&[], false)).0.starts_with("default_profile = 'b' # old\n[profile.b]\n"));
        assert!(apply(before, &edit(&[], true)).0.starts_with("default_profile = \"docs\" # old\n[profile.b]\n"));
    }

    #[test]
    fn windows_line_ends_and_the_byte_order_mark_stay() {
        let before = "\u{feff}# mine\r\n[profile.docs]\r\nregion = 'x' # y\r\n";
        let (text, _) = apply(before, &edit(&[("bucket", "new")], false));
        assert_eq!(text, "\u{feff}# mine\r\n[profile.docs]\r\nregion = 'x' # y\r\nbucket = \"new\"\r\n");
    }

    #[test]
    fn tables_written_inline_are_edited_inline() {
        let (text, _) = apply("profile.docs = { region = 'x' } # mine\n", &edit(&[("region", "y")], false));
        assert_eq!(text, "profile.docs = { region = \"y\" } # mine\n");
    }

    #[test]
    fn a_table_of_texts_keeps_its_form_and_loses_what_is_no_longer_in_it() {
        let tags = |pairs: &[(&str, &str)]| {
            let texts = pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect();
            ProfileEdit { settings: vec![("tags", Setting::Table(texts))], ..edit(&[], false) }
        };
        let wanted = tags(&[("team", "docs"), ("cost centre", "a=b")]);
        for (before, after) in [
            ("[profile.docs]\n", "[profile.docs]\ntags = { \"cost centre\" = \"a=b\", team = \"docs\" }\n"),
            (
                "[profile.docs]\ntags = { team = 'x', old = 'y' } # why\n",
                "[profile.docs]\ntags = { team = \"docs\", \"cost centre\" = \"a=b\" } # why\n",
            ),
            (
                "[profile.docs.tags]\n# ours\nteam = 'docs' # keep\nold = 'y'\n",
                "[profile.docs.tags]\n# ours\nteam = 'docs' # keep\n\"cost centre\" = \"a=b\"\n",
            ),
        ] {
            let before = format!("default_profile = \"docs\"\n{before}");
            let (text, _) = apply(&before, &wanted);
            assert_eq!(text, format!("default_profile = \"docs\"\n{after}"));
            assert_eq!(apply(&text, &wanted), (text, Change::Unchanged));
        }
    }

    #[test]
    fn a_file_with_a_mistake_is_not_built_upon() {
        let broken = edit_profile(Path::new("config.toml"), "[profile.docs", &edit(&[], false));
        assert!(broken.expect_err("not TOML").to_string().starts_with("config.toml:1:14: "));
        assert!(edit_profile(Path::new("config.toml"), "profile = 1", &edit(&[], false)).is_err());
        assert!(edit_profile(Path::new("config.toml"), "profile.docs = 1", &edit(&[("bucket", "x")], false)).is_err());
    }

    proptest! {
        #[test]
        fn twice_is_once_and_the_value_is_there(
            text in "(# c\n|\n|default_profile = 'b'\n)?((\\[profile\\.(docs|b)\\] ?(# h)?\n)(region = 'q' # r\n|auto_login = true\n|# c\n|\n){0,3}){0,3}",
            value in "\\PC{0,20}",
        ) {
            let change = edit(&[("bucket", &value), ("region", "eu-central-1")], false);
            let Ok((once, _)) = edit_profile(Path::new("c"), &text, &change) else { return Ok(()) };
            let (twice, state) = apply(&once, &change);
            prop_assert_eq!(&once, &twice);
            prop_assert_eq!(state, Change::Unchanged);
            let document = Document::parse(Path::new("c"), &once).expect("still TOML");
            let section = document.profile("docs").expect("a table").expect("there");
            prop_assert_eq!(section.text("bucket").expect("a text").expect("there").value, value);
            let mut rest = once.as_str();
            for line in text.split_inclusive('\n').filter(|line| line.starts_with(['#', '[', 'a']))  {
                let at = rest.find(line.trim_end());
                prop_assert!(at.is_some(), "lost {:?} in {:?}", line, once);
                rest = &rest[at.unwrap_or(0)..];
            }
        }
    }
}
