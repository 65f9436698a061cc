//! Names for clusters, from where they stand.

use super::standouts::WORTH_A_WORD;
use segmenter_proto::models::OTHER_LEVEL;

/// From this many standard deviations on, a name says "very".
const VERY: f64 = 2.0;
const VERY_WORD: &str = "very ";
/// What a cluster close to the average is called.
const AVERAGE: &str = "average";
/// Stands between the words of a name.
const BETWEEN: &str = ", ";
/// Features that a name is made of, more only to tell two clusters apart.
const WORDS: usize = 2;

/// Longer values are cut in a name, in letters.
const LONGEST_LEVEL: usize = 32;

/// Where a cluster stands in one feature, or in one level of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// Name of the feature.
    pub feature: String,
    /// Where it stands there.
    pub place: Place,
}

/// Where a cluster stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// In a number.
    Number {
        /// (cluster mean − mean of all) / standard deviation of all.
        z_score: f64,
    },
    /// In a level of a category.
    Level {
        /// The level; `true` and `false` of a boolean.
        level: String,
        /// Share of the cluster that has it.
        share: f64,
        /// Share of all.
        of_all: f64,
        /// Whether enough customers of the cluster have it to call it by its name.
        is_shown: bool,
    },
    /// In having no value.
    Missing {
        /// Share of the cluster.
        share: f64,
        /// Share of all.
        of_all: f64,
    },
}

/// A name for a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedName {
    /// The name for results.
    pub name: String,
    /// The name for what is read elsewhere, such as a terminal or a log: without values of text features.
    pub told: String,
}

/// Gives each cluster a name of its own, like `high monetary, recent`, from its two features furthest from the average.
///
/// Of a text feature it names the level that most of the cluster have and others do not, like `city Kraków`. Clusters that
/// would share a name get further features, then a number; a cluster close to the average everywhere is `average`. The
/// names depend on nothing but the standings, the order of the clusters, and what they were called: a cluster keeps its name of an `earlier` run
/// as long as each word of it is one that could be said of it now, `very` or not.
pub fn suggest_names(clusters: &[Vec<Standing>], earlier: &[Option<&str>]) -> Vec<SuggestedName> {
    let words: Vec<Vec<Word>> = clusters.iter().map(|standings| words(standings)).collect();
    let kept =
        |(at, words): (usize, &Vec<Word>)| earlier.get(at).copied().flatten().and_then(|name| still(name, words));
    let kept: Vec<Option<SuggestedName>> = words.iter().enumerate().map(kept).collect();
    let mut used = vec![WORDS; clusters.len()];
    loop {
        let suggested = |(at, words): (usize, &Vec<Word>)| {
            let joined = |part| joined(words, used[at], part);
            let new = || SuggestedName { name: joined(|word| &word.name), told: joined(|word| &word.told) };
            kept[at].clone().unwrap_or_else(new)
        };
        let names: Vec<SuggestedName> = words.iter().enumerate().map(suggested).collect();
        let mut longer = used.clone();
        for cluster in 0..names.len() {
            let shared = names.iter().filter(|other| other.name == names[cluster].name).count() > 1;
            if shared && kept[cluster].is_none() && used[cluster] < words[cluster].len() {
                longer[cluster] += 1;
            }
        }
        if longer == used {
            return numbered(names, &kept);
        }
        used = longer;
    }
}

/// Gives an earlier name if all that it says could be said now: the words of a name, and the number that told it from another.
fn still(name: &str, words: &[Word]) -> Option<SuggestedName> {
    let number = name.rsplit_once(' ').filter(|(_, number)| number.bytes().all(|digit| digit.is_ascii_digit()));
    let without_number = number.map(|(base, number)| (base, format!(" {number}")));
    let whole = [(name, String::new())];
    whole.into_iter().chain(without_number).find_map(|(base, number)| {
        let told = match (base, words) {
            (AVERAGE, []) => AVERAGE.to_owned(),
            _ => said(base, words)?,
        };
        Some(SuggestedName { name: name.to_owned(), told: format!("{told}{number}") })
    })
}

/// Gives how a name is told, if it is made of nothing but these words.
fn said(name: &str, words: &[Word]) -> Option<String> {
    let (very, rest) = match name.strip_prefix(VERY_WORD) {
        Some(rest) => (VERY_WORD, rest),
        None => ("", name),
    };
    let plain = |text: &'_ str| text.strip_prefix(VERY_WORD).unwrap_or(text).to_owned();
    words.iter().find_map(|word| {
        let behind = rest.strip_prefix(plain(&word.name).as_str())?;
        let told = format!("{very}{}", plain(&word.told));
        match behind.strip_prefix(BETWEEN) {
            Some(more) => Some(format!("{told}{BETWEEN}{}", said(more, words)?)),
            None => behind.is_empty().then_some(told),
        }
    })
}

