//! What the rows of a source are: a file a kind, with its standard names. A new kind is a file and a line in each list of [`SourceKind`];
//! schema, docs, checks and the tables of queries follow.

mod accounts;
mod consents;
mod customers;
mod events;
mod feedback;
mod identities;
mod members;
mod messages;
mod opportunities;
mod points;
mod reference;
mod survey;
mod transactions;
mod unit;
mod wishes;

pub use unit::Unit;

use serde::{Deserialize, Serialize};

/// What a source's rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// One row a customer.
    Customers,
    /// Orders or lines of orders.
    Transactions,
    /// One row a `key`, of no customer: products, rates, promotions. A table that queries may join.
    Reference,
    /// A consent given or withdrawn.
    Consents,
    /// Something done on a web site or in an app.
    Events,
    /// A step of a message to a customer.
    Messages,
    /// A membership of a programme.
    Members,
    /// A booking in a loyalty ledger.
    Points,
    /// An answer.
    Survey,
    /// What a customer said.
    Feedback,
    /// An entry of a wish list.
    Wishes,
    /// Two ids of one person, or of two.
    Identities,
    /// One row an account: a company.
    Accounts,
    /// A deal of the pipeline.
    Opportunities,
}

impl SourceKind {
    /// All kinds, in the order in which they are told.
    pub const ALL: [Self; 14] = [
        Self::Customers,
        Self::Transactions,
        Self::Reference,
        Self::Consents,
        Self::Events,
        Self::Messages,
        Self::Members,
        Self::Points,
        Self::Survey,
        Self::Feedback,
        Self::Wishes,
        Self::Identities,
        Self::Accounts,
        Self::Opportunities,
    ];

    /// Gives what is known of the kind.
    pub fn kind(self) -> &'static Kind {
        match self {
            Self::Customers => &customers::KIND,
            Self::Transactions => &transactions::KIND,
            Self::Reference => &reference::KIND,
            Self::Consents => &consents::KIND,
            Self::Events => &events::KIND,
            Self::Messages => &messages::KIND,
            Self::Members => &members::KIND,
            Self::Points => &points::KIND,
            Self::Survey => &survey::KIND,
            Self::Feedback => &feedback::KIND,
            Self::Wishes => &wishes::KIND,
            Self::Identities => &identities::KIND,
            Self::Accounts => &accounts::KIND,
            Self::Opportunities => &opportunities::KIND,
        }
    }

    /// Gives its name in the job file, which is that of the table of all its rows.
    pub fn name(self) -> &'static str {
        self.kind().name
    }

    /// Says whether rows may have amounts, which must be in the job's currency.
    pub fn has_money(self) -> bool {
        matches!(self.kind().rows, RowsOf::One(_)) || self.kind().column("amount").is_some()
    }

    /// Gives the names that hold amounts in the currency that a row says, which are converted where the job says how.
    pub fn amounts(self) -> &'static [&'static str] {
        match self {
            Self::Transactions => &["amount", "discount", "cost"],
            Self::Messages => &["amount", "cost"],
            _ => &[],
        }
    }

    /// Says whether one who is segmented may have any number of rows.
    pub fn has_many(self, unit: Unit) -> bool {
        match self.kind().rows {
            RowsOf::One(own) => own != unit,
            RowsOf::Many(_) => true,
            RowsOf::Nobody => false,
        }
    }

    /// Says whose rows they are; none: nobody's.
    pub fn owner(self) -> Option<Unit> {
        match self.kind().rows {
            RowsOf::One(own) | RowsOf::Many(own) => Some(own),
            RowsOf::Nobody => None,
        }
    }
}

/// A kind of source.
#[derive(Debug)]
pub struct Kind {
    /// Its name in the job file.
    pub name: &'static str,
    /// What a row is.
    pub row: &'static str,
    /// Whose they are.
    pub rows: RowsOf,
    /// The names of `[source.columns]` that mean something, in the order in which they are told; others are carried along.
    pub columns: &'static [StandardColumn],
}

