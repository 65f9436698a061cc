//! What a caller shows with every request.

use super::token::Token;
use tonic::{Request, Status, metadata::AsciiMetadataValue, service::Interceptor};

/// Adds the token to every request, where there is one.
#[derive(Debug, Clone)]
pub struct Bearer {
    header: Option<AsciiMetadataValue>,
}

impl Bearer {
    pub(super) fn new(token: Option<&Token>) -> Self {
        Self { header: token.map(Token::header) }
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(header) = &self.header {
            request.metadata_mut().insert("authorization", header.clone());
        }
        Ok(request)
    }
}
