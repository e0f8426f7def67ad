//! Why a request got no answer, told apart so that a person can act on it.

use std::error::Error as StdError;
use std::path::PathBuf;

use aws_smithy_runtime_api::client::result::SdkError;

use crate::error::{Explain, Kind};

/// A request that got no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The certificate bundle can't be used.
    #[error("the certificate bundle `{}` can't be used: {reason}", path.display())]
    CaBundle {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The name doesn't resolve.
    #[error("the name of {host} can't be resolved")]
    Dns {
        /// What was called.
        host: String,
    },
    /// Nothing listens there, or a firewall refuses.
    #[error("could not connect to {host}: {reason}")]
    Connect {
        /// What was called.
        host: String,
        /// The operating system's words.
        reason: String,
    },
    /// The certificate was not accepted.
    #[error("the TLS connection to {host} failed: {reason}")]
    Tls {
        /// What was called.
        host: String,
        /// The TLS library's words.
        reason: String,
    },
    /// The proxy refused or failed.
    #[error("the proxy did not connect to {host}: {reason}")]
    Proxy {
        /// What was called.
        host: String,
        /// What the proxy said.
        reason: String,
    },
    /// No answer in time.
    #[error("{host} did not answer in time")]
    Timeout {
        /// What was called.
        host: String,
    },
    /// The connection broke or the answer was unreadable.
    #[error("the request to {host} failed: {reason}")]
    Other {
        /// What was called.
        host: String,
        /// What is known.
        reason: String,
    },
}

impl Explain for HttpError {
    fn kind(&self) -> Kind {
        match self {
            HttpError::CaBundle { .. } => Kind::Usage,
            _ => Kind::Network,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            HttpError::CaBundle { .. } => "point `AWS_CA_BUNDLE` at a PEM file, or unset it",
            HttpError::Dns { .. } => {
                "check the network, and the region in the profile; behind a proxy, set `HTTPS_PROXY`"
            }
            HttpError::Connect { .. } => "check the network; behind a proxy, set `HTTPS_PROXY`",
            HttpError::Tls { .. } => {
                "if your company inspects TLS, set `AWS_CA_BUNDLE` to the PEM file of its certificate authority"
            }
            HttpError::Proxy { .. } => "check `HTTPS_PROXY` and `NO_PROXY`, and the proxy's user name and password",
            HttpError::Timeout { .. } => "check the network and try again; behind a proxy, set `HTTPS_PROXY`",
            HttpError::Other { .. } => "try again",
        };
        Some(hint.to_owned())
    }
}

/// Tells why a call to `host` got no answer; `None` when the service did answer with an error of its own.
pub fn transport_failure<E, R>(error: &SdkError<E, R>, host: &str) -> Option<HttpError> {
    let host = host.to_owned();
    match error {
        SdkError::TimeoutError(_) => Some(HttpError::Timeout { host }),
        SdkError::DispatchFailure(failure) => {
            if failure.is_timeout() {
                return Some(HttpError::Timeout { host });
            }
            let cause = failure.as_connector_error().map(|error| error as &(dyn StdError + 'static));
            Some(classify(cause, host))
        }
        SdkError::ResponseError(_) => {
            Some(HttpError::Other { host, reason: "the reply was cut short or can't be read".to_owned() })
        }
        SdkError::ConstructionFailure(_) => {
            Some(HttpError::Other { host, reason: "the request could not be made".to_owned() })
        }
        _ => None,
    }
}

/// Walks the chain of causes to the one a person can act on.
pub(super) fn classify(error: Option<&(dyn StdError + 'static)>, host: String) -> HttpError {
    let mut chain = Vec::new();
    let mut next = error;
    while let Some(error) = next {
        chain.push(error);
        // I/O errors that wrap another don't list it as their source.
        next = match error.downcast_ref::<std::io::Error>().and_then(|io| io.get_ref()) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        };
        if chain.len() > 16 {
            break;
        }
    }
    let reason = chain.last().map_or_else(|| "no reason given".to_owned(), ToString::to_string);
    if let Some(tls) = chain.iter().find_map(|error| error.downcast_ref::<rustls::Error>()) {
        return HttpError::Tls { host, reason: tls_reason(tls) };
    }
    let words: Vec<String> = chain.iter().map(|error| error.to_string().to_ascii_lowercase()).collect();
    let says = |needle: &str| words.iter().any(|word| word.contains(needle));
    if says("tunnel") || says("proxy") {
        HttpError::Proxy { host, reason }
    } else if says("dns error") || says("failed to lookup address") {
        HttpError::Dns { host }
    } else if chain.iter().filter_map(|error| error.downcast_ref::<std::io::Error>()).any(|io| broke(io.kind())) {
        HttpError::Other { host, reason: "the connection broke".to_owned() }
    } else if chain.iter().any(|error| error.downcast_ref::<std::io::Error>().is_some()) && says("connect") {
        HttpError::Connect { host, reason }
    } else {
        HttpError::Other { host, reason }
    }
}

/// Whether a connection that was there is no more.
fn broke(kind: std::io::ErrorKind) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof)
}

fn tls_reason(error: &rustls::Error) -> String {
    use rustls::{CertificateError, Error};
    match error {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            "its certificate was issued by an authority that this machine doesn't trust".to_owned()
        }
        Error::InvalidCertificate(CertificateError::Expired | CertificateError::ExpiredContext { .. }) => {
            "its certificate has expired, or this machine's clock is wrong".to_owned()
        }
        Error::InvalidCertificate(CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }) => {
            "its certificate is not valid yet: is this machine's clock right?".to_owned()
        }
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_a_kind_of_its_own_and_advice() {
        let host = || "sts".to_owned();
        let refused =
            std::io::Error::new(std::io::ErrorKind::ConnectionRefused, "tcp connect error: Connection refused");
        assert!(matches!(classify(Some(&refused), host()), HttpError::Connect { .. }));
        let tls = std::io::Error::other(rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer));
        assert!(matches!(classify(Some(&tls), host()), HttpError::Tls { .. }));
        let broken = std::io::Error::from(std::io::ErrorKind::BrokenPipe);
        let told = classify(Some(&std::io::Error::other(broken)), host());
        assert_eq!(told.to_string(), "the request to sts failed: the connection broke");
        let tunnel = std::io::Error::other("tunnel error: unsuccessful");
        assert!(matches!(classify(Some(&tunnel), host()), HttpError::Proxy { .. }));
        let dns = std::io::Error::other("dns error: failed to lookup address information");
        assert!(matches!(classify(Some(&dns), host()), HttpError::Dns { .. }));
        for error in [classify(Some(&refused), host()), classify(None, host())] {
            assert_eq!(error.kind(), Kind::Network);
            assert!(error.hint().is_some());
        }
    }
}
