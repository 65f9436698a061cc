//! From the merged statistic to the rows of `profiles.parquet`.

use super::{
    levels::LevelCounts,
    moments::Moments,
    statistic::{FeatureStatistic, ProfileStatistic},
};
use crate::{measure::groups::apart_from_all, results::ProfileRow};
use segmenter_proto::{Error, Result};

/// The level under which all levels beyond the most frequent ones are summed up.
pub const OTHER_LEVELS: &str = "other levels";
/// Levels that get a row of their own, by customers over all segments.
const TOLD_LEVELS: usize = 50;

/// Which segmentation is profiled, and by what.
#[derive(Debug, Clone, Copy)]
pub struct ProfileScope<'a> {
    /// Name of the segmentation.
    pub segmentation: &'a str,
    /// Keys of the segments, in the order of the labels.
    pub segment_keys: &'a [String],
    /// Whether a customer can be in several of them.
    pub overlapping: bool,
    /// Names of the features, in the order of the columns.
    pub features: &'a [String],
    /// Customers that a level must have to be shown by name, in all and in a segment.
    pub min_cell: u64,
}

/// Gives the rows of one segmentation, by segment, feature, and level by falling count.
///
/// `quartiles` gives p25, p50 and p75 of a segment and feature (by position) in original units; it is asked for numbers
/// only. The population is all customers of all segments, `out_of_scope` and `no_purchases` among them, that have a
/// value. `z_score` is (mean − population mean) / population standard deviation (n − 1); `eta_squared` is
/// 1 − SS within / SS total, which is SS between / SS total, of all segments, or where they overlap of each against those who are not in
/// it. Both are none where all values are equal. The numbers of a level are those of its indicator: 1 for a customer of that level, 0 for one
/// of another. A level of fewer than `min_cell` customers is one of the other levels, and so is, in a segment, a level that fewer of it have.
///
/// # Errors
/// A bug where the statistic has other segments or features than the scope.
pub fn profile_rows(
    scope: &ProfileScope<'_>,
    statistic: &ProfileStatistic,
    quartiles: &dyn Fn(usize, usize) -> [Option<f64>; 3],
) -> Result<Vec<ProfileRow>> {
    if statistic.features.len() != scope.features.len() {
        return Err(Error::bug(format!("profiles of segmentation {} have other features", scope.segmentation)));
    }
    let segments = scope.segment_keys.len();
    let mut by_segment: Vec<Vec<ProfileRow>> = vec![Vec::new(); segments];
    for (position, (name, feature)) in scope.features.iter().zip(&statistic.features).enumerate() {
        let distributions = match feature {
            FeatureStatistic::Number { scale, by_segment } => {
                vec![(None, numbers(by_segment, *scale, scope.overlapping)?)]
            }
            FeatureStatistic::Category(counts) => levels(counts, scope.overlapping, scope.min_cell)?,
        };
        for (level, distributions) in distributions {
            if distributions.len() != segments {
                return Err(Error::bug(format!("profiles of segmentation {} have other segments", scope.segmentation)));
            }
            let shown = distributions.into_iter().enumerate().filter(|(_, distribution)| !distribution.is_hidden);
            for (segment, distribution) in shown {
                let [p25, p50, p75] = if level.is_none() { quartiles(segment, position) } else { [None; 3] };
                by_segment[segment].push(ProfileRow {
                    segmentation: scope.segmentation.to_owned(),
                    segment_key: scope.segment_keys[segment].clone(),
                    feature: name.clone(),
                    level: level.clone(),
                    n: distribution.n as i64,
                    nulls: distribution.nulls as i64,
                    mean: distribution.mean,
                    std: distribution.std,
                    p25,
                    p50,
                    p75,
                    population_mean: distribution.population_mean,
                    z_score: distribution.z_score,
                    eta_squared: distribution.eta_squared,
                });
            }
        }
    }
    Ok(by_segment.into_iter().flatten().collect())
}

/// What one segment's row says of one number or level.
#[derive(Debug, Clone, Copy, Default)]
struct Distribution {
    n: u64,
    nulls: u64,
    mean: Option<f64>,
    std: Option<f64>,
    population_mean: Option<f64>,
    z_score: Option<f64>,
    eta_squared: Option<f64>,
    /// Whether too few customers have the level to show it.
    is_hidden: bool,
}

