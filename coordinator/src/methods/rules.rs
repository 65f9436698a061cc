//! Boolean rules: how the job says them, and their model, which needs no data.

use super::{FitOutcome, RawSegmentation, Scope, fit::described};
use crate::checks::{Findings, Unique, check_key, identifiers};
use schemars::JsonSchema;
use segmenter_proto::methods::{Rule, RuleMatch, RuleModel, RulesMethod, RulesModel, SegmentationModel};
use serde::Deserialize;
use std::ops::Range;

/// With `match = "all"`: customers in both of each pair of rules are counted, which are 19,900 of so many.
const MOST_THAT_OVERLAP: usize = 200;

/// Boolean rules; the first that holds decides, or all count.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rules", extend("x-reserved" = ["stability", "unit"]))]
pub(crate) struct RawRules {
    /// Its name, unique in the job: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// "first": the first rule that holds decides; "all": a customer is in the segment of every rule that holds, of at most 200 rules.
    /// Default: first.
    #[serde(rename = "match")]
    #[schemars(rename = "match")]
    pub(crate) matching: Option<RawMatch>,
    /// The rules, in the order they are tried; at least one.
    #[schemars(required, length(min = 1))]
    pub(crate) rule: Option<Vec<Option<RawRule>>>,
}

/// Which rules count.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Match")]
pub(crate) enum RawMatch {
    /// The first that holds.
    First,
    /// All that hold.
    All,
}

impl From<RawMatch> for RuleMatch {
    fn from(raw: RawMatch) -> Self {
        match raw {
            RawMatch::First => Self::First,
            RawMatch::All => Self::All,
        }
    }
}

/// One rule.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rule")]
pub(crate) struct RawRule {
    /// Becomes segment_key, for good: a small letter, then small letters, digits and `_`.
    #[schemars(required, length(min = 1))]
    pub(crate) name: Option<String>,
    /// Becomes segment_name, may change. Default: the name.
    #[schemars(length(min = 1))]
    pub(crate) title: Option<String>,
    /// SQL over features, columns of the customers source, and names of segmentations above (their segment_key).
    #[schemars(required, length(min = 1))]
    pub(crate) when: Option<String>,
}

impl RawRules {
    /// Checks them, but for the names in their SQL.
    pub(super) fn check(self, path: &str, findings: &mut Findings) -> Option<RulesMethod> {
        let matching = self.matching.map(RuleMatch::from).unwrap_or_default();
        let count = self.rule.as_ref().map_or(0, Vec::len);
        if matching == RuleMatch::All && count > MOST_THAT_OVERLAP {
            findings
                .wrong(&format!("{path}.match"), format!("`match = \"all\"` has {count} rules"))
                .expect(format!("at most {MOST_THAT_OVERLAP}, since every pair of them is counted"))
                .help("divide them among several segmentations");
        }
        let mut unique = Unique::default();
        let mut rules = Vec::new();
        for (index, rule) in self.rule?.into_iter().enumerate() {
            let Some(rule) = rule else {
                rules.push(None);
                continue;
            };
            if let Some(name) = &rule.name {
                let path = format!("{path}.rule[{index}].name");
                check_key(name, &path, findings);
                unique.take(name, "rule", &path, findings);
            }
            rules.push(rule.name.zip(rule.when).map(|(name, when)| Rule {
                title: rule.title.unwrap_or_else(|| name.clone()),
                name,
                when,
            }));
        }
        Some(RulesMethod { matching, rules: rules.into_iter().collect::<Option<Vec<Rule>>>()? })
    }
}

/// Which segmentations the rules of each segmentation name.
#[derive(Debug)]
pub(crate) struct Uses<'a> {
    names: &'a [Option<String>],
    /// By segmentation: every name of a segmentation in a rule.
    all: Vec<Vec<Use>>,
}

#[derive(Debug)]
struct Use {
    rule: usize,
    rule_name: Option<String>,
    within: Range<usize>,
    /// The segmentation that is named.
    used: usize,
}

