//! A note with its counts, as it is told.

use super::registry::Note;
use std::fmt;

/// Whose a note, a check or a warning is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A source of the job.
    Source(String),
    /// The list of excluded ids.
    ExcludeList,
    /// The features of the user's own.
    Features,
    /// A segmentation.
    Segmentation(String),
}

impl Subject {
    /// Gives the name by which `quality.parquet` and gates know it.
    pub fn name(&self) -> &str {
        match self {
            Self::Source(name) | Self::Segmentation(name) => name,
            Self::ExcludeList => "exclude_list",
            Self::Features => "features",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(name) => write!(out, "source {name}"),
            Self::Segmentation(name) => write!(out, "segmentation {name}"),
            Self::ExcludeList | Self::Features => out.write_str(self.name()),
        }
    }
}

/// Where something was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotedPlace {
    /// The file.
    pub file: String,
    /// 1-based row in it.
    pub row: u64,
}

/// A note and how often it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The note.
    pub note: Note,
    /// The column, feature or rule; none where the row as a whole is meant.
    pub column: Option<String>,
    /// How often.
    pub count: u64,
    /// Of how many.
    pub checked: u64,
    /// The first of them, where it is known.
    pub first: Option<NotedPlace>,
}

impl Noted {
    /// Gives what the registry says of it.
    pub fn sentence(&self) -> String {
        (self.note.entry().sentence)(self)
    }

    /// Gives the share; none of nothing.
    pub fn share(&self) -> Option<f64> {
        (self.checked > 0).then(|| self.count as f64 / self.checked as f64)
    }

    /// Says whether the run warns of it by itself.
    pub fn is_warned_of(&self) -> bool {
        self.note.entry().warns_above.is_some_and(|limit| self.share().is_some_and(|share| share > limit))
    }

    /// The column, for a sentence.
    pub fn column(&self) -> &str {
        self.column.as_deref().unwrap_or("a value")
    }

    /// `3 of 20,000 rows`, for a sentence.
    pub fn rows(&self) -> String {
        self.of("row")
    }

    /// `3 of 20,000 customers`, for a sentence.
    pub fn customers(&self) -> String {
        self.of("customer")
    }

    /// `3 of 20,000 things`, for a sentence.
    pub fn of(&self, thing: &str) -> String {
        format!(
            "{} of {} {thing}{}",
            grouped(self.count),
            grouped(self.checked),
            if self.checked == 1 { "" } else { "s" }
        )
    }

    /// ` (first: row 3 of a.csv)`, for a sentence; nothing where it is not known.
    pub fn first(&self) -> String {
        self.first.as_ref().map(|place| format!(" (first: row {} of {})", place.row, place.file)).unwrap_or_default()
    }
}

/// Writes a number in groups of three: `20,000,000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_decide_whether_the_run_warns() {
        let noted = |count, checked| Noted { note: Note::WhereNull, column: None, count, checked, first: None };
        assert!(!noted(1, 100).is_warned_of() && noted(2, 100).is_warned_of());
        assert!(!noted(0, 0).is_warned_of());
        assert!(!Noted { note: Note::Null, ..noted(100, 100) }.is_warned_of(), "nulls are no fault");
        assert_eq!(
            (noted(1, 1).rows().as_str(), noted(2, 20_000).customers().as_str()),
            ("1 of 1 row", "2 of 20,000 customers")
        );
    }
}
