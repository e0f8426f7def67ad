//! What is known of a profile before it is written, and what is missing. Pure.

use crate::cli::configure::{ConfigureArgs, Elsewhere, MethodChoice};
use crate::config::EncryptionChoice;
use crate::config::arn::RoleArn;
use crate::config::aws_config::FoundSso;
use crate::config::document::Section;
use crate::config::names::{AccountId, BucketName, ProfileName, Region, RoleName, SafeUrl, SessionDuration, StartUrl};
use crate::config::profile::{ProviderChoice, StoreChoice};
use crate::config::profile_table::Setting;
use crate::signin::saml::{adfs_application, product_of};

/// A profile in the making; what is `None` isn't written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) method: Option<MethodChoice>,
    pub(super) url: Option<SafeUrl>,
    pub(super) provider: Option<ProviderChoice>,
    pub(super) client_id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) username: Option<String>,
    pub(super) mfa: Option<String>,
    pub(super) issuer: Option<SafeUrl>,
    pub(super) token_file: Option<String>,
    pub(super) token_env: Option<String>,
    pub(super) role_arn: Option<RoleArn>,
    pub(super) elsewhere: Elsewhere,
    pub(super) session_duration: Option<SessionDuration>,
    pub(super) start_url: Option<StartUrl>,
    pub(super) sso_region: Option<Region>,
    pub(super) account_id: Option<AccountId>,
    pub(super) role_name: Option<RoleName>,
    pub(super) region: Option<Region>,
    pub(super) bucket: Option<BucketName>,
    pub(super) folder: Option<String>,
    pub(super) keychain: Option<StoreChoice>,
    pub(super) auto_login: Option<bool>,
    pub(super) encryption: Option<EncryptionChoice>,
    pub(super) kms_key_id: Option<String>,
    pub(super) endpoint_url: Option<SafeUrl>,
}

impl Draft {
    /// What was typed.
    pub(super) fn from_args(args: &ConfigureArgs) -> Self {
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
    pub(super) fn from_section(section: &Section<'_>) -> Self {
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
            start_url: section.parsed("start_url").ok().flatten(),
            sso_region: section.parsed("sso_region").ok().flatten(),
            region: section.parsed("region").ok().flatten(),
            bucket: section.parsed("bucket").ok().flatten(),
            keychain: section.text("keychain").ok().flatten().and_then(|named| store_named(named.value)),
            ..Self::default()
        }
    }

