//! The plane against planted directions and a second way to find it, hexagons against their definition, and what is kept back.

use super::{
    cells::{Cell, CellCounter, MapCells},
    hexagon::Hexagon,
    plane::Plane,
    principal::principal,
    rows::{MapScope, map_axis_rows, map_rows},
    shard::{MappedCustomers, map_answer, merge_map_answers},
    shown::shown,
    solver::{CustomerMap, MapSolver, MappedSpace, NoMap},
    sums::MapSums,
};
use arrow::array::{ArrayRef, Float64Array, StringArray};
use proptest::prelude::*;
use segmenter_proto::{
    Rounds as _, draw,
    models::{
        AppliedScale, CategoryFeature, FeatureModel, FeatureTransform, GRID, LevelShare, MOST_UNITS, feature_dimensions,
    },
    v1,
};
use std::sync::Arc;

/// A number from −1 to 1 that follows from what it is for.
fn chance(what: &str, row: usize) -> f64 {
    draw(7, what, &row.to_string()) as f64 / u64::MAX as f64 * 2.0 - 1.0
}

fn on_grid(place: impl IntoIterator<Item = f64>) -> Vec<i32> {
    place.into_iter().map(|value| (value * GRID).round() as i32).collect()
}

fn sums_of(places: &[Vec<i32>]) -> MapSums {
    let mut sums = MapSums::empty(places[0].len());
    sums.add(places.iter().cloned());
    sums
}

#[test]
fn planted_directions_are_found() {
    let (across, up) = ([0.6, -0.8, 0.0, 0.0], [0.0, 0.0, 0.28, 0.96]);
    let place = |row: usize| {
        let (a, b) = (2.0 * chance("across", row), chance("up", row));
        let noise = |at: usize| 0.01 * chance(&format!("noise {at}"), row);
        on_grid((0..4).map(|at| 0.5 + a * across[at] + b * up[at] + noise(at)))
    };
    let places: Vec<_> = (0..4000).map(place).collect();
    let sums = sums_of(&places);
    let [first, second] = principal(&sums).unwrap();
    // The farthest loading is positive.
    for (found, planted) in [(&first, across.map(|of| -of)), (&second, up)] {
        for (found, planted) in found.loadings.iter().zip(planted) {
            assert!((found - planted).abs() < 0.03, "{found} {planted}");
        }
    }
    assert!((first.share / second.share - 4.0).abs() < 0.2 && first.share + second.share > 0.999);
    // Of a uniform number from −1 to 1 it is 1/√3.
    assert!((first.deviation - 2.0 / 3_f64.sqrt()).abs() < 0.02, "{}", first.deviation);
    let plane = Plane::of(&[first.clone(), second], &sums);
    let far = on_grid((0..4).map(|at| 0.5 - 2.0 * first.deviation * across[at]));
    let found = plane.place(&far);
    assert!((found.at[0] - 10.0).abs() < 0.3 && found.at[1].abs() < 0.3, "two deviations are ten widths: {found:?}");
    assert_eq!(Plane::from_message(&plane.to_message()).unwrap(), plane);
}

#[test]
fn who_is_beyond_the_map_is_laid_at_its_border() {
    let mut places: Vec<_> = (0..1000).map(|row| on_grid([chance("x", row), chance("y", row) / 2.0])).collect();
    places.push(on_grid([7.5, 0.0]));
    let sums = sums_of(&places);
    let plane = Plane::of(&principal(&sums).unwrap(), &sums);
    let found = plane.place(&places[1000]);
    assert!(found.beyond == [true, false] && (found.at[0] - 14.999).abs() < 1e-9, "{found:?}");
    assert_eq!(plane.place(&places[0]).beyond, [false, false]);
}

