mod any_text;
mod contract;
mod mistakes;
mod values;

use super::{JobFile, parse};
use crate::checks::JobErrors;
use chrono::NaiveDate;

/// A small job that holds: mistakes are made in it.
const SMALL: &str = r#"format_version = 1
name = "small"
as_of = 2026-11-21
currency = "EUR"
output = { uri = "out" }

[[source]]
name = "clients"
kind = "customers"
uri = "clients.parquet"
columns = { customer_id = "id", city = "city" }

[[source]]
name = "orders"
kind = "transactions"
uri = "orders/"
[source.columns]
customer_id = "client"
time = "ordered_at"
amount = "value"

[[segmentation]]
name = "behaviour"
method = "kmeans"
features = ["recency_days", "frequency"]
k = 3

[[segmentation]]
name = "targets"
method = "rules"
[[segmentation.rule]]
name = "lapsing"
when = "recency_days > 90"
"#;

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

/// Reads a text as a job file, on a fixed day, with the variable LAKE set.
fn read(text: &str) -> Result<JobFile, JobErrors> {
    let env = |name: &str| (name == "LAKE").then(|| "s3://lake".to_owned());
    parse(text.to_owned(), "job.toml".to_owned(), None, |_| day(2026, 11, 21), env)
}

/// Reads the small job with some of its lines changed.
fn read_changed(changes: &[(&str, &str)]) -> Result<JobFile, JobErrors> {
    let mut text = SMALL.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the small job has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    read(&text)
}

/// Gives what a person sees of the errors of the small job with some of its lines changed.
fn shown(changes: &[(&str, &str)]) -> String {
    let drawn = read_changed(changes).unwrap_err().render(100, false);
    // Drawn lines end in blanks where a label has no more to say.
    drawn.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// Gives the messages alone, a line each.
fn listed(changes: &[(&str, &str)]) -> String {
    read_changed(changes).unwrap_err().to_string()
}
