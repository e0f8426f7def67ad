//! `securecart roles`: what the person may assume.

use super::accounts::fetch_assignments;
use super::setup::Context;
use crate::cli::RolesArgs;
use crate::config::names::{AccountId, RoleName};
use crate::error::{Error, Kind, Result};
use crate::signin::sso::Assignment;
use crate::ui::table;

#[derive(serde::Serialize)]
struct Line<'a> {
    account_id: &'a AccountId,
    account_name: &'a str,
    role_name: &'a RoleName,
}

/// Runs it.
///
/// # Errors
/// Not signed in, or the portal could not be asked; [`Kind::Denied`] when nothing is assigned in the account.
pub fn run(args: &RolesArgs, context: &Context) -> Result<()> {
    let mut assignments = fetch_assignments(&context.setup()?)?;
    if let Some(wanted) = &args.account_id {
        assignments.retain(|assignment| assignment.account.id == *wanted);
        if assignments.is_empty() {
            return Err(Error::new(Kind::Denied, format!("no role in account {wanted} is assigned to you"))
                .with_hint("see your accounts with `securecart accounts`"));
        }
    }
    if args.json {
        return assignments.iter().try_for_each(|Assignment { account, role_name }| {
            context.ui.data_json(&Line { account_id: &account.id, account_name: &account.name, role_name })
        });
    }
    let rows: Vec<[String; 3]> = assignments
        .iter()
        .map(|Assignment { account, role_name }| [account.id.to_string(), account.name.clone(), role_name.to_string()])
        .collect();
    let text = table::people(["ACCOUNT", "NAME", "ROLE"], &rows, context.ui.stdout_is_terminal);
    context.ui.data_bytes(text.as_bytes())
}
