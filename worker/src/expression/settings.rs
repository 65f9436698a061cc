//! What the meaning of an expression depends on beside its text.

use chrono::NaiveDate;
use chrono_tz::Tz;
use segmenter_proto::jobs::Job;

use super::ExpressionError;
use crate::values::country;

/// What the meaning of an expression depends on beside its text and the columns' types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    zone: Tz,
    as_of: Option<NaiveDate>,
    country: Option<&'static str>,
}

impl Settings {
    /// Takes what a job says.
    ///
    /// # Errors
    /// The job's timezone is not an IANA timezone.
    pub fn of(job: &Job) -> Result<Self, ExpressionError> {
        Ok(Self::new(&job.timezone)?.with_as_of(job.as_of))
    }

    /// Takes a timezone by its IANA name, and no day: expressions that need one are refused.
    ///
    /// # Errors
    /// The name is not an IANA timezone.
    pub fn new(timezone: &str) -> Result<Self, ExpressionError> {
        let zone = timezone.parse().map_err(|_| {
            ExpressionError::new(format!("`{timezone}` is not a timezone"))
                .with_hint("use an IANA name, for example `Europe/Warsaw` or `UTC`")
        })?;
        Ok(Self { zone, as_of: None, country: None })
    }

    /// Takes the day before which everything happened.
    #[must_use]
    pub fn with_as_of(self, as_of: NaiveDate) -> Self {
        Self { as_of: Some(as_of), ..self }
    }

    /// Takes the country of telephone numbers without a calling code, by its ISO 3166 code; one that is not known is none.
    #[must_use]
    pub fn with_country(self, code: Option<&str>) -> Self {
        Self { country: code.and_then(country).map(|known| known.code), ..self }
    }

    /// Gives the job's timezone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// Gives the country of telephone numbers without a calling code.
    pub fn country(&self) -> Option<&'static str> {
        self.country
    }

    /// Gives the day before which everything happened.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }
}