/// What is said of a cluster's place in one feature.
struct Word {
    name: String,
    told: String,
}

/// One word a feature, the furthest from the average first.
fn words(standings: &[Standing]) -> Vec<Word> {
    let mut far: Vec<(&Standing, f64)> = standings
        .iter()
        .map(|standing| (standing, standing.place.distance()))
        .filter(|(_, distance)| *distance >= WORTH_A_WORD)
        .collect();
    // Stable: the levels of a feature come in their order.
    far.sort_by(|(a, distance_a), (b, distance_b)| {
        distance_b.total_cmp(distance_a).then_with(|| a.feature.cmp(&b.feature))
    });
    let mut said: Vec<&str> = Vec::new();
    far.retain(|(standing, _)| {
        let new = !said.contains(&standing.feature.as_str());
        said.push(&standing.feature);
        new
    });
    far.into_iter().map(|(standing, _)| word(standing)).collect()
}

impl Place {
    /// How far from the average, in standard deviations; 0 of a level that is not worth a word because fewer than half have it.
    fn distance(&self) -> f64 {
        match self {
            Self::Number { z_score } => z_score.abs(),
            Self::Level { share, of_all, .. } | Self::Missing { share, of_all } => {
                let spread = (of_all * (1.0 - of_all)).sqrt();
                if *share < 0.5 || spread == 0.0 { 0.0 } else { (share - of_all) / spread }
            }
        }
    }
}

fn word(standing: &Standing) -> Word {
    let feature = standing.feature.replace('_', " ");
    let name = match &standing.place {
        Place::Number { z_score } => number_word(&standing.feature, *z_score),
        Place::Missing { .. } => format!("unknown {feature}"),
        Place::Level { level, is_shown, .. } => match level.as_str() {
            "true" => feature,
            "false" => format!("not {feature}"),
            OTHER_LEVEL => format!("rare {feature}"),
            _ if !is_shown => format!("mostly one {feature}"),
            level => {
                return Word { name: format!("{feature} {}", shortened(level)), told: format!("mostly one {feature}") };
            }
        },
    };
    Word { told: name.clone(), name }
}

fn shortened(level: &str) -> String {
    let level: String = level.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if level.chars().count() <= LONGEST_LEVEL {
        return level;
    }
    let kept: String = level.chars().take(LONGEST_LEVEL - 1).collect();
    format!("{}…", kept.trim_end())
}

fn number_word(feature: &str, z_score: f64) -> String {
    let very = if z_score.abs() >= VERY { VERY_WORD } else { "" };
    let high = z_score > 0.0;
    // By prefix: a preset's suffix, as in `recency_days_90d`, changes nothing about the word.
    let known = [
        ("recency_days", ["recent", "lapsed"]),
        ("tenure_days", ["new", "long-standing"]),
        ("frequency", ["infrequent", "frequent"]),
    ];
    match known.iter().find(|(prefix, _)| feature.starts_with(prefix)) {
        Some((_, words)) => format!("{very}{}", words[usize::from(high)]),
        None => {
            let side = if high { "high" } else { "low" };
            format!("{very}{side} {}", feature.replace('_', " "))
        }
    }
}

fn joined(words: &[Word], used: usize, part: fn(&Word) -> &str) -> String {
    if words.is_empty() {
        return AVERAGE.to_owned();
    }
    words.iter().take(used).map(part).collect::<Vec<_>>().join(BETWEEN)
}

