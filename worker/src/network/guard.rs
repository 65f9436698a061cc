//! Who may call a service.

use super::{role::Role, token::TokenDigest};
use tonic::{Request, Status, service::Interceptor};

/// Lets only those call a service who show the token and a certificate of the role, as far as either is demanded.
#[derive(Debug, Clone)]
pub struct Guard {
    token: Option<TokenDigest>,
    role: Option<Role>,
}

impl Guard {
    /// Demands the token, if there is one, and the role, if callers have certificates.
    pub(super) fn new(token: Option<TokenDigest>, role: Option<Role>) -> Self {
        Self { token, role }
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
        self.check_token(&request)?;
        self.check_role(&request)?;
        Ok(request)
    }
}
