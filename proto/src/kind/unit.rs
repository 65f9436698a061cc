//! Who is segmented.

use super::SourceKind;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// Who is segmented: the owner of rows, by whose id they find each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A customer.
    #[default]
    Customer,
    /// An account: a company.
    Account,
}

impl Unit {
    /// Gives the name of the id, which is the key of all tables.
    pub fn key(self) -> &'static str {
        match self {
            Self::Customer => "customer_id",
            Self::Account => "account_id",
        }
    }

    /// Gives the kind of sources that has a row for each, whose name is that of the table of the population.
    pub fn kind(self) -> SourceKind {
        match self {
            Self::Customer => SourceKind::Customers,
            Self::Account => SourceKind::Accounts,
        }
    }

    /// Gives the word for one.
    pub fn one(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Account => "account",
        }
    }

    /// Gives the word for one, with its article.
    pub fn a(self) -> &'static str {
        match self {
            Self::Customer => "a customer",
            Self::Account => "an account",
        }
    }

    /// Gives the word for several.
    pub fn many(self) -> &'static str {
        self.kind().name()
    }

    /// Gives a sentence about customers as one about whoever is segmented; what stands between backticks are names and stays.
    pub fn told(self, sentence: &str) -> Cow<'_, str> {
        if self == Self::Customer {
            return Cow::Borrowed(sentence);
        }
        let word = |word: &str| match word {
            "customer" => self.one().to_owned(),
            "customers" => self.many().to_owned(),
            "customer_id" => self.key().to_owned(),
            other => other.to_owned(),
        };
        // Names of files are words of their own.
        let is_of_word = |letter: char| letter.is_alphanumeric() || "_/.-\\".contains(letter);
        let (mut told, mut current, mut is_name) = (String::with_capacity(sentence.len()), String::new(), false);
        for letter in sentence.chars() {
            match is_of_word(letter) && !is_name {
                true => current.push(letter),
                false => {
                    told.push_str(&word(&std::mem::take(&mut current)));
                    told.push(letter);
                    is_name ^= letter == '`';
                }
            }
        }
        told.push_str(&word(&current));
        Cow::Owned(told)
    }

    /// Says whether nothing else was asked for.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_told_of_whoever_is_segmented_and_names_stay() {
        let sentence =
            "2 of 5 customers have no customer_id (row 3 of /in/customers.csv), and `customers` is a name; customer";
        assert_eq!(Unit::Customer.told(sentence), sentence);
        let told =
            "2 of 5 accounts have no account_id (row 3 of /in/customers.csv), and `customers` is a name; account";
        assert_eq!(Unit::Account.told(sentence), told);
    }
}
