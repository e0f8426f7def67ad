//! Where things are on this machine: paths only, nothing is created or read.

use std::path::PathBuf;

use super::environment::Environment;
use super::error::ConfigError;

/// The places this program and the AWS tools keep files in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directories {
    /// `config.toml`.
    pub config_file: PathBuf,
    /// Locks, the index of what is kept, encrypted files, upload journals.
    pub state: PathBuf,
}

impl Directories {
    /// The variables' places, else the operating system's customary ones.
    ///
    /// | | Linux | macOS | Windows |
    /// |---|---|---|---|
    /// | `config.toml` in | `$XDG_CONFIG_HOME/securecart` | `~/Library/Application Support/securecart` | `%APPDATA%\securecart\config` |
    /// | state | `$XDG_STATE_HOME/securecart` | `~/Library/Application Support/securecart` | `%LOCALAPPDATA%\securecart\data` |
    ///
    /// # Errors
    /// [`ConfigError::NoHome`] when neither the variables nor the system tell.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        if let (Some(config_file), Some(state)) = (&environment.config_file, &environment.state_dir) {
            return Ok(Self { config_file: config_file.clone(), state: state.clone() });
        }
        let customary = directories::ProjectDirs::from("", "", "securecart").ok_or(ConfigError::NoHome)?;
        let state = || customary.state_dir().unwrap_or(customary.data_local_dir()).to_owned();
        Ok(Self {
            config_file: environment.config_file.clone().unwrap_or_else(|| customary.config_dir().join("config.toml")),
            state: environment.state_dir.clone().unwrap_or_else(state),
        })
    }
}

/// The AWS tools' own configuration: `AWS_CONFIG_FILE`, else `~/.aws/config`.
///
/// # Errors
/// [`ConfigError::NoHome`] when there is no home folder.
pub fn aws_config_file(environment: &Environment) -> Result<PathBuf, ConfigError> {
    aws_file(environment, environment.aws.config_file.as_ref(), "config")
}

/// Where the AWS tools keep their own Identity Center tokens, whatever their other variables say.
///
/// # Errors
/// [`ConfigError::NoHome`] when there is no home folder.
pub fn aws_sso_cache(environment: &Environment) -> Result<PathBuf, ConfigError> {
    Ok(aws_file(environment, None, "sso")?.join("cache"))
}

/// The AWS tools' file of long-lived keys: `AWS_SHARED_CREDENTIALS_FILE`, else `~/.aws/credentials`.
///
/// # Errors
/// [`ConfigError::NoHome`] when there is no home folder.
pub fn aws_credentials_file(environment: &Environment) -> Result<PathBuf, ConfigError> {
    aws_file(environment, environment.aws.credentials_file.as_ref(), "credentials")
}

fn aws_file(environment: &Environment, named: Option<&PathBuf>, name: &str) -> Result<PathBuf, ConfigError> {
    let home = || {
        environment
            .home
            .clone()
            .or_else(|| directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()))
            .ok_or(ConfigError::NoHome)
    };
    match named {
        // The AWS tools expand a leading `~` themselves, since no shell does it inside quotes or a service file.
        Some(path) => match path.strip_prefix("~") {
            Ok(rest) => Ok(home()?.join(rest)),
            Err(_) => Ok(path.clone()),
        },
        None => Ok(home()?.join(".aws").join(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn the_variables_win_over_the_customary_places() {
        let environment = Environment::from_pairs([("SECURECART_CONFIG", "/c.toml"), ("SECURECART_STATE_DIR", "/s")]);
        let directories = Directories::new(&environment).expect("both are given");
        assert_eq!(
            (directories.config_file.as_path(), directories.state.as_path()),
            (Path::new("/c.toml"), Path::new("/s"))
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_aws_file_is_where_the_aws_tools_look() {
        let at = |pairs: &[(&str, &str)]| {
            aws_config_file(&Environment::from_pairs(pairs.iter().copied())).expect("a home folder")
        };
        assert_eq!(at(&[("HOME", "/home/a")]), Path::new("/home/a/.aws/config"));
        assert_eq!(at(&[("HOME", "/home/a"), ("AWS_CONFIG_FILE", "~/x")]), Path::new("/home/a/x"));
        assert_eq!(at(&[("HOME", "/home/a"), ("AWS_CONFIG_FILE", "/etc/aws")]), Path::new("/etc/aws"));
    }
}
