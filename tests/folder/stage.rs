//! A sandbox with alice's folder open.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use securecart::config::FolderTemplate;
use securecart::config::profile::RequestChecksums;
use securecart::folder::download::{DownloadOptions, Target, download};
use securecart::folder::outcome::{Outcome, Status};
use securecart::folder::progress::Progress;
use securecart::folder::removal::{RemovalOptions, remove};
use securecart::folder::session::CredentialsFuture;
use securecart::folder::stop::Stop;
use securecart::folder::upload::{ByteSource, Source, UploadOptions, upload};
use securecart::folder::{Facts, Folder, FolderError, FolderKey, FolderPrefix, FolderSettings, Session};
use securecart_sandbox::{Options, Sandbox};

pub(crate) const ALICE: &str = "alice@example.com";
pub(crate) const BOB: &str = "bob@example.com";
pub(crate) const ACCOUNT: &str = "333333333333";
pub(crate) const ROLE: &str = "DocsUser";

pub(crate) struct Stage {
    pub(crate) sandbox: Arc<Sandbox>,
    pub(crate) folder: Folder,
    pub(crate) renewals: Arc<AtomicUsize>,
    pub(crate) home: tempfile::TempDir,
    pub(crate) own: String,
}

/// Credentials straight from the sandbox, counted.
struct FromSandbox {
    sandbox: Arc<Sandbox>,
    fetched: Arc<AtomicUsize>,
}

impl Session for FromSandbox {
    fn credentials(&self) -> CredentialsFuture<'_> {
        Box::pin(async {
            self.fetched.fetch_add(1, Ordering::SeqCst);
            let keys = self.sandbox.role_credentials(ALICE, ACCOUNT, ROLE).unwrap();
            Ok(Credentials::new(keys.access_key_id, keys.secret_access_key, keys.session_token, None, "test"))
        })
    }

    fn mark_expired(&self, _access_key_id: &str) {}
}

