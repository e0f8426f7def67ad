//! Drafts of what was typed, of what the file says and of what other tools have, laid over each other. Pure.

use super::Draft;
use crate::cli::configure::{ConfigureArgs, Elsewhere, MethodChoice, RoleSession};
use crate::config::aws_config::FoundSso;
use crate::config::document::Section;
use crate::config::names::SafeUrl;
use crate::config::profile::{ProviderChoice, StoreChoice};

impl Draft {
    /// What was typed.
    pub(in crate::commands::configure) fn from_args(args: &ConfigureArgs) -> Self {
        Self {
            method: args.method,
            url: args.url.clone(),
            provider: args.provider,
            client_id: args.client_id.clone(),
            app_id: args.app_id.clone(),
            username: args.username.clone(),
            mfa: args.mfa.clone(),
            issuer: args.issuer.clone(),
            token_file: args.token_file.clone(),
            token_env: args.token_env.clone(),
            role_arn: args.role_arn.clone(),
            elsewhere: args.elsewhere.clone(),
            session: args.session.clone(),
            session_duration: args.session_duration,
            start_url: args.start_url.clone(),
            sso_region: args.sso_region.clone(),
            account_id: args.account_id.clone(),
            role_name: args.role_name.clone(),
            region: args.region.clone(),
            bucket: args.bucket.clone(),
            folder: args.folder.as_ref().map(ToString::to_string),
            keychain: args.keychain,
            auto_login: args.auto_login,
            encryption: args.encryption,
            kms_key_id: args.kms_key_id.clone(),
            endpoint_url: args.endpoint_url.clone(),
        }
    }

    /// What the profile says already, as far as it makes sense: it may be what is being repaired.
    pub(in crate::commands::configure) fn from_section(section: &Section<'_>) -> Self {
        let text = |key: &'static str| section.text(key).ok().flatten().map(|text| text.value.to_owned());
        let method = text("method").and_then(|named| method_named(&named));
        Self {
            method,
            url: section.parsed("url").ok().flatten(),
            provider: section.text("provider").ok().flatten().and_then(|named| provider_named(named.value)),
            client_id: text("client_id"),
            app_id: text("app_id"),
            username: text("username"),
            issuer: section.parsed("issuer").ok().flatten(),
            token_file: text("token_file"),
            token_env: text("token_env"),
            role_arn: section.parsed("role_arn").ok().flatten(),
            elsewhere: Elsewhere::from_section(section),
            session: RoleSession::from_section(section),
            start_url: section.parsed("start_url").ok().flatten(),
            sso_region: section.parsed("sso_region").ok().flatten(),
            region: section.parsed("region").ok().flatten(),
            bucket: section.parsed("bucket").ok().flatten(),
            keychain: section.text("keychain").ok().flatten().and_then(|named| store_named(named.value)),
            ..Self::default()
        }
    }

    /// What another tool's profile says, as far as it makes sense.
    pub(in crate::commands::configure) fn from_import(found: &FoundSso) -> Self {
        fn parsed<T: std::str::FromStr>(text: &Option<String>) -> Option<T> {
            text.as_deref()?.parse().ok()
        }
        Self {
            start_url: found.start_url.parse().ok(),
            sso_region: parsed(&found.sso_region),
            account_id: parsed(&found.account_id),
            role_name: parsed(&found.role_name),
            region: parsed(&found.region),
            ..Self::default()
        }
    }

    /// This draft, with another's values where it has none.
    pub(in crate::commands::configure) fn over(self, below: Self) -> Self {
        // A URL that was typed tells the method; what another layer said is for another way of signing in.
        let method = self.told_method().or(below.method);
        // So does it tell the product: another provider's isn't kept.
        let same_host =
            |other: &SafeUrl| self.url.as_ref().is_none_or(|url| url.as_url().origin() == other.as_url().origin());
        let same = below.url.as_ref().is_none_or(same_host);
        let kept = |value: Option<String>| value.filter(|_| same);
        Self {
            method,
            provider: self.provider.or(below.provider.filter(|_| same)),
            client_id: self.client_id.or(kept(below.client_id)),
            app_id: self.app_id.or(kept(below.app_id)),
            url: self.url.or(below.url),
            username: self.username.or(below.username),
            mfa: self.mfa.or(below.mfa),
            issuer: self.issuer.or(below.issuer),
            token_file: self.token_file.or(below.token_file),
            token_env: self.token_env.or(below.token_env),
            role_arn: self.role_arn.or(below.role_arn),
            elsewhere: self.elsewhere.over(below.elsewhere),
            session: self.session.over(below.session),
            session_duration: self.session_duration.or(below.session_duration),
            start_url: self.start_url.or(below.start_url),
            sso_region: self.sso_region.or(below.sso_region),
            account_id: self.account_id.or(below.account_id),
            role_name: self.role_name.or(below.role_name),
            region: self.region.or(below.region),
            bucket: self.bucket.or(below.bucket),
            folder: self.folder.or(below.folder),
            keychain: self.keychain.or(below.keychain),
            auto_login: self.auto_login.or(below.auto_login),
            encryption: self.encryption.or(below.encryption),
            kms_key_id: self.kms_key_id.or(below.kms_key_id),
            endpoint_url: self.endpoint_url.or(below.endpoint_url),
        }
    }
}

fn method_named(name: &str) -> Option<MethodChoice> {
    <MethodChoice as clap::ValueEnum>::from_str(name, false).ok()
}

fn provider_named(name: &str) -> Option<ProviderChoice> {
    <ProviderChoice as clap::ValueEnum>::from_str(name, false).ok()
}

fn store_named(name: &str) -> Option<StoreChoice> {
    <StoreChoice as clap::ValueEnum>::from_str(name, false).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_profile_says_already_is_offered_even_when_the_rest_is_wrong() {
        use crate::config::document::Document;
        let text = "[profile.docs]\nkeychain = 'file'\nregion = 'Mars'\nbucket = 'docs-bucket'\n";
        let document = Document::parse("config.toml".as_ref(), text).expect("it is TOML");
        let draft = Draft::from_section(&document.profile("docs").expect("a table").expect("it is there"));
        assert_eq!(draft.keychain, Some(StoreChoice::File));
        assert_eq!(draft.bucket.map(|bucket| bucket.to_string()).as_deref(), Some("docs-bucket"));
        assert_eq!(draft.region, None);
    }

    #[test]
    fn flags_win_over_an_import_and_that_over_what_is_there() {
        let draft = |bucket: Option<&str>, region: Option<&str>| Draft {
            bucket: bucket.map(|name| name.parse().expect(name)),
            region: region.map(|name| name.parse().expect(name)),
            ..Draft::default()
        };
        let all =
            draft(Some("flag"), None).over(draft(Some("import"), Some("eu-west-1"))).over(draft(None, Some("a-b-1")));
        assert_eq!(all, draft(Some("flag"), Some("eu-west-1")));
    }
}
