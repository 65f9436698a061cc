//! Do segments tell what customers will spend, better than what they spent before?

use super::criterion::{Criterion, Figure, ScorecardScope, percent};
use crate::{
    measure::prediction::{FEWEST_CUSTOMERS, WINSORISED},
    words::Words,
};

/// R² of spending in the outcome window.
#[derive(Debug)]
pub(super) struct Power;

const MEASURE: &str = "r_squared";

impl Criterion for Power {
    fn name(&self) -> &'static str {
        "predictive_power"
    }

    fn is_of_outcome(&self) -> bool {
        true
    }

    fn figures(&self, scope: &ScorecardScope<'_>) -> Vec<Figure> {
        let n = scope.in_scope();
        let power = match (why_unknown(scope), scope.power) {
            (Some(why), _) => return vec![Figure::unknown(MEASURE, n, why)],
            (None, None) => {
                let why = "all customers spent the same in the window, once what is beyond the cap counts as the cap";
                return vec![Figure::unknown(MEASURE, n, why)];
            }
            (None, Some(power)) => power,
        };
        let words = scope.words;
        let [past, random] = [(power.past, power.over_past), (power.random, power.over_random)];
        let sentence = |id: &str, other: &str, (value, interval): (f64, (f64, f64))| {
            let told = words.say(
                id,
                [
                    ("overlapping", if scope.overlapping { "yes" } else { "no" }.into()),
                    ("share", percent(words, power.segments).into()),
                    ("days", scope.outcome_days.into()),
                    ("cap", words.percent(&words.written(&(100.0 * WINSORISED).to_string())).into()),
                    ("other", percent(words, value).into()),
                ],
            );
            format!("{told} {}", verdict_in_words(words, interval, other))
        };
        let of_past = sentence("scorecard-power-past", "past", past);
        let of_random = sentence("scorecard-power-random", "chance", random);
        let figure = |sentence, what, (value, interval): (f64, (f64, f64))| Figure {
            difference: Some((power.segments - value, interval)),
            ..Figure::known(MEASURE, power.segments, power.customers, sentence).beside(what, value)
        };
        vec![figure(of_past, "past_value", past), figure(of_random, "random_groups", random)]
    }
}

fn verdict_in_words(words: &Words, (low, high): (f64, f64), other: &str) -> String {
    let id = match (low > 0.0, high < 0.0) {
        (true, _) => "scorecard-verdict-more",
        (_, true) => "scorecard-verdict-less",
        _ => "scorecard-verdict-unsure",
    };
    let (low, high) = (percent(words, low), percent(words, high));
    words.say(id, [("other", other.into()), ("low", low.into()), ("high", high.into())])
}

/// Says why nothing can be known before anybody is asked.
fn why_unknown(scope: &ScorecardScope<'_>) -> Option<String> {
    let Some(outcome) = scope.outcome else {
        return Some("the job has no outcome window ([effectiveness] outcome = \"90d\")".to_owned());
    };
    if !scope.has_purchases {
        return Some("the job has no source of kind transactions".to_owned());
    }
    if let Some(why) = outcome.not_over() {
        return Some(why);
    }
    if scope.taken().count() < 2 {
        return Some("fewer than two segments have customers".to_owned());
    }
    let few = scope.in_scope() < FEWEST_CUSTOMERS;
    few.then(|| format!("fewer than {FEWEST_CUSTOMERS} customers are in scope"))
}