impl Distribution {
    /// Puts a segment beside the population.
    fn against(mut self, population_mean: Option<f64>, population_std: Option<f64>, eta_squared: Option<f64>) -> Self {
        self.population_mean = population_mean;
        self.z_score = match (self.mean, population_mean, population_std) {
            (Some(mean), Some(population), Some(std)) if std > 0.0 => Some((mean - population) / std),
            _ => None,
        };
        self.eta_squared = eta_squared;
        self
    }

    /// Says how much of the variance of all `n` it explains who is in the segment and who is not.
    ///
    /// With n₁ in the segment and n₂ not, SS between is n₁ (mean − population mean)² n / n₂, and SS total is (n − 1) std².
    fn against_rest(mut self, n: u64, population_std: Option<f64>) -> Self {
        let rest = n.saturating_sub(self.n);
        self.eta_squared = population_std.filter(|std| *std > 0.0).map(|_| match self.z_score {
            Some(z_score) if rest > 0 => {
                let explained = z_score * z_score * self.n as f64 * n as f64 / (rest as f64 * (n - 1) as f64);
                explained.clamp(0.0, 1.0)
            }
            _ => 0.0,
        });
        self
    }
}

fn numbers(by_segment: &[Moments], scale: u32, overlapping: bool) -> Result<Vec<Distribution>> {
    // Exact up to 10²².
    let unit = (0..scale).fold(1.0, |unit, _| unit * 10.0);
    let (by_segment, all) = apart_from_all(by_segment, overlapping)?;
    let population = all.cloned().unwrap_or_else(|| {
        let mut population = Moments::default();
        by_segment.iter().for_each(|moments| population.merge(moments));
        population
    });
    let within: Option<f64> = by_segment.iter().filter(|moments| moments.n > 0).map(Moments::central_squares).sum();
    let eta_squared = explained(within, population.central_squares());
    let in_units = |value: Option<f64>| value.map(|value| value / unit);
    let (mean, std) = (in_units(population.mean()), in_units(population.standard_deviation()));
    let of_segment = by_segment.iter().map(|moments| {
        let own = Distribution {
            n: moments.n,
            nulls: moments.nulls,
            mean: in_units(moments.mean()),
            std: in_units(moments.standard_deviation()),
            ..Distribution::default()
        };
        match overlapping {
            false => own.against(mean, std, eta_squared),
            true => own.against(mean, std, None).against_rest(population.n, std),
        }
    });
    Ok(of_segment.collect())
}

/// A level and what every segment's row says of it.
type LevelDistributions = (Option<String>, Vec<Distribution>);

fn levels(counts: &LevelCounts, overlapping: bool, min_cell: u64) -> Result<Vec<LevelDistributions>> {
    let Some(by_count) = counts.by_count(overlapping) else {
        return Ok(vec![(Some(OTHER_LEVELS.to_owned()), indicators(counts, &counts.n, overlapping)?)]);
    };
    let mut left = counts.n.clone();
    let mut rows: Vec<LevelDistributions> = by_count
        .iter()
        // A level that happens to have this name would be a second row of it.
        .filter(|(name, _)| *name != OTHER_LEVELS)
        .take(TOLD_LEVELS)
        .filter(|(_, customers)| {
            let all = if overlapping { customers.last().copied().unwrap_or_default() } else { customers.iter().sum() };
            all >= min_cell
        })
        .map(|(name, customers)| {
            // That nobody has it tells of nobody.
            let is_few = |customers: u64| (1..min_cell).contains(&customers);
            left.iter_mut()
                .zip(*customers)
                .filter(|(_, customers)| !is_few(**customers))
                .for_each(|(left, customers)| *left -= customers);
            let distributions = indicators(counts, customers, overlapping)?.into_iter().zip(*customers);
            let distributions = distributions
                .map(|(distribution, customers)| Distribution { is_hidden: is_few(*customers), ..distribution });
            Ok((Some((*name).to_owned()), distributions.collect()))
        })
        .collect::<Result<_>>()?;
    if left.iter().any(|left| *left > 0) {
        rows.push((Some(OTHER_LEVELS.to_owned()), indicators(counts, &left, overlapping)?));
    }
    Ok(rows)
}

