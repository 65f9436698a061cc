//! Who may call a service.

use super::{role::Role, token::TokenDigest};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tonic::{Request, Status, service::Interceptor};

/// Who is refused again and again is told of once in so long.
const TOLD: Duration = Duration::from_secs(10);

/// Lets only those call a service who show the token and a certificate of the role, as far as either is demanded. Who is refused is told of
/// here too: whoever waits for that caller must not wait in vain.
#[derive(Debug, Clone)]
pub struct Guard {
    token: Option<TokenDigest>,
    role: Option<Role>,
    told: Arc<Mutex<Option<Instant>>>,
}

impl Guard {
    /// Demands the token, if there is one, and the role, if callers have certificates.
    pub(super) fn new(token: Option<TokenDigest>, role: Option<Role>) -> Self {
        Self { token, role, told: Arc::default() }
    }

    fn tell(&self, request: &Request<()>, status: &Status) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|told| told.elapsed() < TOLD) {
            return;
        }
        *told = Some(Instant::now());
        let peer = request.remote_addr().map(|address| address.to_string()).unwrap_or_default();
        let hint = "give both programs the same --token-file, and certificates of one authority; \
                    without, both must run on this machine as one user";
        tracing::warn!(peer, reason = status.message(), hint, "refused a caller");
    }

    fn check_token(&self, request: &Request<()>) -> Result<(), Status> {
        let Some(expected) = self.token else { return Ok(()) };
        let mut shown = request.metadata().get_all("authorization").iter();
        match (shown.next(), shown.next()) {
            (Some(header), None) if TokenDigest::of(header.as_bytes()) == expected => Ok(()),
            (None, _) => Err(Status::unauthenticated("a token is needed: authorization: Bearer TOKEN")),
            _ => Err(Status::unauthenticated("the token is not the one that is expected here")),
        }
    }

    fn check_role(&self, request: &Request<()>) -> Result<(), Status> {
        let Some(role) = self.role else { return Ok(()) };
        let certificates = request.peer_certs();
        let certificate = certificates.as_ref().and_then(|chain| chain.first());
        if certificate.is_some_and(|certificate| role.is_held_by(certificate)) {
            return Ok(());
        }
        let name = role.name();
        Err(Status::permission_denied(format!(
            "only {name} may call this; the caller's certificate lacks the DNS name {name}"
        )))
    }
}

impl Interceptor for Guard {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        match self.check_token(&request).and_then(|()| self.check_role(&request)) {
            Ok(()) => Ok(request),
            Err(status) => {
                self.tell(&request, &status);
                Err(status)
            }
        }
    }
}
