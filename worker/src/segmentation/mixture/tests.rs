use arrow::array::StringArray;
use proptest::prelude::*;
use segmenter_proto::{
    Rounds as _,
    methods::{ClusterCount, ComponentModel, MixtureModel},
    models::{FeatureModel, FeatureTransform, GRID, MOST_UNITS, SHARE_UNITS, Value},
    v1,
};

use super::{
    super::kmeans::{KmeansShard, Layout, Matrix, SampleRow},
    *,
};

fn ids(rows: usize) -> Vec<String> {
    (0..rows).map(|row| format!("id{row:05}")).collect()
}

fn component(weight: f64, means: &[f64], variances: &[f64]) -> Component {
    Component { weight, means: means.to_vec(), variances: variances.to_vec() }
}

/// Drives a fit over shards that each hold every n-th row, answers merged from last to first.
fn fit(rows: &[Vec<i32>], start: &[Component], tolerance: f64, cap: u32, shards: usize) -> MixtureResult {
    let ids = ids(rows.len());
    let part = |shard: usize| {
        let of_shard: Vec<&[i32]> = rows.iter().skip(shard).step_by(shards).map(Vec::as_slice).collect();
        let matrix = Matrix::from_rows(Layout::of_numbers(rows[0].len()), of_shard.into_iter());
        KmeansShard::new(matrix, StringArray::from_iter_values(ids.iter().skip(shard).step_by(shards))).unwrap()
    };
    let parts: Vec<KmeansShard> = (0..shards).map(part).collect();
    let mut fit = MixtureFit::new(start.to_vec(), tolerance, cap);
    while let Some(request) = fit.next_request() {
        let mut total: Option<v1::MixtureAnswer> = None;
        for shard in parts.iter().rev() {
            let answer = answer_mixture(shard, &request).unwrap();
            match &mut total {
                None => total = Some(answer),
                Some(total) => merge_mixture_answers(total, &answer).unwrap(),
            }
        }
        fit.absorb(total.unwrap()).unwrap();
    }
    fit.finish().unwrap()
}

/// Expectation maximisation as the textbook says, in f64 with the platform's functions, without anything of the code under test.
fn textbook(rows: &[Vec<f64>], start: &[Component], passes: u32) -> (Vec<Component>, Vec<Vec<f64>>, f64) {
    let mut components = start.to_vec();
    for pass in 1.. {
        let density = |row: &[f64], of: &Component| {
            row.iter().zip(&of.means).zip(&of.variances).fold(of.weight, |product, ((x, mean), variance)| {
                product * (-(x - mean).powi(2) / (2.0 * variance)).exp() / (std::f64::consts::TAU * variance).sqrt()
            })
        };
        let densities: Vec<Vec<f64>> =
            rows.iter().map(|row| components.iter().map(|of| density(row, of)).collect()).collect();
        let totals: Vec<f64> = densities.iter().map(|of_row| of_row.iter().sum()).collect();
        let shares: Vec<Vec<f64>> =
            densities.iter().zip(&totals).map(|(of_row, total)| of_row.iter().map(|d| d / total).collect()).collect();
        let likelihood = totals.iter().map(|total| total.ln()).sum::<f64>() / rows.len() as f64;
        if pass == passes {
            return (components, shares, likelihood);
        }
        for (number, of) in components.iter_mut().enumerate() {
            let weight: f64 = shares.iter().map(|of_row| of_row[number]).sum();
            for column in 0..of.means.len() {
                let mean = |value: &dyn Fn(f64) -> f64| {
                    rows.iter().zip(&shares).map(|(row, of_row)| of_row[number] * value(row[column])).sum::<f64>()
                        / weight
                };
                of.means[column] = mean(&|x| x);
                let centre = of.means[column];
                of.variances[column] = mean(&|x| (x - centre).powi(2)).max(SMALLEST_VARIANCE);
            }
            of.weight = weight / rows.len() as f64;
        }
    }
    unreachable!()
}

/// Numbers that look normal: the mean of eight uniform ones, by a fixed generator.
fn normal(seed: &mut u64) -> f64 {
    let mut sum = 0.0;
    for _ in 0..8 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sum += (*seed >> 40) as f64 / f64::from(1 << 24) - 0.5;
    }
    sum * (12.0_f64 / 8.0).sqrt()
}

fn units(row: &[f64]) -> Vec<i32> {
    row.iter().map(|x| (x * GRID).round() as i32).collect()
}

/// Two long groups that lie side by side: nearest centroids cut across them.
fn elongated(rows: usize) -> (Vec<Vec<i32>>, Vec<usize>) {
    let mut seed = 7;
    let row = |number: usize| {
        let group = number % 2;
        let (long, wide) = (2.0 * normal(&mut seed), 0.15 * normal(&mut seed));
        (units(&[long, wide + group as f64]), group)
    };
    (0..rows).map(row).unzip()
}

