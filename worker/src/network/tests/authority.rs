//! Certificates as an operator would issue them, in files.

use super::super::{Security, SecurityArguments};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use std::path::PathBuf;

pub(super) const COORDINATOR: &str = "segmenter-coordinator";
pub(super) const WORKER: &str = "segmenter-worker";

/// An authority, and the folder that its files are in.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder: tempfile::tempdir().unwrap() }
    }

    /// Issues a certificate to these DNS names.
    pub(super) fn issue(&self, names: &[&str]) -> SecurityArguments {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let name = names.join("+");
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        SecurityArguments {
            tls_cert: Some(self.file(&format!("{name}.pem"), &certificate.pem())),
            tls_key: Some(self.file(&format!("{name}.key"), &key.serialize_pem())),
            tls_ca: Some(self.file("ca.pem", &self.issuer.pem())),
            ..SecurityArguments::default()
        }
    }

    /// Writes a file into the folder.
    pub(super) fn file(&self, name: &str, content: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        file
    }

    /// Issues a certificate and reads it as a program does.
    pub(super) fn security(&self, name: &str) -> Security {
        Security::load(&self.issue(&[name])).unwrap()
    }
}
