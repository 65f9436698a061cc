use super::sources::{KnownSource, Sources};
use crate::checks::Findings;
use crate::checks::did_you_mean;
use crate::checks::{Unique, check_name};
use crate::job::raw::{RawGate, RawGateAction, RawQuality, RawRowCheck};
use segmenter_proto::{
    jobs::{DriftLimits, Features, Gate, GateAction, Quality, RowCheck, Segmentation, SourceKind},
    methods::Condition,
};
use segmenter_worker::expression::query_names;
use segmenter_worker::{
    measure::{Check, CheckOf, checks},
    notes::{NoteOf, Subject},
};

/// Half of the rows: more cannot be read only where a format, a type or a column is wrong, and what is computed from the rest is not what
/// was asked for; days and months that change places, for example, cost 60 %.
const MAX_QUARANTINED_SHARE: f64 = 0.5;

/// What a gate may be about.
pub(super) struct Known<'a> {
    pub(super) sources: &'a Sources,
    /// Whether there is a list of excluded ids.
    pub(super) has_list: bool,
    /// None where they are wrong in the file: nothing is said about names of them then.
    pub(super) features: Option<&'a Features>,
    pub(super) segmentations: &'a [Option<Segmentation>],
}

/// Checks the thresholds.
pub(super) fn quality(raw: RawQuality, known: &Known<'_>, findings: &mut Findings) -> Option<Quality> {
    let raw_checks = raw.check.unwrap_or_default();
    let own: Vec<OwnCheck> = raw_checks.iter().flatten().filter_map(OwnCheck::of).collect();
    let gates: Vec<Option<Gate>> = raw
        .gate
        .unwrap_or_default()
        .into_iter()
        .enumerate()
        .map(|(index, raw)| {
            GateChecker { path: format!("quality.gate[{index}]"), known, own: &own, findings }.gate(raw?)
        })
        .collect();
    let mut names = Unique::default();
    let checks: Vec<Option<RowCheck>> = raw_checks
        .into_iter()
        .enumerate()
        .map(|(index, raw)| row_check(raw?, &format!("quality.check[{index}]"), known.sources, &mut names, findings))
        .collect();
    Some(Quality {
        max_quarantined_share: raw.max_quarantined_share.or(Some(MAX_QUARANTINED_SHARE)),
        max_anonymous_share: raw.max_anonymous_share,
        gates: gates.into_iter().collect::<Option<Vec<Gate>>>()?,
        checks: checks.into_iter().collect::<Option<Vec<RowCheck>>>()?,
        drift: DriftLimits {
            max_moved_share: raw.max_moved_share,
            max_psi: raw.max_psi,
            action: action(raw.drift_action),
        },
    })
}

/// Checks a check of the user's own, but for the names in its SQL.
fn row_check(
    raw: RawRowCheck,
    path: &str,
    sources: &Sources,
    names: &mut Unique,
    findings: &mut Findings,
) -> Option<RowCheck> {
    if let Some(name) = &raw.name {
        let path = format!("{path}.name");
        check_name(name, "check", &path, findings);
        names.take(name, "check", &path, findings);
    }
    if let Some(source) = &raw.source {
        sources.find(source, &format!("{path}.source"), findings);
    }
    Some(RowCheck {
        name: raw.name?,
        source: raw.source?,
        expression: raw.expression?,
        max_failed_share: raw.max_failed_share.unwrap_or_default(),
        action: action(raw.action),
    })
}

fn action(raw: Option<RawGateAction>) -> GateAction {
    match raw {
        Some(RawGateAction::Warn) => GateAction::Warn,
        Some(RawGateAction::Stop) | None => GateAction::Stop,
    }
}

/// A check of the user's own as a gate may name it.
struct OwnCheck {
    source: String,
    name: String,
}

impl OwnCheck {
    fn of(raw: &RawRowCheck) -> Option<Self> {
        Some(Self { source: raw.source.clone()?, name: raw.name.clone()? })
    }
}

struct GateChecker<'a> {
    path: String,
    known: &'a Known<'a>,
    own: &'a [OwnCheck],
    findings: &'a mut Findings,
}

