use super::sources::Sources;
use crate::job::findings::Findings;
use crate::job::nearest::did_you_mean;
use crate::job::raw::{RawGate, RawGateAction, RawKind, RawQuality};
use segmenter_proto::jobs::{Gate, GateAction, Quality};

/// The checks that a gate may name.
const CHECKS: [&str; 7] = [
    "freshness_hours",
    "quarantined_share",
    "anonymous_share",
    "duplicate_share",
    "unknown_customer_share",
    "rows_min",
    "null_share",
];

/// Checks the thresholds.
pub(super) fn quality(raw: RawQuality, sources: &Sources, findings: &mut Findings) -> Option<Quality> {
    let gates: Vec<Option<Gate>> = raw
        .gate
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, raw)| gate(raw?, &format!("quality.gate[{index}]"), sources, findings))
        .collect();
    Some(Quality {
        max_quarantined_share: raw.max_quarantined_share,
        max_anonymous_share: raw.max_anonymous_share,
        gates: gates.into_iter().collect::<Option<Vec<Gate>>>()?,
    })
}

fn gate(raw: RawGate, path: &str, sources: &Sources, findings: &mut Findings) -> Option<Gate> {
    let source = raw.source.as_deref().and_then(|name| sources.find(name, &format!("{path}.source"), findings));
    let check = raw.check?;
    let at = |key: &str| format!("{path}.{key}");
    if !CHECKS.contains(&check.as_str()) {
        findings
            .wrong(&at("check"), format!("there is no check `{check}`"))
            .expect("the name of a check")
            .help_if(did_you_mean(&check, &CHECKS));
        return None;
    }
    let written = |key: &str, findings: &Findings| findings.places.value(&at(key)).is_some();
    let (limit, other) = if check == "rows_min" { ("min", "max") } else { ("max", "min") };
    if !written(limit, findings) {
        findings
            .wrong(path, format!("missing key `{limit}` in a gate of `{check}`"))
            .expect(format!("`{limit}`: a number"));
    }
    if written(other, findings) {
        findings
            .wrong_key(&at(other), format!("`{other}` has no meaning in a gate of `{check}`"))
            .expect("no such key here")
            .help(format!("its limit is `{limit}`"));
    }
    if check.ends_with("_share") && raw.max.is_some_and(|max| max > 1.0) {
        findings.wrong(&at("max"), format!("the largest `{check}` is above 1")).expect("a share from 0 to 1");
    }
    match (&raw.column, check == "null_share") {
        (Some(column), true) => {
            if let Some(source) = source
                && !source.columns.contains(column)
            {
                findings
                    .wrong(&at("column"), format!("`{column}` is not a name of [source.columns] of `{}`", source.name))
                    .expect("a standard or carried name")
                    .help_if(did_you_mean(column, &source.column_names()));
            }
        }
        (None, true) if !written("column", findings) => {
            findings.wrong(path, "missing key `column` in a gate of `null_share`").expect("a name of [source.columns]");
        }
        (Some(_), false) => {
            findings
                .wrong_key(&at("column"), format!("`column` has no meaning in a gate of `{check}`"))
                .expect("no such key here");
        }
        _ => {}
    }
    if check == "freshness_hours"
        && let Some(source) = source
        && source.kind == Some(RawKind::Customers)
    {
        findings
            .wrong(&at("source"), format!("source `{}` is of kind customers and has no times", source.name))
            .expect("a source of kind transactions");
    }
    Some(Gate {
        source: raw.source?,
        check,
        column: raw.column,
        max: raw.max,
        min: raw.min,
        action: match raw.action {
            Some(RawGateAction::Warn) => GateAction::Warn,
            Some(RawGateAction::Stop) | None => GateAction::Stop,
        },
    })
}