/// Eigenvectors by power iteration on covariances of floats, one after the other.
fn by_power(places: &[Vec<i32>]) -> Vec<(f64, Vec<f64>)> {
    let (count, size) = (places.len() as f64, places[0].len());
    let value = |place: &Vec<i32>, at: usize| f64::from(place[at]) / GRID;
    let mean: Vec<f64> = (0..size).map(|at| places.iter().map(|place| value(place, at)).sum::<f64>() / count).collect();
    let mut matrix = vec![vec![0.0; size]; size];
    for (left, row) in matrix.iter_mut().enumerate() {
        for (right, cell) in row.iter_mut().enumerate() {
            let product = |place: &Vec<i32>| (value(place, left) - mean[left]) * (value(place, right) - mean[right]);
            *cell = places.iter().map(product).sum::<f64>() / count;
        }
    }
    let mut found = Vec::new();
    for _ in 0..2 {
        let mut vector: Vec<f64> = (0..size).map(|at| 1.0 + at as f64 / 7.0).collect();
        let mut eigenvalue = 0.0;
        for _ in 0..20_000 {
            let next: Vec<f64> = matrix.iter().map(|row| row.iter().zip(&vector).map(|(a, b)| a * b).sum()).collect();
            eigenvalue = next.iter().map(|x: &f64| x * x).sum::<f64>().sqrt();
            vector = next.iter().map(|x| x / eigenvalue).collect();
        }
        for left in 0..size {
            for right in 0..size {
                matrix[left][right] -= eigenvalue * vector[left] * vector[right];
            }
        }
        found.push((eigenvalue, vector));
    }
    found
}

#[test]
fn components_are_those_of_another_way_to_find_them() {
    for size in [2, 3, 9] {
        let mix = |row: usize, at: usize| {
            let own = |of: usize| chance(&format!("{of}"), row) * 3.0 / (1.0 + of as f64);
            on_grid([(0..size).map(|of| own(of) * chance("mix", of * size + at)).sum::<f64>()])[0]
        };
        let places: Vec<Vec<i32>> = (0..700).map(|row| (0..size).map(|at| mix(row, at)).collect()).collect();
        let found = principal(&sums_of(&places)).unwrap();
        for (found, (eigenvalue, vector)) in found.iter().zip(by_power(&places)) {
            assert!((found.deviation.powi(2) / eigenvalue - 1.0).abs() < 1e-9, "{size}");
            let cosine: f64 = found.loadings.iter().zip(&vector).map(|(a, b)| a * b).sum();
            assert!((cosine.abs() - 1.0).abs() < 1e-9, "{size}: {cosine}");
            let far = found.loadings.iter().fold(0.0, |far: f64, own| if own.abs() > far.abs() { *own } else { far });
            assert!(far > 0.0);
        }
    }
}

#[test]
fn what_differs_in_fewer_than_two_directions_has_no_map() {
    let line: Vec<_> = (0..100).map(|row| on_grid([chance("x", row), 0.0])).collect();
    assert_eq!(principal(&sums_of(&line)).unwrap_err(), NoMap::OneDirection);
    let slanted: Vec<_> = line.iter().map(|place| vec![place[0], 2 * place[0]]).collect();
    assert_eq!(principal(&sums_of(&slanted)).unwrap_err(), NoMap::OneDirection);
    assert_eq!(principal(&sums_of(&vec![vec![5]; 9])).unwrap_err(), NoMap::OneDirection);
    assert_eq!(principal(&sums_of(&vec![vec![5, -5]; 9])).unwrap_err(), NoMap::Alike);
}

#[test]
fn shown_cells_are_at_least_so_many_and_so_is_what_is_left() {
    let cell = |q: i32, segment: usize, customers: u64| Cell { hexagon: Hexagon { r: 0, q }, segment, customers };
    let cells =
        [cell(0, 0, 30), cell(0, 1, 25), cell(1, 0, 20), cell(2, 0, 1), cell(2, 1, 25), cell(3, 0, 20), cell(3, 2, 19)];
    let found = shown(&cells, 3, 20);
    // The one of segment 0 would be known by its size; the last of its smallest cells goes with it. All of segment 2 are few.
    assert_eq!(found.cells, [cells[0], cells[1], cells[2], cells[4]]);
    assert_eq!(found.elsewhere, [21, 0, 19]);
}

