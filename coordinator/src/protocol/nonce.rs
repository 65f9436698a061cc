//! What tells one coordinator from any other.

use segmenter_proto::{Error, Result};
use std::fmt;

/// 16 random bytes that tell one coordinator from any other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Nonce([u8; 16]);

impl Nonce {
    /// Draws a nonce from the operating system.
    ///
    /// # Errors
    /// The operating system gives no random bytes.
    pub fn random() -> Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes)
            .map_err(|cause| Error::dependency("the operating system gave no random bytes").caused_by(cause))?;
        Ok(Self(bytes))
    }

    /// Gives the bytes.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.0
    }

    #[cfg(test)]
    pub(super) fn of(byte: u8) -> Self {
        Self([byte; 16])
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonce({self})")
    }
}
