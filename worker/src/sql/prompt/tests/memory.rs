//! The same answer whatever memory there is, or an error that says what to do.

use super::world::Folder;

#[test]
fn what_goes_to_disk_gives_the_same_answer() {
    let weights: Vec<f64> =
        (0..60_000).map(|row| 1e16 / f64::from(row + 1) * if row % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let folder = Folder::of(&weights);
    for sql in [
        "select customer_id, sum(weight), count(distinct city) from features group by customer_id",
        "select * from features order by weight, customer_id desc",
        "select city, row_number() over (partition by substring(customer_id, 1, 4) order by weight) as r, customer_id from features",
        "select distinct weight, customer_id from features limit 30000",
    ] {
        let spilled = folder.answer(sql, 6 << 20).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        assert!(spilled == folder.line(sql), "{sql}");
        assert!(spilled.len() > 500_000, "{sql}");
    }
}

#[test]
fn a_join_that_does_not_fit_says_what_to_do() {
    let folder = Folder::of(&vec![0.5; 60_000]);
    let sql = "select count(*) from features a join features b on a.customer_id = b.customer_id";
    let error = folder.answer(sql, 1 << 20).unwrap_err();
    assert_eq!(error.message, "the query does not fit into 1 MB of memory");
    assert!(
        error.fault.exit_code() == 6 && error.hint.unwrap().contains("give more --memory; a join holds its right side")
    );
    assert_eq!(folder.line(sql), "60000");
}
