//! The coordinator's side of the rounds about numbers.
//!
//! ```text
//!  Raw ──summaries──► Shape ──central sums, quantiles (a few rounds)──► Seen ──summaries──► SeenShape ──► Done
//!                                   transform and cuts are decided ──┘        centre and scale are decided ──┘
//! ```

use segmenter_proto::{
    Error, Result, Rounds,
    methods::{Scale, Transform},
    models::FeatureTransform,
    statistics::{CentralSums, Fraction, QuantileSolver, QuantileTarget, Summary, f64_of_key, key_of_f64},
    v1,
};

use super::{
    decision::{Quantiles, decide_scale, decide_transform},
    statistics::view_message,
};

/// A number with the transform that the job asks for.
#[derive(Debug, Clone)]
pub(super) struct NumberRequest {
    pub name: String,
    pub transform: Transform,
}

/// Decides the transforms of all numbers of a segmentation in rounds over the customers in scope.
#[derive(Debug)]
pub(super) struct TransformSolver {
    requests: Vec<NumberRequest>,
    scale: Scale,
    /// The lower share that is cut, and the upper share at which values are cut; none: nothing is.
    cuts: Option<(Fraction, Fraction)>,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    Raw,
    Shape {
        summaries: Vec<Summary>,
        shapes: Option<Vec<CentralSums>>,
        quantiles: QuantileSolver,
    },
    Seen {
        features: Vec<FeatureTransform>,
        quantiles: Vec<Quantiles>,
    },
    SeenShape {
        features: Vec<FeatureTransform>,
        quantiles: Vec<Quantiles>,
        summaries: Vec<Summary>,
    },
    /// With the number of known values of each.
    Done(Vec<(FeatureTransform, u64)>),
}

impl TransformSolver {
    /// Starts with nothing known; `winsorise` is the share cut at each end, 0 is none.
    pub(super) fn new(requests: Vec<NumberRequest>, scale: Scale, winsorise: f64) -> Result<Self> {
        let cuts = if winsorise > 0.0 {
            let share = Fraction::from_share(winsorise)?;
            Some((share, share.complement()))
        } else {
            None
        };
        Ok(Self { requests, scale, cuts, phase: Phase::Raw })
    }

    /// Gives the next request to all shards, or `None` when all is decided.
    pub(super) fn next_request(&self) -> Option<v1::ColumnStatisticsRequest> {
        let raw = || vec![view_message(&FeatureTransform::default()); self.requests.len()];
        let seen = |features: &[FeatureTransform]| features.iter().map(view_message).collect();
        let centres = |summaries: &[Summary]| summaries.iter().map(|s| s.mean().unwrap_or(0.0)).collect();
        let request = match &self.phase {
            Phase::Raw => {
                v1::ColumnStatisticsRequest { views: raw(), summaries: true, ..v1::ColumnStatisticsRequest::default() }
            }
            Phase::Shape { summaries, shapes, quantiles } => v1::ColumnStatisticsRequest {
                views: raw(),
                summaries: false,
                centres: if shapes.is_none() { centres(summaries) } else { vec![] },
                quantiles: quantiles.next_request(),
                levels: None,
            },
            Phase::Seen { features, .. } => v1::ColumnStatisticsRequest {
                views: seen(features),
                summaries: true,
                ..v1::ColumnStatisticsRequest::default()
            },
            Phase::SeenShape { features, summaries, .. } => v1::ColumnStatisticsRequest {
                views: seen(features),
                centres: centres(summaries),
                ..v1::ColumnStatisticsRequest::default()
            },
            Phase::Done(_) => return None,
        };
        Some(request)
    }

    /// Takes the merged answers of all shards to the last [`Self::next_request`].
    pub(super) fn absorb(&mut self, answer: v1::ColumnStatisticsAnswer) -> Result<()> {
        let phase = std::mem::replace(&mut self.phase, Phase::Raw);
        self.phase = match phase {
            Phase::Raw => {
                let summaries = self.summaries_of(&answer)?;
                let quantiles = QuantileSolver::new(self.targets(&summaries));
                Phase::Shape { summaries, shapes: None, quantiles }
            }
            Phase::Shape { summaries, shapes, mut quantiles } => {
                let shapes = match shapes {
                    Some(shapes) => shapes,
                    None => self.shapes_of(&answer)?,
                };
                if let Some(answer) = answer.quantiles {
                    quantiles.absorb(answer)?;
                }
                if quantiles.next_request().is_some() {
                    Phase::Shape { summaries, shapes: Some(shapes), quantiles }
                } else {
                    self.decide_transforms(&summaries, &shapes, quantiles)?
                }
            }
            Phase::Seen { features, quantiles } => {
                Phase::SeenShape { features, quantiles, summaries: self.summaries_of(&answer)? }
            }
            Phase::SeenShape { mut features, quantiles, summaries } => {
                let shapes = self.shapes_of(&answer)?;
                for (index, feature) in features.iter_mut().enumerate() {
                    decide_scale(feature, self.scale, &summaries[index], &shapes[index], &quantiles[index]);
                }
                let known = summaries.iter().map(|summary| summary.count);
                Phase::Done(features.into_iter().zip(known).collect())
            }
            Phase::Done(_) => return Err(Error::bug("an answer came after all transforms were decided")),
        };
        Ok(())
    }

