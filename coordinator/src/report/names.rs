//! Names for clusters, from where they stand.

use super::{
    standouts::WORTH_A_WORD,
    vocabulary::{Answer, answer, by_name, readable},
};
use segmenter_proto::models::OTHER_LEVEL;
use segmenter_worker::words::Words;

/// From this many standard deviations on, a name says "very".
const VERY: f64 = 2.0;
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

/// Gives each cluster a name of its own, like `big spenders, bought recently`, from its two features furthest from the average.
///
/// Of a text feature it names the level that most of the cluster have and others do not, like `Kraków`, unless few customers have it.
/// Features of presets have words of their own; others are `high` or `low`. Clusters that would share a name get further features, then a
/// number; a cluster close to the average everywhere is `average`. The names depend on nothing but the standings, the order of the clusters,
/// the language, and what they were called: a cluster keeps its name of an `earlier` run as long as each word of it is one that could be said
/// of it now, `very` or not.
pub fn suggest_names(words: &Words, clusters: &[Vec<Standing>], earlier: &[Option<&str>]) -> Vec<String> {
    let average = words.word("trait-average");
    let traits: Vec<Vec<Trait>> = clusters.iter().map(|standings| traits(words, standings)).collect();
    let kept = |(at, traits): (usize, &Vec<Trait>)| {
        let name = earlier.get(at).copied().flatten()?;
        is_still_true(name, traits, &average).then(|| name.to_owned())
    };
    let kept: Vec<Option<String>> = traits.iter().enumerate().map(kept).collect();
    let mut used = vec![WORDS; clusters.len()];
    loop {
        let name =
            |(at, traits): (usize, &Vec<Trait>)| kept[at].clone().unwrap_or_else(|| joined(traits, used[at], &average));
        let names: Vec<String> = traits.iter().enumerate().map(name).collect();
        let mut longer = used.clone();
        for cluster in 0..names.len() {
            let shared = names.iter().filter(|other| **other == names[cluster]).count() > 1;
            if shared && kept[cluster].is_none() && used[cluster] < traits[cluster].len() {
                longer[cluster] += 1;
            }
        }
        if longer == used {
            return numbered(names, &kept);
        }
        used = longer;
    }
}

/// Says whether all that an earlier name says could be said now: the words of a name, and the number that told it from another.
fn is_still_true(name: &str, traits: &[Trait], average: &str) -> bool {
    let number = name.rsplit_once(' ').filter(|(_, number)| number.bytes().all(|digit| digit.is_ascii_digit()));
    let is_true = |name: &str| match traits {
        [] => name == average,
        traits => is_made_of(name, traits),
    };
    is_true(name) || number.is_some_and(|(base, _)| is_true(base))
}

/// Says whether a name is made of nothing but these words.
fn is_made_of(name: &str, traits: &[Trait]) -> bool {
    traits.iter().flat_map(|own| [&own.plain, &own.very]).any(|words| {
        let Some(behind) = name.strip_prefix(words.as_str()) else { return false };
        behind.is_empty() || behind.strip_prefix(BETWEEN).is_some_and(|more| is_made_of(more, traits))
    })
}

/// What is said of a cluster's place in one feature.
struct Trait {
    plain: String,
    /// The same where it is far from the average.
    very: String,
    is_very: bool,
}

impl Trait {
    fn said(&self) -> &str {
        if self.is_very { &self.very } else { &self.plain }
    }
}

