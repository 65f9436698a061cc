use crate::checks::{Findings, nearest};
use crate::job::raw::RawPersona;
use segmenter_proto::{
    jobs::{Persona, Segmentation},
    methods::{ClusterCount, Method, NO_PURCHASES, OTHER, OUT_OF_SCOPE, RfmGroup, is_cluster_key},
};
use segmenter_worker::measure::MOST_PERSONAS;

/// Checks personas; where a segmentation is wrong in the file, nothing is said about its segments.
pub(super) fn personas(
    raw: Vec<Option<RawPersona>>,
    segmentations: &[Option<Segmentation>],
    findings: &mut Findings,
) -> Option<Vec<Persona>> {
    if raw.len() > MOST_PERSONAS {
        findings
            .wrong("persona", format!("there are {} personas", raw.len()))
            .expect(format!("at most {MOST_PERSONAS}"));
    }
    let checked = raw.into_iter().enumerate().map(|(at, raw)| persona(raw?, at, segmentations, findings));
    let checked: Vec<Option<Persona>> = checked.collect();
    checked.into_iter().collect()
}

fn persona(
    raw: RawPersona,
    at: usize,
    segmentations: &[Option<Segmentation>],
    findings: &mut Findings,
) -> Option<Persona> {
    let path = format!("persona[{at}]");
    let segmentation = segmentation_of(raw.segmentation.as_deref(), &path, segmentations, findings)?;
    let segments = raw.segments?;
    check_segments(segmentation, &segments, &path, findings);
    Some(Persona { segmentation: segmentation.name.clone(), segments, title: raw.title, notes: raw.notes })
}

/// Finds the segmentation that a table names, or the first; where one is wrong in the file, nothing is said.
pub(super) fn segmentation_of<'a>(
    name: Option<&str>,
    path: &str,
    segmentations: &'a [Option<Segmentation>],
    findings: &mut Findings,
) -> Option<&'a Segmentation> {
    let Some(name) = name else { return segmentations.first()?.as_ref() };
    let found = segmentations.iter().flatten().find(|own| own.name == *name);
    if found.is_none() && segmentations.iter().all(Option::is_some) {
        let known: Vec<&str> = segmentations.iter().flatten().map(|own| own.name.as_str()).collect();
        findings
            .wrong(&format!("{path}.segmentation"), format!("there is no segmentation `{name}`"))
            .expect(known.join(", "))
            .help_if(near(name, &known));
    }
    found
}

/// Checks keys of segments.
pub(super) fn check_segments(segmentation: &Segmentation, segments: &[String], path: &str, findings: &mut Findings) {
    let keys = keys(&segmentation.method);
    // Their numbers may be beyond that of clusters, since keys that are gone are never given to others.
    let has_clusters = segmentation.method.spec().space().is_some();
    for (number, segment) in segments.iter().enumerate() {
        let path = format!("{path}.segments[{number}]");
        if segments[..number].contains(segment) {
            findings.wrong(&path, format!("segment `{segment}` is there twice")).expect("each segment once");
        } else if !(keys.contains(segment) || has_clusters && is_cluster_key(segment)) {
            let known: Vec<&str> = keys.iter().map(String::as_str).collect();
            findings
                .wrong(&path, format!("segmentation {} has no segment `{segment}`", segmentation.name))
                .expect(format!("keys of its segments: {}", told(&known)))
                .help_if(near(segment, &known));
        }
    }
}

/// Gives the keys that segments of a method can have; of clusters as many as there can be.
fn keys(method: &Method) -> Vec<String> {
    let numbered = |letter: char, count: usize| (1..=count).map(move |number| format!("{letter}{number:02}"));
    let with = |keys: Vec<String>, others: &[&str]| {
        keys.into_iter().chain(others.iter().map(|key| (*key).to_owned())).collect()
    };
    let clusters = |most: u32| with(numbered('c', most as usize).collect(), &[NO_PURCHASES, OUT_OF_SCOPE]);
    let most = |count: ClusterCount| match count {
        ClusterCount::Fixed(count) => count,
        ClusterCount::Range { max, .. } => max,
    };
    match method {
        Method::Rfm(_) => RfmGroup::ALL.iter().map(|group| group.key().to_owned()).collect(),
        Method::Kmeans(method) => clusters(most(method.k)),
        Method::Bisecting(method) => clusters(method.k),
        Method::Mixture(method) => clusters(most(method.k)),
        Method::Rules(method) => with(method.rules.iter().map(|rule| rule.name.clone()).collect(), &[OTHER]),
        Method::Tiers(method) => with(numbered('t', method.cuts.tiers()).collect(), &[OUT_OF_SCOPE]),
    }
}

fn near(name: &str, known: &[&str]) -> Option<String> {
    nearest(name, known.iter().copied()).map(|near| format!("did you mean `{near}`?"))
}

/// Gives keys for a message, which many would make too long.
fn told(keys: &[&str]) -> String {
    const MOST: usize = 12;
    match keys.len() > MOST {
        true => format!("{} and {} more", keys[..MOST].join(", "), keys.len() - MOST),
        false => keys.join(", "),
    }
}
