//! Rules need no data: the model is what the job says.

use super::FitOutcome;
use segmenter_proto::{
    jobs::RulesMethod,
    models::{RuleModel, RulesModel, SegmentationModel},
};

/// Gives the model.
pub fn fit(name: &str, method: &RulesMethod) -> FitOutcome {
    let rules = method.rules.iter();
    let rules =
        rules.map(|rule| RuleModel { key: rule.name.clone(), name: rule.title.clone(), when: rule.when.clone() });
    FitOutcome {
        model: SegmentationModel::Rules(RulesModel { segmentation: name.to_owned(), rules: rules.collect() }),
        evidence: serde_json::json!({ "method": "rules", "rules": method.rules.len() }),
        warnings: Vec::new(),
    }
}
