//! Which keys can be files, and where. Pure: the platform is a parameter.
//!
//! A key is somebody else's text until it passes here. What passes is a list of names, each a single step down
//! from the destination directory; nothing that passes can step up, sideways or onto a device.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};

/// Whose rules for file names apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Names are bytes; only `/` and NUL mean something.
    Unix,
    /// Reserved names and characters, trailing dots and spaces.
    Windows,
}

impl Platform {
    /// Where this program runs.
    pub const HERE: Platform = if cfg!(windows) { Platform::Windows } else { Platform::Unix };
}

/// Why a key can't be a file below the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnsafeName {
    /// It begins with `/`.
    #[error("it is an absolute path")]
    Absolute,
    /// It holds `//`, or ends in `/` with content.
    #[error("it has an empty segment")]
    EmptySegment,
    /// It holds a `.` or `..` segment.
    #[error("it has a `.` or `..` segment")]
    DotSegment,
    /// It holds a NUL.
    #[error("it holds a NUL character")]
    Nul,
    /// Windows: `<>:"\|?*` or a control character.
    #[error("it holds a character that Windows doesn't allow in names")]
    ForbiddenCharacter,
    /// Windows: `CON`, `NUL`, `COM1`…
    #[error("it is a device name on Windows")]
    DeviceName,
    /// Windows drops these silently, and so would write another name.
    #[error("it has a segment that ends with a dot or a space, which Windows drops")]
    TrailingDotOrSpace,
    /// Another key of this run has the name already, perhaps in other capitals.
    #[error("another object was written under the same local name")]
    Taken,
    /// `a` and `a/b`.
    #[error("one name can't be both a file and a directory")]
    FileAndDirectory,
}

/// A place below the destination: at least one name, each one step down.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LocalPath {
    segments: Vec<String>,
}

impl LocalPath {
    /// The place of a key, given without the part that the destination stands for.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn from_key(key: &str, platform: Platform) -> Result<Self, UnsafeName> {
        if key.starts_with('/') {
            return Err(UnsafeName::Absolute);
        }
        let segments = key.split('/').map(|segment| check(segment, platform).map(|()| segment.to_owned()));
        Ok(Self { segments: segments.collect::<Result<_, _>>()? })
    }

    /// A file's name that the person typed: it is theirs to choose.
    pub fn from_person(name: &str) -> Self {
        Self { segments: vec![name.to_owned()] }
    }

    /// The place of a file that is here already, by the names that lead to it; at least one.
    pub(super) fn from_names(names: Vec<String>) -> Self {
        Self { segments: names }
    }

    /// The directories on the way, outermost first.
    pub fn directories(&self) -> &[String] {
        &self.segments[..self.segments.len() - 1]
    }

    /// The file's own name.
    pub fn file_name(&self) -> &str {
        self.segments.last().expect("a local path has at least one segment")
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segments.join(std::path::MAIN_SEPARATOR_STR))
    }
}

fn check(segment: &str, platform: Platform) -> Result<(), UnsafeName> {
    match segment {
        "" => return Err(UnsafeName::EmptySegment),
        "." | ".." => return Err(UnsafeName::DotSegment),
        _ if segment.contains('\0') => return Err(UnsafeName::Nul),
        _ => {}
    }
    if platform == Platform::Windows {
        if segment.chars().any(|c| c < ' ' || r#"<>:"\|?*"#.contains(c)) {
            return Err(UnsafeName::ForbiddenCharacter);
        }
        if segment.ends_with(['.', ' ']) {
            return Err(UnsafeName::TrailingDotOrSpace);
        }
        if is_device(segment) {
            return Err(UnsafeName::DeviceName);
        }
    }
    Ok(())
}

