use schemars::JsonSchema;
use serde::Deserialize;

/// Which items go together: bought in one basket or by one customer, or bought by those who wished for others.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Affinity")]
pub(crate) struct RawAffinity {
    /// Its name, unique among affinities: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// The name of [source.columns] whose values are the items, such as "category". Default: "product_id".
    #[schemars(length(min = 1))]
    pub(crate) of: Option<String>,
    /// What the first item of a pair was; the second was bought. Default: "bought".
    pub(crate) from: Option<RawFirst>,
    /// What both items are looked for in. Default: "basket", and "customer" where the first item was wished for.
    pub(crate) within: Option<RawWithin>,
    /// The segmentation by whose segments pairs are counted too, beside everybody. Default: none.
    #[schemars(length(min = 1))]
    pub(crate) segmentation: Option<String>,
    /// Items that are looked at, those of most baskets or customers first; how many are left out is told. Default: 5000.
    #[schemars(range(min = 2, max = 10000))]
    pub(crate) max_items: Option<u32>,
    /// Pairs that are told of each first item, those of which most is known to go together. Default: 10.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) top: Option<u32>,
}

/// What the first item of a pair was.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "First")]
pub(crate) enum RawFirst {
    /// Bought.
    Bought,
    /// Wished for, in a source of kind wishes that maps the same name.
    Wished,
}

/// What both items of a pair are looked for in.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Within")]
pub(crate) enum RawWithin {
    /// One `order_id`; rows without one make a basket of what a customer bought on a day.
    Basket,
    /// All that a customer bought before as_of.
    Customer,
}