impl GateChecker<'_> {
    fn gate(mut self, raw: RawGate) -> Option<Gate> {
        let name = raw.check?;
        let all = checks();
        let Some(check) = all.iter().find(|check| check.name == name) else {
            if let Some(source) = &raw.source {
                self.source(source);
            }
            let names: Vec<&str> = all.iter().map(|check| check.name.as_str()).collect();
            let near = did_you_mean(&name, &names);
            let path = self.at("check");
            self.findings
                .wrong(&path, format!("there is no check `{name}`"))
                .expect("the name of a check")
                .help_if(near);
            return None;
        };
        self.limits(check, raw.max);
        let columns = raw.source.as_deref().map_or(Some(Columns::Unknown), |source| self.subject(check, source))?;
        self.column(check, raw.source.as_deref().unwrap_or_default(), &columns, raw.column.as_deref());
        Some(Gate {
            source: raw.source?,
            check: check.recorded_as.clone(),
            column: raw.column,
            max: raw.max,
            min: raw.min,
            action: action(raw.action),
        })
    }

    fn at(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    fn is_written(&self, key: &str) -> bool {
        self.findings.places.value(&self.at(key)).is_some()
    }

    fn limits(&mut self, check: &Check, max: Option<f64>) {
        let name = &check.name;
        let (limit, other) = if check.is_least { ("min", "max") } else { ("max", "min") };
        if !self.is_written(limit) {
            self.findings
                .wrong(&self.path, format!("missing key `{limit}` in a gate of `{name}`"))
                .expect(format!("`{limit}`: a number"));
        }
        if self.is_written(other) {
            let path = self.at(other);
            self.findings
                .wrong_key(&path, format!("`{other}` has no meaning in a gate of `{name}`"))
                .expect("no such key here")
                .help(format!("its limit is `{limit}`"));
        }
        if name.ends_with("_share") && max.is_some_and(|max| max > 1.0) {
            let path = self.at("max");
            self.findings.wrong(&path, format!("the largest `{name}` is above 1")).expect("a share from 0 to 1");
        }
    }

    /// Checks what a gate is about, and gives the names that its `column` may have; none where that is wrong.
    fn subject(&mut self, check: &Check, name: &str) -> Option<Columns> {
        match check.of {
            CheckOf::Source | CheckOf::Note(NoteOf::Source) => self.source(name).map(|_| Columns::None),
            CheckOf::Transactions => {
                let unit = self.known.sources.unit;
                let source = self.source(name)?;
                let has_times =
                    |kind: &SourceKind| kind.has_many(unit) && source.columns.iter().any(|name| name == "time");
                if let Some(kind) = source.kind.filter(|kind| !has_times(kind)) {
                    let path = self.at("source");
                    self.findings
                        .wrong(&path, format!("source `{name}` is of kind {} and has no times to go by", kind.name()))
                        .expect("a source of kind transactions, or another with `time`");
                }
                Some(Columns::None)
            }
            CheckOf::Note(NoteOf::Column) => {
                let source = self.source(name)?;
                Some(Columns::Of(source.columns.clone(), "a name of [source.columns]"))
            }
            CheckOf::Note(NoteOf::Channel) => {
                let source = self.source(name)?;
                if let Some(kind) = source.kind.filter(|kind| *kind != SourceKind::Consents) {
                    let path = self.at("source");
                    self.findings
                        .wrong(&path, format!("source `{name}` is of kind {} and has no consents", kind.name()))
                        .expect("a source of kind consents");
                }
                // Channels are what the rows say.
                Some(Columns::Unknown)
            }
            CheckOf::Note(NoteOf::Check) => {
                self.source(name)?;
                let of_source = self.own.iter().filter(|own| own.source == name).map(|own| own.name.clone());
                Some(Columns::Of(of_source.collect(), "the name of a [[quality.check]] of that source"))
            }
            CheckOf::Note(NoteOf::ExcludeList) => self.only(check, name, &Subject::ExcludeList, self.known.has_list),
            CheckOf::Note(NoteOf::Feature) => {
                self.only(check, name, &Subject::Features, true)?;
                let Some(features) = self.known.features else { return Some(Columns::Unknown) };
                let custom = features.custom.iter().map(|feature| feature.name.clone());
                let derived = features.derived.iter().map(|feature| feature.name.clone());
                let mut names: Vec<String> = custom.chain(derived).collect();
                for query in &features.sql {
                    match query_names(&query.query).ok().and_then(|names| names.outputs) {
                        Some(columns) => names.extend(columns),
                        None => return Some(Columns::Unknown),
                    }
                }
                Some(Columns::Of(names, "the name of a custom feature, of a derived one or of a query's column"))
            }
            CheckOf::Note(NoteOf::Segmentation) => self.segmentation(check, name),
        }
    }

    fn source(&mut self, name: &str) -> Option<&KnownSource> {
        let path = self.at("source");
        self.known.sources.find(name, &path, self.findings)
    }

    fn only(&mut self, check: &Check, name: &str, subject: &Subject, is_there: bool) -> Option<Columns> {
        let expected = subject.name();
        if name == expected && is_there {
            return Some(Columns::None);
        }
        let path = self.at("source");
        let found = match is_there {
            true => format!("`{}` is not a check of source `{name}`", check.name),
            false => format!("the job has no `{expected}`"),
        };
        self.findings.wrong(&path, found).expect(format!("source = \"{expected}\" for a gate of `{}`", check.name));
        None
    }

    fn segmentation(&mut self, check: &Check, name: &str) -> Option<Columns> {
        let segmentations = self.known.segmentations;
        let Some(own) = segmentations.iter().flatten().find(|own| own.name == name) else {
            if segmentations.iter().all(Option::is_some) {
                let names: Vec<&str> = segmentations.iter().flatten().map(|own| own.name.as_str()).collect();
                let near = did_you_mean(name, &names);
                let path = self.at("source");
                self.findings
                    .wrong(&path, format!("no segmentation is named `{name}`"))
                    .expect(format!("the name of a [[segmentation]], for a gate of `{}`", check.name))
                    .help_if(near);
            }
            return None;
        };
        let spec = own.method.spec();
        let rules = spec.conditions().into_iter().filter_map(|condition| match condition {
            Condition::When { key, .. } => Some(key.to_owned()),
            Condition::Where(_) => None,
        });
        let names = rules.chain(spec.space().into_iter().flat_map(|space| space.features.clone())).collect();
        Some(Columns::Of(names, "a rule or a feature of it"))
    }

    fn column(&mut self, check: &Check, source: &str, columns: &Columns, column: Option<&str>) {
        let name = &check.name;
        match (columns, column) {
            (Columns::Of(known, what), Some(column)) if !known.iter().any(|known| known == column) => {
                let names: Vec<&str> = known.iter().map(String::as_str).collect();
                let near = did_you_mean(column, &names);
                let path = self.at("column");
                let of_source = match check.of {
                    CheckOf::Note(NoteOf::Column) => format!("`{column}` is not {what} of `{source}`"),
                    _ => format!("`{column}` is not {what}"),
                };
                let expected = match check.of {
                    CheckOf::Note(NoteOf::Column) => "a standard or carried name",
                    _ => what,
                };
                self.findings.wrong(&path, of_source).expect(expected).help_if(near);
            }
            (_, None) if name == "null_share" && !self.is_written("column") => {
                self.findings
                    .wrong(&self.path, format!("missing key `column` in a gate of `{name}`"))
                    .expect("a name of [source.columns]");
            }
            (Columns::None, Some(_)) => {
                let path = self.at("column");
                self.findings
                    .wrong_key(&path, format!("`column` has no meaning in a gate of `{name}`"))
                    .expect("no such key here");
            }
            _ => {}
        }
    }
}

/// The names that `column` of a gate may have.
enum Columns {
    /// It has no meaning.
    None,
    /// What is wrong elsewhere hides them.
    Unknown,
    /// These, with what they are.
    Of(Vec<String>, &'static str),
}
