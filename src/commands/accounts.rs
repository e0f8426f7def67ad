//! `securecart accounts`: where the person may assume something.

use super::interrupt::{small_runtime, unless_interrupted};
use super::setup::{Context, Setup};
use crate::cli::AccountsArgs;
use crate::config::names::{AccountId, RoleName};
use crate::error::Result;
use crate::signin::sso::Assignment;
use crate::ui::table;

#[derive(serde::Serialize)]
struct Line<'a> {
    account_id: &'a AccountId,
    account_name: &'a str,
    roles: Vec<&'a RoleName>,
}

/// Runs it.
///
/// # Errors
/// Not signed in, or the portal could not be asked.
pub fn run(args: &AccountsArgs, context: &Context) -> Result<()> {
    let assignments = fetch_assignments(&context.setup()?)?;
    let accounts: Vec<Line<'_>> = assignments
        .chunk_by(|one, next| one.account == next.account)
        .map(|group| Line {
            account_id: &group[0].account.id,
            account_name: &group[0].account.name,
            roles: group.iter().map(|assignment| &assignment.role_name).collect(),
        })
        .collect();
    if args.json {
        return accounts.iter().try_for_each(|account| context.ui.data_json(account));
    }
    let rows: Vec<[String; 3]> = accounts
        .iter()
        .map(|line| {
            let roles: Vec<&str> = line.roles.iter().map(|role| role.as_str()).collect();
            [line.account_id.to_string(), line.account_name.to_owned(), roles.join(", ")]
        })
        .collect();
    let text = table::people(["ACCOUNT", "NAME", "ROLES"], &rows, context.ui.stdout_is_terminal);
    context.ui.data_bytes(text.as_bytes())
}

/// Everything the person may assume, by account and role.
pub(super) fn fetch_assignments(setup: &Setup) -> Result<Vec<Assignment>> {
    let http = setup.http()?;
    let method = setup.method(&http);
    small_runtime()?.block_on(unless_interrupted(method.assignments()))
}
