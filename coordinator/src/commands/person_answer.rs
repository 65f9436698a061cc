//! What is held of customers, as people and programs read it.

use crate::protocol::Commit;
use segmenter_worker::program::json_line;
use serde_json::{Map, Value, json};

/// Gives one object of JSON.
pub(super) fn for_programs(commit: &Commit, held: &[Value]) -> String {
    let run = &commit.run;
    json_line(&json!({ "format_version": 1, "job": commit.job, "run": run, "as_of": commit.as_of, "people": held }))
}

/// Gives paragraphs, one an id.
pub(super) fn for_people(commit: &Commit, held: &[Value]) -> String {
    let told: Vec<String> = held.iter().map(|person| paragraph(commit, person)).collect();
    told.join("\n")
}

fn paragraph(commit: &Commit, person: &Value) -> String {
    let id = person["id"].as_str().unwrap_or_default();
    let whose = ["customer_id", "account_id"].iter().find_map(|name| person[*name].as_str()).unwrap_or(id);
    let mut lines = vec![if whose == id { id.to_owned() } else { format!("{id}: one person with {whose}") }];
    if person["is_in_run"] != true {
        lines.push(format!(
            "  not in run {}: no rows of before {}, outside the population, or left out",
            commit.run, commit.as_of
        ));
    }
    for linked in list(person, "ids") {
        let reason = linked["reason"].as_str().map(|reason| format!(" ({reason})")).unwrap_or_default();
        lines.push(format!("  id {}: {}{reason}", text(&linked["id"]), text(&linked["status"])));
    }
    for segment in list(person, "segments") {
        let title = (segment["segment_name"] != segment["segment_key"])
            .then(|| format!(" ({})", text(&segment["segment_name"])));
        let (name, key) = (text(&segment["segmentation"]), text(&segment["segment_key"]));
        lines.push(format!("  {name}: {key}{}, by {}", title.unwrap_or_default(), text(&segment["method"])));
        if let Some(rule) = segment["rule"].as_str() {
            lines.push(format!("    because {rule}"));
        }
        for given in list(segment, "given") {
            let means = match given["mean_of_segment"].is_null() {
                true => String::new(),
                false => format!(
                    ", {} in the segment, {} in all",
                    text(&given["mean_of_segment"]),
                    text(&given["mean_of_all"])
                ),
            };
            lines.push(format!("    {} {}{means}", text(&given["feature"]), text(&given["value"])));
        }
    }
    if let Some(features) = person["features"].as_object() {
        lines.push(format!("  features: {}", pairs(features)));
    }
    for (name, title) in
        [("membership", "member of"), ("recommendations", "recommended"), ("quarantine", "quarantined")]
    {
        let rows = list(person, name).filter_map(Value::as_object);
        lines.extend(rows.map(|row| format!("  {title}: {}", pairs(row))));
    }
    lines.join("\n")
}

fn list<'a>(of: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    of[name].as_array().into_iter().flatten()
}

fn pairs(row: &Map<String, Value>) -> String {
    row.iter().map(|(name, value)| format!("{name} {}", text(value))).collect::<Vec<_>>().join(", ")
}

/// Writes a value without quotes; numbers that are not whole with few digits.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            let shown = format!("{:.4}", number.as_f64().unwrap_or_default());
            shown.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        other => other.to_string(),
    }
}
