//! Numbers and categories of one segmentation, decided in the same rounds.

use segmenter_proto::{
    Error, Result, Rounds,
    methods::{Scale, Transform},
    models::{FeatureModel, FeatureTransform, Indicator},
    v1,
};

use super::{
    levels::{CategoryRequest, LevelSolver, units_of},
    solver::{NumberRequest, TransformSolver},
};

/// A feature with what the job asks for.
#[derive(Debug, Clone)]
pub struct FeatureRequest {
    /// The feature.
    pub name: String,
    /// What it is.
    pub kind: FeatureKind,
    /// Its weight in the distance; only the ratio to the others' matters.
    pub weight: f64,
    /// Whether a number with nulls gets an indicator of who has none.
    pub indicator: bool,
}

/// What a feature is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeatureKind {
    /// A number, with the transform that the job asks for.
    Number(Transform),
    /// Text, or true and false.
    Category,
}

/// Decides how all features of a segmentation come to the grid, in rounds over the customers in scope.
#[derive(Debug)]
pub struct FeatureSolver {
    features: Vec<FeatureRequest>,
    /// None where there are no numbers.
    numbers: Option<TransformSolver>,
    categories: LevelSolver,
}

impl FeatureSolver {
    /// Starts with nothing known; `winsorise` is the share of numbers cut at each end, 0 is none.
    ///
    /// Weights are divided by the largest: distances change by one factor, and who is nearest to whom does not.
    pub fn new(mut features: Vec<FeatureRequest>, scale: Scale, winsorise: f64) -> Result<Self> {
        let largest = features.iter().map(|feature| feature.weight).fold(0.0, f64::max);
        let weighed = largest > 0.0 && largest.is_finite();
        if !weighed && !features.is_empty() {
            return Err(Error::bug("no feature of a segmentation has a weight"));
        }
        features.iter_mut().for_each(|feature| feature.weight /= largest);
        let (mut numbers, mut categories) = (vec![], vec![]);
        for FeatureRequest { name, kind, weight, .. } in &features {
            match kind {
                FeatureKind::Number(transform) => {
                    numbers.push(NumberRequest { name: name.clone(), transform: *transform });
                }
                FeatureKind::Category => categories.push(CategoryRequest { name: name.clone(), weight: *weight }),
            }
        }
        let any = !numbers.is_empty();
        let numbers = any.then(|| TransformSolver::new(numbers, scale, winsorise)).transpose()?;
        Ok(Self { features, numbers, categories: LevelSolver::new(categories) })
    }
}

impl Rounds for FeatureSolver {
    type Request = v1::ColumnStatisticsRequest;
    type Answer = v1::ColumnStatisticsAnswer;
    type Output = Vec<FeatureModel>;

    fn next_request(&self) -> Option<v1::ColumnStatisticsRequest> {
        let numbers = self.numbers.as_ref().and_then(TransformSolver::next_request);
        let levels = self.categories.next_request();
        if numbers.is_none() && levels.is_none() {
            return None;
        }
        Some(v1::ColumnStatisticsRequest { levels, ..numbers.unwrap_or_default() })
    }

