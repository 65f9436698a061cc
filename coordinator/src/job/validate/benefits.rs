use super::sources::Sources;
use crate::checks::{Findings, did_you_mean};
use crate::job::raw::RawBenefits;
use segmenter_proto::{
    jobs::{Benefits, Segmentation, SourceKind},
    methods::Method,
};

/// The feature that has the tier unless said.
const TIER: &str = "loyalty_tier";
/// What a table of benefits has.
const COLUMNS: [&str; 3] = ["tier", "segment_key", "benefit"];

/// Checks benefits, but for the feature that has the tier.
pub(super) fn benefits(
    raw: RawBenefits,
    sources: &Sources,
    segmentations: &[Option<Segmentation>],
    findings: &mut Findings,
) -> Option<Benefits> {
    if let Some(name) = &raw.source
        && let Some(source) = sources.find(name, "benefits.source", findings)
    {
        if let Some(kind) = source.kind.filter(|kind| *kind != SourceKind::Reference) {
            findings
                .wrong("benefits.source", format!("source `{name}` is of kind {}", kind.name()))
                .expect("a source of kind reference");
        }
        let missing: Vec<&str> =
            COLUMNS.into_iter().filter(|name| source.columns.iter().all(|column| column != name)).collect();
        if !missing.is_empty() {
            findings
                .wrong("benefits.source", format!("source `{name}` does not map {}", missing.join(", ")))
                .expect("[source.columns] with tier, segment_key and benefit");
        }
    }
    let is_complete = segmentations.iter().all(Option::is_some);
    let known: Vec<&str> = segmentations.iter().flatten().map(|own| own.name.as_str()).collect();
    let segmentation = match &raw.segmentation {
        Some(name) => {
            if is_complete && !known.contains(&name.as_str()) {
                findings
                    .wrong("benefits.segmentation", format!("there is no segmentation `{name}`"))
                    .expect(known.join(", "))
                    .help_if(did_you_mean(name, &known));
            }
            name.clone()
        }
        None => {
            let tiers = segmentations.iter().flatten().find(|own| matches!(own.method, Method::Tiers(_)));
            if is_complete && tiers.is_none() {
                findings
                    .wrong("benefits", "there is no segmentation of method tiers")
                    .expect(format!("`segmentation`: one of {}", known.join(", ")));
            }
            tiers?.name.clone()
        }
    };
    Some(Benefits { source: raw.source?, tier: raw.tier.unwrap_or_else(|| TIER.to_owned()), segmentation })
}