/// Source: Microsoft Learn, "Naming Files, Paths, and Namespaces". An extension doesn't help, and neither do spaces before it.
fn is_device(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or(segment).trim_end_matches(' ').to_uppercase();
    if matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$") {
        return true;
    }
    let mut rest = match stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT")) {
        Some(rest) => rest.chars(),
        None => return false,
    };
    let digit = rest.next();
    rest.next().is_none() && digit.is_some_and(|c| c.is_ascii_digit() || "¹²³".contains(c))
}

/// The names that one run has given out, so that no object overwrites another's file: not in other capitals where
/// the file system ignores them, and not as a directory where there is a file.
///
/// It keeps eight bytes a name, not the names. Two names that clash by chance (one in 10^7 runs of a million files)
/// make one file an error, never an overwrite.
#[derive(Debug)]
pub struct Claims {
    ignores_case: bool,
    hasher: RandomState,
    files: HashSet<u64>,
    directories: HashSet<u64>,
}

impl Claims {
    /// No names yet, on a file system that ignores capitals or doesn't.
    pub fn new(ignores_case: bool) -> Self {
        Self { ignores_case, hasher: RandomState::new(), files: HashSet::new(), directories: HashSet::new() }
    }

    /// Claims a file's name and those of the directories on the way.
    ///
    /// # Errors
    /// [`UnsafeName::Taken`] or [`UnsafeName::FileAndDirectory`] for whoever comes second.
    pub fn claim(&mut self, path: &LocalPath) -> Result<(), UnsafeName> {
        let steps = self.steps(path);
        let (file, directories) = steps.split_last().expect("a local path has at least one segment");
        if self.directories.contains(file) || directories.iter().any(|directory| self.files.contains(directory)) {
            return Err(UnsafeName::FileAndDirectory);
        }
        if !self.files.insert(*file) {
            return Err(UnsafeName::Taken);
        }
        self.directories.extend(directories);
        Ok(())
    }

    /// Notes a name that is in use but not written to in this run.
    pub(super) fn note(&mut self, path: &LocalPath) {
        let steps = self.steps(path);
        self.files.extend(steps.last());
    }

    /// Whether a file's name was given out or noted.
    pub(super) fn has_file(&self, path: &LocalPath) -> bool {
        self.steps(path).last().is_some_and(|file| self.files.contains(file))
    }

    /// Claims a directory's name: several objects may lie in it.
    ///
    /// # Errors
    /// [`UnsafeName::FileAndDirectory`].
    pub fn claim_directory(&mut self, path: &LocalPath) -> Result<(), UnsafeName> {
        let steps = self.steps(path);
        if steps.iter().any(|step| self.files.contains(step)) {
            return Err(UnsafeName::FileAndDirectory);
        }
        self.directories.extend(steps);
        Ok(())
    }

