//! Features and segmentations that fit the sources of a job, and an example of rules.

use super::{
    attributes::{Attribute, choose},
    block::Written,
    table::Table,
    text::{Block, sql_name},
};
use crate::synth::basic_string;
use segmenter_proto::{
    jobs::SourceKind,
    kinds::{Holds, RowsOf},
};
use segmenter_worker::families::Family;

/// Features and segmentations.
pub(super) struct Features {
    pub(super) text: String,
    /// Why there is no segmentation, where there is none.
    pub(super) lacks: Option<String>,
}

impl Features {
    /// Chooses them.
    pub(super) fn of(written: &[Written], customers: Option<(&Written, &Table)>, presets: &[&Family]) -> Self {
        let mut text = "[features]\n".to_owned();
        text.push_str(&listed(presets));
        if presets.iter().any(|family| family.name == "rfm") {
            text.push_str(OF_ORDERS);
            return Self { text, lacks: None };
        }
        let of_deals = |source: &Written| source.kind == SourceKind::Opportunities;
        if presets.iter().any(|family| family.name == "firmographic") && written.iter().any(of_deals) {
            text.push_str(OF_DEALS);
            return Self { text, lacks: None };
        }
        let acts: Vec<&Written> = written
            .iter()
            .filter(|source| {
                matches!(source.kind.kind().rows, RowsOf::Many(_)) && source.names.iter().any(|name| name == "time")
            })
            .collect();
        if let Some(kind) = acts.iter().max_by_key(|source| source.bytes).map(|source| source.kind) {
            let of_kind: Vec<&Written> = acts.iter().copied().filter(|source| source.kind == kind).collect();
            text.push_str(&activity(kind, &of_kind));
            return Self { text, lacks: None };
        }
        match customers.and_then(|(source, table)| attributes(source, table)) {
            Some(groups) => {
                text.push_str(&groups);
                Self { text, lacks: None }
            }
            None if written.is_empty() => {
                Self { text: String::new(), lacks: Some("no table has customers".to_owned()) }
            }
            None => Self { text: String::new(), lacks: Some("no column tells customers apart".to_owned()) },
        }
    }
}

/// `presets` with what each tells.
fn listed(presets: &[&Family]) -> String {
    if presets.is_empty() {
        return "presets = []\n".to_owned();
    }
    let mut block = Block::default();
    block.line("presets = [", "those whose names are mapped; leave out what you do not need");
    for family in presets {
        block.line(&format!("  {},", basic_string(family.name)), family.about.trim_end_matches('.'));
    }
    block.plain("]");
    block.text
}

const OF_ORDERS: &str = r#"
[[features.derived]]
name       = "value_decile"                        # 10: the tenth of the customers who spent most
expression = "population_bin(monetary, 10)"
[[features.derived]]
name       = "recency_rank"                        # the share of the others who bought later
expression = "population_percent_rank(recency_days)"

[[segmentation]]
name   = "value"
method = "rfm"

