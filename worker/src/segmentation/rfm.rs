//! The cuts of an rfm segmentation.

use segmenter_proto::{
    Error, Result,
    methods::{Bins, RfmCuts},
    statistics::{Fraction, QuantileTarget, Summary, f64_of_key, key_of_f64},
};

/// Gives the shares whose quantiles are the cuts: i/bins; none for cuts by hand.
pub fn cut_shares(bins: &Bins) -> Result<Vec<Fraction>> {
    match bins {
        Bins::Quantiles(bins) => (1..u64::from(*bins)).map(|i| Fraction::new(i, u64::from(*bins))).collect(),
        Bins::Cuts(_) => Ok(vec![]),
    }
}

/// Gives the quantile target of a scored feature, from the summary of its customers with a purchase.
pub fn cut_target(column: u32, bins: &Bins, summary: &Summary) -> Result<QuantileTarget> {
    Ok(QuantileTarget {
        column,
        group: 0,
        count: summary.count,
        min: summary.min.map_or(0, key_of_f64),
        max: summary.max.map_or(0, key_of_f64),
        shares: cut_shares(bins)?,
    })
}

/// Gives the cuts of a feature: by hand, or the quantiles found for [`cut_target`] (keys of f64).
///
/// Without a customer with a purchase there is nobody to score, and every cut is 0.
pub fn cuts(feature: &str, bins: &Bins, quantiles: &[Option<i128>]) -> Result<RfmCuts> {
    let cuts = match bins {
        Bins::Cuts(cuts) => cuts.clone(),
        Bins::Quantiles(_) if quantiles.len() == cut_shares(bins)?.len() => {
            quantiles.iter().map(|key| key.map_or(0.0, f64_of_key)).collect()
        }
        Bins::Quantiles(bins) => {
            return Err(Error::bug(format!("{} quantiles for {bins} bins of `{feature}`", quantiles.len())));
        }
    };
    Ok(RfmCuts { feature: feature.to_owned(), cuts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use segmenter_proto::{
        Rounds as _,
        statistics::{QuantileCounter, QuantileSolver},
    };

    fn quantile_cuts(values: &[f64], bins: u32) -> RfmCuts {
        let bins = Bins::Quantiles(bins);
        let mut summary = Summary::default();
        values.iter().for_each(|value| summary.add(Some(*value)));
        let mut solver = QuantileSolver::new(vec![cut_target(0, &bins, &summary).unwrap()]);
        while let Some(request) = solver.next_request() {
            let mut counter = QuantileCounter::new(&request).unwrap();
            counter.count(0, values.iter().map(|value| (0, key_of_f64(*value))));
            solver.absorb(counter.finish()).unwrap();
        }
        cuts("monetary", &bins, &solver.finish().unwrap()[0]).unwrap()
    }

    #[test]
    fn distinct_values_fall_into_equal_fifths() {
        let values: Vec<_> = (1..=100).map(f64::from).collect();
        let cuts = quantile_cuts(&values, 5);
        assert_eq!(cuts.cuts, [20.0, 40.0, 60.0, 80.0]);
        for score in 1..=5 {
            assert_eq!(values.iter().filter(|value| cuts.score(**value) == score).count(), 20);
        }
    }

    #[test]
    fn cuts_by_hand_need_no_quantiles() {
        let bins = Bins::Cuts(vec![30.0, 90.0]);
        assert!(cut_shares(&bins).unwrap().is_empty());
        assert_eq!(cuts("recency_days", &bins, &[]).unwrap().cuts, [30.0, 90.0]);
        assert!(cuts("recency_days", &Bins::Quantiles(5), &[]).is_err());
    }

    proptest! {
        #[test]
        fn scores_rise_with_values_and_equal_values_share_one(
            values in prop::collection::vec((-20i32..20).prop_map(f64::from), 1..60),
            bins in 2u32..=10,
        ) {
            let cuts = quantile_cuts(&values, bins);
            for left in &values {
                for right in &values {
                    if left <= right {
                        prop_assert!(cuts.score(*left) <= cuts.score(*right));
                    }
                }
                prop_assert!((1..=bins).contains(&u32::from(cuts.score(*left))));
                prop_assert_eq!(cuts.reversed_score(*left), bins as u8 + 1 - cuts.score(*left));
            }
        }
    }
}
