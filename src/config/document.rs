//! The text of `config.toml`, parsed and with places: who asks for a value learns where it stands. Pure.

use std::path::Path;
use std::str::FromStr;

use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, Where, closest, shown};

/// The keys outside of profiles.
pub(super) const TOP_KEYS: &[&str] = &["default_profile", "profile"];

/// A parsed `config.toml`.
#[derive(Debug)]
pub struct Document<'t> {
    path: &'t Path,
    text: &'t str,
    table: DeTable<'t>,
}

/// The name of the profile that variables alone make.
pub const ENVIRONMENT: &str = "environment";

impl Document<'static> {
    /// A document with one empty profile, which variables alone fill.
    ///
    /// # Errors
    /// None that can happen.
    pub(super) fn of_environment() -> Result<Self, ConfigError> {
        Self::parse(Path::new(""), "[profile.environment]")
    }
}

impl<'t> Document<'t> {
    /// Parses the text and checks the keys at the top; profiles are looked at when they are used, so that a
    /// mistake in one doesn't stop the others.
    ///
    /// # Errors
    /// [`ConfigError::Syntax`], [`ConfigError::UnknownKey`], [`ConfigError::WrongType`].
    pub fn parse(path: &'t Path, text: &'t str) -> Result<Self, ConfigError> {
        let table = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(text.len(), |span| span.start);
            let at = place(path, text, offset);
            if is_account_id(text, offset) {
                return ConfigError::AccountIdNotQuoted { at };
            }
            ConfigError::Syntax { at, problem: error.message().lines().next().unwrap_or("not TOML").to_owned() }
        })?;
        let document = Self { path, text, table: table.into_inner() };
        document.section(&document.table, "", 0).check_keys(TOP_KEYS, false)?;
        document.profile_tables()?;
        Ok(document)
    }

    /// The profile to use when nobody names one.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`] when it isn't a text.
    pub fn default_profile(&self) -> Result<Option<Located<&str>>, ConfigError> {
        self.section(&self.table, "", 0).text("default_profile")
    }

    /// The profiles' names, sorted.
    pub fn names(&self) -> Vec<String> {
        let profiles = self.profile_tables().ok().flatten();
        profiles.map(|table| table.keys().map(|key| key.get_ref().to_string()).collect()).unwrap_or_default()
    }

    /// A profile's table.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`] when `[profile.NAME]` isn't a table.
    pub fn profile(&self, name: &str) -> Result<Option<Section<'_>>, ConfigError> {
        let Some((key, value)) = self.profile_tables()?.and_then(|table| table.get_key_value(name)) else {
            return Ok(None);
        };
        match value.get_ref() {
            DeValue::Table(table) => Ok(Some(self.section(table, name, key.span().start))),
            other => Err(self.wrong_type("profile", "tables, as in `[profile.docs]`", value.span().start, other)),
        }
    }

    /// The file, for messages.
    pub fn path(&self) -> &Path {
        self.path
    }

    fn profile_tables(&self) -> Result<Option<&DeTable<'t>>, ConfigError> {
        match self.table.get("profile").map(|value| (value.span().start, value.get_ref())) {
            None => Ok(None),
            Some((_, DeValue::Table(table))) => Ok(Some(table)),
            Some((offset, other)) => Err(self.wrong_type("profile", "tables, as in `[profile.docs]`", offset, other)),
        }
    }

    fn section<'d>(&'d self, table: &'d DeTable<'t>, name: &str, offset: usize) -> Section<'d> {
        Section { path: self.path, text: self.text, table, name: name.to_owned(), offset }
    }

    fn wrong_type(&self, key: &'static str, expected: &'static str, at: usize, value: &DeValue<'_>) -> ConfigError {
        ConfigError::WrongType { at: place(self.path, self.text, at), key, expected, found: type_name(value) }
    }
}

/// A value and where it was given.
#[derive(Debug, Clone)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it was given.
    pub at: Where,
}

/// One table of the file.
#[derive(Debug)]
pub struct Section<'d> {
    path: &'d Path,
    text: &'d str,
    table: &'d DeTable<'d>,
    /// The profile's name.
    pub name: String,
    offset: usize,
}

