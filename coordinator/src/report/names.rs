//! Names for clusters, from where they stand.

use super::standouts::WORTH_A_WORD;

/// From this many standard deviations on, a name says "very".
const VERY: f64 = 2.0;
/// Features that a name is made of, more only to tell two clusters apart.
const WORDS: usize = 2;

/// Where a cluster stands in one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Name of the feature.
    pub feature: String,
    /// (cluster mean − mean of all) / standard deviation of all.
    pub z_score: f64,
}

/// Gives each cluster a name of its own, like `high monetary, recent`, from its two features furthest from the average.
///
/// Clusters that would share a name get further features, then a number; a cluster close to the average everywhere is
/// `average`. The names depend on nothing but the standings and the order of the clusters.
pub fn suggest_names(clusters: &[Vec<Standing>]) -> Vec<String> {
    let words: Vec<Vec<String>> = clusters.iter().map(|standings| words(standings)).collect();
    let mut used = vec![WORDS; clusters.len()];
    loop {
        let names: Vec<String> = words.iter().zip(&used).map(|(words, used)| joined(words, *used)).collect();
        let mut longer = used.clone();
        for cluster in 0..names.len() {
            let shared = names.iter().filter(|name| **name == names[cluster]).count() > 1;
            if shared && used[cluster] < words[cluster].len() {
                longer[cluster] += 1;
            }
        }
        if longer == used {
            return numbered(names);
        }
        used = longer;
    }
}

/// One word a feature, the furthest from the average first.
fn words(standings: &[Standing]) -> Vec<String> {
    let mut far: Vec<&Standing> = standings.iter().filter(|standing| standing.z_score.abs() >= WORTH_A_WORD).collect();
    far.sort_by(|a, b| b.z_score.abs().total_cmp(&a.z_score.abs()).then_with(|| a.feature.cmp(&b.feature)));
    far.into_iter().map(word).collect()
}

fn word(standing: &Standing) -> String {
    let very = if standing.z_score.abs() >= VERY { "very " } else { "" };
    let high = standing.z_score > 0.0;
    // By prefix: a preset's suffix, as in `recency_days_90d`, changes nothing about the word.
    let known = [
        ("recency_days", ["recent", "lapsed"]),
        ("tenure_days", ["new", "long-standing"]),
        ("frequency", ["infrequent", "frequent"]),
    ];
    match known.iter().find(|(prefix, _)| standing.feature.starts_with(prefix)) {
        Some((_, words)) => format!("{very}{}", words[usize::from(high)]),
        None => {
            let side = if high { "high" } else { "low" };
            format!("{very}{side} {}", standing.feature.replace('_', " "))
        }
    }
}

fn joined(words: &[String], used: usize) -> String {
    if words.is_empty() {
        return "average".to_owned();
    }
    words.iter().take(used).map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// Puts 2, 3, … behind the second and third of one name.
fn numbered(names: Vec<String>) -> Vec<String> {
    let mut given: Vec<String> = Vec::with_capacity(names.len());
    for name in &names {
        let free = (2..).map(|number| format!("{name} {number}"));
        let candidates = std::iter::once(name.clone()).chain(free);
        let chosen = candidates.into_iter().find(|candidate| !given.contains(candidate));
        given.extend(chosen);
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(standings: &[(&str, f64)]) -> Vec<Standing> {
        standings.iter().map(|(feature, z)| Standing { feature: (*feature).to_owned(), z_score: *z }).collect()
    }

    #[test]
    fn a_name_is_made_of_the_two_features_that_stand_out() {
        let names = suggest_names(&[
            cluster(&[("recency_days", -0.9), ("frequency", 0.3), ("monetary", 1.4)]),
            cluster(&[("recency_days", 2.4), ("frequency", -0.6), ("monetary", -0.2)]),
            cluster(&[("store_share", 1.1), ("tenure_days_365d", -0.3)]),
            cluster(&[("monetary", 0.1)]),
        ]);
        assert_eq!(names, ["high monetary, recent", "very lapsed, infrequent", "high store share, new", "average"]);
    }

    #[test]
    fn clusters_that_would_share_a_name_get_a_further_feature_or_a_number() {
        let names = suggest_names(&[
            cluster(&[("monetary", 1.0), ("recency_days", -0.9), ("frequency", 0.8)]),
            cluster(&[("monetary", 1.1), ("recency_days", -0.8)]),
            cluster(&[]),
            cluster(&[]),
        ]);
        assert_eq!(names, ["high monetary, recent, frequent", "high monetary, recent", "average", "average 2"]);
    }

    #[test]
    fn equal_distances_are_ordered_by_the_feature_s_name() {
        let one = suggest_names(&[cluster(&[("b", 1.0), ("a", -1.0)])]);
        assert_eq!(one, suggest_names(&[cluster(&[("a", -1.0), ("b", 1.0)])]));
        assert_eq!(one, ["low a, high b"]);
    }
}
