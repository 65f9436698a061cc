//! Which number of clusters the evidence speaks for, and whether it speaks for any.

use crate::segmentation::kmeans::sample::{
    evidence::ClusterCountEvidence,
    gap::{Gap, one_is_enough},
    stability::STABLE,
};

/// Where a choice fell.
pub(in crate::segmentation::kmeans) struct Decision {
    /// Into the evidence.
    pub(in crate::segmentation::kmeans) index: usize,
    pub(in crate::segmentation::kmeans) reason: String,
    pub(in crate::segmentation::kmeans) no_useful_groups: Option<String>,
}

/// Decides by the rule: the best Calinski–Harabasz among the stable whose smallest cluster is large enough.
///
/// `min_share` is none for a number of clusters that the job gives.
pub(in crate::segmentation::kmeans) fn decide(
    evidence: &[ClusterCountEvidence],
    min_share: Option<f64>,
    gaps: &[Gap],
) -> Decision {
    let (index, reason, doubt) = match min_share {
        None => given(evidence),
        Some(min_share) => among(evidence, min_share),
    };
    let k = evidence.get(index).map_or(0, |chosen| chosen.k);
    let doubts: Vec<String> = doubt.into_iter().chain(one_is_enough(gaps, k)).collect();
    // A number is chosen all the same, and the sentence must not read as if it were not.
    let all_the_same = match min_share {
        None => format!("k = {k} is what the job asks for and is written all the same"),
        Some(_) => format!("k = {k} is the best of what the job asks for and is written all the same"),
    };
    let no_useful_groups =
        (!doubts.is_empty()).then(|| format!("no useful groups: {}; {all_the_same}", doubts.join("; ")));
    Decision { index, reason, no_useful_groups }
}

fn jaccard(evidence: &ClusterCountEvidence) -> f64 {
    evidence.jaccard.unwrap_or(0.0)
}

/// Of a number that the job gives.
fn given(evidence: &[ClusterCountEvidence]) -> (usize, String, Option<String>) {
    let Some(only) = evidence.first() else { return (0, String::new(), None) };
    let unstable = (jaccard(only) < STABLE).then(|| {
        format!("the clusters are unstable, with a mean bootstrap Jaccard of {:.3}, below {STABLE}", jaccard(only))
    });
    (0, format!("k = {}: as the job says", only.k), unstable)
}

/// Of a range: where the choice fell, why, and why it is worth little.
fn among(evidence: &[ClusterCountEvidence], min_share: f64) -> (usize, String, Option<String>) {
    let stable = |e: &ClusterCountEvidence| jaccard(e) >= STABLE;
    let large = |e: &ClusterCountEvidence| e.smallest_share >= min_share;
    let score = |e: &ClusterCountEvidence| e.calinski_harabasz.unwrap_or(-1.0);
    // On ties the smaller number: `max_by` keeps the last, so it looks from the end.
    let best = |wanted: &dyn Fn(&ClusterCountEvidence) -> bool| {
        let wanted = evidence.iter().enumerate().rev().filter(|(_, e)| wanted(e));
        wanted.max_by(|(_, l), (_, r)| score(l).total_cmp(&score(r))).map(|(index, _)| index)
    };
    let chosen = |index: usize, among: &str| {
        let e = &evidence[index];
        format!(
            "k = {}: the best Calinski–Harabasz index, {:.1}, {among}; its mean bootstrap Jaccard is {:.3} and its smallest share {:.3}",
            e.k,
            score(e),
            jaccard(e),
            e.smallest_share
        )
    };
    let most_stable = evidence.iter().max_by(|l, r| jaccard(l).total_cmp(&jaccard(r)));
    let most_stable = most_stable.map_or(String::new(), |e| format!("best {:.3} at k = {}", jaccard(e), e.k));
    if let Some(index) = best(&|e| stable(e) && large(e)) {
        let among =
            format!("among those with a mean bootstrap Jaccard of at least {STABLE} and no share below {min_share}");
        return (index, chosen(index, &among), None);
    }
    if let Some(index) = best(&large) {
        let among = format!("among those with no share below {min_share}, of which none is stable");
        let doubt = match evidence.iter().any(stable) {
            false => format!("no number of clusters has a mean bootstrap Jaccard of at least {STABLE} ({most_stable})"),
            true => format!(
                "no number of clusters has both a mean bootstrap Jaccard of at least {STABLE} ({most_stable}) and no share below {min_share}"
            ),
        };
        return (index, chosen(index, &among), Some(doubt));
    }
    let index = best(&|_| true).unwrap_or(0);
    let doubt = format!("every number of clusters has one with a share below {min_share}");
    (index, if evidence.is_empty() { String::new() } else { chosen(index, "of all") }, Some(doubt))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::segmentation::kmeans::rounds::fit::Stop;

    fn one(k: u32, jaccard: f64, smallest_share: f64, calinski_harabasz: f64) -> ClusterCountEvidence {
        ClusterCountEvidence {
            k,
            inertia: 1.0,
            explained: 0.5,
            calinski_harabasz: Some(calinski_harabasz),
            davies_bouldin: None,
            simplified_silhouette: None,
            silhouette: None,
            smallest_share,
            jaccard: Some(jaccard),
            jaccard_by_cluster: vec![],
            jaccard_rows: 9,
            restart: 0,
            iterations: 1,
            stop: Stop::Converged,
        }
    }

    #[test]
    fn the_rule_prefers_stable_and_large_before_separated() {
        let all = [one(2, 0.9, 0.3, 10.0), one(3, 0.5, 0.2, 99.0), one(4, 0.8, 0.01, 50.0), one(5, 0.7, 0.1, 10.0)];
        let decided = |evidence: &[ClusterCountEvidence], share| {
            let decision = decide(evidence, share, &[]);
            (evidence[decision.index].k, decision.no_useful_groups.is_some())
        };
        assert_eq!(decided(&all, Some(0.02)), (2, false));
        assert_eq!(decided(&all, Some(0.0)), (4, false));
        assert_eq!(decided(&all[1..3], Some(0.02)), (3, true));
        assert_eq!(decided(&all, Some(0.5)), (3, true));
        assert_eq!(decided(&all[1..2], None), (3, true));
    }

    #[test]
    fn the_words_have_the_figures() {
        let gap = |k, gap| Gap { k, gap, error: 0.01, rows: 9 };
        let said = |evidence: &[ClusterCountEvidence], share, gaps: &[Gap]| {
            let decision = decide(evidence, share, gaps);
            (decision.reason, decision.no_useful_groups.unwrap_or_default())
        };
        let (reason, doubt) = said(&[one(2, 0.9, 0.3, 10.0)], Some(0.02), &[gap(1, 0.1), gap(2, 0.5)]);
        assert!(reason.starts_with("k = 2: the best Calinski–Harabasz index, 10.0, among") && reason.contains("0.900"));
        assert_eq!(doubt, "");
        let (_, doubt) = said(
            &[one(2, 0.512, 0.3, 1.0), one(3, 0.4, 0.3, 2.0)],
            Some(0.02),
            &[gap(1, 0.5), gap(2, 0.4), gap(3, 0.3)],
        );
        assert_eq!(
            doubt,
            "no useful groups: no number of clusters has a mean bootstrap Jaccard of at least 0.6 (best 0.512 at k = 2); \
             the gap statistic prefers one cluster (gap 0.500) to 3 (gap 0.300, standard error 0.010); \
             k = 3 is the best of what the job asks for and is written all the same"
        );
        assert_eq!(said(&[one(3, 0.9, 0.3, 1.0)], None, &[]), ("k = 3: as the job says".to_owned(), String::new()));
    }
}
