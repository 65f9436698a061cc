//! A survey of answers from 1 to 5 without ids, against numbers that were computed with DuckDB.

use crate::harness::*;
use std::path::Path;

#[test]
fn answers_become_scores_and_groups() {
    let Some(answers) = shared_data("young_people_survey/responses.csv") else { return };
    let workspace = Workspace::new();
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples/young_people_survey.toml");
    let data = answers.parent().and_then(Path::parent).unwrap();
    let ran =
        workspace.run(&job).env("DATA", data.to_str().unwrap()).env("OUT", &workspace.uri("out")).go().succeeded();
    let run = CommittedRun::of(&ran);
    assert_eq!(
        (run.fates("answers").used, run.fates("answers").quarantined),
        (1_010, 0),
        "what stands in for an id is one"
    );
    let sizes = [("other", 382), ("saves", 241), ("spends_and_saves", 235), ("spends_freely", 152)];
    let sizes = sizes.map(|(key, size)| (key.to_owned(), size));
    assert_eq!(run.assignments("money").counts("segment_key"), sizes.into());
    let minds = run.assignments("minds").counts("segment_key");
    assert!(minds.len() >= 3 && minds.values().all(|size| *size < 900), "not one lump: {minds:?}");
    // What is missing, and a height in another unit, is told.
    assert_eq!(run.noted_of("check_failed_share", "height_in_centimetres").0, 1);
    assert_eq!(run.noted_of("null_share", "spends").0, 10);
    run.warned_of(&["height_in_centimetres", "1 of 990 rows"]);
}
