//! Which browser: one that is named, else the first that is installed. Nothing is started here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::BrowserError;
use crate::config::Environment;

/// The names they have on `PATH`, the ones that most people have first.
///
/// Source: the packages of the makers and of Linux distributions.
const NAMES: &[&str] = &[
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
    "chromium",
    "chromium-browser",
];
/// Where macOS has them, in `/Applications` or a person's own.
const APPLICATIONS: &[&str] = &[
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
];

/// Which browser to start, and how.
#[derive(Debug, Clone, Default)]
pub struct BrowserChoice {
    /// The one that is named, by its path or a name on `PATH`.
    pub named: Option<PathBuf>,
    /// Flags beside those that are needed.
    pub flags: Vec<String>,
    /// `PATH`.
    pub search: Option<OsString>,
    /// Where a person's own applications are.
    pub home: Option<PathBuf>,
}

impl BrowserChoice {
    /// What the environment and a profile say; the environment wins.
    pub fn new(environment: &Environment, profile: Option<&Path>) -> Self {
        let flags = environment.browser_flags.as_deref().unwrap_or_default();
        Self {
            named: environment.browser_path.clone().or_else(|| profile.map(ToOwned::to_owned)),
            flags: flags.split_whitespace().map(ToOwned::to_owned).collect(),
            search: environment.path.clone(),
            home: environment.home.clone(),
        }
    }

    /// The browser's program.
    ///
    /// # Errors
    /// [`BrowserError::NoSuchProgram`], [`BrowserError::NotFound`].
    pub fn find(&self) -> Result<PathBuf, BrowserError> {
        if let Some(named) = &self.named {
            let found = if named.components().count() > 1 { Some(named.clone()) } else { self.on_path(named) };
            let there = found.filter(|path| path.is_file());
            return there.ok_or_else(|| BrowserError::NoSuchProgram { path: named.clone() });
        }
        let mut applications = self.applications().into_iter().filter(|path| path.is_file());
        let mut names = NAMES.iter().filter_map(|name| self.on_path(Path::new(name)));
        applications.next().or_else(|| names.next()).ok_or(BrowserError::NotFound)
    }

    fn on_path(&self, name: &Path) -> Option<PathBuf> {
        let folders = std::env::split_paths(self.search.as_ref()?);
        // A relative folder would be somebody else's, depending on where one stands.
        folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(|path| path.is_file())
    }

    fn applications(&self) -> Vec<PathBuf> {
        if !cfg!(target_os = "macos") {
            return Vec::new();
        }
        let own = self.home.as_ref().map(|home| home.join("Applications"));
        let folders = [Some(PathBuf::from("/Applications")), own];
        APPLICATIONS.iter().flat_map(|name| folders.iter().flatten().map(move |folder| folder.join(name))).collect()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn installed(names: &[&str]) -> (tempfile::TempDir, BrowserChoice) {
        let folder = tempfile::tempdir().expect("a temporary directory");
        for name in names {
            std::fs::write(folder.path().join(name), "").expect("our own directory");
        }
        let choice = BrowserChoice { search: Some(folder.path().into()), ..BrowserChoice::default() };
        (folder, choice)
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_first_that_is_installed_is_taken() {
        let (folder, choice) = installed(&["chromium", "microsoft-edge", "firefox"]);
        assert_eq!(choice.find().unwrap(), folder.path().join("microsoft-edge"));
        let (_folder, none) = installed(&["firefox"]);
        assert_eq!(none.find(), Err(BrowserError::NotFound));
        assert_eq!(BrowserChoice::default().find(), Err(BrowserError::NotFound));
    }

    #[test]
    fn a_browser_that_is_named_is_that_or_none() {
        let (folder, choice) = installed(&["chromium", "brave"]);
        let named = |path: PathBuf| BrowserChoice { named: Some(path), ..choice.clone() }.find();
        assert_eq!(named("brave".into()).unwrap(), folder.path().join("brave"));
        assert_eq!(named(folder.path().join("brave")).unwrap(), folder.path().join("brave"));
        assert!(matches!(named("vivaldi".into()), Err(BrowserError::NoSuchProgram { .. })));
        assert!(matches!(named(folder.path().join("x")), Err(BrowserError::NoSuchProgram { .. })));
    }

    #[test]
    fn the_environment_wins_over_the_profile() {
        let environment = Environment::from_pairs([
            ("SECURECART_BROWSER_PATH", "/opt/chrome"),
            ("SECURECART_BROWSER_FLAGS", " --headless=new  --no-sandbox "),
        ]);
        let choice = BrowserChoice::new(&environment, Some(Path::new("/opt/edge")));
        assert_eq!(choice.named.as_deref(), Some(Path::new("/opt/chrome")));
        assert_eq!(choice.flags, ["--headless=new", "--no-sandbox"]);
        let choice = BrowserChoice::new(&Environment::default(), Some(Path::new("/opt/edge")));
        assert_eq!(choice.named.as_deref(), Some(Path::new("/opt/edge")));
    }
}
