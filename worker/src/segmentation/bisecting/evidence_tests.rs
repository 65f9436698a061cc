use segmenter_proto::draw;

use super::{super::super::kmeans::Layout, *};

/// Rows of numbers by their id, in order of hash.
fn sample(rows: usize, cells: impl Fn(usize, &dyn Fn(&str, u64) -> i32) -> Vec<i32>) -> Vec<SampleRow> {
    let row = |row: usize| {
        let customer_id = row.to_string();
        let chance = |purpose: &str, below: u64| (draw(5, purpose, &customer_id) % below) as i32;
        let cells = cells(row, &chance);
        SampleRow { hash: draw(7, "sample/s", &customer_id), customer_id, cells }
    };
    let mut sample: Vec<SampleRow> = (0..rows).map(row).collect();
    sample.sort();
    sample
}

fn evidence(sample: &[SampleRow], k: u32) -> BisectingEvidence {
    let layout = Layout::of_numbers(sample[0].cells.len());
    let request = BisectingRequest {
        segmentation: "s".to_owned(),
        seed: 3,
        k,
        min_share: 0.02,
        restarts: 3,
        layout: layout.clone(),
    };
    let rows = Matrix::from_rows(layout, sample.iter().map(|row| row.cells.as_slice()));
    let tree = grow(request.clone(), &rows).unwrap();
    bisecting_evidence(&request, &tree, sample).unwrap()
}

/// A sum of uniform draws.
fn bell(name: &str, chance: &dyn Fn(&str, u64) -> i32) -> i32 {
    (0..12).map(|term| chance(&format!("{name}/{term}"), 500_000)).sum::<i32>() - 3_000_000
}

#[test]
fn noise_has_no_useful_groups() {
    for (name, rows) in [
        ("a round cloud", sample(1500, |_, chance| ["x", "y", "z", "w"].map(|name| bell(name, chance)).to_vec())),
        ("an even box", sample(1500, |_, chance| ["x", "y"].map(|name| chance(name, 4_000_000)).to_vec())),
        ("an even line", sample(600, |_, chance| vec![chance("x", 4_000_000)])),
    ] {
        let found = evidence(&rows, 6);
        let said = found.no_useful_groups.clone().unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert!(
            said.starts_with("no useful groups: ") && said.contains("the gap statistic prefers one"),
            "{name}: {said}"
        );
        assert!(said.ends_with("the 6 groups that were found are written all the same"), "{name}: {said}");
    }
}

#[test]
fn planted_groups_are_useful() {
    for (name, k, rows) in [
        // Four in a square: no first split is better than another.
        (
            "a square",
            4,
            sample(1200, |row, chance| {
                vec![
                    ((row as i32 % 2) << 22) + chance("x", 700_000),
                    ((row as i32 / 2 % 2) << 22) + chance("y", 700_000),
                ]
            }),
        ),
        ("two", 2, sample(400, |row, chance| vec![((row as i32 % 2) << 22) + chance("x", 900_000)])),
        (
            "one small",
            2,
            sample(2000, |row, chance| vec![(i32::from(row.is_multiple_of(25)) << 22) + chance("x", 900_000)]),
        ),
    ] {
        let found = evidence(&rows, k);
        assert_eq!(found.no_useful_groups, None, "{name}: {found:?}");
        assert_eq!(found.jaccard_by_leaf.len(), k as usize);
        assert!(found.jaccard().unwrap() > 0.95, "{name}: {found:?}");
    }
}

#[test]
fn groups_are_useful_though_they_were_split_too_far() {
    let rows = sample(1200, |row, chance| {
        vec![((row as i32 % 2) << 22) + bell("x", chance) / 8, bell("y", chance) / 8, bell("z", chance) / 8]
    });
    let found = evidence(&rows, 8);
    assert!(found.jaccard_by_groups[0] > 0.95, "{found:?}");
    assert!(found.jaccard().unwrap() < STABLE, "{found:?}");
    assert_eq!(found.no_useful_groups, None);
}

#[test]
fn threads_do_not_matter() {
    let rows = sample(500, |row, chance| vec![((row as i32 % 3) << 21) + chance("x", 900_000)]);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| evidence(&rows, 4))
    };
    assert_eq!(with(1), with(3));
}