fn model(result: &MixtureResult) -> MixtureModel {
    let components = result.components.iter().zip(&result.statistics.counts).map(|(own, customers)| ComponentModel {
        key: String::new(),
        name: String::new(),
        customers: *customers,
        tie_rank: 0,
        weight: own.weight,
        mean_scaled: own.means.clone(),
        variance_scaled: own.variances.clone(),
        mean_original: own.means.clone(),
    });
    let feature = FeatureTransform { scale: 1.0, imputed: Some(0.0), ..FeatureTransform::default() };
    MixtureModel {
        segmentation: "s".to_owned(),
        filter: None,
        features: vec![FeatureModel::Number(feature); result.components[0].means.len()],
        components: MixtureModel::key_components(components.collect(), &result.statistics.smallest_ids),
        next_key: 0,
    }
}

#[test]
fn equals_the_textbook_at_small_scale() {
    let (rows, _) = elongated(400);
    let start = [component(0.5, &[-1.0, 0.1], &[1.0, 1.0]), component(0.5, &[1.0, 0.7], &[1.0, 0.5])];
    let scaled: Vec<Vec<f64>> =
        rows.iter().map(|row| row.iter().map(|unit| f64::from(*unit) / GRID).collect()).collect();
    for passes in [1, 2, 10, 30] {
        let found = fit(&rows, &start, -1.0, passes, 3);
        let (components, shares, likelihood) = textbook(&scaled, &start, passes);
        assert_eq!((found.rounds, found.stop), (passes, MixtureStop::Cap));
        for (found, expected) in found.components.iter().zip(&components) {
            assert!((found.weight - expected.weight).abs() < 1e-5, "{found:?} {expected:?}");
            for (found, expected) in
                found.means.iter().zip(&expected.means).chain(found.variances.iter().zip(&expected.variances))
            {
                assert!((found - expected).abs() < 1e-5, "{found:?} {expected:?} after {passes}");
            }
        }
        assert!((found.statistics.mean_log_likelihood() - likelihood).abs() < 1e-6);
        let model = model(&found);
        for (row, shares) in scaled.iter().zip(shares) {
            let found = model.assign(&row.iter().map(|x| Some(Value::Number(*x))).collect::<Vec<_>>()).unwrap();
            let own = shares[model.components[found.component].tie_rank as usize];
            assert!((f64::from(found.probability) - own).abs() < 1e-4 && own >= 0.5 - 1e-4, "{found:?} {shares:?}");
            assert!(found.probability + found.second.unwrap().1 <= 1.0);
        }
    }
}

