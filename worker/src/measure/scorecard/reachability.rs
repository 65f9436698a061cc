//! Can customers of the segments be written to?

use super::criterion::{Criterion, Figure, ScorecardScope, percent};

/// The share of customers whose latest consent to some channel is given.
#[derive(Debug)]
pub(super) struct Reachability;

impl Criterion for Reachability {
    fn name(&self) -> &'static str {
        "reachability"
    }

    fn figures(&self, scope: &ScorecardScope<'_>) -> Vec<Figure> {
        const ALL: &str = "reachable_share";
        const LEAST: &str = "least_reachable_share";
        let n = scope.in_scope();
        if !scope.has_consents {
            let why = "the job has no source of kind consents";
            return vec![Figure::unknown(ALL, n, why), Figure::unknown(LEAST, n, why)];
        }
        // Who is in several segments counts in each, above and below the line.
        let (reached, of): (u64, u64) =
            scope.taken().fold((0, 0), |(reached, of), segment| (reached + segment.reachable, of + segment.customers));
        if of == 0 {
            return vec![Figure::unknown(ALL, n, "no segment has customers")];
        }
        let all = reached as f64 / of as f64;
        let words = scope.words;
        let told = words.say("scorecard-reachable", [("share", percent(words, all).into())]);
        let share = |reachable: u64, customers: u64| reachable as f64 / customers as f64;
        let least = scope.named().min_by(|left, right| {
            share(left.reachable, left.customers).total_cmp(&share(right.reachable, right.customers))
        });
        let least = match least {
            Some(segment) => {
                let value = share(segment.reachable, segment.customers);
                let told = [("segment", segment.key.into()), ("share", percent(words, value).into())];
                let sentence = words.say("scorecard-least-reachable", told);
                Figure::known(LEAST, value, segment.customers, sentence).of(segment).beside("all_segments", all)
            }
            None => Figure::unknown(LEAST, n, format!("no segment has {} customers", scope.min_cell)),
        };
        vec![Figure::known(ALL, all, of, told), least]
    }
}
