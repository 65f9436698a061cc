//! Boolean rules: what the job says, and what `model.json` has.

use super::{Condition, MethodSpec, Model, OTHER, SegmentName};
use serde::{Deserialize, Serialize};

/// Which rules a customer counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleMatch {
    /// The first that holds.
    #[default]
    First,
    /// All that hold: segments overlap.
    All,
}

impl RuleMatch {
    /// Says whether it is what a job means that says nothing; what it says then is as it was before there was a choice.
    fn is_first(&self) -> bool {
        *self == Self::First
    }
}

/// Boolean rules; the first that holds decides, nobody's are `other`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulesMethod {
    /// Whether segments are of the first rule that holds, or of all.
    #[serde(rename = "match", default, skip_serializing_if = "RuleMatch::is_first")]
    pub matching: RuleMatch,
    /// In the order of the file.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Becomes `segment_key`.
    pub name: String,
    /// Becomes `segment_name`.
    pub title: String,
    /// SQL over features, columns of the customers source, and names of segmentations above (their `segment_key`).
    pub when: String,
}

impl MethodSpec for RulesMethod {
    fn conditions(&self) -> Vec<Condition<'_>> {
        let when = |(at, rule)| -> Condition<'_> {
            let rule: &Rule = rule;
            Condition::When { at, key: &rule.name, sql: &rule.when }
        };
        self.rules.iter().enumerate().map(when).collect()
    }

    fn overlapping(&self) -> bool {
        self.matching == RuleMatch::All
    }
}

/// A rules segmentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// Whether segments are of the first rule that holds, or of all.
    #[serde(rename = "match", default, skip_serializing_if = "RuleMatch::is_first")]
    pub matching: RuleMatch,
    /// The first that holds decides on the assignment.
    pub rules: Vec<RuleModel>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleModel {
    /// `segment_key`.
    pub key: String,
    /// `segment_name`.
    pub name: String,
    /// SQL.
    pub when: String,
}

impl Model for RulesModel {
    fn segmentation(&self) -> &str {
        &self.segmentation
    }

    fn segments(&self) -> Vec<SegmentName> {
        let named = self.rules.iter().map(|rule| SegmentName::new(&rule.key, &rule.name));
        named.chain([SegmentName::reserved(OTHER)]).collect()
    }

    fn empty(&self) -> Option<(&'static str, &'static str)> {
        Some(("rule", "nobody meets the condition"))
    }

    fn overlapping(&self) -> bool {
        self.matching == RuleMatch::All
    }
}
