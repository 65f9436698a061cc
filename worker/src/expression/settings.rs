//! What the meaning of an expression depends on beside its text.

use chrono_tz::Tz;

use super::ExpressionError;

/// What the meaning of an expression depends on beside its text and the columns' types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    zone: Tz,
}

impl Settings {
    /// Takes the job's timezone by its IANA name.
    ///
    /// # Errors
    /// The name is not an IANA timezone.
    pub fn new(timezone: &str) -> Result<Self, ExpressionError> {
        let zone = timezone.parse().map_err(|_| {
            ExpressionError::new(format!("`{timezone}` is not a timezone"))
                .with_hint("use an IANA name, for example `Europe/Warsaw` or `UTC`")
        })?;
        Ok(Self { zone })
    }

    /// Gives the job's timezone.
    pub fn zone(&self) -> Tz {
        self.zone
    }
}
