//! Certificates and tokens as an operator would issue them, in files.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
};
use tempfile::TempDir;

/// Issues certificates that are valid for one role.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    /// Makes an authority that nobody trusts yet.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let authority = Self { issuer, folder: tempfile::Builder::new().prefix("segmenter-ca-").tempdir().unwrap() };
        authority.file("ca.pem", &authority.issuer.pem());
        authority
    }

    /// Gives its own certificate, as those who trust it have it.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Gives the arguments of a program that shows a certificate for the DNS name `role` and trusts this authority.
    pub fn arguments(&self, role: &str) -> [String; 6] {
        self.trusting(role, self)
    }

    /// Gives the arguments of a program that shows this authority's certificate and trusts `trusted`.
    pub fn trusting(&self, role: &str, trusted: &Self) -> [String; 6] {
        let mut params = CertificateParams::new(vec![role.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let certificate = self.file(&format!("{role}.pem"), &certificate.pem());
        let key = self.file(&format!("{role}.key"), &key.serialize_pem());
        let ca = trusted.folder.path().join("ca.pem").to_str().unwrap().to_owned();
        ["--tls-cert", &certificate, "--tls-key", &key, "--tls-ca", &ca].map(str::to_owned)
    }

    /// Gives the arguments of a program that shows and demands this token.
    pub fn token(&self, token: &str) -> [String; 2] {
        ["--token-file".to_owned(), self.file(&format!("token-{}", token.len()), token)]
    }

    fn file(&self, name: &str, content: &str) -> String {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    }
}
