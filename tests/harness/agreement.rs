//! How well two divisions of the same customers agree.

use std::collections::BTreeMap;

/// Gives the adjusted Rand index (Hubert and Arabie 1985) of two divisions over the customers in both: 1 for equal
/// divisions, about 0 for unrelated ones.
pub fn adjusted_rand_index(left: &BTreeMap<String, String>, right: &BTreeMap<String, String>) -> f64 {
    let mut cells = BTreeMap::<(&str, &str), f64>::new();
    let (mut rows, mut columns) = (BTreeMap::<&str, f64>::new(), BTreeMap::<&str, f64>::new());
    let mut customers = 0.0;
    for (id, one) in left {
        let Some(other) = right.get(id) else { continue };
        *cells.entry((one, other)).or_default() += 1.0;
        *rows.entry(one).or_default() += 1.0;
        *columns.entry(other).or_default() += 1.0;
        customers += 1.0;
    }
    let pairs = |counts: &mut dyn Iterator<Item = f64>| counts.map(|n| n * (n - 1.0) / 2.0).sum::<f64>();
    let both = pairs(&mut cells.into_values());
    let (in_rows, in_columns) = (pairs(&mut rows.into_values()), pairs(&mut columns.into_values()));
    let expected = in_rows * in_columns / (customers * (customers - 1.0) / 2.0);
    (both - expected) / ((in_rows + in_columns) / 2.0 - expected)
}

#[cfg(test)]
fn division(keys: &[&str]) -> BTreeMap<String, String> {
    keys.iter().enumerate().map(|(id, key)| (id.to_string(), (*key).to_owned())).collect()
}

#[test]
fn agreement_of_known_divisions() {
    let one = division(&["a", "a", "a", "b", "b", "b"]);
    assert_eq!(adjusted_rand_index(&one, &division(&["x", "x", "x", "y", "y", "y"])), 1.0);
    // Contingency [[2, 1], [0, 3]]: 4 pairs together in both, (6 · 7) / 15 = 2.8 expected, mean of margins 6.5.
    let close = adjusted_rand_index(&one, &division(&["x", "x", "y", "y", "y", "y"]));
    assert!((close - (4.0 - 2.8) / (6.5 - 2.8)).abs() < 1e-12, "{close}");
}