pub(crate) fn settings(sandbox: &Sandbox, endpoint: &str) -> FolderSettings {
    let facts = Facts { user_id: sandbox.user_id(ALICE, ACCOUNT, ROLE), ..Facts::default() };
    FolderSettings {
        bucket: sandbox.bucket().parse().unwrap(),
        region: sandbox.region().parse().unwrap(),
        region_is_configured: false,
        prefix: FolderPrefix::resolve(&FolderTemplate::default(), &facts).unwrap(),
        endpoint: Some(endpoint.parse().unwrap()),
        path_style: true,
        request_checksums: RequestChecksums::WhenSupported,
        encryption: None,
    }
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut FolderSettings)) -> Self {
        let sandbox = Arc::new(Sandbox::start(Options::default()).unwrap());
        let mut settings = settings(&sandbox, &sandbox.url());
        change(&mut settings);
        let own = settings.prefix.as_str().to_owned();
        let renewals = Arc::new(AtomicUsize::new(0));
        let session = Arc::new(FromSandbox { sandbox: sandbox.clone(), fetched: renewals.clone() });
        let http = aws_smithy_http_client::Builder::new().build_http();
        let folder = Folder::open(settings, http, session);
        Self { sandbox, folder, renewals, home: tempfile::tempdir().unwrap(), own }
    }

    /// Taken literally; nothing is the folder itself.
    pub(crate) fn key(&self, typed: &str) -> FolderKey {
        let prefix = self.folder.prefix();
        if typed.is_empty() { prefix.root() } else { prefix.key(typed, true).unwrap() }
    }

    /// Stores an object of alice's, past every policy.
    pub(crate) fn store(&self, path: &str, content: impl Into<Vec<u8>>) {
        self.sandbox.put_object(self.sandbox.bucket(), &format!("{}{path}", self.own), content).unwrap();
    }

    /// Uploads in parts as another tool would, with a checksum of the parts' checksums.
    pub(crate) async fn store_in_parts(
        &self,
        path: &str,
        content: &[u8],
        part: usize,
        algorithm: &ChecksumAlgorithm,
        metadata: &[(&str, &str)],
    ) {
        let keys = self.sandbox.role_credentials(ALICE, ACCOUNT, ROLE).unwrap();
        let keys = Credentials::new(keys.access_key_id, keys.secret_access_key, keys.session_token, None, "test");
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(aws_sdk_s3::config::BehaviorVersion::latest())
            .region(aws_sdk_s3::config::Region::new(self.sandbox.region().to_owned()))
            .endpoint_url(self.sandbox.url())
            .force_path_style(true)
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .credentials_provider(keys);
        let client = aws_sdk_s3::Client::from_conf(config.build());
        let (bucket, key) = (self.sandbox.bucket(), format!("{}{path}", self.own));
        let create = client.create_multipart_upload().bucket(bucket).key(&key).checksum_algorithm(algorithm.clone());
        let create = metadata.iter().fold(create, |create, (name, value)| create.metadata(*name, *value));
        let upload = create.send().await.unwrap().upload_id.unwrap();
        let mut parts = Vec::new();
        for (number, bytes) in (1..).zip(content.chunks(part)) {
            let send = client.upload_part().bucket(bucket).key(&key).upload_id(&upload).part_number(number);
            let sent = send.checksum_algorithm(algorithm.clone()).body(bytes.to_vec().into()).send().await.unwrap();
            parts.push(
                CompletedPart::builder()
                    .part_number(number)
                    .set_e_tag(sent.e_tag)
                    .set_checksum_crc32(sent.checksum_crc32)
                    .set_checksum_crc32_c(sent.checksum_crc32_c)
                    .set_checksum_sha1(sent.checksum_sha1)
                    .set_checksum_sha256(sent.checksum_sha256)
                    .build(),
            );
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = client.complete_multipart_upload().bucket(bucket).key(&key).upload_id(upload);
        complete.multipart_upload(parts).send().await.unwrap();
    }

    pub(crate) fn stored(&self, path: &str) -> Option<Vec<u8>> {
        self.sandbox.object(self.sandbox.bucket(), &format!("{}{path}", self.own))
    }

    /// Paths of alice's objects.
    pub(crate) fn paths(&self) -> Vec<String> {
        let keys = self.sandbox.keys(self.sandbox.bucket());
        keys.iter().filter_map(|key| key.strip_prefix(&self.own)).map(str::to_owned).collect()
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.home.path().join(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.home.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        std::fs::read(self.home.path().join(name)).ok()
    }

    /// Every file below the home directory, sorted, with `/` between names.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut files = Vec::new();
        collect(self.home.path(), self.home.path(), &mut files);
        files.sort();
        files
    }

    pub(crate) async fn get(&self, sources: &[&str], to: &str, options: &DownloadOptions) -> Ran {
        self.get_until(sources, to, options, &Stop::default()).await
    }

    pub(crate) async fn get_until(&self, sources: &[&str], to: &str, options: &DownloadOptions, stop: &Stop) -> Ran {
        let sources = sources.iter().map(|source| self.key(source)).collect();
        let target = Target::Path(Some(to.to_owned()));
        let mut outcomes = Vec::new();
        let progress = Arc::new(Progress::default());
        let ended =
            download(&self.folder, sources, target, options, stop, &progress, |outcome| outcomes.push(outcome)).await;
        Ran { outcomes, ended, moved: progress.bytes.load(Ordering::Relaxed) }
    }

    pub(crate) async fn put(&self, sources: &[&str], to: &str, options: &UploadOptions) -> Ran {
        let sources = sources.iter().map(|source| Source::Path((*source).to_owned())).collect();
        self.put_until(sources, to, options, &Stop::default()).await
    }

    pub(crate) async fn put_stream(&self, content: Vec<u8>, to: &str, options: &UploadOptions) -> Ran {
        let source = ByteSource::new(std::io::Cursor::new(content), "-");
        self.put_until(vec![Source::Stream(source)], to, options, &Stop::default()).await
    }

    pub(crate) async fn put_until(&self, sources: Vec<Source>, to: &str, options: &UploadOptions, stop: &Stop) -> Ran {
        let mut outcomes = Vec::new();
        let (progress, target) = (Arc::new(Progress::default()), self.key(to));
        let ended =
            upload(&self.folder, sources, &target, options, stop, &progress, |outcome| outcomes.push(outcome)).await;
        Ran { outcomes, ended, moved: progress.bytes.load(Ordering::Relaxed) }
    }

    pub(crate) async fn rm(&self, targets: &[&str], options: &RemovalOptions) -> Ran {
        let targets = targets.iter().map(|target| self.key(target)).collect();
        let mut outcomes = Vec::new();
        let progress = Arc::new(Progress::default());
        let ended = remove(&self.folder, targets, options, &Stop::default(), &progress, |outcome| {
            outcomes.push(outcome);
        })
        .await;
        Ran { outcomes, ended, moved: 0 }
    }
}

fn collect(root: &Path, directory: &Path, files: &mut Vec<String>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            collect(root, &path, files);
        } else {
            files.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// What a run told.
pub(crate) struct Ran {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) ended: Result<(), FolderError>,
    pub(crate) moved: u64,
}

impl Ran {
    pub(crate) fn count(&self, status: Status) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.status == status).count()
    }

    #[track_caller]
    pub(crate) fn all_done(&self, count: usize) {
        assert_eq!(self.ended, Ok(()));
        assert_eq!(self.count(Status::Done), count, "{:?}", self.outcomes);
        assert_eq!(self.outcomes.len(), count, "{:?}", self.outcomes);
    }

    /// The messages of failures, sorted.
    pub(crate) fn failures(&self) -> Vec<String> {
        let failed = self.outcomes.iter().filter_map(|outcome| outcome.error.as_ref());
        let mut messages: Vec<String> = failed.map(|error| error.message.clone()).collect();
        messages.sort();
        messages
    }
}

/// Bytes that differ from place to place.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Waits until a condition holds; fails after ten seconds.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain until {what}");
}
