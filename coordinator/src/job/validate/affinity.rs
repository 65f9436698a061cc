use super::sources::{KnownSource, Sources};
use crate::checks::{Findings, Unique, check_name, did_you_mean};
use crate::job::raw::{RawAffinity, RawFirst, RawWithin};
use segmenter_proto::jobs::{Affinity, First, SourceKind, Within};

/// What the items are where the job does not say.
const DEFAULT_OF: &str = "product_id";
/// Items that are looked at where the job does not say.
const DEFAULT_ITEMS: u32 = 5_000;
/// Pairs of each first item where the job does not say.
const DEFAULT_TOP: u32 = 10;

/// Checks what is asked of items that go together; `segmentations` are the names of those of the job.
pub(super) fn affinities(
    raw: Vec<Option<RawAffinity>>,
    segmentations: &[String],
    sources: &Sources,
    findings: &mut Findings,
) -> Vec<Option<Affinity>> {
    let mut unique = Unique::default();
    raw.into_iter()
        .enumerate()
        .map(|(at, raw)| affinity(raw?, &format!("affinity[{at}]"), &mut unique, (segmentations, sources), findings))
        .collect()
}

fn affinity(
    raw: RawAffinity,
    path: &str,
    unique: &mut Unique,
    (segmentations, sources): (&[String], &Sources),
    findings: &mut Findings,
) -> Option<Affinity> {
    if let Some(name) = &raw.name {
        let path = format!("{path}.name");
        check_name(name, "affinity", &path, findings);
        unique.take(name, "affinity", &path, findings);
    }
    let from = match raw.from {
        None | Some(RawFirst::Bought) => First::Bought,
        Some(RawFirst::Wished) => First::Wished,
    };
    let within = match (raw.within, from) {
        (Some(RawWithin::Basket), First::Wished) => {
            findings
                .wrong(&format!("{path}.within"), "a wish stands in no basket")
                .expect("\"customer\" where from = \"wished\"")
                .help("leave `within` out");
            Within::Customer
        }
        (Some(RawWithin::Customer), _) | (None, First::Wished) => Within::Customer,
        (None | Some(RawWithin::Basket), First::Bought) => Within::Basket,
    };
    if let Some(name) = raw.segmentation.as_ref().filter(|name| !segmentations.contains(name)) {
        let known: Vec<&str> = segmentations.iter().map(String::as_str).collect();
        findings
            .wrong(&format!("{path}.segmentation"), format!("there is no segmentation `{name}`"))
            .expect("the name of a [[segmentation]]")
            .help_if(did_you_mean(name, &known));
    }
    let of = raw.of.unwrap_or_else(|| DEFAULT_OF.to_owned());
    let bought = check_items(&of, SourceKind::Transactions, path, sources, findings);
    let wished = match from {
        First::Bought => true,
        First::Wished => check_items(&of, SourceKind::Wishes, path, sources, findings),
    };
    let query = (bought && wished).then(|| query(&of, from, within, sources))?;
    Some(Affinity {
        name: raw.name?,
        of,
        within,
        from,
        segmentation: raw.segmentation,
        max_items: raw.max_items.unwrap_or(DEFAULT_ITEMS),
        top: raw.top.unwrap_or(DEFAULT_TOP),
        query,
    })
}

pub(super) fn of_kind(sources: &Sources, kind: SourceKind) -> Vec<&KnownSource> {
    sources.of_kind(kind.name()).iter().filter_map(|name| sources.named(name)).collect()
}

/// Checks that a source of a kind has the name whose values are the items; says whether one does.
fn check_items(of: &str, kind: SourceKind, path: &str, sources: &Sources, findings: &mut Findings) -> bool {
    let own = of_kind(sources, kind);
    if own.iter().any(|source| source.columns.iter().any(|column| column == of)) {
        return true;
    }
    if own.is_empty() {
        if sources.kinds_known() {
            let (key, what) = match kind {
                SourceKind::Wishes => ("from", "wished for"),
                _ => ("of", "bought"),
            };
            findings
                .wrong(
                    &format!("{path}.{key}"),
                    format!("the job has no source of kind {}, which says what was {what}", kind.name()),
                )
                .expect(format!("a [[source]] of kind {} that maps `{of}`", kind.name()));
        }
        return false;
    }
    let known: Vec<&str> = own.iter().flat_map(|source| source.columns.iter().map(String::as_str)).collect();
    let one = own.first().map_or("", |source| source.name.as_str());
    findings
        .wrong(&format!("{path}.of"), format!("no source of kind {} has a column `{of}`", kind.name()))
        .expect("a name of its [source.columns]")
        .help_if(did_you_mean(of, &known).or_else(|| Some(format!("map `{of}` in [source.columns] of {one}"))));
    false
}

/// Gives the SQL of what was bought, behind the columns: refunds are not.
pub(super) fn bought(sources: &Sources) -> String {
    let lines = of_kind(sources, SourceKind::Transactions);
    let has_refunds = lines.iter().any(|source| source.columns.iter().any(|column| column == "is_refund"));
    let refund = if has_refunds { "coalesce(is_refund, amount < 0)" } else { "amount < 0" };
    format!("from transactions where not {refund}")
}

/// Gives the SQL of the lines of customers: what tells lists apart, the item, and how many lines name it.
fn query(of: &str, from: First, within: Within, sources: &Sources) -> String {
    let id = sources.unit.key();
    let item = format!("cast(\"{}\" as text) as item", of.replace('"', "\"\""));
    let lines = of_kind(sources, SourceKind::Transactions);
    let has = |name: &str| lines.iter().any(|source| source.columns.iter().any(|column| column == name));
    let bought = bought(sources);
    let mut lists: Vec<(&str, &str)> = Vec::new();
    if from == First::Bought && within == Within::Basket {
        // Two shops may number their orders alike.
        lists.extend((lines.len() > 1).then_some(("source", "source")));
        match has("order_id") {
            true => lists.extend([
                ("basket", "cast(order_id as text) as basket"),
                ("day", "case when order_id is null then cast(time as date) end as day"),
            ]),
            false => lists.push(("day", "cast(time as date) as day")),
        }
    }
    let inner = match from {
        First::Wished => {
            format!(
                "select {id}, true as wished, {item} from wishes union all select {id}, false as wished, {item} {bought}"
            )
        }
        First::Bought => {
            let columns: String = lists.iter().map(|(_, sql)| format!("{sql}, ")).collect();
            format!("select {id}, {columns}{item} {bought}")
        }
    };
    let names = match from {
        First::Wished => "wished, ".to_owned(),
        First::Bought => lists.iter().map(|(name, _)| format!("{name}, ")).collect(),
    };
    format!("select {id}, {names}item, count(*) as lines from ({inner}) group by {id}, {names}item")
}
