use super::identifiers::identifiers;
use super::names::{Unique, check_key};
use super::segmentations::Scope;
use crate::job::findings::Findings;
use crate::job::raw::{RawRules, RawSegmentation};
use segmenter_proto::jobs::{Rule, RulesMethod};
use std::ops::Range;

/// Checks a segmentation of method rules, but for the names in its SQL.
pub(super) fn rules(raw: RawRules, path: &str, findings: &mut Findings) -> Option<RulesMethod> {
    let mut unique = Unique::default();
    let mut rules = Vec::new();
    for (index, rule) in raw.rule?.into_iter().enumerate() {
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
    Some(RulesMethod { rules: rules.into_iter().collect::<Option<Vec<Rule>>>()? })
}

/// Which segmentations the rules of each segmentation name.
#[derive(Debug)]
pub(super) struct Uses<'a> {
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
    pub(super) fn new(raw: &[Option<RawSegmentation>], names: &'a [Option<String>]) -> Self {
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
    pub(super) fn check(&self, index: usize, path: &str, scope: &Scope<'_>, findings: &mut Findings) {
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
