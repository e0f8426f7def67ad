//! Opening the caller's own folder: whose it is comes from STS, never from what is typed.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use aws_credential_types::Credentials;

use super::interrupt::{run_transfers, small_runtime};
use super::setup::{Context, Setup};
use crate::config::names::BucketName;
use crate::config::{FolderTemplate, Profile};
use crate::credentials::SignedIn;
use crate::error::{Error, Kind, Result};
use crate::folder::session::CredentialsFuture;
use crate::folder::{Facts, Folder, FolderPrefix, FolderSettings, Session};
use crate::http::Http;
use crate::identity::CallerIdentity;
use crate::sts::sdk_credentials;

/// Opens the folder and does something with it. What was typed is looked at first: what climbs out of any folder is
/// refused before anybody is asked anything.
pub(super) fn with<F: Future<Output = Result<()>>>(
    context: &Context,
    typed: &[impl AsRef<str>],
    literal: bool,
    act: impl FnOnce(Folder) -> F,
) -> Result<()> {
    let (_, folder) = open_for(context, typed, literal)?;
    run_transfers(act(folder))
}

/// Opens the folder for what was typed.
pub(super) fn open_for(context: &Context, typed: &[impl AsRef<str>], literal: bool) -> Result<(Arc<Setup>, Folder)> {
    let setup = Arc::new(context.setup()?);
    refuse_outside(&setup, typed, literal)?;
    let folder = open(&setup)?;
    Ok((setup, folder))
}

/// Refuses what is outside whosever folder it is.
fn refuse_outside(setup: &Setup, typed: &[impl AsRef<str>], literal: bool) -> Result<()> {
    // A name that nobody types.
    let somebody = Facts { user_id: "\u{1}".to_owned(), ..Facts::default() };
    let any_folder = FolderPrefix::resolve(&FolderTemplate::default(), &somebody)?;
    for path in typed {
        if let Err(refusal) = any_folder.key(path.as_ref(), literal) {
            // Whoever typed their own folder's name is told so, where it is known.
            if let Some(identity) = setup.records().load_signed_in(&setup.profile)?.and_then(|kept| kept.identity) {
                prefix(&setup.profile, &identity)?.key(path.as_ref(), literal)?;
            }
            return Err(refusal.into());
        }
    }
    Ok(())
}

/// The folder's prefix for an identity.
pub(super) fn prefix(profile: &Profile, identity: &CallerIdentity) -> Result<FolderPrefix> {
    let facts = Facts {
        user_id: identity.user_id.clone(),
        username: identity.user_name().map(ToOwned::to_owned),
        ..Facts::default()
    };
    Ok(FolderPrefix::resolve(&profile.folder, &facts)?)
}

/// The bucket that the folder is in.
pub(super) fn bucket(profile: &Profile) -> Result<&BucketName> {
    profile.bucket.as_ref().ok_or_else(|| {
        Error::usage(format!("profile `{}` names no bucket", profile.name))
            .with_hint(profile.how_to_set("--bucket NAME", crate::config::variable::BUCKET))
    })
}

/// The folder, with nothing sent but what tells whose it is.
pub(super) fn open(setup: &Arc<Setup>) -> Result<Folder> {
    let profile = &setup.profile;
    let bucket = bucket(profile)?.clone();
    let http = setup.http()?;
    let signed_in = setup.provider().obtain(&*setup.method(&http))?;
    let identity = match &signed_in.identity {
        Some(identity) => identity.clone(),
        None => learn_identity(setup, &http, &signed_in)?,
    };
    let settings = FolderSettings {
        bucket,
        region: profile.bucket_region.clone().unwrap_or_else(|| profile.region.clone()),
        region_is_configured: profile.bucket_region.is_some(),
        prefix: prefix(profile, &identity)?,
        endpoint: profile.endpoints.s3.clone(),
        path_style: profile.path_style,
        request_checksums: profile.request_checksums,
        encryption: profile.encryption.clone(),
    };
    tracing::info!(bucket = %settings.bucket, prefix = ?settings.prefix.to_string(), region = %settings.region, "your folder");
    let client = http.client(settings.endpoint.as_ref());
    let session = ProfileSession { setup: Arc::clone(setup), http, rejected: Mutex::new(None) };
    Ok(Folder::open(settings, client, Arc::new(session)))
}

/// Asks STS, and keeps the answer with the credentials.
fn learn_identity(setup: &Setup, http: &Http, signed_in: &SignedIn) -> Result<CallerIdentity> {
    let identity = small_runtime()?.block_on(setup.fetch_identity(http, &signed_in.credentials))?;
    let known = SignedIn { identity: Some(identity.clone()), ..signed_in.clone() };
    setup.records().save_signed_in(&setup.profile, &known)?;
    Ok(identity)
}

/// The profile's credentials for however long a transfer takes.
struct ProfileSession {
    setup: Arc<Setup>,
    http: Http,
    /// The access key that S3 has called expired.
    rejected: Mutex<Option<String>>,
}

impl Session for ProfileSession {
    fn credentials(&self) -> CredentialsFuture<'_> {
        let (setup, http) = (Arc::clone(&self.setup), self.http.clone());
        let rejected = self.rejected.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async move {
            // Locks and keychains block.
            let got = tokio::task::spawn_blocking(move || obtain(&setup, &http, rejected.as_deref())).await;
            got.unwrap_or_else(|_| Err(Error::new(Kind::Failed, "renewing the credentials was cut short")))
        })
    }

    fn mark_expired(&self, access_key_id: &str) {
        *self.rejected.lock().unwrap_or_else(PoisonError::into_inner) = Some(access_key_id.to_owned());
    }
}

fn obtain(setup: &Setup, http: &Http, rejected: Option<&str>) -> Result<Credentials> {
    let (provider, method) = (setup.provider(), setup.method(http));
    let signed_in = match rejected {
        Some(rejected) => provider.replace(rejected, &*method)?,
        None => provider.obtain(&*method)?,
    };
    Ok(sdk_credentials(&signed_in.credentials))
}
