//! Affinities: which items go together.

use serde::{Deserialize, Serialize};

/// Which items are bought together, or are bought by those who wished for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affinity {
    /// Its name, unique among affinities.
    pub name: String,
    /// The name whose values are the items, such as `product_id` or `category`.
    pub of: String,
    /// What both items are looked for in.
    pub within: Within,
    /// What the first item of a pair was; the second was bought.
    pub from: First,
    /// The segmentation by whose segments pairs are counted too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segmentation: Option<String>,
    /// Most items that are looked at.
    pub max_items: u32,
    /// Pairs that are told of each first item.
    pub top: u32,
    /// SQL that gives the lines: the id of whoever is segmented, what tells lists apart (`wished`, or `source`, `basket` and `day` of baskets,
    /// as far as there are any), `item`, and `lines` of it.
    pub query: String,
}

/// What both items of a pair are looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// One order.
    Basket,
    /// All that a customer bought.
    Customer,
}

/// What the first item of a pair was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum First {
    /// Bought.
    Bought,
    /// Wished for.
    Wished,
}

impl Within {
    /// Gives the word of the job file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Basket => "basket",
            Self::Customer => "customer",
        }
    }
}

impl First {
    /// Gives the word of the job file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bought => "bought",
            Self::Wished => "wished",
        }
    }
}

impl Affinity {
    /// The most items that may be looked at.
    pub const MOST_ITEMS: u32 = 10_000;
}
