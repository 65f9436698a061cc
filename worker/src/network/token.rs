//! The secret that coordinator and workers share.

use segmenter_proto::{Error, Result};
use sha2::{Digest, Sha256};
use std::{fmt, path::Path};
use tonic::metadata::AsciiMetadataValue;

/// Characters below which a token could be guessed.
const SHORTEST: usize = 16;

/// A token, ready to be shown and to be compared.
#[derive(Clone)]
pub(super) struct Token {
    /// `Bearer …`, marked as sensitive: not shown, and not kept in the compression table of HTTP/2.
    header: AsciiMetadataValue,
    digest: TokenDigest,
}

/// What a token is recognised by. Two digests are compared instead of two texts: how long that takes says nothing about the token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenDigest([u8; 32]);

impl Token {
    /// Reads the first line of a file.
    ///
    /// # Errors
    /// The file cannot be read, or its first line is no token: Job, naming the file and never its content.
    pub(super) fn load(file: &Path) -> Result<Self> {
        // The causes are left out on purpose where they could quote the content.
        let content = std::fs::read_to_string(file).map_err(|cause| {
            Error::job(format!("the token file {} cannot be read as text", file.display())).caused_by(cause)
        })?;
        let text = content.lines().next().unwrap_or_default().trim();
        let hint = "write one, such as by: head -c 32 /dev/urandom | base64";
        if text.is_empty() {
            let message = format!("the first line of the token file {} is empty", file.display());
            return Err(Error::job(message).with_hint(hint));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            let expected = "expected letters, digits and signs of ASCII without spaces";
            let message = format!("the first line of the token file {} is no token: {expected}", file.display());
            return Err(Error::job(message).with_hint(hint));
        }
        if text.len() < SHORTEST {
            let (file, length) = (file.display(), text.len());
            let message = format!("the token in {file} has {length} characters, expected at least {SHORTEST}");
            return Err(Error::job(message).with_hint(hint));
        }
        let bearer = format!("Bearer {text}");
        let digest = TokenDigest::of(bearer.as_bytes());
        let mut header: AsciiMetadataValue =
            bearer.parse().map_err(|_| Error::bug("a token of visible characters cannot be sent"))?;
        header.set_sensitive(true);
        Ok(Self { header, digest })
    }

    /// Gives what a caller sends as `authorization`.
    pub(super) fn header(&self) -> AsciiMetadataValue {
        self.header.clone()
    }

    /// Gives what the token is recognised by.
    pub(super) fn digest(&self) -> TokenDigest {
        self.digest
    }
}

impl TokenDigest {
    /// Computes the digest of the content of an `authorization` header.
    pub(super) fn of(header: &[u8]) -> Self {
        Self(Sha256::digest(header).into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(hidden)")
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenDigest(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(content: impl AsRef<[u8]>) -> Result<Token> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, content).unwrap();
        Token::load(&file)
    }

    #[test]
    fn the_first_line_is_the_token() {
        for content in ["0123456789abcdef", "0123456789abcdef\n", "  0123456789abcdef \r\nnotes: mine\n"] {
            let token = load(content).unwrap();
            assert_eq!(token.header().to_str().unwrap(), "Bearer 0123456789abcdef");
            assert!(token.digest() == TokenDigest::of(b"Bearer 0123456789abcdef"));
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for (content, expected) in [
            ("", "is empty"),
            ("\n0123456789abcdef", "is empty"),
            ("canary", "has 6 characters, expected at least 16"),
            ("canary canary canary", "is no token"),
            ("canarycanarycanaryż", "is no token"),
        ] {
            let error = load(content).unwrap_err();
            assert_eq!(error.fault.exit_code(), 2);
            assert!(error.message.contains(expected), "{error}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        let error = load(b"canary\xff\xfecanarycanary").unwrap_err();
        assert!(error.message.contains("cannot be read as text") && !format!("{error:?}").contains("canary"));
        let error = Token::load(Path::new("/nowhere/token")).unwrap_err();
        assert_eq!((error.fault.exit_code(), error.message.contains("/nowhere/token")), (2, true));
    }

    #[test]
    fn a_token_is_not_in_its_debug_text() {
        let token = load("canarycanarycanary").unwrap();
        assert_eq!(
            format!("{token:?} {:?} {:?}", token.digest(), token.header()),
            "Token(hidden) TokenDigest(hidden) Sensitive"
        );
    }
}