impl Kind {
    /// Gives a standard name.
    pub fn column(&self, name: &str) -> Option<&'static StandardColumn> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Whose rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsOf {
    /// Those of one of a unit, who has one.
    One(Unit),
    /// Those of one of a unit, who may have many.
    Many(Unit),
    /// Nobody's.
    Nobody,
}

/// A standard name of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StandardColumn {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What it means, with its unit.
    pub about: &'static str,
    /// Whether it has to be mapped.
    pub needed: bool,
    /// Whether it is personal: no feature, segmentation or result shows it as it is.
    pub personal: bool,
    /// The words that presets know, where it holds one of them; a row with another word is used, and counted.
    pub words: &'static [&'static str],
    /// The time that it hangs on: at and after `as_of` neither is known.
    pub hangs_on: Option<HangsOn>,
}

impl StandardColumn {
    /// Says which words it holds.
    const fn of(self, words: &'static [&'static str]) -> Self {
        Self { words, ..self }
    }

    /// Marks it as personal.
    const fn personal(self) -> Self {
        Self { personal: true, ..self }
    }

    /// Makes it known from a time on, which has to be mapped too.
    const fn known_from(self, time: &'static str) -> Self {
        Self { hangs_on: Some(HangsOn { time, is_known_before: false }), ..self }
    }

    /// Makes it null where a time is at or after `as_of`, since it may have been another before.
    const fn unless_after(self, time: &'static str) -> Self {
        Self { hangs_on: Some(HangsOn { time, is_known_before: true }), ..self }
    }
}

/// How a value hangs on a time of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HangsOn {
    /// The standard name of the time.
    pub time: &'static str,
    /// Whether there is a value before that time.
    pub is_known_before: bool,
}

/// What a standard name holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// An id.
    Id,
    /// A date or a time.
    Time,
    /// A time that is null until it is known: at and after `as_of`.
    KnownTime,
    /// A time since when the row is there: at and after `as_of` it is not yet. Where the source has a `time`, that says it, and this is a
    /// [`Self::KnownTime`].
    Beginning,
    /// Money, kept as decimal(18,4).
    Money,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// Whatever the file has.
    Any,
    /// Whatever the file has; that it is null says something too.
    AnyOrNull,
    /// Whatever the file has. Where that is a date or a time, the customer is there since then: one who comes at or after `as_of` is not yet.
    AnyBeginning,
}

impl Holds {
    /// Says it to a person.
    pub fn told(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Time | Self::KnownTime | Self::Beginning => "date or timestamp",
            Self::Money => "decimal(18,4)",
            Self::Number => "number",
            Self::Truth => "true or false",
            Self::Any => "anything",
            Self::AnyOrNull => "anything, or null",
            Self::AnyBeginning => "anything; of a date or a timestamp more is known",
        }
    }
}

const fn column(name: &'static str, holds: Holds, about: &'static str, needed: bool) -> StandardColumn {
    StandardColumn { name, holds, about, needed, personal: false, words: &[], hangs_on: None }
}

const fn id(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::Id, about, needed)
}

const fn time(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::Time, about, needed)
}

const fn known_time(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::KnownTime, about, needed)
}

const fn beginning(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::Beginning, about, needed)
}

const fn money(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::Money, about, needed)
}

const fn number(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::Number, about, needed)
}

const fn truth(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::Truth, about, needed)
}

const fn any(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::Any, about, needed)
}

const fn any_or_null(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::AnyOrNull, about, needed)
}

const fn any_beginning(name: &'static str, about: &'static str, needed: bool) -> StandardColumn {
    column(name, Holds::AnyBeginning, about, needed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_file_of_its_name_and_names_once() {
        for kind in SourceKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
            let mut names: Vec<&str> = kind.kind().columns.iter().map(|column| column.name).collect();
            let owner = kind.owner();
            assert!(owner.is_none_or(|owner| names.contains(&owner.key())), "{kind:?}");
            let hang = kind.kind().columns.iter().filter_map(|column| column.hangs_on);
            assert!(hang.into_iter().all(|hangs| names.contains(&hangs.time)), "{kind:?}");
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        }
    }
}