[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary"]
k        = { min = 3, max = 8, min_share = 0.02 }  # chosen by the data, with its evidence in selection.parquet
where    = "frequency >= 1"

[[segmentation]]                                   # an example: the first rule that holds is the segment
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "lapsing_high_value"
when = "value_decile >= 8 and recency_rank >= 0.7"
[[segmentation.rule]]
name = "best_tenth"
when = "value_decile = 10"
[[segmentation.rule]]
name = "bought_once"
when = "frequency = 1"
"#;

const OF_DEALS: &str = r#"
[[features.derived]]
name       = "cycle_rank"                          # the share of the others who decide faster
expression = "population_percent_rank(sales_cycle_days)"

[[segmentation]]
name   = "value"
method = "tiers"
by     = "deals_won"                               # from the top; say what a company is worth to you, such as deals_won_value
shares = [0.1, 0.3]

[[segmentation]]
name     = "pipeline"
method   = "kmeans"
features = ["deals_won", "deals_open", "win_rate", "sales_cycle_days"]
k        = { min = 3, max = 8, min_share = 0.02 }  # chosen by the data, with its evidence in selection.parquet

[[segmentation]]                                   # an example: the first rule that holds is the segment
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "wins_often"
when = "deals_won >= 5 and win_rate > 2.0 / 3"
[[segmentation.rule]]
name = "loses_often"
when = "deals_lost >= 5 and win_rate < 0.6"
[[segmentation.rule]]
name = "slow"
when = "cycle_rank >= 0.8"
"#;

/// Features of what customers did where there are no orders: how much, on how many days, how long ago.
fn activity(kind: SourceKind, sources: &[&Written]) -> String {
    let table = kind.name();
    let maps = |name: &str| sources.iter().all(|source| source.names.iter().any(|known| known == name));
    let mut columns = vec![
        (format!("{table}_rows"), "count(*)".to_owned()),
        (format!("{table}_active_days"), "count(distinct cast(time as date))".to_owned()),
        (format!("{table}_recency_days"), "cast(as_of() - cast(max(time) as date) as int)".to_owned()),
    ];
    if maps("session_id") {
        columns.push((format!("{table}_visits"), "count(distinct session_id)".to_owned()));
    }
    for column in kind.kind().columns {
        let counts = matches!(column.holds, Holds::Number | Holds::Money) && column.name != "score";
        if counts && maps(column.name) {
            columns.push((format!("{table}_sum_of_{}", column.name), format!("sum({})", column.name)));
        }
        if column.name == "score" && maps("score") {
            columns.push((format!("{table}_mean_score"), "avg(score)".to_owned()));
        }
    }
    let last = columns.len() - 1;
    let select = columns
        .iter()
        .enumerate()
        .map(|(at, (name, sql))| format!("       {sql} as {name}{}\n", if at == last { "" } else { "," }));
    // Days say nearly what rows say.
    let grouped = columns.iter().filter(|(name, _)| !name.ends_with("_active_days")).take(5);
    let grouped: Vec<String> = grouped.map(|(name, _)| basic_string(name)).collect();
    format!(
        r#"
[[features.sql]]                                   # how much a customer did, on how many days, how long ago
name     = "{table}_activity"
query    = """
select customer_id,
{}from {table}
group by customer_id"""

[[features.derived]]
name       = "activity_decile"                     # 10: the tenth of the customers who did most
expression = "population_bin({table}_rows, 10)"

[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = [{}]
k        = {{ min = 3, max = 8, min_share = 0.02 }}  # chosen by the data, with its evidence in selection.parquet
where    = "{table}_rows >= 1"

[[segmentation]]                                   # an example: the first rule that holds is the segment
name   = "targets"
method = "rules"
[[segmentation.rule]]
name = "most_active"
when = "activity_decile = 10"
[[segmentation.rule]]
name = "on_one_day"
when = "{table}_active_days = 1"
"#,
        select.collect::<String>(),
        grouped.join(", ")
    )
}

/// Different values of a number that has a top tenth.
const SPREAD: usize = 20;

/// Groups by what tells customers apart, where only the table of customers tells of them.
fn attributes(source: &Written, table: &Table) -> Option<String> {
    let positions: Vec<(usize, Attribute)> =
        source.attributes.iter().map(|(_, position, attribute)| (*position, *attribute)).collect();
    let chosen = choose(table, &positions);
    let of = |position: &usize| source.attributes.iter().find(|(_, known, _)| known == position);
    let chosen: Vec<&(String, usize, Attribute)> = chosen.iter().filter_map(of).collect();
    let first = &chosen.first()?.0;
    let names: Vec<String> = chosen.iter().map(|(name, ..)| basic_string(name)).collect();
    let others: Vec<&str> = source
        .attributes
        .iter()
        .map(|(name, ..)| name.as_str())
        .filter(|name| {
            !chosen.iter().any(|(known, ..)| known == name) && !source.outcomes.iter().any(|known| known == name)
        })
        .collect();
    let mut block = Block::default();
    let numbers = || chosen.iter().filter(|(_, _, attribute)| *attribute == Attribute::Number);
    let spread = numbers().find(|(_, position, _)| table.distinct(*position) > SPREAD);
    let ranked = numbers().next().filter(|_| spread.is_none());
    if let Some((name, ..)) = ranked {
        block.plain("\n[[features.derived]]");
        block.line(
            &format!("name       = {}", basic_string(&format!("{name}_rank"))),
            "the share of the others who have less",
        );
        block.plain(&format!("expression = {}", basic_string(&format!("population_percent_rank({})", sql_name(name)))));
    }
    if let Some((name, ..)) = spread {
        block.plain("\n[[segmentation]]\nname   = \"value\"\nmethod = \"tiers\"");
        block.line(
            &format!("by     = {}", basic_string(&sql_name(name))),
            "from the top; say what a customer is worth to you",
        );
        block.plain("shares = [0.1, 0.3]");
    }
    block.plain(
        "\n# Groups by columns that have to do with each other and do not say the same twice; none is personal.",
    );
    block.plain("[[segmentation]]\nname     = \"groups\"\nmethod   = \"kmeans\"");
    block.plain(&format!("features = [{}]", names.join(", ")));
    block.line(
        "k        = { min = 3, max = 8, min_share = 0.03 }",
        "chosen by the data, with its evidence in selection.parquet",
    );
    if !others.is_empty() {
        block.plain("# Others that could be among `features`:");
        others.chunks(6).for_each(|line| block.plain(&format!("#   {}", line.join(", "))));
    }
    block.plain("");
    block.line("[[segmentation]]", "an example: the first rule that holds is the segment");
    block.plain("name   = \"targets\"\nmethod = \"rules\"");
    let mut rules: Vec<(String, String)> = Vec::new();
    let outcome = source.outcomes.first();
    if spread.is_some() {
        rules.extend(
            outcome.map(|outcome| (format!("top_and_{outcome}"), format!("value = 't01' and {}", sql_name(outcome)))),
        );
        rules.push(("top".to_owned(), "value = 't01'".to_owned()));
    }
    rules.extend(ranked.map(|(name, ..)| (format!("much_{name}"), format!("{name}_rank >= 0.5"))));
    rules.extend(outcome.map(|outcome| (format!("only_{outcome}"), sql_name(outcome))));
    if rules.is_empty() {
        rules.push((format!("with_{first}"), format!("{} is not null", sql_name(first))));
    }
    for (name, when) in rules {
        block.plain(&format!("[[segmentation.rule]]\nname = {}\nwhen = {}", basic_string(&name), basic_string(&when)));
    }
    Some(block.text)
}