/// Puts 2, 3, … behind the second and third of one name; names that are `kept` stay.
fn numbered(mut names: Vec<SuggestedName>, kept: &[Option<SuggestedName>]) -> Vec<SuggestedName> {
    let mut given: Vec<String> = kept.iter().flatten().map(|kept| kept.name.clone()).collect();
    for (suggested, _) in names.iter_mut().zip(kept).filter(|(_, kept)| kept.is_none()) {
        let name = &suggested.name;
        let free = (2..).map(|number| format!("{name} {number}"));
        let chosen = std::iter::once(name.clone()).chain(free).find(|candidate| !given.contains(candidate));
        if let Some(chosen) = chosen {
            suggested.name.clone_from(&chosen);
            given.push(chosen);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cluster(standings: &[(&str, f64)]) -> Vec<Standing> {
        let standing = |(feature, z): &(&str, f64)| at(feature, Place::Number { z_score: *z });
        standings.iter().map(standing).collect()
    }

    fn at(feature: &str, place: Place) -> Standing {
        Standing { feature: feature.to_owned(), place }
    }

    fn level(feature: &str, level: &str, share: f64, of_all: f64) -> Standing {
        at(feature, Place::Level { level: level.to_owned(), share, of_all, is_shown: true })
    }

    fn suggest_names(clusters: &[Vec<Standing>]) -> Vec<String> {
        super::suggest_names(clusters, &[]).into_iter().map(|suggested| suggested.name).collect()
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

    #[test]
    fn levels_that_most_have_and_others_do_not_are_words() {
        let names = suggest_names(&[
            vec![
                level("city", "Kraków", 0.9, 0.3),
                level("city", "(other)", 0.1, 0.7),
                level("is_member", "true", 0.6, 0.4),
            ],
            vec![level("city", "(other)", 0.8, 0.4), level("is_member", "false", 1.0, 0.6)],
            vec![
                at("income", Place::Number { z_score: 0.3 }),
                at("income", Place::Missing { share: 1.0, of_all: 0.1 }),
            ],
            // Far more than elsewhere, yet not of most.
            vec![level("city", "Radom", 0.3, 0.01)],
            vec![level("city", &"Ł".repeat(40), 0.9, 0.01), level("plan", "a\nb", 0.9, 0.1)],
        ]);
        let long = format!("city {}…, plan a b", "Ł".repeat(31));
        assert_eq!(names, ["city Kraków, is member", "rare city, not is member", "unknown income", "average", &long]);
    }

    #[test]
    fn a_level_of_few_customers_is_not_called_by_its_name() {
        let place = Place::Level { level: "Kraków".to_owned(), share: 0.9, of_all: 0.3, is_shown: false };
        assert_eq!(suggest_names(&[vec![at("city", place)]]), ["mostly one city"]);
    }

    #[test]
    fn what_is_told_has_no_value_of_a_text_feature() {
        let suggested = super::suggest_names(
            &[vec![
                level("city", "Kraków", 0.9, 0.3),
                level("is_member", "true", 0.7, 0.5),
                at("monetary", Place::Number { z_score: 0.3 }),
            ]],
            &[],
        );
        assert_eq!(suggested[0].name, "city Kraków, is member");
        assert_eq!(suggested[0].told, "mostly one city, is member");
    }

    #[test]
    fn a_name_stays_until_it_is_not_true_any_more() {
        let clusters = [
            cluster(&[("recency_days", -0.5), ("monetary", 2.4), ("frequency", 1.0)]),
            cluster(&[("monetary", -0.4), ("recency_days", 1.4)]),
            cluster(&[]),
            vec![level("city", "Kraków, Stare Miasto", 0.9, 0.3), level("is_member", "true", 0.7, 0.5)],
            cluster(&[("monetary", 2.2), ("frequency", 1.1)]),
        ];
        let earlier = [
            Some("high monetary, recent"),
            Some("high monetary, lapsed"),
            Some("average 2"),
            Some("is member, city Kraków, Stare Miasto"),
            None,
        ];
        let found = super::suggest_names(&clusters, &earlier);
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "high monetary, recent",
                "lapsed, low monetary",
                "average 2",
                "is member, city Kraków, Stare Miasto",
                "very high monetary, frequent",
            ]
        );
        assert_eq!(found[3].told, "is member, mostly one city", "no value of customers is told");
        assert_eq!(found[2].told, "average 2");
        // A level that too few have now is not named any more, and a name that somebody gave says nothing that could be true.
        let place = Place::Level { level: "Kraków".to_owned(), share: 0.9, of_all: 0.3, is_shown: false };
        let hidden = [vec![at("city", place)], cluster(&[("monetary", 1.0)])];
        let found = super::suggest_names(&hidden, &[Some("city Kraków"), Some("VIP")]);
        assert_eq!((found[0].name.as_str(), found[1].name.as_str()), ("mostly one city", "high monetary"));
    }

    #[test]
    fn a_new_cluster_does_not_take_the_name_of_another() {
        let clusters = [cluster(&[("monetary", 1.0)]), cluster(&[("monetary", 1.1)])];
        let found = super::suggest_names(&clusters, &[None, Some("high monetary")]);
        let names: Vec<&str> = found.iter().map(|found| found.name.as_str()).collect();
        assert_eq!(names, ["high monetary 2", "high monetary"]);
    }
}
