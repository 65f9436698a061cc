//! Why there are so many clusters, and whether they are found again.

use crate::{
    page::{
        data::{Row, RunData, Segmentation},
        drawing::points,
        model::{Block, Cell, Form, Item, Mark, Part, Picture, Table, figure},
        words::{capital, readable, stability},
    },
    report::number,
};

/// What is drawn, with what it says.
const METRICS: [(&str, &str); 4] = [
    ("calinski_harabasz", "higher: groups are tighter and further apart"),
    ("silhouette", "1: groups are far apart, 0: they touch"),
    ("jaccard", "1: groups come back exactly when customers are drawn again"),
    ("bic", "lower: the groups explain more for what they need"),
];

/// Gives the block; none where nothing was chosen.
pub(super) fn evidence(data: &RunData, own: &Segmentation) -> Option<Block> {
    let rows: Vec<Row<'_>> =
        data.rows_of("selection", &own.name).filter(|row| row.text("segment_key").is_none()).collect();
    let chosen = rows.iter().find(|row| row.flag("chosen"))?.whole("k")?;
    let mut items: Vec<Item> = Vec::new();
    if let Some(none) = data.evidence(&own.name, "no_useful_groups") {
        items.push(Item { mark: Mark::Bad, text: sentence(none) });
    }
    let of_segments =
        data.rows_of("selection", &own.name).filter(|row| row.flag("chosen") && row.is("metric", "jaccard"));
    let mut stable: Vec<(f64, String)> = of_segments
        .filter_map(|row| Some((row.number("value")?, own.segment(row.text("segment_key")?)?.told())))
        .collect();
    stable.sort_by(|left, right| left.0.total_cmp(&right.0).then_with(|| left.1.cmp(&right.1)));
    items.extend(stable.iter().map(|(jaccard, name)| Item {
        mark: if *jaccard >= 0.75 { Mark::Good } else { Mark::Bad },
        text: format!("{name} {} when customers are drawn again ({} of 1).", stability(*jaccard), number(*jaccard)),
    }));
    let why = data.evidence(&own.name, "why_k").map_or_else(|| format!("There are {chosen} groups."), sentence);
    let mut parts: Vec<Part> = Vec::new();
    for (metric, says) in METRICS {
        let of_sample = rows.iter().filter(|row| row.is("metric", metric) && row.is("scope", "sample"));
        let values: Vec<(i32, f64)> =
            of_sample.filter_map(|row| Some((i32::try_from(row.whole("k")?).ok()?, row.number("value")?))).collect();
        if values.len() > 1 {
            parts.extend(picture(metric, says, &values, chosen as i32));
        }
    }
    if !items.is_empty() {
        parts.push(Part::List(items));
    }
    Some(Block::new("Why so many groups", why, parts))
}

fn picture(metric: &str, says: &str, values: &[(i32, f64)], chosen: i32) -> [Part; 2] {
    let name = match metric {
        "bic" => "BIC".to_owned(),
        "calinski_harabasz" => "Calinski–Harabasz index".to_owned(),
        metric => capital(&readable(metric)),
    };
    let at_chosen = values.iter().find(|(k, _)| *k == chosen).map_or_else(String::new, |(_, value)| number(*value));
    let description = format!("{name} by number of groups ({says}); {at_chosen} for the {chosen} that were chosen.");
    let mut table = Table::new(format!("{name} by number of groups"), &["Groups", "#value", "chosen"]);
    table.rows.extend(values.iter().map(|(k, value)| {
        let is_chosen = if *k == chosen { "chosen" } else { "" };
        vec![Cell::text(k.to_string()), Cell::number(number(*value)), Cell::text(is_chosen)]
    }));
    let picture =
        Picture::new(format!("{name} by number of groups"), description.as_str(), Form::Narrow, points(values, chosen))
            .read(description);
    figure(picture, table)
}

/// Evidence is said in halves of sentences.
fn sentence(text: &str) -> String {
    // A letter of a formula stays small.
    let text = if text.starts_with("k ") { text.trim().to_owned() } else { capital(text.trim()) };
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}
