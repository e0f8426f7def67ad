//! Which certificate authorities are trusted.

use std::path::Path;

use aws_smithy_http_client::tls::TrustStore;
use base64::Engine as _;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::failure::HttpError;

/// A bundle larger than this is not a certificate bundle.
const MAX_BUNDLE: u64 = 16 * 1024 * 1024;

/// The operating system's roots, or those of a bundle instead.
///
/// Source: AWS SDKs and Tools reference, "`AWS_CA_BUNDLE`": the bundle replaces the default one.
pub(super) fn trust_store(bundle: Option<&Path>) -> Result<TrustStore, HttpError> {
    let Some(path) = bundle else {
        return Ok(TrustStore::empty().with_native_roots(true));
    };
    Ok(TrustStore::empty().with_native_roots(false).with_pem_certificate(bundled(path)?))
}

/// The same certificates, as rustls itself takes them.
pub(super) fn root_store(bundle: Option<&Path>) -> Result<RootCertStore, HttpError> {
    let mut roots = RootCertStore::empty();
    match bundle {
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Some(path) => {
            let pem = bundled(path)?;
            roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem.as_bytes()).flatten());
        }
    }
    Ok(roots)
}

/// The certificates of a bundle, as PEM.
fn bundled(path: &Path) -> Result<String, HttpError> {
    let unusable = |reason: String| HttpError::CaBundle { path: path.to_owned(), reason };
    let size = std::fs::metadata(path).map_err(|error| unusable(error.to_string()))?.len();
    if size > MAX_BUNDLE {
        return Err(unusable(format!("it is {size} bytes long")));
    }
    let text = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    let pem = usable_certificates(&text);
    if pem.is_empty() {
        return Err(unusable("no certificate is in it".to_owned()));
    }
    Ok(pem)
}

/// The certificates of a PEM text that can be roots, as PEM again. The TLS layer panics on any other.
fn usable_certificates(text: &[u8]) -> String {
    let mut pem = String::new();
    for certificate in CertificateDer::pem_slice_iter(text).flatten() {
        if RootCertStore::empty().add(certificate.clone()).is_ok() {
            let body = base64::engine::general_purpose::STANDARD.encode(&certificate);
            pem.push_str("-----BEGIN CERTIFICATE-----\n");
            for line in body.as_bytes().chunks(64) {
                pem.push_str(&String::from_utf8_lossy(line));
                pem.push('\n');
            }
            pem.push_str("-----END CERTIFICATE-----\n");
        }
    }
    pem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_a_certificate_is_an_error_not_an_empty_trust_store() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for text in ["", "not pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(file.path(), text).unwrap();
            let error = trust_store(Some(file.path())).expect_err(text);
            assert!(error.to_string().contains("no certificate"), "{error}");
        }
        assert!(trust_store(Some(Path::new("/nonexistent/ca.pem"))).is_err());
    }

    #[test]
    fn junk_between_certificates_is_skipped() {
        let Ok(system) = std::fs::read("/etc/ssl/certs/ca-certificates.crt") else {
            return eprintln!("skipped: no system bundle to read here");
        };
        let mut text = b"# a comment\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
        text.extend_from_slice(&system);
        assert!(usable_certificates(&text).matches("BEGIN CERTIFICATE").count() > 10);
    }
}
