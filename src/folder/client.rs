//! The S3 client of one folder, and the one way that requests are sent through it.
//!
//! It never asks about the bucket (`HeadBucket`, `GetBucketLocation`, `ListBuckets`): the per-user policy allows
//! none of these, and nothing here needs them.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    BehaviorVersion, IdentityCache, RequestChecksumCalculation, ResponseChecksumValidation, SharedHttpClient,
    StalledStreamProtectionConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumMode;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::clock::Clock;
use super::error::FolderError;
use super::key::FolderKey;
use super::open_uploads::OpenUploads;
use super::pace::Pace;
use super::reply::{self, Op, Refusal};
use super::session::{LeasedCredentials, Leases, Session};
use super::template::FolderPrefix;
use super::version::Wanted;
use super::window::ANSWER;
use crate::config::names::{BucketName, Region, SafeUrl};
use crate::config::profile::{Encryption, RequestChecksums};

/// What a folder is opened with.
#[derive(Debug, Clone)]
pub struct FolderSettings {
    /// The shared bucket.
    pub bucket: BucketName,
    /// Where the bucket is, as far as is known.
    pub region: Region,
    /// The profile names the bucket's region. Then another one is an error; otherwise S3's word is taken for it.
    pub region_is_configured: bool,
    /// The caller's own folder.
    pub prefix: FolderPrefix,
    /// An endpoint other than AWS's own.
    pub endpoint: Option<SafeUrl>,
    /// Address the bucket as a path rather than a host name.
    pub path_style: bool,
    /// Whether uploads carry checksums.
    pub request_checksums: RequestChecksums,
    /// Server-side encryption asked for on upload.
    pub encryption: Option<Encryption>,
}

/// The caller's own folder of a shared bucket: everything that reads or writes it starts here. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Folder {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: FolderSettings,
    http: SharedHttpClient,
    leases: Arc<Leases>,
    clock: Clock,
    pace: Pace,
    uploads: OpenUploads,
    /// Downloads that were cut short and can go on.
    left: Mutex<Vec<FolderKey>>,
    connection: RwLock<Connection>,
}

#[derive(Debug, Clone)]
struct Connection {
    region: String,
    client: Client,
}

/// How often one request is sent again because S3 is busy, after the SDK's own attempts.
const PATIENCE: u32 = 6;

impl Folder {
    /// Opens a folder. Nothing is sent yet.
    pub fn open(settings: FolderSettings, http: SharedHttpClient, session: Arc<dyn Session>) -> Self {
        let leases = Arc::new(Leases::new(session));
        let clock = Clock::default();
        let region = settings.region.as_str().to_owned();
        let client = build(&settings, &region, &http, &leases, &clock);
        let connection = RwLock::new(Connection { region, client });
        let (pace, uploads) = (Pace::default(), OpenUploads::default());
        Self {
            inner: Arc::new(Inner { settings, http, leases, clock, pace, uploads, left: Mutex::default(), connection }),
        }
    }

    /// The caller's own prefix.
    pub fn prefix(&self) -> &FolderPrefix {
        &self.inner.settings.prefix
    }

    /// The bucket's name.
    pub fn bucket(&self) -> &str {
        self.inner.settings.bucket.as_str()
    }

    /// Server-side encryption that the profile asks for.
    pub fn encryption(&self) -> Option<&Encryption> {
        self.inner.settings.encryption.as_ref()
    }

    /// Whether uploads carry checksums.
    pub(super) fn sends_checksums(&self) -> bool {
        self.inner.settings.request_checksums == RequestChecksums::WhenSupported
    }

    /// What is called, for messages.
    pub(super) fn host(&self) -> String {
        let settings = &self.inner.settings;
        match settings.endpoint.as_ref().and_then(|endpoint| endpoint.as_url().host_str()) {
            Some(host) => host.to_owned(),
            None => format!("s3.{}.{}", self.connection().region, settings.region.dns_suffix()),
        }
    }

    pub(super) fn uploads(&self) -> &OpenUploads {
        &self.inner.uploads
    }

    pub(super) fn left_download(&self, key: &FolderKey) {
        self.inner.left.lock().unwrap_or_else(PoisonError::into_inner).push(key.clone());
    }

