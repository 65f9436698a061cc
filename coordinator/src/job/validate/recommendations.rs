use super::affinity::{bought, of_kind};
use super::sources::Sources;
use crate::checks::{Findings, did_you_mean};
use crate::job::raw::RawRecommendations;
use segmenter_proto::jobs::{Affinity, Recommendations, SourceKind};

/// What is recommended: what customers ignore, and what is in stock, is told of by this name.
const PRODUCT: &str = "product_id";
/// Products of a customer where the job does not say.
const DEFAULT_TOP: u32 = 5;
/// What is bought again as a rule where the job does not say.
const DEFAULT_AGAIN: f64 = 0.5;

/// Checks what is to be recommended; `names` are those of the affinities as written, of which some may be wrong.
pub(super) fn recommendations(
    raw: RawRecommendations,
    (names, affinities): (&[String], &[Option<Affinity>]),
    sources: &Sources,
    findings: &mut Findings,
) -> Option<Recommendations> {
    const AFFINITY: &str = "recommendations.affinity";
    if let Some(channel) = &raw.channel
        && sources.kinds_known()
        && sources.of_kind(SourceKind::Consents.name()).is_empty()
    {
        findings
            .wrong("recommendations.channel", format!("nothing says whom `{channel}` reaches"))
            .expect("a [[source]] of kind consents")
            .help("add one, or leave `channel` out");
    }
    let name = raw.affinity?;
    if !names.contains(&name) {
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        findings
            .wrong(AFFINITY, format!("there is no affinity `{name}`"))
            .expect("the name of an [[affinity]]")
            .help_if(did_you_mean(&name, &known).or_else(|| {
                Some("add [[affinity]] with this name; what it counts leads to recommendations".to_owned())
            }));
        return None;
    }
    let affinity = affinities.iter().flatten().find(|affinity| affinity.name == name)?;
    if affinity.of != PRODUCT {
        findings
            .wrong(AFFINITY, format!("affinity `{name}` is of `{}`, and products are recommended", affinity.of))
            .expect(format!("an affinity of `{PRODUCT}`"))
            .help(format!("add another [[affinity]] with of = \"{PRODUCT}\", the default"));
        return None;
    }
    Some(Recommendations {
        affinity: name,
        top: raw.top.unwrap_or(DEFAULT_TOP),
        channel: raw.channel,
        again: raw.again.unwrap_or(DEFAULT_AGAIN),
        query: query(sources),
    })
}

/// Gives the SQL of what customers bought, wished for and ignored.
fn query(sources: &Sources) -> String {
    let id = sources.unit.key();
    let has = |kind: SourceKind, name: &str| {
        of_kind(sources, kind).iter().any(|source| source.columns.iter().any(|column| column == name))
    };
    let part = |what: &str, from: String| {
        format!(
            "select {id}, '{what}' as what, cast({PRODUCT} as text) as item, cast(time as date) as day {from} and {PRODUCT} is not null"
        )
    };
    let mut parts = vec![part("bought", bought(sources))];
    if has(SourceKind::Wishes, PRODUCT) {
        let there = if has(SourceKind::Wishes, "removed_at") { "removed_at is null" } else { "true" };
        parts.push(part("wished", format!("from wishes where {there}")));
    }
    if has(SourceKind::Feedback, PRODUCT) {
        parts.push(part("ignored", "from feedback where feedback = 'ignore'".to_owned()));
    }
    let all = parts.join(" union all ");
    format!("select {id}, what, item, count(distinct day) as days from ({all}) group by {id}, what, item")
}