/// The distribution of a level's indicator: `customers` of `counts.n` have it.
fn indicators(counts: &LevelCounts, customers: &[u64], overlapping: bool) -> Result<Vec<Distribution>> {
    let (customers, all) = apart_from_all(customers, overlapping)?;
    let (by_segment, all_n) = apart_from_all(&counts.n, overlapping)?;
    let all: u64 = all.copied().unwrap_or_else(|| customers.iter().sum());
    let all_n: u64 = all_n.copied().unwrap_or_else(|| by_segment.iter().sum());
    let within: f64 = customers.iter().zip(by_segment).filter_map(|(count, n)| indicator_squares(*count, *n)).sum();
    let eta_squared = explained(Some(within), indicator_squares(all, all_n));
    let std = |count, n| (n > 1).then(|| indicator_squares(count, n)).flatten().map(|ss| (ss / (n - 1) as f64).sqrt());
    let mean = |count: u64, n: u64| (n > 0).then(|| count as f64 / n as f64);
    let (mean_of_all, std_of_all) = (mean(all, all_n), std(all, all_n));
    let of_segment = customers.iter().zip(by_segment.iter().zip(&counts.nulls)).map(|(count, (n, nulls))| {
        let own = Distribution {
            n: *n,
            nulls: *nulls,
            mean: mean(*count, *n),
            std: std(*count, *n),
            ..Distribution::default()
        };
        match overlapping {
            false => own.against(mean_of_all, std_of_all, eta_squared),
            true => own.against(mean_of_all, std_of_all, None).against_rest(all_n, std_of_all),
        }
    });
    Ok(of_segment.collect())
}

/// Σ(x − mean)² of `count` ones among `n` values.
fn indicator_squares(count: u64, n: u64) -> Option<f64> {
    (n > 0).then(|| (u128::from(count) * u128::from(n - count)) as f64 / n as f64)
}