    /// Gives the transforms in the order of the features, each with the number of known values.
    pub(super) fn finish(self) -> Result<Vec<(FeatureTransform, u64)>> {
        match self.phase {
            Phase::Done(features) => Ok(features),
            _ => Err(Error::bug("transforms were asked for before the last round")),
        }
    }

    fn decide_transforms(
        &self,
        summaries: &[Summary],
        shapes: &[CentralSums],
        quantiles: QuantileSolver,
    ) -> Result<Phase> {
        let quantiles: Vec<Quantiles> = quantiles.finish()?.iter().map(|keys| self.quantiles_of(keys)).collect();
        let mut features = vec![];
        for (index, request) in self.requests.iter().enumerate() {
            let (summary, shape) = (&summaries[index], &shapes[index]);
            features.push(decide_transform(&request.name, request.transform, summary, shape, &quantiles[index])?);
        }
        Ok(Phase::Seen { features, quantiles })
    }

    fn targets(&self, summaries: &[Summary]) -> Vec<QuantileTarget> {
        let mut shares = vec![Fraction::QUARTER, Fraction::HALF, Fraction::THREE_QUARTERS];
        shares.extend(self.cuts.iter().flat_map(|(lower, upper)| [*lower, *upper]));
        let target = |(column, summary): (usize, &Summary)| QuantileTarget {
            column: column as u32,
            group: 0,
            count: summary.count,
            min: summary.min.map_or(0, key_of_f64),
            max: summary.max.map_or(0, key_of_f64),
            shares: shares.clone(),
        };
        summaries.iter().enumerate().map(target).collect()
    }

    /// The shares in the order of [`Self::targets`].
    fn quantiles_of(&self, keys: &[Option<i128>]) -> Quantiles {
        let value = |index: usize| keys.get(index).copied().flatten().map(f64_of_key);
        Quantiles { p25: value(0), median: value(1), p75: value(2), lower: value(3), upper: value(4) }
    }

    fn summaries_of(&self, answer: &v1::ColumnStatisticsAnswer) -> Result<Vec<Summary>> {
        self.fits(answer.summaries.len())?;
        answer.summaries.iter().map(Summary::from_message).collect()
    }

    fn shapes_of(&self, answer: &v1::ColumnStatisticsAnswer) -> Result<Vec<CentralSums>> {
        self.fits(answer.central_sums.len())?;
        answer.central_sums.iter().map(CentralSums::from_message).collect()
    }