proptest! {
    #[test]
    fn a_point_is_in_the_hexagon_of_the_nearest_centre(x in -16.0..16.0_f64, y in -16.0..16.0_f64) {
        let own = Hexagon::of([x, y]);
        let distance = |of: Hexagon| {
            let [at_x, at_y] = of.centre();
            (at_x - x).hypot(at_y - y)
        };
        prop_assert!(distance(own) <= 1.0 / 3_f64.sqrt() + 1e-9);
        for (q, r) in [(1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1)] {
            let other = Hexagon { q: own.q + q, r: own.r + r };
            prop_assert!((distance(other) - distance(own)) > -1e-9);
            let apart = (own.centre()[0] - other.centre()[0]).hypot(own.centre()[1] - other.centre()[1]);
            prop_assert!((apart - 1.0).abs() < 1e-9);
        }
        prop_assert_eq!(Hexagon::of(own.centre()), own);
        prop_assert_eq!(Hexagon::numbered(own.number().unwrap()), own);
    }

    #[test]
    fn sums_do_not_depend_on_how_customers_are_divided(
        places in prop::collection::vec(
            prop::collection::vec(prop_oneof![-MOST_UNITS..=MOST_UNITS, Just(MOST_UNITS), Just(-MOST_UNITS)], 3), 1..300),
        cut in 0_usize..300,
    ) {
        let (left, right) = places.split_at(cut.min(places.len()));
        let mut total = MapSums::empty(3);
        for part in [right, left] {
            let mut own = MapSums::empty(3);
            own.add(part.iter().cloned());
            total.merge(&MapSums::from_message(&own.to_message()).unwrap()).unwrap();
        }
        let sum = |of: &dyn Fn(&[i32]) -> i128| places.iter().map(|place| of(place)).sum::<i128>();
        let product = |a: usize, b: usize| sum(&|place| i128::from(place[a]) * i128::from(place[b]));
        prop_assert_eq!(total.customers, places.len() as u64);
        prop_assert_eq!(&total.sums, &(0..3).map(|at| sum(&|place| i128::from(place[at]))).collect::<Vec<_>>());
        let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
        prop_assert_eq!(&total.products, &pairs.map(|(a, b)| product(a, b)).to_vec());
    }

    #[test]
    fn nothing_is_told_of_few(
        counts in prop::collection::vec((-9..9_i32, 0_usize..3, 1_u64..60), 0..80),
        fewest in 1_u64..40,
    ) {
        let mut cells: Vec<Cell> = Vec::new();
        for (q, segment, customers) in counts {
            let hexagon = Hexagon { r: 0, q };
            if !cells.iter().any(|own| own.hexagon == hexagon && own.segment == segment) {
                cells.push(Cell { hexagon, segment, customers });
            }
        }
        let found = shown(&cells, 3, fewest);
        for segment in 0..3 {
            let of = |cells: &[Cell]| cells.iter().filter(|own| own.segment == segment).map(|own| own.customers).sum::<u64>();
            let (all, hidden) = (of(&cells), found.elsewhere[segment]);
            prop_assert_eq!(all, of(&found.cells) + hidden);
            prop_assert!(hidden == 0 || hidden >= fewest || hidden == all);
        }
        prop_assert!(found.cells.iter().all(|own| own.customers >= fewest));
    }
}

fn number(name: &str) -> FeatureModel {
    let scaling = AppliedScale::Zscore;
    FeatureModel::Number(FeatureTransform { name: name.to_owned(), scale: 1.0, scaling, ..FeatureTransform::default() })
}

fn category(name: &str, levels: &[&str]) -> FeatureModel {
    let levels = levels.iter().map(|name| LevelShare { name: (*name).to_owned(), share: 0.3 }).collect();
    FeatureModel::Category(CategoryFeature { name: name.to_owned(), levels, units: 1 << 20, ..Default::default() })
}

/// Two groups of customers far apart in two numbers, mostly from one city, with one who is out of scope.
struct Made {
    features: Vec<FeatureModel>,
    columns: Vec<ArrayRef>,
    labels: Vec<u32>,
}

fn made(customers: usize) -> Made {
    let side = |row: usize| if row.is_multiple_of(2) { -2.0 } else { 2.0 };
    let own = |what: &'static str, by: f64| (0..customers).map(move |row| Some(side(row) * by + chance(what, row)));
    let city = |row: usize| if row < 5 { "Radom" } else { ["Kraków", "Gdynia"][row % 2] };
    Made {
        features: vec![category("city", &["Kraków", "Gdynia", "Radom"]), number("spent"), number("visits")],
        columns: vec![
            Arc::new(StringArray::from_iter_values((0..customers).map(city))),
            Arc::new(own("spent", 1.0).collect::<Float64Array>()),
            Arc::new(own("visits", 0.0).collect::<Float64Array>()),
        ],
        labels: (0..customers).map(|row| if row == 9 { 2 } else { row as u32 % 2 }).collect(),
    }
}