    /// The keys of downloads that were cut short, and that the same command goes on with.
    pub fn resumable_downloads(&self) -> Vec<FolderKey> {
        self.inner.left.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn connection(&self) -> Connection {
        self.inner.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What S3 tells of an object, with its checksums.
    pub(super) async fn head(&self, wanted: &Wanted) -> Result<HeadObjectOutput, FolderError> {
        let op = Op::reading("HeadObject", wanted);
        self.call(&op, |client| {
            client
                .head_object()
                .bucket(self.bucket())
                .key(wanted.key.as_str())
                .set_version_id(wanted.version_id())
                .checksum_mode(ChecksumMode::Enabled)
                .send()
        })
        .await
    }

    /// Sends one request, again where that helps: with renewed credentials, to the right region, at the right time,
    /// or later. Network errors and 5xx have been retried by the SDK before they are seen here.
    pub(super) async fn call<T, E, F>(&self, op: &Op, send: impl Fn(Client) -> F) -> Result<T, FolderError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let (mut renewed, mut moved, mut corrected, mut waits, mut conflicts) = (false, false, false, 0, 0);
        // A key may hold anything a terminal would obey.
        tracing::debug!(path = ?op.what, "{}", op.name);
        loop {
            self.inner.pace.wait().await;
            let credentials = self.inner.leases.current().await.map_err(FolderError::Session)?;
            let connection = self.connection();
            let error = match send(connection.client).await {
                Ok(value) => {
                    self.inner.pace.went_well();
                    return Ok(value);
                }
                Err(error) => error,
            };
            let now = jiff::Timestamp::now().as_second();
            match reply::read(op, self.bucket(), &self.host(), &error, now) {
                Refusal::Expired if !renewed => {
                    tracing::info!("S3 calls the credentials expired: once more with renewed ones");
                    self.inner.leases.expired(credentials.access_key_id()).await;
                    renewed = true;
                }
                Refusal::Expired => return Err(FolderError::Expired),
                Refusal::OtherRegion(actual) => {
                    tracing::info!(region = ?actual, "the bucket is in another region: once more there");
                    self.follow(&connection.region, actual, moved, op)?;
                    moved = true;
                }
                Refusal::Skewed(behind) if !corrected && behind != 0 => {
                    tracing::info!(
                        behind,
                        "this machine's clock is wrong by so many seconds: once more with S3's time"
                    );
                    self.inner.clock.set_behind(behind);
                    corrected = true;
                }
                Refusal::Skewed(behind) => return Err(FolderError::ClockSkew { seconds_ahead: -behind }),
                Refusal::Busy if waits < PATIENCE => {
                    tracing::info!(operation = op.name, "S3 asks to slow down");
                    self.inner.pace.slow_down();
                    waits += 1;
                }
                Refusal::Busy => return Err(FolderError::SlowDown { operation: op.name, what: op.what.clone() }),
                Refusal::Conflict if conflicts < 3 => {
                    tracing::info!(path = ?op.what, "another request on the same key was quicker: once more");
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    conflicts += 1;
                }
                Refusal::Conflict => return Err(FolderError::Conflict { operation: op.name, what: op.what.clone() }),
                Refusal::Final(error) => return Err(error),
            }
        }
    }

    /// Goes where S3 says the bucket is, unless the profile says otherwise.
    fn follow(&self, tried: &str, actual: Option<String>, moved: bool, op: &Op) -> Result<(), FolderError> {
        // The region becomes part of a host name: only what looks like one is followed.
        let Some(actual) = actual.and_then(|text| text.parse::<Region>().ok()) else {
            return Err(op.service("a redirect", "the bucket is in another region, and S3 didn't name it"));
        };
        let mut connection = self.inner.connection.write().unwrap_or_else(PoisonError::into_inner);
        if connection.region != tried {
            // Another worker has moved already.
            return Ok(());
        }
        if self.inner.settings.region_is_configured || moved || actual.as_str() == tried {
            return Err(FolderError::WrongRegion {
                bucket: self.bucket().to_owned(),
                configured: tried.to_owned(),
                actual: actual.to_string(),
            });
        }
        let inner = &self.inner;
        let client = build(&inner.settings, actual.as_str(), &inner.http, &inner.leases, &inner.clock);
        *connection = Connection { region: actual.to_string(), client };
        Ok(())
    }
}

fn build(
    settings: &FolderSettings,
    region: &str,
    http: &SharedHttpClient,
    leases: &Arc<Leases>,
    clock: &Clock,
) -> Client {
    let mut config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(aws_sdk_s3::config::Region::new(region.to_owned()))
        .http_client(http.clone())
        .credentials_provider(LeasedCredentials(leases.clone()))
        // `Leases` is the cache: the SDK's own would go on handing out credentials that S3 calls expired.
        .identity_cache(IdentityCache::no_cache())
        .time_source(clock.clone())
        .sleep_impl(TokioSleep::new())
        .force_path_style(settings.path_style)
        .retry_config(RetryConfig::standard().with_max_attempts(5).with_initial_backoff(Duration::from_millis(200)))
        .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).read_timeout(ANSWER).build())
        .stalled_stream_protection(
            StalledStreamProtectionConfig::enabled().grace_period(Duration::from_secs(20)).build(),
        )
        // Uploads carry a checksum of ours (see `checksum`); downloads are checked by us, across ranges and resumptions.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    if let Some(endpoint) = &settings.endpoint {
        config = config.endpoint_url(endpoint.as_str());
    }
    Client::from_conf(config.build())
}