impl<'a> Uses<'a> {
    pub(crate) fn new(raw: &[Option<RawSegmentation>], names: &'a [Option<String>]) -> Self {
        let find = |name: &str| names.iter().position(|known| known.as_deref() == Some(name));
        let uses = |raw: &Option<RawSegmentation>| match raw {
            Some(RawSegmentation::Rules(RawRules { rule: Some(rules), .. })) => rules
                .iter()
                .enumerate()
                .filter_map(|(index, rule)| Some((index, rule.as_ref()?)))
                .flat_map(|(index, rule)| {
                    let found = identifiers(rule.when.as_deref().unwrap_or_default());
                    found.into_iter().filter_map(move |(name, within)| {
                        Some(Use { rule: index, rule_name: rule.name.clone(), within, used: find(name)? })
                    })
                })
                .collect(),
            _ => Vec::new(),
        };
        Self { names, all: raw.iter().map(uses).collect() }
    }

    /// Notes rules that name their own segmentation, or one that stands below.
    pub(crate) fn check(&self, index: usize, path: &str, scope: &Scope, findings: &mut Findings) {
        for one in self.all.get(index).into_iter().flatten().filter(|one| one.used >= index) {
            let used = self.name(one.used);
            if scope.has(used) {
                continue;
            }
            let rule = one.rule_name.as_deref().unwrap_or("without a name");
            let message = if one.used == index {
                format!("rule `{rule}` uses `{used}`, the segmentation that it belongs to: a cycle")
            } else {
                match self.way(one.used, index) {
                    Some(way) => {
                        let way: Vec<&str> = way.into_iter().map(|step| self.name(step)).collect();
                        format!("rule `{rule}` uses `{used}`: a cycle, {} → {}", self.name(index), way.join(" → "))
                    }
                    None => format!("rule `{rule}` uses `{used}`, which stands below"),
                }
            };
            let can_move = one.used != index && self.way(one.used, index).is_none();
            let hint = can_move.then(|| format!("move `{used}` above `{}`", self.name(index)));
            findings
                .wrong_within(&format!("{path}.rule[{}].when", one.rule), one.within.clone(), message)
                .expect("segmentations above")
                .help_if(hint);
        }
    }

    /// Gives the segmentations on the way from one to another by what their rules use, both ends included.
    fn way(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut ways = vec![vec![from]];
        let mut seen = vec![from];
        while let Some(way) = ways.pop() {
            let last = *way.last()?;
            if last == to {
                return Some(way);
            }
            for next in self.all.get(last).into_iter().flatten().map(|one| one.used) {
                if !seen.contains(&next) {
                    seen.push(next);
                    ways.push(way.iter().copied().chain([next]).collect());
                }
            }
        }
        None
    }

    fn name(&self, index: usize) -> &str {
        self.names.get(index).and_then(Option::as_deref).unwrap_or_default()
    }
}

/// Gives the model.
pub(super) fn fit(name: &str, method: &RulesMethod) -> FitOutcome {
    let rules = method.rules.iter();
    let rules =
        rules.map(|rule| RuleModel { key: rule.name.clone(), name: rule.title.clone(), when: rule.when.clone() });
    let model = RulesModel { segmentation: name.to_owned(), matching: method.matching, rules: rules.collect() };
    FitOutcome {
        model: SegmentationModel::Rules(model),
        evidence: described(serde_json::json!({ "method": "rules", "rules": method.rules.len() })),
        warnings: Vec::new(),
    }
}

/// Says whether a model has the rules of the method.
pub(super) fn is_of(model: &RulesModel, method: &RulesMethod) -> bool {
    let rules = method.rules.iter().map(|rule| (&rule.name, &rule.when));
    method.matching == model.matching && rules.eq(model.rules.iter().map(|rule| (&rule.key, &rule.when)))
}
