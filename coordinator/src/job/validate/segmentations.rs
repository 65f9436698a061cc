use super::features::FeatureNames;
use super::sources::Sources;
use crate::checks::{Findings, Unique, check_name};
use crate::methods::{RawSegmentation, Scope, Uses};
use segmenter_proto::jobs::Segmentation;

/// Gives the names that segmentations may use.
pub(super) fn scope_of(features: FeatureNames, sources: &Sources) -> Scope {
    let mut columns: Vec<String> = Vec::new();
    for column in sources.customers().flat_map(|source| &source.columns) {
        if column != sources.unit.key() && !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let of_transactions = sources.transactions().map(|source| (source.name.clone(), source.columns.clone()));
    Scope {
        features: features.all,
        columns,
        constants: features.constants,
        of_transactions: of_transactions.collect(),
        incomplete: features.incomplete || !sources.kinds_known(),
        rfm_suffix: features.rfm_suffix,
        scored: false,
    }
}

/// Checks all segmentations, in the order of the file.
pub(super) fn segmentations(
    raw: Vec<Option<RawSegmentation>>,
    mut scope: Scope,
    sources: &Sources,
    findings: &mut Findings,
) -> Vec<Option<Segmentation>> {
    check_ambiguous(&scope, sources, findings);
    let names: Vec<Option<String>> = raw.iter().map(|one| one.as_ref()?.name().clone()).collect();
    let uses = Uses::new(&raw, &names);
    let mut unique = Unique::default();
    let mut checked = Vec::new();
    for (index, segmentation) in raw.into_iter().enumerate() {
        let path = format!("segmentation[{index}]");
        if let Some(name) = &names[index] {
            check_segmentation_name(name, &format!("{path}.name"), &mut unique, &scope, findings);
        }
        uses.check(index, &path, &scope, findings);
        let refit = segmentation.as_ref().map(RawSegmentation::refit).unwrap_or_default();
        let method = segmentation.and_then(|raw| raw.check(&path, &mut scope, findings));
        checked.push(names[index].clone().zip(method).map(|(name, method)| Segmentation { name, method, refit }));
    }
    checked
}

fn check_segmentation_name(name: &str, path: &str, unique: &mut Unique, scope: &Scope, findings: &mut Findings) {
    check_name(name, "segmentation", path, findings);
    unique.take(name, "segmentation", path, findings);
    if scope.has(name) {
        findings
            .wrong(
                path,
                format!("`{name}` is also the name of a feature, a constant or a column of a customers source"),
            )
            .expect("a name that rules cannot confuse");
    }
}

/// A name that is both a feature and a column of a customers source could mean either.
fn check_ambiguous(scope: &Scope, sources: &Sources, findings: &mut Findings) {
    let all = sources.customers().flat_map(|source| source.columns.iter().map(|column| (&source.path, column)));
    for (path, column) in all.filter(|(_, column)| *column != sources.unit.key() && scope.features.contains(*column)) {
        findings
            .wrong_key(&format!("{path}.columns.{column}"), format!("`{column}` is also the name of a feature"))
            .expect("a name that rules cannot confuse")
            .help("rename the column, or the feature (presets have a `suffix`)");
    }
}