/// Finds the map of customers in so many shards.
fn found(made: &Made, shards: usize, fewest: u64) -> CustomerMap {
    let of = feature_dimensions(&made.features).into_iter();
    let dimensions = of.map(|of| of.levels.len() + usize::from(of.number.is_some())).sum();
    let mut solver = MapSolver::new(&[MappedSpace { segmentation: 0, dimensions }], fewest);
    let each = made.labels.len().div_ceil(shards);
    while let Some(request) = solver.next_request() {
        let mut total: Option<v1::MapAnswer> = None;
        for start in (0..made.labels.len()).step_by(each).collect::<Vec<_>>().into_iter().rev() {
            let length = each.min(made.labels.len() - start);
            let columns: Vec<ArrayRef> = made.columns.iter().map(|column| column.slice(start, length)).collect();
            let customers = MappedCustomers {
                features: &made.features,
                columns: columns.iter().collect(),
                labels: &made.labels[start..start + length],
                rest: Some(2),
                segments: 3,
            };
            let maps = request.maps.iter().map(|own| map_answer(own, &customers).unwrap()).collect();
            let answer = v1::MapAnswer { maps };
            match &mut total {
                None => total = Some(answer),
                Some(total) => merge_map_answers(total, &answer).unwrap(),
            }
        }
        solver.absorb(total.unwrap()).unwrap();
    }
    solver.finish().unwrap().remove(0)
}

#[test]
fn shards_change_no_bit_and_groups_lie_apart() {
    let made = made(9001);
    let map = found(&made, 1, 20);
    for shards in [2, 7] {
        assert_eq!(map, found(&made, shards, 20));
    }
    let keys = ["c01", "c02", "out_of_scope"].map(str::to_owned);
    let scope = MapScope { segmentation: "groups", segment_keys: &keys, features: &made.features, min_cell: 20 };
    let rows = map_rows(&scope, &map);
    let customers = rows.iter().filter_map(|row| row.customers).sum::<i64>();
    assert_eq!(customers, 9000, "one has no place");
    assert!(rows.iter().all(|row| row.customers >= Some(20)), "each tells of enough");
    assert_eq!(rows.iter().filter(|row| row.x.is_none()).count(), 2, "who is not shown is counted: {rows:?}");
    let sides = |key: &str| -> Vec<bool> {
        let own = rows.iter().filter(|row| row.segment_key.as_deref() == Some(key));
        own.filter_map(|row| Some(row.x? > 0.0)).collect()
    };
    assert!(sides("c01").iter().all(|right| !right) && sides("c02").iter().all(|right| *right));
    let axes = map_axis_rows(&scope, &map);
    let told: Vec<(i32, &str, Option<&str>)> =
        axes.iter().map(|row| (row.axis, row.feature.as_str(), row.level.as_deref())).collect();
    // Five are from Radom.
    let each = [("city", Some("Kraków")), ("city", Some("Gdynia")), ("spent", None), ("visits", None)];
    let expected: Vec<_> = [1, 2].into_iter().flat_map(|axis| each.map(|(name, level)| (axis, name, level))).collect();
    assert_eq!(told, expected);
    assert!(axes[2].loading > 0.9 && axes[7].loading > 0.9, "spending lies across, visits upwards");
}

#[test]
fn what_has_no_map_says_why() {
    let (few, most) = (found(&made(9), 2, 20), vec![MappedSpace { segmentation: 3, dimensions: 257 }]);
    assert_eq!(few, Err(NoMap::Few));
    let solver = MapSolver::new(&most, 20);
    assert!(solver.next_request().is_none(), "nobody is asked");
    let many = solver.finish().unwrap().remove(0);
    let scope = MapScope { segmentation: "groups", segment_keys: &[], features: &[], min_cell: 20 };
    let rows = map_rows(&scope, &many);
    assert_eq!(rows[0].reason.as_deref(), Some("257 features and levels are more than the 256 that a map is made of"));
    assert!(rows[0].segment_key.is_none() && map_axis_rows(&scope, &many).is_empty());
}

#[test]
fn cells_come_back_from_their_message() {
    let mut counter = CellCounter::new(2);
    for (row, segment) in [(0, 1), (1, 0), (1, 0), (2, 1)] {
        let at = [chance("x", row) * 9.0, chance("y", row) * 9.0];
        counter.add(super::plane::Place { at, beyond: [row == 2, false] }, segment).unwrap();
    }
    let cells = counter.finish();
    assert_eq!((MapCells::from_message(&cells.to_message()).unwrap(), cells.beyond), (cells.clone(), [1, 0]));
    assert_eq!(cells.cells(2).iter().map(|own| own.customers).sum::<u64>(), 4);
    assert!(MapCells::from_message(&v1::MapCells { keys: vec![1], ..v1::MapCells::default() }).is_err());
}
