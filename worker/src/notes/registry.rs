//! All notes there are, with what is said of each.

use super::noted::Noted;

/// Something worth telling that decides no row's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// Rows that `where` keeps in which a name is null.
    Null,
    /// Rows on which `where` is null: dropped like those on which it is false.
    WhereNull,
    /// Rows on which `where` fails: quarantined.
    WhereFailed,
    /// Values of a custom feature that could not be computed and are null.
    Overflow,
    /// Values of a clustered feature that are null.
    Imputed,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteOf {
    /// The rows of a source.
    Source,
    /// A column of a source: a gate names one.
    Column,
    /// The list of excluded ids.
    ExcludeList,
    /// A feature of the user's own; the source of its checks is `features`.
    Feature,
    /// A segmentation, and of it a rule or a feature.
    Segmentation,
}

/// What the registry has of a note.
#[derive(Debug)]
pub struct NoteEntry {
    /// Its name; that of its check is this with `_share`.
    pub name: &'static str,
    /// What it is about.
    pub of: NoteOf,
    /// The run warns where the share is above this; none: it never does.
    pub warns_above: Option<f64>,
    /// What the warning says, behind whose it is.
    pub sentence: fn(&Noted) -> String,
}

/// Above this share of the rows a loss is more than a few odd ones.
const FEW: f64 = 0.01;

impl Note {
    /// Every note, in the order of `quality.parquet`.
    pub const ALL: [Self; 5] = [Self::Null, Self::WhereNull, Self::WhereFailed, Self::Overflow, Self::Imputed];

    /// Gives what the registry has of it.
    pub fn entry(self) -> NoteEntry {
        match self {
            Self::Null => NoteEntry {
                name: "null",
                of: NoteOf::Column,
                warns_above: None,
                sentence: |noted| format!("{} is null in {}", noted.column(), noted.rows()),
            },
            Self::WhereNull => NoteEntry {
                name: "where_null",
                of: NoteOf::Source,
                warns_above: Some(FEW),
                sentence: |noted| {
                    format!(
                        "where is null on {}, which are dropped like those on which it is false; say in it what null means, as in \
                         coalesce(…, true)",
                        noted.rows()
                    )
                },
            },
            Self::WhereFailed => NoteEntry {
                name: "where_failed",
                of: NoteOf::Source,
                warns_above: Some(0.0),
                sentence: |noted| format!("where fails on {}, which are quarantined{}", noted.rows(), noted.first()),
            },
            Self::Overflow => NoteEntry {
                name: "overflow",
                of: NoteOf::Feature,
                warns_above: Some(0.0),
                sentence: |noted| {
                    format!(
                        "{} could not be computed for {} and is null there: a number is too large, or a row could not be read",
                        noted.column(),
                        noted.customers()
                    )
                },
            },
            Self::Imputed => NoteEntry {
                name: "imputed",
                of: NoteOf::Segmentation,
                warns_above: None,
                sentence: |noted| format!("{} is null for {}", noted.column(), noted.customers()),
            },
        }
    }

    /// Gives the name of its check in `quality.parquet`.
    pub fn check(self) -> String {
        format!("{}_share", self.entry().name)
    }

    /// Gives a note by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|note| note.entry().name == name)
    }

    /// Gives a note by the name of its check.
    pub fn of_check(check: &str) -> Option<Self> {
        Self::named(check.strip_suffix("_share")?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_note_is_found_by_its_name_and_its_check() {
        for note in Note::ALL {
            assert_eq!(Note::named(note.entry().name), Some(note));
            assert_eq!(Note::of_check(&note.check()), Some(note));
        }
        assert_eq!(Note::ALL.iter().collect::<BTreeSet<_>>().len(), Note::ALL.len());
        assert_eq!((Note::named("nonsense"), Note::of_check("null")), (None, None));
    }

    #[test]
    fn sentences_are_parts_of_a_message() {
        let first = Some(super::super::NotedPlace { file: "a.csv".to_owned(), row: 7 });
        for note in Note::ALL {
            let noted =
                Noted { note, column: Some("x".to_owned()), count: 1_234, checked: 2_000, first: first.clone() };
            let sentence = noted.sentence();
            assert!(sentence.contains("1,234 of 2,000"), "{sentence}");
            assert!(!sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
        }
    }
}