#[test]
fn long_groups_side_by_side_are_told_apart() {
    let (rows, truth) = elongated(3000);
    let sample: Vec<SampleRow> = (0..)
        .zip(&rows)
        .map(|(hash, row)| SampleRow { hash, customer_id: format!("{hash}"), cells: row.clone() })
        .collect();
    let request = MixtureRequest {
        segmentation: "s",
        seed: 1,
        k: ClusterCount::Range { min: 2, max: 4, min_share: 0.02 },
        restarts: 5,
        layout: Layout::of_numbers(2),
    };
    let choice = choose_mixture(&request, &sample).unwrap();
    assert_eq!((choice.start.len(), choice.no_useful_groups.as_deref()), (2, None), "{:#?}", choice.evidence);
    assert_eq!(choice.evidence.iter().map(|e| e.k).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let result = fit(&rows, &choice.start, 1e-6, 50, 2);
    assert_eq!(result.stop, MixtureStop::Converged);
    let matrix = Matrix::from_rows(Layout::of_numbers(2), rows.iter().map(Vec::as_slice));
    let found = assign_components(&model(&result), &matrix).unwrap();
    let right = found.iter().zip(&truth).filter(|(found, truth)| found.component == **truth).count();
    assert!(right.max(rows.len() - right) > 2950, "{right} of {}", rows.len());
    // The mean squared score of rows that are as the component says is 1.
    let mean = found.iter().map(|found| f64::from(found.outlier_score).powi(2)).sum::<f64>() / found.len() as f64;
    assert!((mean - 1.0).abs() < 0.05, "{mean}");
}

#[test]
fn one_cloud_is_no_useful_groups() {
    let mut seed = 3;
    let sample: Vec<SampleRow> = (0..2000)
        .map(|hash| SampleRow {
            hash,
            customer_id: hash.to_string(),
            cells: units(&[normal(&mut seed), normal(&mut seed)]),
        })
        .collect();
    let layout = Layout::of_numbers(2);
    let mut request = MixtureRequest { segmentation: "s", seed: 1, k: ClusterCount::Fixed(3), restarts: 3, layout };
    let choice = choose_mixture(&request, &sample).unwrap();
    assert_eq!((choice.start.len(), choice.reason.as_str()), (3, "as the job says"));
    assert!(choice.no_useful_groups.unwrap().starts_with("no useful groups: one component"));
    let same: Vec<SampleRow> = sample.iter().map(|row| SampleRow { cells: vec![4, 4], ..row.clone() }).collect();
    assert!(choose_mixture(&request, &same).unwrap_err().message.contains("fewer different customers"));
    request.k = ClusterCount::Range { min: 2, max: 3, min_share: 0.0 };
    assert!(choose_mixture(&request, &[]).is_err());
}

#[test]
fn a_component_without_rows_dies() {
    let rows: Vec<Vec<i32>> = (0..60).map(|i| vec![(i % 7) << 17]).collect();
    let start = [component(0.5, &[0.3], &[0.1]), component(0.5, &[7.9], &[SMALLEST_VARIANCE])];
    let found = fit(&rows, &start, 1e-9, 20, 2);
    assert_eq!((found.components.len(), found.dropped), (1, 1));
    assert_eq!(found.components[0].weight, 1.0);
    assert_eq!(found.statistics.counts, [60]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let shard =
        KmeansShard::new(Matrix::zeros(2, Layout::of_numbers(2)), StringArray::from_iter_values(["a", "b"])).unwrap();
    let ask = |components: Vec<v1::MixtureComponent>| answer_mixture(&shard, &v1::MixtureRequest { components });
    assert!(ask(vec![]).is_err());
    assert!(ask(vec![component(1.0, &[0.0], &[1.0]).to_message()]).is_err());
    assert!(ask(vec![component(1.0, &[0.0, 0.0], &[1.0, 1e-9]).to_message()]).is_err());
    assert!(ask(vec![component(1.0, &[0.0, 0.0], &[1.0, 1.0]).to_message()]).is_ok());
    let mut fit = MixtureFit::new(vec![component(1.0, &[0.0], &[1.0])], 0.0, 9);
    assert!(fit.absorb(v1::MixtureAnswer::default()).is_err());
    assert!(fit.finish().is_err());
}

fn case() -> impl Strategy<Value = (Vec<Vec<i32>>, Vec<Component>)> {
    let unit = prop_oneof![-3..=3i32, -MOST_UNITS..=MOST_UNITS, Just(MOST_UNITS), Just(-MOST_UNITS)];
    (1usize..5, 1usize..6).prop_flat_map(move |(columns, k)| {
        let row = prop::collection::vec(unit.clone(), columns);
        let values = (prop::collection::vec(-8.0..8.0f64, columns), prop::collection::vec(1e-3..9.0f64, columns));
        let of = (0.01..1.0f64, values).prop_map(|(weight, (means, variances))| Component { weight, means, variances });
        (prop::collection::vec(row, 1..70), prop::collection::vec(of, k))
    })
}

proptest! {
    #[test]
    fn sums_are_exact_however_rows_are_spread((rows, start) in case(), shards in 1usize..5) {
        let found = fit(&rows, &start, -1.0, 4, shards);
        prop_assert_eq!(&found, &fit(&rows, &start, -1.0, 4, 1));
        let statistics = &found.statistics;
        prop_assert_eq!(statistics.weights.iter().sum::<i128>(), i128::from(SHARE_UNITS) * rows.len() as i128);
        prop_assert_eq!(statistics.counts.iter().sum::<u64>(), rows.len() as u64);
        for column in 0..rows[0].len() {
            let k = statistics.weights.len();
            // Shares add up to one a row, so sums over components are the rows' own.
            let total = |of: &[i128]| (0..k).map(|component| of[component * rows[0].len() + column]).sum::<i128>();
            let own = |power: u32| rows.iter().map(|row| i128::from(row[column]).pow(power)).sum::<i128>() * i128::from(SHARE_UNITS);
            prop_assert_eq!((total(&statistics.sums), total(&statistics.squares)), (own(1), own(2)));
        }
    }

    #[test]
    fn rows_are_assigned_as_the_model_alone_would((rows, start) in case()) {
        let model = model(&fit(&rows, &start, -1.0, 3, 2));
        let matrix = Matrix::from_rows(Layout::of_numbers(rows[0].len()), rows.iter().map(Vec::as_slice));
        for (row, found) in rows.iter().zip(assign_components(&model, &matrix).unwrap()) {
            let values: Vec<_> = row.iter().map(|unit| Some(Value::Number(f64::from(*unit) / GRID))).collect();
            prop_assert_eq!(found, model.assign(&values).unwrap());
            let second = found.second.map_or(0.0, |(_, probability)| probability);
            prop_assert!(found.probability + second <= 1.0 && (0.0..=1.0).contains(&found.margin()));
        }
        let mut customers = vec![0; model.components.len()];
        assign_components(&model, &matrix).unwrap().iter().for_each(|found| customers[found.component] += 1);
        prop_assert_eq!(customers, model.components.iter().map(|component| component.customers).collect::<Vec<u64>>());
    }
}