fn explained(within: Option<f64>, total: Option<f64>) -> Option<f64> {
    let (within, total) = (within?, total?);
    (total > 0.0).then(|| (1.0 - within / total).clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::groups::Groups;
    use arrow::{
        array::{ArrayRef, BooleanArray, Decimal128Array, Int32Array, StringArray},
        buffer::BooleanBuffer,
    };
    use proptest::prelude::*;
    use std::sync::Arc;

    fn rows(labels: &[u32], segments: usize, name: &str, column: ArrayRef) -> Vec<ProfileRow> {
        let statistic =
            ProfileStatistic::of_shard(&Groups::apart(labels, segments).unwrap(), &[(name.to_owned(), column)])
                .unwrap();
        let statistic = ProfileStatistic::from_message(&statistic.to_message()).unwrap();
        finalised(segments, name, &statistic, 1)
    }

    fn finalised(segments: usize, name: &str, statistic: &ProfileStatistic, min_cell: u64) -> Vec<ProfileRow> {
        let keys: Vec<String> = (1..=segments).map(|segment| format!("c{segment:02}")).collect();
        let features = [name.to_owned()];
        let scope = ProfileScope {
            segmentation: "behaviour",
            segment_keys: &keys,
            overlapping: false,
            features: &features,
            min_cell,
        };
        profile_rows(&scope, statistic, &|segment, _| [Some(segment as f64), None, None]).unwrap()
    }

    fn close(value: Option<f64>, expected: f64) -> bool {
        value.is_some_and(|value| (value - expected).abs() < 1e-12)
    }

    #[test]
    fn numbers_against_a_hand_computed_analysis_of_variance() {
        // 1 2 3 | 4 6 8 | nothing, and a null: grand mean 4, SS total 34, SS between 3·4 + 3·4 = 24, SS within 2 + 8.
        let values = Int32Array::from(vec![Some(1), Some(4), Some(2), Some(6), None, Some(3), Some(8)]);
        let rows = rows(&[0, 1, 0, 1, 1, 0, 1], 3, "orders", Arc::new(values));
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[0].n, rows[0].nulls, rows[1].n, rows[1].nulls), (3, 0, 3, 1));
        assert!(close(rows[0].mean, 2.0) && close(rows[0].std, 1.0) && close(rows[1].std, 2.0));
        assert!(close(rows[1].population_mean, 4.0) && close(rows[1].eta_squared, 24.0 / 34.0));
        assert!(close(rows[1].z_score, 2.0 / (34.0_f64 / 5.0).sqrt()));
        assert_eq!(rows[1].p25, Some(1.0));
        let empty = &rows[2];
        assert_eq!((empty.n, empty.mean, empty.std, empty.z_score), (0, None, None, None));
        assert!(close(empty.population_mean, 4.0));
    }

    #[test]
    fn decimals_come_back_in_their_units() {
        let values = Decimal128Array::from(vec![89_114_079_040_i128, 0]).with_precision_and_scale(28, 4).unwrap();
        let rows = rows(&[0, 1], 2, "monetary", Arc::new(values));
        assert_eq!(rows[0].mean, Some(8_911_407.904));
        assert_eq!((rows[0].std, rows[0].eta_squared), (None, Some(1.0)));
    }

    /// Rows of overlapping segments: who is in each.
    fn overlapping(members: &[&[bool]], name: &str, column: ArrayRef) -> Vec<ProfileRow> {
        let groups = Groups::Overlapping(members.iter().map(|who| BooleanBuffer::from(*who)).collect());
        let statistic = ProfileStatistic::of_shard(&groups, &[(name.to_owned(), column)]).unwrap();
        let statistic = ProfileStatistic::from_message(&statistic.to_message()).unwrap();
        let keys: Vec<String> = (1..=members.len()).map(|segment| format!("c{segment:02}")).collect();
        let features = [name.to_owned()];
        let scope = ProfileScope {
            segmentation: "targets",
            segment_keys: &keys,
            overlapping: true,
            features: &features,
            min_cell: 1,
        };
        profile_rows(&scope, &statistic, &|segment, _| [Some(segment as f64), None, None]).unwrap()
    }

    #[test]
    fn segments_that_overlap_stand_beside_all_customers_once() {
        // 1 2 3 6, and a null: mean 3, SS total 14. Segment 1 has 1 2 3, segment 2 has 2 6, segment 3 nobody, segment 4 all.
        let values = Int32Array::from(vec![Some(1), Some(2), Some(3), Some(6), None]);
        let members: [&[bool]; 4] =
            [&[true, true, true, false, false], &[false, true, false, true, true], &[false; 5], &[true; 5]];
        let rows = overlapping(&members, "orders", Arc::new(values));
        assert_eq!(rows.len(), 4);
        assert_eq!((rows[0].n, rows[1].n, rows[1].nulls, rows[3].n), (3, 2, 1, 4));
        assert!(rows.iter().all(|row| close(row.population_mean, 3.0)), "{rows:?}");
        assert!(close(rows[0].mean, 2.0) && close(rows[1].mean, 4.0) && close(rows[3].mean, 3.0));
        assert!(close(rows[1].z_score, 1.0 / (14.0_f64 / 3.0).sqrt()));
        // Against the rest: of 1, 3·1 + 1·9 of 14 lies between; of 2, 2·1 + 2·1.
        assert!(close(rows[0].eta_squared, 12.0 / 14.0) && close(rows[1].eta_squared, 4.0 / 14.0), "{rows:?}");
        assert_eq!((rows[2].eta_squared, rows[2].z_score, rows[3].eta_squared), (Some(0.0), None, Some(0.0)));
    }

    #[test]
    fn levels_of_segments_that_overlap_are_ordered_by_all_customers() {
        // Of all, three are "a" and two "b"; the sums over segments would put "b" first.
        let values = StringArray::from(vec!["a", "a", "a", "b", "b"]);
        let members: [&[bool]; 2] = [&[true, false, false, true, true], &[false, false, false, true, true]];
        let rows = overlapping(&members, "city", Arc::new(values));
        let told: Vec<_> = rows.iter().map(|row| (row.level.as_deref(), row.mean, row.population_mean)).collect();
        assert_eq!(
            told,
            [
                (Some("a"), Some(1.0 / 3.0), Some(0.6)),
                (Some("b"), Some(2.0 / 3.0), Some(0.4)),
                (Some("a"), Some(0.0), Some(0.6)),
                (Some("b"), Some(1.0), Some(0.4)),
            ]
        );
        // φ² of the table 2 0 | 0 3.
        assert!(close(rows[3].eta_squared, 1.0), "{rows:?}");
    }

    #[test]
    fn equal_values_have_no_z_score_and_no_eta_squared() {
        let rows = rows(&[0, 1, 1], 2, "x", Arc::new(Int32Array::from(vec![5, 5, 5])));
        assert_eq!((rows[0].z_score, rows[0].eta_squared, rows[0].population_mean), (None, None, Some(5.0)));
    }

    #[test]
    fn a_boolean_has_a_row_a_level_with_its_share() {
        // Of segment 0: 3 of 4 true; of segment 1: none of 4. φ² of that table is 9/15.
        let values = BooleanArray::from(vec![true, true, true, false, false, false, false, false]);
        let rows = rows(&[0, 0, 0, 0, 1, 1, 1, 1], 2, "member", Arc::new(values));
        let told: Vec<_> = rows.iter().map(|row| (row.segment_key.as_str(), row.level.as_deref(), row.mean)).collect();
        assert_eq!(
            told,
            [
                ("c01", Some("false"), Some(0.25)),
                ("c01", Some("true"), Some(0.75)),
                ("c02", Some("false"), Some(1.0)),
                ("c02", Some("true"), Some(0.0)),
            ]
        );
        assert!(close(rows[1].eta_squared, 0.6) && close(rows[1].population_mean, 0.375));
        assert_eq!(rows[1].p25, None);
    }

    #[test]
    fn levels_of_few_customers_are_told_as_others() {
        // 4 and 2 of Radom, 3 and none of Nisko, 2 of Tczew.
        let values = ["R", "R", "R", "R", "N", "N", "N", "R", "R", "T", "T"].map(|city| format!("city {city}"));
        let labels = [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
        let column: ArrayRef = Arc::new(StringArray::from_iter_values(values));
        let statistic =
            ProfileStatistic::of_shard(&Groups::apart(&labels, 2).unwrap(), &[("city".to_owned(), column)]).unwrap();
        let told = |min_cell| -> Vec<(String, String, f64)> {
            let rows = finalised(2, "city", &statistic, min_cell).into_iter();
            rows.map(|row| (row.segment_key, row.level.unwrap(), row.mean.unwrap() * row.n as f64)).collect()
        };
        let row = |key: &str, level: &str, customers: f64| (key.to_owned(), level.to_owned(), customers);
        assert_eq!(
            told(3),
            [
                row("c01", "city R", 4.0),
                row("c01", "city N", 3.0),
                row("c01", OTHER_LEVELS, 0.0),
                // Two of Radom and two of Tczew.
                row("c02", "city N", 0.0),
                row("c02", OTHER_LEVELS, 4.0),
            ]
        );
        assert!(told(1).iter().all(|(_, level, _)| level != OTHER_LEVELS));
        assert_eq!(told(100), [row("c01", OTHER_LEVELS, 7.0), row("c02", OTHER_LEVELS, 4.0)]);
    }

    #[test]
    fn levels_beyond_fifty_are_summed_up_by_count_then_name() {
        let mut values: Vec<Option<String>> = (0..60).map(|level| Some(format!("city {level:02}"))).collect();
        values.extend([Some("city 59".to_owned()), None]);
        let labels = vec![0; values.len()];
        let rows = rows(&labels, 1, "city", Arc::new(values.into_iter().collect::<StringArray>()));
        let names: Vec<_> = rows.iter().filter_map(|row| row.level.as_deref()).collect();
        assert_eq!(
            (names.len(), names[0], names[1], names[49], names[50]),
            (51, "city 59", "city 00", "city 48", OTHER_LEVELS)
        );
        assert!(close(rows[50].mean, 10.0 / 61.0) && close(rows.iter().map(|row| row.mean).sum(), 1.0));
        assert_eq!(rows[0].nulls, 1);
    }

    proptest! {
        #[test]
        fn any_cut_into_shards_and_any_order_give_the_same_rows(
            customers in proptest::collection::vec((0_u32..3, proptest::option::of(-1_000_000_i32..1_000_000)), 1..80),
            shards in 1_usize..6,
        ) {
            let part = |wanted: Option<usize>| {
                let chosen: Vec<_> = customers
                    .iter()
                    .enumerate()
                    .filter(|(row, _)| wanted.is_none_or(|shard| row * 7 % shards == shard))
                    .map(|(_, customer)| *customer)
                    .collect();
                let labels: Vec<u32> = chosen.iter().map(|(label, _)| *label).collect();
                let column: ArrayRef = Arc::new(chosen.iter().map(|(_, value)| *value).collect::<Int32Array>());
                let text: ArrayRef = Arc::new(
                    chosen.iter().map(|(_, value)| value.map(|value| format!("l{}", value % 5))).collect::<StringArray>(),
                );
                let columns = [("x".to_owned(), column), ("level".to_owned(), text)];
                ProfileStatistic::of_shard(&Groups::apart(&labels, 3).unwrap(), &columns).unwrap()
            };
            let mut merged = part(Some(shards - 1));
            for shard in (0..shards - 1).rev() {
                merged.merge(&part(Some(shard))).unwrap();
            }
            prop_assert_eq!(merged, part(None));
        }
    }
}
