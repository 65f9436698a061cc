//! Tiers: what the job says, and what `model.json` has.

use super::{Condition, MethodSpec, Model, OUT_OF_SCOPE, SegmentName};
use serde::{Deserialize, Serialize};

/// Customers in the order of one number, cut from the top.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TiersMethod {
    /// SQL over features that says who is in scope; the rest get `out_of_scope`.
    pub filter: Option<String>,
    /// SQL over features: the number that decides.
    pub by: String,
    /// Where tiers end.
    pub cuts: TierCuts,
    /// `segment_name` of each tier, from the top; one more than there are cuts.
    pub names: Vec<String>,
}

/// Where tiers end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TierCuts {
    /// After these shares of the customers who have a value, from the top; rising.
    Shares(Vec<f64>),
    /// At these values; rising. A customer on a cut is above it.
    Values(Vec<f64>),
}

impl TierCuts {
    /// Gives the number of tiers.
    pub fn tiers(&self) -> usize {
        match self {
            Self::Shares(cuts) | Self::Values(cuts) => cuts.len() + 1,
        }
    }
}

impl MethodSpec for TiersMethod {
    fn conditions(&self) -> Vec<Condition<'_>> {
        self.filter.as_deref().map(Condition::Where).into_iter().collect()
    }

    fn value(&self) -> Option<&str> {
        Some(&self.by)
    }
}

/// A segmentation by tiers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TiersModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// SQL that says who is in scope, as in the job.
    pub filter: Option<String>,
    /// SQL over features: the number that decides.
    pub by: String,
    /// From the top.
    pub tiers: Vec<TierModel>,
}

/// One tier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TierModel {
    /// `t01`, `t02`, …, from the top.
    pub key: String,
    /// Shown to people.
    pub name: String,
    /// Who is in it, unless a tier above has them; of the last tier none: all the others.
    pub from: Option<TierBound>,
}

/// The lower end of a tier.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TierBound {
    /// The value.
    pub value: f64,
    /// Whether customers on it are in the tier.
    pub included: bool,
}

impl TierBound {
    fn holds(self, value: f64) -> bool {
        value > self.value || (self.included && value == self.value)
    }
}

impl TiersModel {
    /// Makes it of the lower ends of all tiers but the last, from the top.
    pub fn new(segmentation: &str, method: &TiersMethod, bounds: impl IntoIterator<Item = TierBound>) -> Self {
        let bounds = bounds.into_iter().map(Some).chain([None]);
        let tiers = (1..).zip(bounds).zip(&method.names).map(|((number, from), name)| TierModel {
            key: format!("t{number:02}"),
            name: name.clone(),
            from,
        });
        Self {
            segmentation: segmentation.to_owned(),
            filter: method.filter.clone(),
            by: method.by.clone(),
            tiers: tiers.collect(),
        }
    }

    /// Gives the position of the tier that a value is in.
    pub fn tier_of(&self, value: f64) -> usize {
        self.tiers.iter().position(|tier| tier.from.is_none_or(|from| from.holds(value))).unwrap_or_default()
    }
}

impl Model for TiersModel {
    fn segmentation(&self) -> &str {
        &self.segmentation
    }

    fn segments(&self) -> Vec<SegmentName> {
        let named = self.tiers.iter().map(|tier| SegmentName::new(&tier.key, &tier.name));
        named.chain([SegmentName::reserved(OUT_OF_SCOPE)]).collect()
    }

    fn filter(&self) -> Option<&str> {
        self.filter.as_deref()
    }

    fn empty(&self) -> Option<(&'static str, &'static str)> {
        Some(("tier", "nobody has such a value, or those at its end are equal and stay together in the tier below"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customer_on_a_cut_by_hand_is_above_it_and_on_a_share_below() {
        let names = ["gold", "silver", "bronze"].map(str::to_owned).to_vec();
        let cuts = TierCuts::Values(vec![100.0, 1000.0]);
        let method = TiersMethod { filter: None, by: "monetary".to_owned(), cuts, names };
        let model = |included| {
            let bound = |value| TierBound { value, included };
            TiersModel::new("value", &method, [bound(1000.0), bound(100.0)])
        };
        let tiers = |included| [2000.0, 1000.0, 999.5, 100.0, -5.0].map(|value| model(included).tier_of(value));
        assert_eq!(tiers(true), [0, 0, 1, 1, 2]);
        assert_eq!(tiers(false), [0, 1, 1, 2, 2]);
        let keys: Vec<String> = model(true).segments().into_iter().map(|segment| segment.key).collect();
        assert_eq!(keys, ["t01", "t02", "t03", "out_of_scope"]);
    }
}
