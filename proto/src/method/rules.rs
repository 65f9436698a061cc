//! Boolean rules: what the job says, and what `model.json` has.

use super::{Condition, MethodSpec, Model, OTHER, SegmentName};
use serde::{Deserialize, Serialize};

/// Boolean rules; the first that holds decides, nobody's are `other`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RulesMethod {
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
}

/// A rules segmentation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesModel {
    /// The segmentation's name.
    pub segmentation: String,
    /// The first that holds decides.
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
        Some(("rule", "nobody meets the condition, or rules above take all who do"))
    }
}