    fn fits(&self, columns: usize) -> Result<()> {
        if columns == self.requests.len() {
            return Ok(());
        }
        Err(Error::bug(format!("statistics of {columns} columns for {} features", self.requests.len())))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            column::FeatureColumn,
            statistics::{column_statistics, merge_column_statistics},
        },
        *,
    };
    use arrow::array::Float64Array;
    use segmenter_proto::models::{AppliedScale, AppliedTransform, GRID, MOST_UNITS};

    /// Drives all rounds over this many shards.
    fn solve(
        columns: &[(Transform, Vec<Option<f64>>)],
        scale: Scale,
        winsorise: f64,
        shards: usize,
    ) -> Result<Vec<FeatureTransform>> {
        let names = |(index, (transform, _)): (usize, &(Transform, _))| NumberRequest {
            name: format!("x{index}"),
            transform: *transform,
        };
        let mut solver =
            TransformSolver::new(columns.iter().enumerate().map(names).collect(), scale, winsorise).unwrap();
        while let Some(request) = solver.next_request() {
            let mut total = None;
            for shard in (0..shards).rev() {
                let part: Vec<_> = columns
                    .iter()
                    .map(|(_, values)| Float64Array::from_iter(values.iter().skip(shard).step_by(shards).copied()))
                    .map(FeatureColumn::Number)
                    .collect();
                let answer = column_statistics(&request, &part).unwrap();
                match &mut total {
                    None => total = Some(answer),
                    Some(total) => merge_column_statistics(total, &answer).unwrap(),
                }
            }
            solver.absorb(total.unwrap())?;
        }
        Ok(solver.finish()?.into_iter().map(|(feature, _)| feature).collect())
    }

    fn one(transform: Transform, values: &[f64], scale: Scale, winsorise: f64) -> FeatureTransform {
        let column = (transform, values.iter().copied().map(Some).collect());
        solve(&[column], scale, winsorise, 2).unwrap().remove(0)
    }

    fn skewed() -> Vec<f64> {
        (1..=1000).map(|i| (f64::from(i) / 100.0).exp().floor()).collect()
    }

    #[test]
    fn skewed_amounts_get_the_logarithm_and_the_cuts_are_values() {
        let values = skewed();
        let feature = one(Transform::Auto, &values, Scale::Auto, 0.005);
        assert_eq!(feature.transform, AppliedTransform::Log);
        assert_eq!((feature.lower, feature.upper), (Some(values[4]), Some(values[994])));
        assert_eq!(feature.imputed, Some(values[499]));
        let seen: Vec<_> = values.iter().map(|v| libm::log1p(v.clamp(values[4], values[994]))).collect();
        let mean = seen.iter().sum::<f64>() / 1000.0;
        let sd = (seen.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 999.0).sqrt();
        assert!((feature.center - mean).abs() < 1e-12 && (feature.scale - sd).abs() < 1e-12);
        assert_eq!(feature.scaling, AppliedScale::Zscore);
    }

    #[test]
    fn values_on_both_sides_get_asinh_and_even_ones_nothing() {
        let values: Vec<_> = skewed().iter().map(|v| v - 50.0).collect();
        assert_eq!(one(Transform::Auto, &values, Scale::Auto, 0.0).transform, AppliedTransform::Asinh);
        let even: Vec<_> = (0..100).map(f64::from).collect();
        let feature = one(Transform::Auto, &even, Scale::Auto, 0.0);
        assert_eq!((feature.transform, feature.lower, feature.upper), (AppliedTransform::None, None, None));
        assert_eq!(one(Transform::None, &skewed(), Scale::Auto, 0.0).transform, AppliedTransform::None);
    }

    #[test]
    fn heavy_tails_get_median_and_range_unless_the_range_is_zero() {
        let mut values: Vec<_> = (0..200).map(|i| f64::from(i % 10)).collect();
        values.extend([900.0, -900.0]);
        let feature = one(Transform::None, &values, Scale::Auto, 0.0);
        assert_eq!((feature.scaling, feature.center, feature.scale), (AppliedScale::Robust, 4.0, 5.0));
        let mut flat = vec![3.0; 200];
        flat.extend([900.0, -900.0]);
        assert_eq!(one(Transform::None, &flat, Scale::Auto, 0.0).scaling, AppliedScale::Zscore);
        assert_eq!(one(Transform::None, &flat, Scale::Robust, 0.0).scaling, AppliedScale::Zscore);
        let none = one(Transform::None, &values, Scale::None, 0.0);
        assert_eq!((none.apply(Some(2.5)), none.apply(Some(99.0))), ((2.5 * GRID) as i32, MOST_UNITS));
    }

    #[test]
    fn constants_and_nulls_are_zero_and_say_so() {
        let feature = one(Transform::Auto, &[7.0; 9], Scale::Auto, 0.005);
        assert_eq!(
            (feature.scaling, feature.apply(Some(7.0)), feature.original(0.0)),
            (AppliedScale::Constant, 0, 7.0)
        );
        assert!(feature.reasons.iter().any(|reason| reason.starts_with("constant")));
        // Rare values that the cut removes leave a constant.
        let mut rare = vec![0.0; 1000];
        rare[3] = 5.0;
        assert_eq!(one(Transform::Auto, &rare, Scale::Auto, 0.005).scaling, AppliedScale::Constant);
        let empty = solve(&[(Transform::Auto, vec![None, None])], Scale::Auto, 0.005, 1).unwrap().remove(0);
        assert_eq!((empty.apply(None), empty.nulls, empty.scaling), (0, 2, AppliedScale::Constant));
        assert_eq!(solve(&[(Transform::Auto, vec![])], Scale::Auto, 0.0, 1).unwrap()[0].imputed, None);
    }

    #[test]
    fn null_and_not_finite_values_count_as_the_median() {
        let values = vec![Some(1.0), None, Some(2.0), Some(f64::NAN), Some(4.0), Some(f64::INFINITY)];
        let feature = solve(&[(Transform::None, values)], Scale::Zscore, 0.005, 3).unwrap().remove(0);
        assert_eq!((feature.imputed, feature.nulls), (Some(2.0), 3));
        assert_eq!(feature.apply(None), feature.apply(Some(2.0)));
        assert_eq!(feature.upper, Some(4.0));
    }

    #[test]
    fn a_logarithm_of_what_has_none_is_refused() {
        let error = solve(&[(Transform::Log, vec![Some(-1.0)])], Scale::Auto, 0.0, 1).unwrap_err();
        assert!(error.message.contains("`x0`"));
    }

    #[test]
    fn shards_do_not_matter() {
        let columns: Vec<_> = vec![
            (Transform::Auto, skewed().into_iter().map(Some).collect()),
            (Transform::Asinh, (0..1000).map(|i| (i % 7 != 0).then(|| f64::from(i * 37 % 101) - 50.0)).collect()),
        ];
        let alone = solve(&columns, Scale::Auto, 0.01, 1).unwrap();
        assert_eq!(solve(&columns, Scale::Auto, 0.01, 7).unwrap(), alone);
    }
}
