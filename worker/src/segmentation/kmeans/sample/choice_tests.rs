use segmenter_proto::draw;

use super::*;

/// Planted groups: centres far apart, uniform noise around them; the group is the id's first letter.
fn planted(groups: i32, rows: usize, noise: i32) -> Vec<SampleRow> {
    let mut sample: Vec<SampleRow> = (0..rows)
        .map(|row| {
            let group = row as i32 % groups;
            let customer_id = format!("{}{row}", char::from(b'a' + group as u8));
            let around = |dimension: &str, centre: i32| {
                centre + (draw(1, dimension, &customer_id) % (2 * noise as u64 + 1)) as i32 - noise
            };
            let cells = vec![around("x", (group % 3) << 20), around("y", (group / 3) << 20)];
            SampleRow { hash: draw(7, "sample/s", &customer_id), customer_id, cells }
        })
        .collect();
    sample.sort();
    sample
}

fn request(k: ClusterCount, dimensions: usize) -> ChoiceRequest<'static> {
    ChoiceRequest { segmentation: "s", seed: 7, k, restarts: 10, layout: Layout::of_numbers(dimensions) }
}

const RANGE: ClusterCount = ClusterCount::Range { min: 2, max: 8, min_share: 0.02 };

#[test]
fn planted_groups_are_found_with_their_number() {
    let sample = planted(5, 3000, 200_000);
    let choice = choose(&request(RANGE, 2), &sample).unwrap();
    assert_eq!((choice.k, &choice.no_useful_groups), (5, &None));
    let found = &choice.evidence[3];
    assert_eq!(choice.gap_k, Some(5));
    let stability = stability_of(&request(RANGE, 2), &sample, &choice.centroids().unwrap()).unwrap();
    assert_eq!((stability.by_cluster, stability.rows), (found.jaccard_by_cluster.clone(), found.jaccard_rows));
    assert!(found.jaccard.unwrap() > 0.99 && found.silhouette.unwrap().mean > 0.5, "{found:?}");
    assert_eq!(choice.evidence.iter().map(|evidence| evidence.k).collect::<Vec<_>>(), [2, 3, 4, 5, 6, 7, 8]);
    let matrix = Matrix::from_rows(Layout::of_numbers(2), sample.iter().map(|row| row.cells.as_slice()));
    let labels = labels_of(&matrix, &choice.centroids().unwrap());
    for (left, a) in sample.iter().zip(&labels).take(100) {
        for (right, b) in sample.iter().zip(&labels) {
            assert_eq!(left.customer_id.as_bytes()[0] == right.customer_id.as_bytes()[0], a == b);
        }
    }
}

/// One round cloud: each value is a sum of uniform draws.
fn cloud(rows: usize, dimensions: usize) -> Vec<SampleRow> {
    let value = |id: &str, dimension: usize| {
        (0..12).map(|term| (draw(1, &format!("{dimension}/{term}"), id) % 500_000) as i32).sum::<i32>() - 3_000_000
    };
    let row = |row: usize| {
        let customer_id = row.to_string();
        let cells = (0..dimensions).map(|dimension| value(&customer_id, dimension)).collect();
        SampleRow { hash: draw(7, "sample/s", &customer_id), customer_id, cells }
    };
    let mut sample: Vec<_> = (0..rows).map(row).collect();
    sample.sort();
    sample
}

#[test]
fn a_round_cloud_has_no_useful_groups() {
    // Whatever the number of clusters, resamples cut it elsewhere.
    let sample = cloud(1000, 4);
    let range = ClusterCount::Range { min: 2, max: 5, min_share: 0.01 };
    let choice = choose(&request(range, 4), &sample).unwrap();
    let jaccard: Vec<_> = choice.evidence.iter().map(|evidence| evidence.jaccard.unwrap()).collect();
    let why = choice.no_useful_groups.unwrap();
    assert!(why.starts_with("no useful groups: ") && why.contains("Jaccard"), "{jaccard:?}: {why}");
    // Each reason stands alone: the gap, too, sees nothing there.
    assert!(why.contains("the gap statistic prefers one cluster"), "{:?}", choice.gaps);
    assert_eq!(choice.gaps.iter().map(|gap| gap.k).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let strict = ClusterCount::Range { min: 2, max: 3, min_share: 0.6 };
    assert!(choose(&request(strict, 4), &sample).unwrap().no_useful_groups.unwrap().contains("0.6"));
}

#[test]
fn threads_do_not_matter() {
    let sample = planted(4, 1500, 700_000);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| choose(&request(RANGE, 2), &sample).unwrap())
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn a_given_number_is_kept_and_measured() {
    let choice = choose(&request(ClusterCount::Fixed(3), 2), &planted(3, 300, 1000)).unwrap();
    assert_eq!((choice.k, choice.reason.as_str(), choice.evidence.len()), (3, "k = 3: as the job says", 1));
    assert!(choice.evidence[0].explained > 0.99 && choice.no_useful_groups.is_none());
    assert_eq!(choice.gaps.iter().map(|gap| gap.k).collect::<Vec<_>>(), [1, 3]);
    let json = serde_json::to_string(&choice).unwrap();
    assert_eq!(serde_json::from_str::<Choice>(&json).unwrap().start, choice.start);
}

#[test]
fn too_few_customers_are_said_so() {
    let sample = planted(3, 3, 1000);
    let error = choose(&request(ClusterCount::Fixed(4), 2), &sample).unwrap_err();
    assert!(error.message.contains("only 3 different customers"), "{error}");
    assert!(choose(&request(ClusterCount::Fixed(4), 2), &[]).unwrap_err().message.contains("no customer"));
    assert_eq!(choose(&request(RANGE, 2), &sample).unwrap().evidence.len(), 2);
}

#[test]
fn small_clusters_of_many_are_stable_on_enough_rows() {
    // Sixty groups on a lattice, of which the smallest has a share of 1/600.
    let row = |row: usize| {
        let group = if row.is_multiple_of(600) { 59 } else { row as i32 % 59 };
        let customer_id = format!("{row}");
        let around =
            |dimension: &str, centre: i32| centre + (draw(1, dimension, &customer_id) % 100_001) as i32 - 50_000;
        let cells = vec![around("x", (group % 8) << 20), around("y", (group / 8) << 20)];
        SampleRow { hash: draw(7, "sample/s", &customer_id), customer_id, cells }
    };
    let mut sample: Vec<SampleRow> = (0..24_000).map(row).collect();
    sample.sort();
    let choice = choose(&request(ClusterCount::Fixed(60), 2), &sample).unwrap();
    let found = &choice.evidence[0];
    // 100 of 1/600 are 60,000: all there are.
    assert_eq!(found.jaccard_rows, 24_000);
    assert!(found.jaccard.unwrap() > 0.85, "{:?}", found.jaccard);
    let few = choose(&request(ClusterCount::Fixed(2), 2), &sample).unwrap();
    assert_eq!(few.evidence[0].jaccard_rows, 4_000);
}
