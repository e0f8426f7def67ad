//! Whether each server in use can be reached, and whether its clock is ours.

use jiff::Timestamp;

use super::super::interrupt::{small_runtime, unless_interrupted};
use super::super::setup::Setup;
use super::finding::{Finding, Report};
use crate::config::Profile;
use crate::config::names::SafeUrl;
use crate::config::oidc::TokenSource;
use crate::config::profile::Method;
use crate::error::{Error, Kind, Result};
use crate::http::{Visit, complaint};

/// A clock that is further off than this deserves a word.
const NOTABLE_SECONDS: i64 = 60;

pub(super) fn check(setup: &Setup, report: &mut Report<'_>) -> Result<()> {
    let http = match setup.http() {
        Ok(http) => http,
        Err(error) => return report.add(Finding::fail("tls", &error)),
    };
    let mut ahead = None;
    let mut seen: Vec<SafeUrl> = Vec::new();
    for (check, url) in servers(&setup.profile)? {
        if seen.contains(&url) {
            continue;
        }
        let visit = async { Ok(http.visit(&url, Timestamp::now()).await?) };
        let visited: Result<Visit> = small_runtime()?.block_on(unless_interrupted(visit));
        match visited {
            Ok(visit) => {
                ahead = ahead.or(visit.ahead_seconds);
                report.add(Finding::ok(check, format!("{url} answers")))?;
            }
            Err(error) if error.kind == Kind::Interrupted => return Err(error),
            Err(error) => report.add(Finding::fail(check, &error))?,
        }
        seen.push(url);
    }
    report.add(clock(ahead))
}

fn clock(ahead_seconds: Option<i64>) -> Finding {
    let Some(ahead) = ahead_seconds else {
        return Finding::warn("clock", "no server said what time it is: not checked");
    };
    if let Some(complaint) = complaint(ahead) {
        let hint =
            "set the clock (`timedatectl set-ntp true` on Linux): AWS refuses what is signed 5 min early or late";
        return Finding::fail("clock", &Error::new(Kind::Failed, complaint).with_hint(hint));
    }
    match ahead.abs() {
        seconds if seconds > NOTABLE_SECONDS => {
            Finding::warn("clock", format!("off by {seconds} s; AWS tolerates 300"))
        }
        seconds => Finding::ok("clock", format!("within {} s of the server's", seconds.max(1))),
    }
}

/// What is called for this profile, each by its own name.
fn servers(profile: &Profile) -> Result<Vec<(&'static str, SafeUrl)>> {
    let Profile { endpoints, region, .. } = profile;
    let server = |check, endpoint: &Option<SafeUrl>, host: String| match endpoint {
        Some(url) => Ok((check, url.clone())),
        None => {
            let parsed = format!("https://{host}").parse().map_err(|problem| Error::usage(format!("{problem}")));
            parsed.map(|url| (check, url))
        }
    };
    let suffix = region.dns_suffix();
    // A chain begins where its root signs in.
    let root = profile.root();
    let (signing_in, endpoints_of_root) = (&root.method, &root.endpoints);
    let mut servers = match signing_in {
        Method::Sso(sso) => {
            let (region, suffix) = (&sso.sso_region, sso.sso_region.dns_suffix());
            vec![
                server("network: sso-oidc", &endpoints_of_root.sso_oidc, format!("oidc.{region}.{suffix}"))?,
                server("network: portal", &endpoints_of_root.sso, format!("portal.sso.{region}.{suffix}"))?,
            ]
        }
        Method::Saml(saml) => vec![("network: provider", saml.url.clone())],
        Method::Oidc(oidc) => match &oidc.source {
            TokenSource::Issuer(issuer) => vec![("network: provider", issuer.issuer.clone())],
            TokenSource::GithubActions { request_url: Some(url), .. } => {
                // The address itself is for asking for tokens.
                let origin = url.as_url().origin().ascii_serialization();
                let origin = origin.parse().map_err(|problem| Error::usage(format!("{problem}")))?;
                vec![("network: token", origin)]
            }
            _ => Vec::new(),
        },
        Method::Aws(_) | Method::Role(_) => Vec::new(),
    };
    servers.push(server("network: sts", &endpoints.sts, format!("sts.{region}.{suffix}"))?);
    if profile.bucket.is_some() {
        let region = profile.bucket_region.as_ref().unwrap_or(region);
        servers.push(server("network: s3", &endpoints.s3, format!("s3.{region}.{suffix}"))?);
    }
    Ok(servers)
}
