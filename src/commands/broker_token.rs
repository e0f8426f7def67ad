//! `securecart broker-token`: a session for somebody else, limited to their folder.

use super::interrupt::{small_runtime, unless_interrupted};
use super::setup::{Context, Setup};
use super::{env, own_folder};
use crate::cli::BrokerTokenArgs;
use crate::config::profile::Method;
use crate::config::session::SessionPolicy;
use crate::config::{Profile, load};
use crate::credentials::{Caller, credential_variables, process_output, setting_variables};
use crate::error::{Error, Kind, Result};
use crate::folder::own_folder_policy;
use crate::http::Http;
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::sts::Sts;
use crate::ui::time;

/// Runs it.
///
/// # Errors
/// [`Kind::Usage`] when the profile's credentials are not an IAM user's own keys; what STS says.
pub fn run(args: &BrokerTokenArgs, context: &Context) -> Result<()> {
    let shell = match args.shell {
        _ if args.json => None,
        Some(shell) => Some(shell),
        None => Some(env::detect(&context.environment)?),
    };
    let setup = context.setup()?;
    let http = setup.http()?;
    let caller = small_runtime()?.block_on(unless_interrupted(own_keys(&setup, &http)))?;
    let made = small_runtime()?.block_on(unless_interrupted(federate(args, &setup.profile, &http, caller)))?;
    let Made { credentials, identity, folder } = made;
    let until = time::local(credentials.expiration);
    context.ui.say(format_args!("{} may use {folder} until {until}", identity.user_id));
    let Some(shell) = shell else {
        return context.ui.data_bytes(&process_output(&credentials, &identity.account_id));
    };
    let own = load(&context.environment.without_endpoints(), &context.overrides)?.profile;
    let mut variables = credential_variables(&credentials, &identity.account_id);
    variables.extend(setting_variables(&own.region, &own.endpoints));
    env::print(shell, &variables, context)
}

/// The broker's own keys, which AWS gives federated users for, and for no others.
async fn own_keys(setup: &Setup, http: &Http) -> Result<Caller> {
    let refuse = |problem: &str| {
        let name = &setup.profile.name;
        Error::usage(format!(
            "AWS makes federated users only for an IAM user's own keys, and profile `{name}` {problem}"
        ))
        .with_hint("use a profile with `method = \"aws\"` whose source has the broker's keys")
    };
    if !matches!(setup.profile.method, Method::Aws(_)) {
        return Err(refuse("signs in as a role"));
    }
    let caller = setup.method(http).caller().await?.ok_or_else(|| refuse("exchanges them for a session with MFA"))?;
    if caller.credentials.session_token().is_some() {
        return Err(refuse("has temporary ones"));
    }
    Ok(caller)
}

struct Made {
    credentials: RoleCredentials,
    identity: CallerIdentity,
    folder: String,
}

async fn federate(args: &BrokerTokenArgs, profile: &Profile, http: &Http, caller: Caller) -> Result<Made> {
    let bucket = own_folder::bucket(profile)?;
    let sts = Sts::new(http, profile, caller.credentials);
    let account_id = sts.caller_identity().await?.account_id;
    // Source: IAM user guide, "Policy variables", values of `aws:userid`: for a federated user account:name.
    let wanted = CallerIdentity { user_id: format!("{account_id}:{}", args.name), arn: String::new(), account_id };
    let prefix = own_folder::prefix(profile, &wanted)?;
    let region = profile.bucket_region.as_ref().unwrap_or(&profile.region);
    let policy = own_folder_policy(bucket, region, &prefix, profile.encryption.as_ref());
    let policy: SessionPolicy =
        policy.to_string().parse().map_err(|error| Error::new(Kind::Failed, format!("the folder's {error}")))?;
    let seconds = args.duration.map(|duration| duration.seconds());
    let (credentials, identity) = sts.federation_token(&args.name, &policy, seconds).await?;
    // The policy was made for this one.
    if identity.user_id != wanted.user_id {
        return Err(Error::new(Kind::Failed, format!("STS made {} of {}", identity.user_id, wanted.user_id)));
    }
    Ok(Made { credentials, identity, folder: format!("s3://{bucket}/{prefix}") })
}
