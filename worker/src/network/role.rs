//! The roles that a certificate gives its holder.

use rustls_pki_types::{CertificateDer, ServerName};
use webpki::EndEntityCert;

/// What a process is to the others. A certificate has the role whose DNS name it holds as subject alternative name; it may have both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Decides, and hands out tasks: `segmenter`.
    Coordinator,
    /// Performs tasks: `segmenter-worker`.
    Worker,
}

impl Role {
    /// Gives the DNS name that a certificate of the role holds.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coordinator => "segmenter-coordinator",
            Self::Worker => "segmenter-worker",
        }
    }

    /// Says whether a certificate has the role. Whether it is to be trusted was decided when the connection was made.
    pub(super) fn is_held_by(self, certificate: &CertificateDer<'_>) -> bool {
        let (Ok(certificate), Ok(name)) = (EndEntityCert::try_from(certificate), ServerName::try_from(self.name()))
        else {
            return false;
        };
        certificate.verify_is_valid_for_subject_name(&name).is_ok()
    }
}
