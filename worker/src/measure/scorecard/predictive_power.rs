//! Do segments tell what customers will spend, better than what they spent before?

use super::criterion::{Criterion, Figure, ScorecardScope, percent};
use crate::measure::prediction::{FEWEST_CUSTOMERS, WINSORISED};

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
        let days = scope.outcome_days;
        let cap = 100.0 * WINSORISED;
        let first = if scope.overlapping { " (everybody in the first that applies)" } else { "" };
        let told = format!(
            "The segments{first} tell {} of the differences in what customers spent in the {days} days from as_of on (spending beyond the \
             {cap} % mark counts as that)",
            percent(power.segments)
        );
        let [past, random] = [(power.past, power.over_past), (power.random, power.over_random)];
        let of_past = format!(
            "{told}; groups of the same sizes by what they spent in the {days} days before tell {}. {}",
            percent(past.0),
            verdict_in_words(past.1, "past spending alone")
        );
        let of_random = format!(
            "{told}; random groups of the same sizes tell {}. {}",
            percent(random.0),
            verdict_in_words(random.1, "chance")
        );
        let figure = |sentence, what, (value, interval): (f64, (f64, f64))| Figure {
            difference: Some((power.segments - value, interval)),
            ..Figure::known(MEASURE, power.segments, power.customers, sentence).beside(what, value)
        };
        vec![figure(of_past, "past_value", past), figure(of_random, "random_groups", random)]
    }
}

fn verdict_in_words((low, high): (f64, f64), other: &str) -> String {
    let interval = format!("(difference {} to {})", percent(low), percent(high));
    if low > 0.0 {
        format!("They tell more than {other} {interval}.")
    } else if high < 0.0 {
        format!("They tell less than {other} {interval}.")
    } else {
        format!("Whether they tell more or less than {other} cannot be said {interval}.")
    }
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