/// One trait a feature, the furthest from the average first.
fn traits(words: &Words, standings: &[Standing]) -> Vec<Trait> {
    let mut far: Vec<(&Standing, f64)> = standings
        .iter()
        .map(|standing| (standing, standing.place.distance()))
        .filter(|(_, distance)| *distance >= WORTH_A_WORD)
        .collect();
    // Stable: the levels of a feature come in their order.
    far.sort_by(|(a, distance_a), (b, distance_b)| {
        distance_b.total_cmp(distance_a).then_with(|| a.feature.cmp(&b.feature))
    });
    let mut features: Vec<&str> = Vec::new();
    let mut traits: Vec<Trait> = Vec::new();
    for (standing, _) in far {
        if features.contains(&standing.feature.as_str()) {
            continue;
        }
        features.push(&standing.feature);
        let own = trait_of(words, standing);
        // Several columns can have one level, such as `no internet service`; it is said once.
        if !traits.iter().any(|said| said.plain == own.plain) {
            traits.push(own);
        }
    }
    traits
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

fn trait_of(words: &Words, standing: &Standing) -> Trait {
    let feature = readable(words, &standing.feature);
    let plain = match &standing.place {
        Place::Number { z_score } => return number(words, &standing.feature, *z_score),
        Place::Missing { .. } => words.say("trait-unknown", [("feature", feature.into())]),
        Place::Level { level, is_shown, .. } => level_words(words, &standing.feature, level, *is_shown),
    };
    Trait { very: plain.clone(), plain, is_very: false }
}

fn number(words: &Words, feature: &str, z_score: f64) -> Trait {
    let side = if z_score > 0.0 { "high" } else { "low" };
    let is_very = z_score.abs() >= VERY;
    let known = |end: &str| by_name(feature, |name| words.named("trait", &format!("{name}_{end}")));
    let (plain, very) = match known(side) {
        Some(plain) => (plain.clone(), known(&format!("very_{side}")).unwrap_or(plain)),
        None => {
            let feature = readable(words, feature);
            let said = |high, low| {
                let id = if z_score > 0.0 { high } else { low };
                words.say(id, [("feature", feature.as_str().into())])
            };
            (said("trait-high", "trait-low"), said("trait-very-high", "trait-very-low"))
        }
    };
    Trait { plain, very, is_very }
}

fn level_words(words: &Words, feature: &str, level: &str, is_shown: bool) -> String {
    let text = feature.replace('_', " ");
    let of_feature = |id: &str, feature: &str| words.say(id, [("feature", feature.into())]);
    if level == OTHER_LEVEL {
        return of_feature("trait-rare", &text);
    }
    let is_flag = ["is ", "has "].iter().find_map(|prefix| Some((*prefix, text.strip_prefix(prefix)?)));
    match (answer(level), is_flag) {
        (Answer::Yes, Some(("has ", thing))) => return of_feature("trait-has", thing),
        (Answer::No, Some(("has ", thing))) => return of_feature("trait-has-not", thing),
        (Answer::Yes, flag) => return of_feature("trait-is", flag.map_or(text.as_str(), |(_, thing)| thing)),
        (Answer::No, flag) => return of_feature("trait-is-not", flag.map_or(text.as_str(), |(_, thing)| thing)),
        _ if !is_shown => return of_feature("trait-one", &text),
        _ => {}
    }
    let level = shortened(level);
    let known = by_name(feature, |name| words.say_named("trait", name, [("level", level.as_str().into())]));
    known.unwrap_or_else(|| match answer(&level) {
        Answer::Sign => words.say("trait-level", [("feature", text.as_str().into()), ("level", level.as_str().into())]),
        _ => level.clone(),
    })
}

fn shortened(level: &str) -> String {
    let level: String = level.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if level.chars().count() <= LONGEST_LEVEL {
        return level;
    }
    let kept: String = level.chars().take(LONGEST_LEVEL - 1).collect();
    format!("{}…", kept.trim_end())
}

fn joined(traits: &[Trait], used: usize, average: &str) -> String {
    if traits.is_empty() {
        return average.to_owned();
    }
    traits.iter().take(used).map(Trait::said).collect::<Vec<_>>().join(BETWEEN)
}

/// Puts 2, 3, … behind the second and third of one name; names that are `kept` stay.
fn numbered(mut names: Vec<String>, kept: &[Option<String>]) -> Vec<String> {
    let mut given: Vec<String> = kept.iter().flatten().cloned().collect();
    for (name, _) in names.iter_mut().zip(kept).filter(|(_, kept)| kept.is_none()) {
        let free = (2..).map(|number| format!("{name} {number}"));
        let chosen = std::iter::once(name.clone()).chain(free).find(|candidate| !given.contains(candidate));
        if let Some(chosen) = chosen {
            name.clone_from(&chosen);
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
        super::suggest_names(Words::english(), clusters, &[])
    }

    fn in_polish(clusters: &[Vec<Standing>]) -> Vec<String> {
        super::suggest_names(Words::of(&segmenter_proto::jobs::Language::new("pl")), clusters, &[])
    }

    #[test]
    fn a_name_is_made_of_the_two_features_that_stand_out() {
        let clusters = [
            cluster(&[("recency_days", -0.9), ("frequency", 0.3), ("monetary", 1.4)]),
            cluster(&[("recency_days", 2.4), ("frequency", -0.6), ("monetary", -0.2)]),
            cluster(&[("store_share_1y", 1.1), ("tenure_days_365d", -0.3)]),
            cluster(&[("promo_share", 1.9), ("average_order_value", -0.9)]),
            cluster(&[("shoe_size", 2.5), ("monetary_of_gifts", -0.5)]),
            cluster(&[("monetary", 0.1)]),
        ];
        assert_eq!(
            suggest_names(&clusters),
            [
                "big spenders, bought recently",
                "long lapsed, occasional buyers",
                "store shoppers, new customers",
                "promotion hunters, small baskets",
                "very high shoe size, low monetary of gifts",
                "average"
            ]
        );
        assert_eq!(
            in_polish(&clusters)[..4],
            [
                "wydają dużo, kupowali niedawno",
                "bardzo dawno nie kupowali, kupują rzadko",
                "kupują w sklepie, nowi klienci",
                "łowcy promocji, małe koszyki"
            ]
        );
    }

    #[test]
    fn clusters_that_would_share_a_name_get_a_further_feature_or_a_number() {
        let names = suggest_names(&[
            cluster(&[("monetary", 1.0), ("recency_days", -0.9), ("frequency", 0.8)]),
            cluster(&[("monetary", 1.1), ("recency_days", -0.8)]),
            cluster(&[]),
            cluster(&[]),
        ]);
        assert_eq!(
            names,
            ["big spenders, bought recently, frequent buyers", "big spenders, bought recently", "average", "average 2"]
        );
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
            vec![level("town", &"Ł".repeat(40), 0.9, 0.01), level("plan", "aaa\nbbb", 0.9, 0.1)],
        ]);
        let long = format!("{}…, aaa bbb", "Ł".repeat(31));
        assert_eq!(names, ["from Kraków, member", "rare city, not member", "unknown income", "average", &long]);
    }

    #[test]
    fn a_level_is_named_as_people_say_it() {
        let names = suggest_names(&[
            vec![level("internet", "fiber", 0.9, 0.3), level("contract", "Month-to-month", 0.9, 0.4)],
            vec![level("partner", "Yes", 0.9, 0.3), level("has_children", "No", 0.9, 0.4)],
            vec![level("has_children", "true", 0.9, 0.3), level("plan", "B", 0.9, 0.4)],
            // Several columns say the same, and it is said once.
            vec![
                level("backup", "no internet", 1.0, 0.2),
                level("stream", "no internet", 1.0, 0.2),
                level("x", "1", 0.9, 0.4),
            ],
            vec![level("channel_main", "store", 0.9, 0.3)],
        ]);
        assert_eq!(
            names,
            [
                "fiber, Month-to-month",
                "partner, without children",
                "with children, plan B",
                "no internet, x 1",
                "mostly store"
            ]
        );
    }

    #[test]
    fn a_level_of_few_customers_is_not_called_by_its_name() {
        let place = Place::Level { level: "Kraków".to_owned(), share: 0.9, of_all: 0.3, is_shown: false };
        assert_eq!(suggest_names(&[vec![at("city", place)]]), ["mostly one city"]);
    }

    #[test]
    fn a_name_stays_until_it_is_not_true_any_more() {
        let clusters = [
            cluster(&[("recency_days", -0.5), ("monetary", 2.4), ("frequency", 1.0)]),
            cluster(&[("monetary", -0.4), ("recency_days", 1.4)]),
            cluster(&[]),
            vec![level("town", "Kraków, Stare Miasto", 0.9, 0.3), level("is_member", "true", 0.7, 0.5)],
            cluster(&[("monetary", 2.2), ("frequency", 1.1)]),
        ];
        let earlier = [
            Some("big spenders, bought recently"),
            Some("big spenders, lapsed"),
            Some("average 2"),
            Some("member, Kraków, Stare Miasto"),
            None,
        ];
        let found = super::suggest_names(Words::english(), &clusters, &earlier);
        assert_eq!(
            found,
            [
                "big spenders, bought recently",
                "lapsed, small spenders",
                "average 2",
                "member, Kraków, Stare Miasto",
                "top spenders, frequent buyers",
            ]
        );
        // A level that too few have now is not named any more, and a name that somebody gave says nothing that could be true.
        let place = Place::Level { level: "Kraków".to_owned(), share: 0.9, of_all: 0.3, is_shown: false };
        let hidden = [vec![at("city", place)], cluster(&[("monetary", 1.0)])];
        let found = super::suggest_names(Words::english(), &hidden, &[Some("from Kraków"), Some("VIP")]);
        assert_eq!(found, ["mostly one city", "big spenders"]);
        // In another language it is said anew.
        let found = super::suggest_names(
            Words::of(&segmenter_proto::jobs::Language::new("pl")),
            &[cluster(&[("monetary", 1.0)])],
            &[Some("big spenders")],
        );
        assert_eq!(found, ["wydają dużo"]);
    }

    #[test]
    fn a_new_cluster_does_not_take_the_name_of_another() {
        let clusters = [cluster(&[("monetary", 1.0)]), cluster(&[("monetary", 1.1)])];
        let found = super::suggest_names(Words::english(), &clusters, &[None, Some("big spenders")]);
        assert_eq!(found, ["big spenders 2", "big spenders"]);
    }
}
