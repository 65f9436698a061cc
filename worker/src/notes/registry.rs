//! All notes there are, with what is said of each.

use super::duplicates::of_duplicates;
use super::noted::Noted;
use super::pairs::of_pairs;
use super::values::{of_rows, of_values};

/// Something worth telling that decides no row's fate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// Rows that `where` keeps in which a name is null.
    Null,
    /// Rows on which `where` is null: dropped like those on which it is false.
    WhereNull,
    /// Rows on which `where` fails: quarantined.
    WhereFailed,
    /// Values of a column of a customers source that could not be read and are null.
    Unreadable,
    /// Rows of which a value of `key` is null: nobody's duplicates.
    KeyNull,
    /// Rows that are not used since another of the same key is, with other values.
    DuplicateDiffers,
    /// The same where the job says by what the kept one is chosen, and that chose it.
    DuplicateReplaced,
    /// The same where what the job says leaves it open.
    DuplicateUndecided,
    /// Customers of whom a source of customers has another value of a column than one above it in the job, of those of whom both have
    /// one.
    AttributeDiffers,
    /// Orders that stand at several customers, of all orders before `as_of`.
    OrderOfSeveral,
    /// Customers of whom another customer has the same row but for the id, beyond the first.
    EqualRow,
    /// Customers on whom `exclude` is null: kept like those on whom it is false.
    ExcludeNull,
    /// Ids of the list of excluded ones that no source has.
    Unmatched,
    /// Customers whom the list of excluded ids has with blanks or invisible characters at an end alone, of all ids of the list.
    MatchedTrimmed,
    /// Rows of the list of excluded ids without an id.
    NoId,
    /// Pairs of ids with too little confidence, or none: left out.
    UnsurePair,
    /// Pairs of ids with `same` null: left out.
    UndecidedPair,
    /// Pairs of an id with itself.
    PairOfOneId,
    /// Ids of components with more ids than a person may have, of all linked ones.
    TooManyIds,
    /// Ids of components that would join two ids that are apart, of all linked ones.
    KeptApart,
    /// Rows that a check of the user's own finds wrong, of those that it can tell.
    CheckFailed,
    /// Rows on which such a check is null, of those that it looked at.
    CheckUndecided,
    /// Customers of the population who may be reached by a channel, or by any.
    Reachable,
    /// Used rows of a product that the reference table of products does not have, of those that name one.
    UnknownProduct,
    /// Rows of less than no pieces that are no refunds.
    NegativeQuantity,
    /// Values of a name that are none of the words which presets know of it.
    OtherWord,
    /// Times of the clock that are midnight.
    Midnight,
    /// Ids with a blank at an end or an invisible character.
    UnseenInId,
    /// Ids that are a word for no value.
    WordForNull,
    /// Ids that are numbers as spreadsheets round them.
    RoundedId,
    /// Ids that are numbers with zeros from the 16th digit on.
    ZerosInId,
    /// Times that would be read with day and month the other way round: quarantined.
    OtherOrder,
    /// Times that are numbers as spreadsheets keep dates: quarantined.
    SerialDate,
    /// Times that are numbers counted from 1970: quarantined.
    EpochNumber,
    /// Times before 1900.
    Before1900,
    /// Used rows of the customer who has most, where that is far more than others have.
    DominantCustomer,
    /// Values of a custom feature that could not be computed and are null.
    Overflow,
    /// Rows on which a filter of a custom feature is null: left out of it like those on which it is false.
    FilterNull,
    /// Values of a clustered feature that are null.
    Imputed,
    /// Customers on whom the `where` of a segmentation is null: out of its scope like those on whom it is false.
    ScopeNull,
    /// Customers on whom it fails: out of its scope.
    ScopeFailed,
    /// Customers in scope on whom the value that decides is null: out of scope.
    ValueNull,
    /// Customers in scope on whom it fails: out of scope.
    ValueFailed,
    /// Customers on whom the `when` of a rule is null, of those whom no rule above it has: it does not hold.
    WhenNull,
    /// Customers on whom it fails: it does not hold.
    WhenFailed,
    /// Values of a clustered text or boolean that are no level of their own in the model.
    NoLevel,
    /// Values of a clustered feature beyond the cuts of the model.
    BeyondCuts,
    /// Values of a clustered feature beyond ±8 after scaling.
    BeyondScale,
}

/// What a note is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteOf {
    /// The rows of a source.
    Source,
    /// A column of a source: a gate names one.
    Column,
    /// A channel of a source of consents; in place of a column stands its name.
    Channel,
    /// A check of the user's own; in place of a column stands its name.
    Check,
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

