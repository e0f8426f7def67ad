//! `securecart-sandbox`: a sandbox that runs until it is told to stop.
//!
//! Owns flags and the one line that says it is ready. Never answers a request.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use clap::Parser;
use securecart_sandbox::{Options, Sandbox};

/// A local stand-in for the AWS side: IAM Identity Center, STS and S3 on 127.0.0.1.
#[derive(Debug, Parser)]
#[command(version)]
struct Flags {
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Region of Identity Center and of the buckets
    #[arg(long, default_value = "eu-central-1")]
    region: String,
    /// Approve every sign-in at once as this person
    #[arg(long, value_name = "PERSON")]
    auto_approve: Option<String>,
    /// Further accounts, in each of which alice and bob have DocsUser
    #[arg(long, value_name = "N", default_value_t = 0)]
    extra_accounts: u32,
    /// Life of an SSO access token
    #[arg(long, value_name = "SECS", default_value_t = 3600)]
    access_token_secs: u32,
    /// Life of the portal session
    #[arg(long, value_name = "SECS", default_value_t = 28_800)]
    session_secs: u32,
    /// Life of role credentials from the portal
    #[arg(long, value_name = "SECS", default_value_t = 3600)]
    role_credential_secs: u32,
    /// Life of a device code
    #[arg(long, value_name = "SECS", default_value_t = 600)]
    device_code_secs: u32,
    /// Seconds a client must wait between polls
    #[arg(long, value_name = "SECS", default_value_t = 1)]
    interval: u32,
    /// Life of a client registration
    #[arg(long, value_name = "SECS", default_value_t = 7_776_000)]
    client_secs: u32,
    /// Portal requests allowed per second before 429
    #[arg(long, value_name = "N")]
    portal_requests_per_second: Option<u32>,
    /// Revoke a whole sign-in when a used refresh token comes back
    #[arg(long)]
    revoke_on_refresh_reuse: bool,
    /// Its Okta is on the classic pipeline
    #[arg(long)]
    okta_classic: bool,
    /// The bucket has versioning
    #[arg(long)]
    versioning: bool,
    /// A policy document for DocsUser, instead of the own folder's
    #[arg(long, value_name = "FILE")]
    docs_policy: Option<std::path::PathBuf>,
    /// Stop when standard input closes, so that no sandbox outlives its parent
    #[arg(long)]
    until_stdin_closes: bool,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let until_stdin_closes = flags.until_stdin_closes;
    match run(flags, until_stdin_closes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error may be closed; there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "error: cannot run the sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(flags: Flags, until_stdin_closes: bool) -> std::io::Result<()> {
    let sandbox = Sandbox::start(Options {
        port: flags.port,
        region: flags.region,
        auto_approve: flags.auto_approve,
        extra_accounts: flags.extra_accounts,
        access_token_secs: flags.access_token_secs,
        session_secs: flags.session_secs,
        role_credential_secs: flags.role_credential_secs,
        device_code_secs: flags.device_code_secs,
        interval_secs: flags.interval,
        client_secs: flags.client_secs,
        portal_requests_per_second: flags.portal_requests_per_second,
        revoke_on_refresh_reuse: flags.revoke_on_refresh_reuse,
        okta_classic: flags.okta_classic,
        versioning: flags.versioning,
        docs_policy: flags.docs_policy.map(std::fs::read_to_string).transpose()?,
        ..Options::default()
    })?;
    let ready = serde_json::json!({
        "url": sandbox.url(),
        "start_url": sandbox.start_url(),
        "region": sandbox.region(),
        "bucket": sandbox.bucket(),
    });
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{ready}")?;
    stdout.flush()?;
    drop(stdout);
    if until_stdin_closes {
        std::io::stdin().lock().read_to_end(&mut Vec::new())?;
        return Ok(());
    }
    wait_for_signal()
}

fn wait_for_signal() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                it = tokio::signal::ctrl_c() => it,
                _ = terminate.recv() => Ok(()),
            }
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}