impl<'d> Section<'d> {
    /// Refuses keys that mean nothing.
    pub(super) fn check_keys(&self, legal: &'static [&'static str], in_profile: bool) -> Result<(), ConfigError> {
        match self.table.iter().find(|(key, _)| !legal.contains(&key.get_ref().as_ref())) {
            None => Ok(()),
            Some((key, value)) => Err(ConfigError::UnknownKey {
                at: place(self.path, self.text, key.span().start),
                key: shown(key.get_ref()),
                closest: closest(key.get_ref(), legal.iter().copied()),
                in_profile,
                is_table: matches!(value.get_ref(), DeValue::Table(_)),
            }),
        }
    }

    /// Whether it is the one that variables alone fill.
    pub fn is_environment(&self) -> bool {
        self.path.as_os_str().is_empty()
    }

    /// Which of these keys are there, and where their values stand.
    pub(super) fn present(&self, keys: &[&'static str]) -> Vec<(&'static str, Where)> {
        let found = |key: &&'static str| {
            let value = self.table.get(*key)?;
            Some((*key, place(self.path, self.text, value.span().start)))
        };
        keys.iter().filter_map(found).collect()
    }

    /// Where the table begins.
    pub fn at(&self) -> Where {
        if self.is_environment() {
            return Where::Variable(super::variable::ROLE_ARN);
        }
        place(self.path, self.text, self.offset)
    }

    /// A text.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`].
    pub fn text(&self, key: &'static str) -> Result<Option<Located<&'d str>>, ConfigError> {
        self.get(key, "a text in quotes", DeValue::as_str)
    }

    /// `true` or `false`.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`].
    pub fn flag(&self, key: &'static str) -> Result<Option<bool>, ConfigError> {
        Ok(self.get(key, "true or false", DeValue::as_bool)?.map(|located| located.value))
    }

    /// A list of texts; empty when it isn't there.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`].
    pub fn texts(&self, key: &'static str) -> Result<Vec<Located<&'d str>>, ConfigError> {
        let expected = "a list of texts in quotes, as in `[\"a\", \"b\"]`";
        let texts = |value: &'d DeValue<'d>| {
            let items = value.as_array()?.iter();
            let located = |item: &'d toml::Spanned<DeValue<'d>>| {
                let at = place(self.path, self.text, item.span().start);
                Some(Located { value: item.get_ref().as_str()?, at })
            };
            items.map(located).collect::<Option<Vec<_>>>()
        };
        Ok(self.get(key, expected, texts)?.map(|located| located.value).unwrap_or_default())
    }

    /// A table of texts, by key; empty when it isn't there.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`].
    pub fn table(&self, key: &'static str) -> Result<Vec<(String, Located<&'d str>)>, ConfigError> {
        let texts = |value: &'d DeValue<'d>| {
            let located =
                |(key, value): (&'d toml::Spanned<std::borrow::Cow<'d, str>>, &'d toml::Spanned<DeValue<'d>>)| {
                    let at = place(self.path, self.text, value.span().start);
                    Some((key.get_ref().to_string(), Located { value: value.get_ref().as_str()?, at }))
                };
            value.as_table()?.iter().map(located).collect::<Option<Vec<_>>>()
        };
        Ok(self
            .get(key, "a table of texts, as in `{ team = \"docs\" }`", texts)?
            .map(|it| it.value)
            .unwrap_or_default())
    }

    /// A port number.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`].
    pub fn port(&self, key: &'static str) -> Result<Option<u16>, ConfigError> {
        let port = |value: &DeValue<'_>| {
            let integer = value.as_integer()?;
            u16::from_str_radix(integer.as_str(), integer.radix()).ok()
        };
        Ok(self.get(key, "a port number from 0 to 65535", port)?.map(|located| located.value))
    }

    /// A text with a syntax of its own.
    ///
    /// # Errors
    /// [`ConfigError::WrongType`], [`ConfigError::BadValue`].
    pub fn parsed<T>(&self, key: &'static str) -> Result<Option<T>, ConfigError>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        self.text(key)?.map(|located| parse(located)).transpose()
    }

    /// Whether the key is there, and a whole number.
    pub(super) fn is_integer(&self, key: &str) -> Option<Where> {
        let value = self.table.get(key).filter(|value| value.get_ref().is_integer())?;
        Some(place(self.path, self.text, value.span().start))
    }

    fn get<T>(
        &self,
        key: &'static str,
        expected: &'static str,
        convert: impl Fn(&'d DeValue<'d>) -> Option<T>,
    ) -> Result<Option<Located<T>>, ConfigError> {
        let Some(value) = self.table.get(key) else { return Ok(None) };
        let at = || place(self.path, self.text, value.span().start);
        match convert(value.get_ref()) {
            Some(converted) => Ok(Some(Located { value: converted, at: at() })),
            None => Err(ConfigError::WrongType { at: at(), key, expected, found: type_name(value.get_ref()) }),
        }
    }
}

/// Parses a value that was given somewhere.
pub(super) fn parse<T>(located: Located<&str>) -> Result<T, ConfigError>
where
    T: FromStr,
    T::Err: std::fmt::Display,
{
    located.value.parse().map_err(|error: T::Err| ConfigError::BadValue { at: located.at, problem: error.to_string() })
}

/// Whether the parser stopped at an account id's bare digits: TOML has no numbers with leading zeros.
fn is_account_id(text: &str, offset: usize) -> bool {
    let line = text.get(..offset).map(|before| before.rsplit('\n').next().unwrap_or(before).trim());
    line.and_then(|line| line.strip_prefix("account_id")).is_some_and(|rest| rest.trim() == "=")
        && text[offset..].starts_with(|c: char| c.is_ascii_digit())
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn place(path: &Path, text: &str, offset: usize) -> Where {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line_start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    // Characters, not bytes: continuation bytes of UTF-8 don't count.
    let column = before[line_start..].iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    Where::File {
        path: path.to_owned(),
        line: count(before.iter().filter(|byte| **byte == b'\n').count() + 1),
        column: count(column + 1),
    }
}
