//! Certificates and keys as files, checked before anything is connected: what is wrong is said with the file's name.

use super::{arguments::SecurityArguments, role::Role};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use segmenter_proto::{Error, Result};
use std::{fmt, path::Path, time::Duration};
use tonic::transport::{Certificate, ClientTlsConfig, Identity, Server, ServerTlsConfig};

/// How long the other side may take to agree on a connection: who only opens one holds nothing for long.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// What this process shows, and whom it trusts.
#[derive(Clone)]
pub(super) struct Tls {
    identity: Identity,
    authorities: Certificate,
}

impl Tls {
    /// Reads the three files; none without them.
    ///
    /// # Errors
    /// Some but not all are given, or one cannot be read, holds something else, or does not fit the others: Job, naming it.
    pub(super) fn load(arguments: &SecurityArguments) -> Result<Option<Self>> {
        let files =
            [("--tls-cert", &arguments.tls_cert), ("--tls-key", &arguments.tls_key), ("--tls-ca", &arguments.tls_ca)];
        let (certificate, key, authorities) = match files.map(|(_, file)| file.as_deref()) {
            [None, None, None] => return Ok(None),
            [Some(certificate), Some(key), Some(authorities)] => (certificate, key, authorities),
            _ => return Err(incomplete(&files.map(|(flag, file)| (flag, file.is_some())))),
        };
        let certificate_pem = read("certificate", certificate)?;
        let chain = certificates(certificate, &certificate_pem)?;
        if !chain.first().is_some_and(|own| Role::Coordinator.is_held_by(own) || Role::Worker.is_held_by(own)) {
            let (coordinator, worker) = (Role::Coordinator.name(), Role::Worker.name());
            let message = format!("the certificate in {} has no role", certificate.display());
            let hint = format!("issue it to the DNS name (subject alternative name) {coordinator} or {worker}");
            return Err(Error::job(message).with_hint(hint));
        }
        let key_pem = read("private key", key)?;
        // The cause is left out: it could quote the content.
        PrivateKeyDer::from_pem_slice(&key_pem).map_err(|_| {
            Error::job(format!("{} holds no private key: expected one in PEM", key.display()))
                .with_hint("give the key of the certificate, as PKCS#8, PKCS#1 or SEC1 without a passphrase")
        })?;
        let authorities_pem = read("authorities", authorities)?;
        certificates(authorities, &authorities_pem)?;
        let tls = Self {
            identity: Identity::from_pem(certificate_pem, key_pem),
            authorities: Certificate::from_pem(authorities_pem),
        };
        Server::builder().tls_config(tls.server()).map_err(|cause| {
            let (certificate, key, authorities) = (certificate.display(), key.display(), authorities.display());
            let message = format!("{certificate}, {key} and {authorities} do not make a connection");
            Error::job(message)
                .with_hint("give the certificate, its own private key, and valid authorities")
                .caused_by(cause)
        })?;
        Ok(Some(tls))
    }

    /// Gives what a server shows and demands: whoever calls has a certificate of the authorities.
    pub(super) fn server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new()
            .identity(self.identity.clone())
            .client_ca_root(self.authorities.clone())
            .client_auth_optional(false)
            .timeout(HANDSHAKE)
    }

    /// Gives what a server of pages shows; of callers it demands nothing, since browsers have no certificate.
    pub(super) fn page_server(&self) -> ServerTlsConfig {
        ServerTlsConfig::new().identity(self.identity.clone()).timeout(HANDSHAKE)
    }

    /// Gives what a caller shows and demands: whoever answers has a certificate of the authorities, with the role.
    pub(super) fn client(&self, peer: Role) -> ClientTlsConfig {
        ClientTlsConfig::new()
            .identity(self.identity.clone())
            .ca_certificate(self.authorities.clone())
            .domain_name(peer.name())
            .timeout(HANDSHAKE)
    }
}

fn incomplete(files: &[(&str, bool); 3]) -> Error {
    let names = |given: bool| {
        let names = files.iter().filter(|(_, is)| *is == given).map(|(name, _)| *name);
        names.collect::<Vec<_>>().join(" and ")
    };
    let (given, missing) = (names(true), names(false));
    Error::job(format!("{given} needs {missing}: TLS takes a certificate, its key and the authorities"))
        .with_hint(format!("give {missing} too"))
}

fn read(what: &str, file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file)
        .map_err(|cause| Error::job(format!("the {what} in {} cannot be read", file.display())).caused_by(cause))
}

fn certificates(file: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>> {
    let wrong = || {
        Error::job(format!("{} holds no certificate: expected one or more in PEM", file.display()))
            .with_hint("it should have a line -----BEGIN CERTIFICATE-----")
    };
    let found = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().map_err(|_| wrong())?;
    let valid = found.iter().all(|certificate| webpki::EndEntityCert::try_from(certificate).is_ok());
    if found.is_empty() || !valid { Err(wrong()) } else { Ok(found) }
}

impl fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Tls(hidden)")
    }
}
