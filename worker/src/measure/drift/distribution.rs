//! The rows of `distributions.parquet`.

use crate::{
    measure::{BinnedFeature, Bins, OTHER_LEVELS},
    results::DistributionRow,
};

/// How all customers are spread over the bins of a feature.
#[derive(Debug, Clone, Copy)]
pub struct DistributedFeature<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its bins.
    pub feature: &'a BinnedFeature,
    /// Customers by bin, those without a value last.
    pub customers: &'a [u64],
    /// Standard deviation of a number.
    pub std: Option<f64>,
}

/// Gives the rows of features in the order given. A number's bins of fewer than `fewest` customers are put together with their neighbours.
pub fn distribution_rows(features: &[DistributedFeature<'_>], fewest: u64) -> Vec<DistributionRow> {
    features.iter().flat_map(|feature| feature.rows(fewest)).collect()
}

impl DistributedFeature<'_> {
    fn rows(&self, fewest: u64) -> Vec<DistributionRow> {
        let all: u64 = self.customers.iter().sum();
        let row = |bin: usize, customers: u64| DistributionRow {
            feature: self.name.to_owned(),
            bin: bin as i32 + 1,
            low: None,
            high: None,
            level: None,
            is_missing: false,
            customers: customers as i64,
            share: if all == 0 { 0.0 } else { customers as f64 / all as f64 },
            std: self.std,
        };
        let values = self.feature.values().min(self.customers.len());
        let (known, missing) = self.customers.split_at(values);
        let mut rows: Vec<DistributionRow> = match &self.feature.by {
            Bins::Cuts(cuts) => merged(cuts, known, fewest)
                .into_iter()
                .enumerate()
                .map(|(bin, of)| DistributionRow { low: of.low, high: of.high, ..row(bin, of.customers) })
                .collect(),
            Bins::Levels(levels) => {
                let names = levels.iter().map(String::as_str).chain([OTHER_LEVELS]);
                let named = names.zip(known).enumerate();
                named
                    .map(|(bin, (level, customers))| DistributionRow {
                        level: Some(level.to_owned()),
                        ..row(bin, *customers)
                    })
                    .collect()
            }
        };
        rows.push(DistributionRow { is_missing: true, ..row(rows.len(), missing.iter().sum()) });
        rows
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Bin {
    low: Option<f64>,
    high: Option<f64>,
    customers: u64,
}

/// Puts bins together from below until each has enough customers, or none, which tells of nobody; what is left at the top joins the bin below it.
fn merged(cuts: &[f64], customers: &[u64], fewest: u64) -> Vec<Bin> {
    let mut bins: Vec<Bin> = Vec::new();
    let mut open = Bin { low: None, high: None, customers: 0 };
    for (at, own) in customers.iter().enumerate() {
        open.customers += own;
        open.high = cuts.get(at).copied();
        if !(1..fewest).contains(&open.customers) && open.high.is_some() {
            bins.push(open);
            open = Bin { low: open.high, high: None, customers: 0 };
        }
    }
    match bins.last_mut().filter(|_| (1..fewest).contains(&open.customers)) {
        Some(last) => *last = Bin { high: None, customers: last.customers + open.customers, ..*last },
        None => bins.push(Bin { high: None, ..open }),
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Low, high, level, whether it is of those without a value, customers.
    type Told = (Option<f64>, Option<f64>, Option<String>, bool, i64);

    fn rows(by: Bins, customers: &[u64]) -> Vec<Told> {
        let feature = BinnedFeature { column: 0, by };
        let of = DistributedFeature { name: "x", feature: &feature, customers, std: Some(2.0) };
        let rows = distribution_rows(&[of], 20);
        assert!(rows.iter().enumerate().all(|(at, row)| row.bin == at as i32 + 1 && row.std == Some(2.0)));
        rows.into_iter().map(|row| (row.low, row.high, row.level, row.is_missing, row.customers)).collect()
    }

    #[test]
    fn bins_of_few_customers_are_put_together() {
        let all = rows(Bins::Cuts(vec![1.0, 2.0, 3.0, 4.0]), &[5, 30, 40, 25, 3, 7]);
        let bin = |low, high, customers| (low, high, None, false, customers);
        let missing = (None, None, None, true, 7);
        assert_eq!(
            all,
            [bin(None, Some(2.0), 35), bin(Some(2.0), Some(3.0), 40), bin(Some(3.0), None, 28), missing.clone()]
        );
        let few = rows(Bins::Cuts(vec![1.0]), &[3, 4, 7]);
        assert_eq!(few, [bin(None, None, 7), missing.clone()]);
        assert_eq!(rows(Bins::Cuts(Vec::new()), &[30, 7]), [bin(None, None, 30), missing.clone()]);
        // Nearly all have one value: what is above it is a bin of nobody, where others may be the next day.
        let alike = rows(Bins::Cuts(vec![0.0, 50.0]), &[19, 900, 0, 7]);
        assert_eq!(alike, [bin(None, Some(50.0), 919), bin(Some(50.0), None, 0), missing]);
    }

    #[test]
    fn levels_that_are_not_named_are_one_bin() {
        let all = rows(Bins::Levels(vec!["Radom".to_owned()]), &[30, 4, 1]);
        let level = |name: &str, customers| (None, None, Some(name.to_owned()), false, customers);
        assert_eq!(all, [level("Radom", 30), level(OTHER_LEVELS, 4), (None, None, None, true, 1)]);
    }
}
