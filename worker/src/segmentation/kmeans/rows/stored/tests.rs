use super::Ids;
use crate::segmentation::kmeans::{
    rounds::{fit::KmeansFit, shard::KmeansShard},
    rows::{centroids::Centroids, layout::Layout, matrix::Matrix},
};
use arrow::array::StringArray;
use segmenter_proto::{Rounds as _, draw};

#[test]
fn rows_in_scratch_answer_like_rows_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (rows, dimensions) = (1003, 3);
    let cells = |row: usize| -> Vec<i32> {
        (0..dimensions).map(|at| (draw(1, &at.to_string(), &row.to_string()) % 9_000_000) as i32 - 4_500_000).collect()
    };
    let all: Vec<Vec<i32>> = (0..rows).map(cells).collect();
    let matrix = Matrix::from_rows(Layout::of_numbers(dimensions), all.iter().map(Vec::as_slice));
    let ids = || Ids::from((0..rows).map(|row| Some(format!("c{row:05}"))).collect::<StringArray>());
    let mut in_memory = KmeansShard::new(matrix.clone(), ids()).unwrap();
    let stored = (matrix.clone().stored(folder.path()).unwrap(), ids().stored(folder.path()).unwrap());
    let mut in_scratch = KmeansShard::new(stored.0, stored.1).unwrap();
    let mut forgetful = KmeansShard::new(matrix.clone(), ids()).unwrap().forgetful();
    assert_eq!(in_scratch.bytes_of_answer(), 0);
    assert_eq!(forgetful.bytes_of_answer(), KmeansShard::bytes(rows));
    // Two centroids in one place: the second is empty, so that far rows are asked for as well.
    let start = [all[0].clone(), all[0].clone(), all[1].clone(), all[2].clone()].concat();
    let mut fit = KmeansFit::new(Centroids::new(dimensions, start).unwrap(), 30);
    let mut asked = 0;
    while let Some(request) = fit.next_request() {
        let answer = in_memory.answer(&request, 1).unwrap();
        assert_eq!(in_scratch.answer(&request, 2).unwrap(), answer);
        let mut anew = forgetful.answer(&request, 2).unwrap();
        // It does not know who moved.
        for (anew, answer) in anew.rounds.iter_mut().zip(&answer.rounds) {
            anew.changed = answer.changed;
        }
        assert_eq!(anew, answer);
        fit.absorb(answer).unwrap();
        asked += 1;
    }
    assert!(asked > 5);
}