    /// A number for each directory on the way and for the file, as the file system tells names apart.
    fn steps(&self, path: &LocalPath) -> Vec<u64> {
        let mut so_far = String::new();
        path.segments
            .iter()
            .map(|segment| {
                if self.ignores_case {
                    so_far.extend(segment.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase));
                } else {
                    so_far.push_str(segment);
                }
                so_far.push('/');
                self.hasher.hash_one(&so_far)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_that_step_out_of_the_destination_are_refused_everywhere() {
        for platform in [Platform::Unix, Platform::Windows] {
            for (key, reason) in [
                ("", UnsafeName::EmptySegment),
                ("/etc/passwd", UnsafeName::Absolute),
                ("..", UnsafeName::DotSegment),
                ("../x", UnsafeName::DotSegment),
                ("a/../../x", UnsafeName::DotSegment),
                ("a/./x", UnsafeName::DotSegment),
                ("a//x", UnsafeName::EmptySegment),
                ("a/", UnsafeName::EmptySegment),
                ("a\0b", UnsafeName::Nul),
            ] {
                assert_eq!(LocalPath::from_key(key, platform), Err(reason), "{key:?}");
            }
        }
    }

    #[test]
    fn ordinary_names_with_dots_are_fine() {
        for key in ["file..txt", "..a", "...a", ".hidden", "a b/c", "Müller/日本.txt", "a/b/c.tar.gz"] {
            for platform in [Platform::Unix, Platform::Windows] {
                assert!(LocalPath::from_key(key, platform).is_ok(), "{key:?}");
            }
        }
    }

    #[test]
    fn windows_refuses_devices_streams_and_what_it_would_silently_rename() {
        for (key, reason) in [
            ("C:\\x", UnsafeName::ForbiddenCharacter),
            ("..\\x", UnsafeName::ForbiddenCharacter),
            ("a:stream", UnsafeName::ForbiddenCharacter),
            ("what?", UnsafeName::ForbiddenCharacter),
            ("a\u{1}", UnsafeName::ForbiddenCharacter),
            ("nul", UnsafeName::DeviceName),
            ("a/CON.txt", UnsafeName::DeviceName),
            ("aux .log.gz", UnsafeName::DeviceName),
            ("com1", UnsafeName::DeviceName),
            ("LPT².x", UnsafeName::DeviceName),
            ("conin$", UnsafeName::DeviceName),
            ("a.", UnsafeName::TrailingDotOrSpace),
            ("a./b", UnsafeName::TrailingDotOrSpace),
            ("...", UnsafeName::TrailingDotOrSpace),
            ("a ", UnsafeName::TrailingDotOrSpace),
        ] {
            assert_eq!(LocalPath::from_key(key, Platform::Windows), Err(reason), "{key:?}");
            assert!(LocalPath::from_key(key, Platform::Unix).is_ok(), "{key:?}");
        }
        for key in ["console", "com", "com10", "nulls.txt", "lpt", "auxiliary"] {
            assert!(LocalPath::from_key(key, Platform::Windows).is_ok(), "{key:?}");
        }
    }

    fn path(key: &str) -> LocalPath {
        LocalPath::from_key(key, Platform::Unix).unwrap()
    }

    #[test]
    fn the_second_of_two_keys_with_one_local_name_is_refused() {
        let mut here = Claims::new(false);
        assert_eq!(here.claim(&path("a")), Ok(()));
        assert_eq!(here.claim(&path("A")), Ok(()));
        assert_eq!(here.claim(&path("a")), Err(UnsafeName::Taken));
        assert_eq!(here.claim(&path("a/b")), Err(UnsafeName::FileAndDirectory));
        assert_eq!(here.claim(&path("d/e/f")), Ok(()));
        assert_eq!(here.claim(&path("d/e")), Err(UnsafeName::FileAndDirectory));
        assert_eq!(here.claim(&path("d/e/g")), Ok(()));
        assert_eq!(here.claim_directory(&path("d/e")), Ok(()));
        assert_eq!(here.claim_directory(&path("a/x")), Err(UnsafeName::FileAndDirectory));
    }

    #[test]
    fn capitals_are_one_name_where_the_file_system_ignores_them() {
        let mut there = Claims::new(true);
        assert_eq!(there.claim(&path("Straße/Ä")), Ok(()));
        assert_eq!(there.claim(&path("STRASSE/ä")), Err(UnsafeName::Taken));
        assert_eq!(there.claim(&path("straße")), Err(UnsafeName::FileAndDirectory));
        assert_eq!(there.claim(&path("STRAßE/b")), Ok(()));
    }

    proptest! {
        #[test]
        fn what_passes_stays_below_the_destination(key in "[a./\\\\:C\\x00 ]{0,12}") {
            for platform in [Platform::Unix, Platform::Windows] {
                if let Ok(path) = LocalPath::from_key(&key, platform) {
                    for segment in &path.segments {
                        prop_assert!(!segment.is_empty() && segment != "." && segment != "..");
                        prop_assert!(!segment.contains(['/', '\0']));
                        if platform == Platform::Windows {
                            prop_assert!(!segment.contains(['\\', ':']));
                        }
                    }
                }
            }
        }
    }
}
