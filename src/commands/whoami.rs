//! `securecart whoami`: what AWS says, now.

use super::interrupt::{small_runtime, unless_interrupted};
use super::setup::Context;
use crate::cli::WhoamiArgs;
use crate::config::names::RoleName;
use crate::error::Result;

#[derive(serde::Serialize)]
struct Report<'a> {
    profile: &'a str,
    user_id: &'a str,
    arn: &'a str,
    account_id: &'a str,
    role_name: Option<&'a str>,
    folder: Option<String>,
}

/// Runs it.
///
/// # Errors
/// Not signed in, or STS could not be asked.
pub fn run(args: &WhoamiArgs, context: &Context) -> Result<()> {
    let setup = context.setup()?;
    let http = setup.http()?;
    let signed_in = setup.provider().obtain(&*setup.method(&http))?;
    let asked = setup.fetch_identity(&http, &signed_in.credentials);
    let identity = small_runtime()?.block_on(unless_interrupted(asked))?;
    let folder = match &setup.profile.bucket {
        Some(bucket) => Some(format!("s3://{bucket}/{}", super::own_folder::prefix(&setup.profile, &identity)?)),
        None => None,
    };
    let report = Report {
        profile: setup.profile.name.as_str(),
        user_id: &identity.user_id,
        arn: &identity.arn,
        account_id: identity.account_id.as_str(),
        role_name: signed_in.role_name.as_ref().map(RoleName::as_str),
        folder,
    };
    if args.json {
        return context.ui.data_json(&report);
    }
    context.ui.data(format_args!(
        "user id  {}\narn      {}\naccount  {}\nrole     {}\nfolder   {}",
        report.user_id,
        report.arn,
        report.account_id,
        report.role_name.unwrap_or("(an IAM user)"),
        report.folder.as_deref().unwrap_or("(the profile names no bucket)")
    ))
}
