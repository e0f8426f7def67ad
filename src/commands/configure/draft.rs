//! What is known of a profile before it is written, and what is missing. Pure.

mod layers;

use crate::cli::configure::{Elsewhere, MethodChoice, RoleSession};
use crate::config::EncryptionChoice;
use crate::config::arn::RoleArn;
use crate::config::aws_config::FoundSso;
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
    pub(super) session: RoleSession,
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
        let elsewhere = self.elsewhere.settings().chain(self.session.settings());
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
}