/// From this share on nearly all of it is meant so, or wrong.
pub(super) const MOST: f64 = 0.5;
/// Above this share of the rows a loss is more than a few odd ones.
pub(super) const FEW: f64 = 0.01;
/// Above this share of the customers a condition that is null is more than those of whom little is known.
const MANY: f64 = 0.2;

impl Note {
    /// Every note, in the order of `quality.parquet`.
    pub const ALL: [Self; 48] = [
        Self::Null,
        Self::WhereNull,
        Self::WhereFailed,
        Self::Unreadable,
        Self::KeyNull,
        Self::DuplicateDiffers,
        Self::DuplicateReplaced,
        Self::DuplicateUndecided,
        Self::AttributeDiffers,
        Self::OrderOfSeveral,
        Self::EqualRow,
        Self::ExcludeNull,
        Self::Unmatched,
        Self::MatchedTrimmed,
        Self::NoId,
        Self::UnsurePair,
        Self::UndecidedPair,
        Self::PairOfOneId,
        Self::TooManyIds,
        Self::KeptApart,
        Self::CheckFailed,
        Self::CheckUndecided,
        Self::Reachable,
        Self::UnknownProduct,
        Self::NegativeQuantity,
        Self::OtherWord,
        Self::Midnight,
        Self::UnseenInId,
        Self::WordForNull,
        Self::RoundedId,
        Self::ZerosInId,
        Self::OtherOrder,
        Self::SerialDate,
        Self::EpochNumber,
        Self::Before1900,
        Self::DominantCustomer,
        Self::Overflow,
        Self::FilterNull,
        Self::Imputed,
        Self::ScopeNull,
        Self::ScopeFailed,
        Self::ValueNull,
        Self::ValueFailed,
        Self::WhenNull,
        Self::WhenFailed,
        Self::NoLevel,
        Self::BeyondCuts,
        Self::BeyondScale,
    ];

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
            Self::Unreadable => NoteEntry {
                name: "unreadable",
                of: NoteOf::Column,
                warns_above: Some(FEW),
                sentence: |noted| {
                    format!(
                        "{} could not be read in {} and is null there{}",
                        noted.column(),
                        noted.rows(),
                        noted.first()
                    )
                },
            },
            Self::KeyNull
            | Self::DuplicateDiffers
            | Self::DuplicateReplaced
            | Self::DuplicateUndecided
            | Self::EqualRow => of_duplicates(self),
            Self::OrderOfSeveral => NoteEntry {
                name: "order_of_several",
                of: NoteOf::Source,
                warns_above: Some(FEW),
                sentence: |noted| {
                    format!(
                        "{} stand at several customers, and are an order of each: check order_id and customer_id, or put into order_id \
                         what makes it one of a kind (the shop, the year)",
                        noted.of("order")
                    )
                },
            },
            Self::ExcludeNull => NoteEntry {
                name: "exclude_null",
                of: NoteOf::Source,
                warns_above: Some(0.0),
                sentence: |noted| {
                    format!(
                        "exclude is null on {}, who are kept like those on whom it is false; say in it what null means, as in \
                         coalesce(…, true)",
                        noted.customers()
                    )
                },
            },
            Self::Unmatched => NoteEntry {
                name: "unmatched",
                of: NoteOf::ExcludeList,
                warns_above: Some(0.5),
                sentence: |noted| {
                    format!(
                        "{} are no customer's and exclude nobody: check that the list writes ids as the sources do (blanks, leading \
                         zeros, case)",
                        noted.of("id")
                    )
                },
            },
            Self::MatchedTrimmed => NoteEntry {
                name: "matched_trimmed",
                of: NoteOf::ExcludeList,
                warns_above: Some(0.0),
                sentence: |noted| {
                    format!(
                        "{} have blanks or invisible characters at an end, and exclude whoever has the id without them",
                        noted.of("id")
                    )
                },
            },
            Self::NoId => NoteEntry {
                name: "no_id",
                of: NoteOf::ExcludeList,
                warns_above: Some(0.0),
                sentence: |noted| format!("{} have no id and exclude nobody{}", noted.rows(), noted.first()),
            },
            Self::CheckFailed => NoteEntry {
                name: "check_failed",
                of: NoteOf::Check,
                // Its limit is the job's.
                warns_above: None,
                sentence: |noted| format!("check {} fails on {}{}", noted.column(), noted.rows(), noted.first()),
            },
            Self::CheckUndecided => NoteEntry {
                name: "check_undecided",
                of: NoteOf::Check,
                warns_above: Some(MOST),
                sentence: |noted| {
                    format!(
                        "check {} is null on {}, of which it says nothing; say in it what null means, as in coalesce(…, false)",
                        noted.column(),
                        noted.rows()
                    )
                },
            },
            Self::UnsurePair | Self::UndecidedPair | Self::PairOfOneId | Self::TooManyIds | Self::KeptApart => {
                of_pairs(self)
            }
            Self::Reachable
            | Self::UnknownProduct
            | Self::AttributeDiffers
            | Self::NegativeQuantity
            | Self::OtherWord
            | Self::Midnight => of_rows(self),
            Self::UnseenInId
            | Self::WordForNull
            | Self::RoundedId
            | Self::ZerosInId
            | Self::OtherOrder
            | Self::SerialDate
            | Self::EpochNumber
            | Self::Before1900
            | Self::DominantCustomer => of_values(self),
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
            Self::FilterNull => NoteEntry {
                name: "filter_null",
                of: NoteOf::Feature,
                warns_above: Some(MANY),
                sentence: |noted| {
                    format!(
                        "the filter of {} is null on {}, which are left out like those on which it is false; say in it what null \
                         means, as in coalesce(…, false)",
                        noted.column(),
                        noted.rows()
                    )
                },
            },
            Self::Imputed => NoteEntry {
                name: "imputed",
                of: NoteOf::Segmentation,
                warns_above: None,
                sentence: |noted| {
                    format!("{} is null for {} and counts as the median", noted.column(), noted.customers())
                },
            },
            Self::NoLevel => NoteEntry {
                name: "no_level",
                of: NoteOf::Segmentation,
                warns_above: None,
                sentence: |noted| {
                    format!(
                        "{} has a value that is no level of the model for {}, who count as (other)",
                        noted.column(),
                        noted.customers()
                    )
                },
            },
            Self::BeyondCuts => NoteEntry {
                name: "beyond_cuts",
                of: NoteOf::Segmentation,
                warns_above: None,
                sentence: |noted| {
                    format!(
                        "{} lies beyond the cuts of the model for {} and counts as the cut",
                        noted.column(),
                        noted.customers()
                    )
                },
            },
            Self::BeyondScale => NoteEntry {
                name: "beyond_scale",
                of: NoteOf::Segmentation,
                warns_above: None,
                sentence: |noted| {
                    format!(
                        "{} lies beyond 8 units after scaling for {} and counts as 8",
                        noted.column(),
                        noted.customers()
                    )
                },
            },
            Self::ScopeNull => NoteEntry {
                name: "scope_null",
                of: NoteOf::Segmentation,
                warns_above: Some(MANY),
                sentence: |noted| {
                    format!(
                        "where is null on {}, who are out of scope like those on whom it is false; say in it what null means, as in \
                         coalesce(…, true)",
                        noted.customers()
                    )
                },
            },
            Self::ScopeFailed => NoteEntry {
                name: "scope_failed",
                of: NoteOf::Segmentation,
                warns_above: Some(0.0),
                sentence: |noted| format!("where fails on {}, who are out of scope", noted.customers()),
            },
            Self::ValueNull => NoteEntry {
                name: "value_null",
                of: NoteOf::Segmentation,
                warns_above: Some(MANY),
                sentence: |noted| {
                    format!(
                        "by is null on {}, who are out of scope; say in it what null means, as in coalesce(…, 0)",
                        noted.customers()
                    )
                },
            },
            Self::ValueFailed => NoteEntry {
                name: "value_failed",
                of: NoteOf::Segmentation,
                warns_above: Some(0.0),
                sentence: |noted| format!("by fails on {}, who are out of scope", noted.customers()),
            },
            Self::WhenNull => NoteEntry {
                name: "when_null",
                of: NoteOf::Segmentation,
                warns_above: Some(MANY),
                sentence: |noted| {
                    format!(
                        "when of rule {} is null on {}, for whom it does not hold; say in it what null means, as in coalesce(…, false)",
                        noted.column(),
                        noted.customers()
                    )
                },
            },
            Self::WhenFailed => NoteEntry {
                name: "when_failed",
                of: NoteOf::Segmentation,
                warns_above: Some(0.0),
                sentence: |noted| {
                    format!("when of rule {} fails on {}, for whom it does not hold", noted.column(), noted.customers())
                },
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
#[path = "registry_tests.rs"]
mod tests;
