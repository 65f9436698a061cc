//! What is said of clusters that resamples do not find again.

use segmenter_worker::segmentation::kmeans::STABLE;

/// Clusters that are named at most.
const NAMED: usize = 5;

/// Warns of unstable clusters by their keys where the mean of all is stable, which hides them. Where it is not, that is said of the
/// clusters as a whole.
pub(super) fn unstable(by_key: &[(&str, Option<f64>)]) -> Option<String> {
    // A cluster that no resample has met has shown no stability.
    let of = |jaccard: Option<f64>| jaccard.unwrap_or(0.0);
    let mean = by_key.iter().map(|(_, jaccard)| of(*jaccard)).sum::<f64>() / by_key.len().max(1) as f64;
    let below: Vec<(&str, f64)> =
        by_key.iter().map(|(key, jaccard)| (*key, of(*jaccard))).filter(|(_, jaccard)| *jaccard < STABLE).collect();
    if below.is_empty() || mean < STABLE {
        return None;
    }
    let mut named: Vec<String> =
        below.iter().take(NAMED).map(|(key, jaccard)| format!("{key} ({jaccard:.3})")).collect();
    if below.len() > NAMED {
        named.push("…".to_owned());
    }
    let (verb, whose) = if below.len() == 1 { ("is", "its") } else { ("are", "their") };
    Some(format!(
        "{} of {} clusters {verb} unstable, with a bootstrap Jaccard below {STABLE}: {}; the mean of all, {mean:.3}, hides it, and \
         another sample would divide {whose} customers otherwise",
        below.len(),
        by_key.len(),
        named.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_the_mean_hides_is_named() {
        let nine = |last: Option<f64>| -> Vec<(&str, Option<f64>)> {
            let keys = ["c01", "c02", "c03", "c04", "c05", "c06", "c07", "c08", "c09"];
            keys.iter().map(|key| (*key, Some(0.975))).chain([("c10", last)]).collect()
        };
        let said = unstable(&nine(Some(0.3))).unwrap();
        assert!(
            said.starts_with("1 of 10 clusters is unstable, with a bootstrap Jaccard below 0.6: c10 (0.300);"),
            "{said}"
        );
        assert!(said.contains("the mean of all, 0.907"), "{said}");
        assert!(unstable(&nine(None)).unwrap().contains("c10 (0.000)"));
        assert_eq!(unstable(&nine(Some(0.6))), None);
        // The mean says it: it is told as a whole.
        assert_eq!(unstable(&[("c01", Some(0.5)), ("c02", Some(0.4))]), None);
        assert_eq!(unstable(&[]), None);
    }

    #[test]
    fn many_are_not_all_named() {
        let keys: Vec<String> = (1..=40).map(|number| format!("c{number:02}")).collect();
        let of = |at: usize| if at < 9 { Some(0.1) } else { Some(0.99) };
        let by_key: Vec<_> = keys.iter().enumerate().map(|(at, key)| (key.as_str(), of(at))).collect();
        let said = unstable(&by_key).unwrap();
        assert!(said.contains("9 of 40") && said.contains("c05 (0.100), …;") && !said.contains("c06"), "{said}");
    }
}