    fn absorb(&mut self, answer: v1::ColumnStatisticsAnswer) -> Result<()> {
        if self.categories.next_request().is_some() {
            let levels = answer.levels.as_ref();
            self.categories.absorb(levels.ok_or_else(|| Error::bug("a round about levels came back without"))?)?;
        }
        match &mut self.numbers {
            Some(numbers) if numbers.next_request().is_some() => numbers.absorb(answer),
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<Vec<FeatureModel>> {
        let numbers = self.numbers.map_or(Ok(vec![]), TransformSolver::finish)?;
        let (mut numbers, mut categories) = (numbers.into_iter(), self.categories.finish()?.into_iter());
        let missing = || Error::bug("a feature was not decided");
        let model = |request: FeatureRequest| match request.kind {
            FeatureKind::Category => categories.next().map(FeatureModel::Category).ok_or_else(missing),
            FeatureKind::Number(_) => {
                let (mut number, known) = numbers.next().ok_or_else(missing)?;
                weigh(&mut number, &request, known);
                Ok(FeatureModel::Number(number))
            }
        };
        self.features.into_iter().map(model).collect()
    }
}

/// Sets a number's weight, and its indicator where one is asked for and some but not all of the scope are null.
///
/// With a share m of nulls, the indicator's units of weight / √(2·(1 − m)) give it a variance of m·weight², which makes up
/// for what imputing takes from the number's own; and who was imputed is weight / √(1 − m) from the known of the same value.
fn weigh(number: &mut FeatureTransform, request: &FeatureRequest, known: u64) {
    let weight = request.weight;
    number.weight = weight;
    if weight < 1.0 {
        number.reasons.push(format!("weight {weight}: that of the job over the largest"));
    }
    if !request.indicator || number.nulls == 0 || known == 0 {
        return;
    }
    let rows = (number.nulls + known) as f64;
    let (missing_share, known_share) = (number.nulls as f64 / rows, known as f64 / rows);
    number.reasons.push(format!("indicator: {:.2} % of the customers have no value", missing_share * 100.0));
    let units = units_of(weight, 2.0 * known_share, "2 * share of known values", &mut number.reasons);
    number.indicator = Some(Indicator { units, missing_share });
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
    use arrow::array::{Float64Array, StringArray};
    use segmenter_proto::models::{AppliedScale, GRID, MOST_UNITS};

    fn request(name: &str, kind: FeatureKind, weight: f64) -> FeatureRequest {
        FeatureRequest { name: name.to_owned(), kind, weight, indicator: true }
    }

    /// Drives all rounds; `columns` gives those of a shard.
    fn solve(
        requests: Vec<FeatureRequest>,
        shards: usize,
        columns: impl Fn(usize) -> Vec<FeatureColumn>,
    ) -> Vec<FeatureModel> {
        let mut solver = FeatureSolver::new(requests, Scale::Zscore, 0.0).unwrap();
        while let Some(request) = solver.next_request() {
            let mut total = None;
            for shard in (0..shards).rev() {
                let answer = column_statistics(&request, &columns(shard)).unwrap();
                match &mut total {
                    None => total = Some(answer),
                    Some(total) => merge_column_statistics(total, &answer).unwrap(),
                }
            }
            solver.absorb(total.unwrap()).unwrap();
        }
        solver.finish().unwrap()
    }

    fn number(feature: &FeatureModel) -> &FeatureTransform {
        let FeatureModel::Number(number) = feature else { panic!("{feature:?} is no number") };
        number
    }

    fn ages(nulls: usize, known: usize) -> FeatureColumn {
        let values = (0..known).map(|age| Some(age as f64)).chain(vec![None; nulls]);
        FeatureColumn::Number(values.collect::<Float64Array>())
    }

    const AGE: FeatureKind = FeatureKind::Number(Transform::None);

    #[test]
    fn mixed_features_keep_their_order_and_the_largest_weight_is_one() {
        let requests = vec![
            request("city", FeatureKind::Category, 1.0),
            request("age", AGE, 4.0),
            request("member", FeatureKind::Category, 2.0),
        ];
        let text = |values: Vec<&str>, shard: usize| {
            FeatureColumn::Text(values.into_iter().skip(shard).step_by(2).map(Some).collect::<StringArray>())
        };
        let columns = |shard| {
            vec![
                text(vec!["a", "b", "b", "b"], shard),
                FeatureColumn::Number(Float64Array::from(vec![shard as f64, 9.0])),
                text(vec!["true", "false", "true", "true"], shard),
            ]
        };
        let features = solve(requests, 2, columns);
        assert_eq!(features.iter().map(FeatureModel::name).collect::<Vec<_>>(), ["city", "age", "member"]);
        let [FeatureModel::Category(city), FeatureModel::Number(age), FeatureModel::Category(member)] = &features[..]
        else {
            panic!("{features:?}")
        };
        assert_eq!((city.weight, age.weight, member.weight), (0.25, 1.0, 0.5));
        assert_eq!((city.levels[0].name.as_str(), member.levels[0].share), ("b", 0.75));
        assert!((city.units * 2 - member.units).abs() <= 1, "both have shares of 1/4 and 3/4");
        assert_eq!(age.scaling, AppliedScale::Zscore);
    }

    #[test]
    fn categories_alone_need_no_rounds_about_numbers() {
        let requests = vec![request("city", FeatureKind::Category, 1.0)];
        let solver = FeatureSolver::new(requests.clone(), Scale::Auto, 0.005).unwrap();
        assert_eq!(solver.next_request().unwrap().views, []);
        let column = |_| vec![FeatureColumn::Text(StringArray::from(vec!["a", "b"]))];
        assert!(matches!(&solve(requests, 1, column)[..], [FeatureModel::Category(_)]));
    }

    #[test]
    fn a_number_with_nulls_and_its_indicator_weigh_as_much_as_one_without() {
        let features = solve(vec![request("age", AGE, 1.0)], 1, |_| vec![ages(250, 750)]);
        let age = number(&features[0]);
        let indicator = age.indicator.unwrap();
        assert_eq!(indicator.missing_share, 0.25);
        let units = f64::from(indicator.units) / GRID;
        // Two dimensions, each `units` for a share p and 0 else.
        let variance = 2.0 * units * units * 0.25 * 0.75;
        assert!((variance - 0.25).abs() < 1e-6, "{variance}");
        let of_number: f64 = (0..750).map(|value| (f64::from(age.apply(Some(f64::from(value)))) / GRID).powi(2)).sum();
        assert!((of_number / 1000.0 + variance - 1.0).abs() < 2e-3);
        // An imputed customer is 1 / √(1 − m) from a known one at the median.
        assert!((2.0 * units * units - 1.0 / 0.75).abs() < 1e-5);
    }

    #[test]
    fn where_all_or_none_are_known_there_is_no_indicator() {
        for (nulls, known) in [(0, 100), (100, 0)] {
            let features = solve(vec![request("age", AGE, 1.0)], 1, |_| vec![ages(nulls, known)]);
            assert_eq!(number(&features[0]).indicator, None);
            assert_eq!(features[0].is_constant(), known == 0);
        }
        // One value, but not known of everybody: that tells customers apart.
        let column = |_| vec![FeatureColumn::Number(Float64Array::from(vec![Some(5.0), Some(5.0), None]))];
        let features = solve(vec![request("age", AGE, 1.0)], 1, column);
        assert!(!features[0].is_constant() && number(&features[0]).indicator.is_some());
        let rare = solve(vec![request("age", AGE, 1.0)], 1, |_| vec![ages(9_990, 10)]);
        assert_eq!(number(&rare[0]).indicator.unwrap().units, MOST_UNITS);
    }
}