    /// What another tool's profile says, as far as it makes sense.
    pub(super) fn from_import(found: &FoundSso) -> Self {
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
    pub(super) fn over(self, below: Self) -> Self {
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

    pub(super) fn told_method(&self) -> Option<MethodChoice> {
        match (self.method.or(self.elsewhere.method()), &self.url, &self.start_url) {
            (Some(method), _, _) => Some(method),
            (None, Some(_), None) => Some(MethodChoice::Saml),
            (None, None, None) if self.tells_oidc() => Some(MethodChoice::Oidc),
            _ => None,
        }
    }

    fn tells_oidc(&self) -> bool {
        self.issuer.is_some() || self.token_file.is_some() || self.token_env.is_some()
    }

    /// Whether it is for an OpenID Connect provider.
    pub(super) fn is_oidc(&self) -> bool {
        self.told_method() == Some(MethodChoice::Oidc)
    }

    /// Whether it is for a SAML provider.
    pub(super) fn is_saml(&self) -> bool {
        matches!(self.told_method(), Some(MethodChoice::Saml | MethodChoice::Browser))
    }

    /// Whether it signs in nowhere: its credentials come from another profile, or are there.
    pub(super) fn is_from_elsewhere(&self) -> bool {
        matches!(self.told_method(), Some(MethodChoice::Role | MethodChoice::Aws))
    }

    /// Without the region, when that belongs to a portal other than the one that was typed.
    pub(super) fn of_portal(mut self, typed: Option<&StartUrl>) -> Self {
        if typed.is_some_and(|typed| self.start_url.as_ref() != Some(typed)) {
            self.sso_region = None;
        }
        self
    }

    /// Fills in the region of Identity Center where the portal's address or another profile tells it.
    pub(super) fn guess(mut self, found: &[FoundSso]) -> Self {
        if let (None, Some(url)) = (&self.sso_region, &self.start_url) {
            self.sso_region = region_of_portal(url).or_else(|| region_of_same_portal(url, found));
        }
        self
    }

    /// Which product the provider is: said, or told by the URL.
    pub(super) fn product(&self) -> Option<ProviderChoice> {
        self.provider.or_else(|| product_of(self.url.as_ref()?.as_url()))
    }

    /// Completes what the product and its URL tell.
    pub(super) fn recognised(mut self) -> Self {
        self.provider = self.product();
        if let (Some(ProviderChoice::Adfs), Some(url)) = (self.provider, &self.url) {
            let govcloud = self.region.as_ref().is_some_and(|region| region.as_str().starts_with("us-gov-"));
            self.url = adfs_application(url.as_url(), govcloud).as_str().parse().ok();
        }
        self
    }

    /// The options that still have to be given.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let mut missing = Vec::new();
        if self.is_saml() {
            missing.extend(self.url.is_none().then_some("--url"));
            let in_browser = self.method == Some(MethodChoice::Browser);
            if self.product() == Some(ProviderChoice::OneLogin) && !in_browser {
                missing.extend(self.client_id.is_none().then_some("--client-id"));
                missing.extend(self.app_id.is_none().then_some("--app-id"));
            }
            missing.extend(self.region.is_none().then_some("--region"));
            return missing;
        }
        if self.told_method() == Some(MethodChoice::Role) {
            missing.extend(self.elsewhere.source.is_none().then_some("--source"));
            missing.extend(self.role_arn.is_none().then_some("--role-arn"));
            return missing;
        }
        if self.told_method() == Some(MethodChoice::Aws) {
            missing.extend(self.region.is_none().then_some("--region"));
            return missing;
        }
        if self.is_oidc() {
            missing.extend(self.role_arn.is_none().then_some("--role-arn"));
            missing.extend((self.issuer.is_none() && self.client_id.is_some()).then_some("--issuer"));
            missing.extend((self.issuer.is_some() && self.client_id.is_none()).then_some("--client-id"));
            missing.extend(self.region.is_none().then_some("--region"));
            return missing;
        }
        if self.start_url.is_none() {
            missing.push("--start-url");
        }
        if self.sso_region.is_none() {
            missing.push("--sso-region");
        }
        missing
    }

    /// The keys to write.
    pub(super) fn settings(&self) -> Vec<(&'static str, Setting)> {
        fn text(value: &Option<impl ToString>) -> Option<Setting> {
            value.as_ref().map(|value| Setting::Text(value.to_string()))
        }
        let keychain = self.keychain.map(|store| Setting::Text(store_name(store)));
        let encryption = self.encryption.map(|kind| Setting::Text(kind.as_str().to_owned()));
        let settings = [
            ("method", self.told_method().map(|method| Setting::Text(method_name(method)))),
            ("url", text(&self.url)),
            ("provider", self.provider.map(|product| Setting::Text(product.as_str().to_owned()))),
            ("client_id", text(&self.client_id)),
            ("app_id", text(&self.app_id)),
            ("username", text(&self.username)),
            ("mfa", text(&self.mfa)),
            ("issuer", text(&self.issuer)),
            ("token_file", text(&self.token_file)),
            ("token_env", text(&self.token_env)),
            ("role_arn", text(&self.role_arn)),
            ("session_duration", text(&self.session_duration)),
            ("start_url", text(&self.start_url)),
            ("sso_region", text(&self.sso_region)),
            ("account_id", text(&self.account_id)),
            ("role_name", text(&self.role_name)),
            ("region", text(&self.region)),
            ("bucket", text(&self.bucket)),
            ("folder", text(&self.folder)),
            ("keychain", keychain),
            ("auto_login", self.auto_login.map(Setting::Flag)),
            ("encryption", encryption),
            ("kms_key_id", text(&self.kms_key_id)),
            ("endpoint_url", text(&self.endpoint_url)),
        ];
        let elsewhere = self.elsewhere.settings();
        settings.into_iter().chain(elsewhere).filter_map(|(key, setting)| Some((key, setting?))).collect()
    }
}

/// A store's name in `config.toml`.
pub(super) fn store_name(store: StoreChoice) -> String {
    clap::ValueEnum::to_possible_value(&store).map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn method_name(method: MethodChoice) -> String {
    clap::ValueEnum::to_possible_value(&method).map(|value| value.get_name().to_owned()).unwrap_or_default()
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

/// The region in a portal's host name, as in `ssoins-1234.portal.eu-west-1.app.aws`.
///
/// The first label is the organisation's own and may look like anything.
pub(super) fn region_of_portal(url: &StartUrl) -> Option<Region> {
    let url = url::Url::parse(url.as_str()).ok()?;
    let numbered = |label: &&str| label.rsplit('-').next().is_some_and(|last| last.parse::<u8>().is_ok());
    url.host_str()?.split('.').skip(1).filter(numbered).find_map(|label| label.parse().ok())
}

fn region_of_same_portal(url: &StartUrl, found: &[FoundSso]) -> Option<Region> {
    let same = |sso: &&FoundSso| sso.start_url.parse::<StartUrl>().is_ok_and(|other| other == *url);
    found.iter().filter(same).find_map(|sso| sso.sso_region.as_deref()?.parse().ok())
}

/// The name of a profile nobody named.
pub(super) fn default_name() -> ProfileName {
    "securecart".parse().expect("it is a legal name")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::aws_config::parse_sso;

    fn url(text: &str) -> StartUrl {
        text.parse().expect(text)
    }

    #[test]
    fn the_region_is_taken_from_portals_that_name_it() {
        let guess = |text| region_of_portal(&url(text)).map(|region| region.to_string());
        assert_eq!(guess("https://ssoins-1234.portal.eu-west-1.app.aws").as_deref(), Some("eu-west-1"));
        assert_eq!(guess("https://start.cn-north-1.home.awsapps.cn/directory/d-1").as_deref(), Some("cn-north-1"));
        assert_eq!(guess("https://start.us-gov-home.awsapps.com/directory/d-1"), None);
        assert_eq!(guess("https://acme-dev-1.awsapps.com/start"), None);
    }

    #[test]
    fn the_region_is_taken_from_a_profile_with_the_same_portal() {
        let found = parse_sso(
            "[profile a]\nsso_start_url = https://other.awsapps.com/start\nsso_region = us-east-1\n\
             [sso-session b]\nsso_start_url = https://example.awsapps.com/start/#/\nsso_region = eu-west-3\n",
        );
        let draft = Draft { start_url: Some(url("https://example.awsapps.com/start")), ..Draft::default() };
        assert_eq!(draft.missing(), ["--sso-region"]);
        assert_eq!(draft.guess(&found).sso_region.expect("a guess").as_str(), "eu-west-3");
    }

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
    fn a_url_of_an_application_tells_the_method() {
        let flags = Draft { url: Some("https://sso.example.com/app".parse().unwrap()), ..Draft::default() };
        assert!(flags.is_saml());
        assert_eq!(flags.missing(), ["--region"]);
        let there = Draft { region: Some("eu-west-1".parse().unwrap()), ..Draft::default() };
        let draft = flags.over(there);
        assert!(draft.missing().is_empty());
        assert!(draft.settings().contains(&("method", Setting::Text("saml".to_owned()))));
        // A profile of a portal stays one, and says no more than it did.
        let portal = Draft { start_url: Some(url("https://example.awsapps.com/start")), ..Draft::default() };
        assert!(!portal.is_saml() && portal.settings().iter().all(|(key, _)| *key != "method"));
    }

    #[test]
    fn the_url_tells_the_product_and_what_it_needs() {
        let of = |url: &str| Draft {
            url: Some(url.parse().unwrap()),
            region: Some("eu-west-1".parse().unwrap()),
            ..Draft::default()
        };
        let adfs = of("https://sts.example.com/adfs").recognised();
        assert_eq!(adfs.provider, Some(ProviderChoice::Adfs));
        assert!(
            adfs.url.unwrap().as_str().ends_with("/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices")
        );
        assert_eq!(of("https://example.onelogin.com/x").missing(), ["--client-id", "--app-id"]);
        assert!(of("https://example.okta.com/app/aws/exk1/sso/saml").missing().is_empty());
        assert_eq!(of("https://sso.example.com/app").recognised().provider, None);
        let there = Draft {
            client_id: Some("c".into()),
            provider: Some(ProviderChoice::OneLogin),
            ..of("https://example.onelogin.com/x")
        };
        let moved = of("https://sso.example.com/app").over(there.clone());
        assert_eq!((moved.provider, moved.client_id), (None, None), "another provider's is not kept");
        assert_eq!(Draft::default().over(there.clone()), there);
    }

    #[test]
    fn another_portal_does_not_keep_the_old_ones_region() {
        let there = Draft {
            start_url: Some(url("https://old.awsapps.com/start")),
            sso_region: Some("eu-west-1".parse().expect("a region")),
            ..Draft::default()
        };
        assert_eq!(there.clone().of_portal(Some(&url("https://new.awsapps.com/start"))).sso_region, None);
        assert_eq!(there.clone().of_portal(there.start_url.as_ref()), there);
        assert_eq!(there.clone().of_portal(None), there);
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
