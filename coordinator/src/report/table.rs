//! The table of the segments at the end of a run.

use super::{facts::Telling, standouts::standouts};
use segmenter_proto::jobs::Unit;
use segmenter_worker::{
    results::{ProfileRow, SegmentRow},
    words::Words,
};
use std::fmt::Write as _;

/// Where fewer of the items that set a segment apart fit beside it, they go to a line of their own.
const ITEMS_BESIDE: usize = 2;
const WIDEST_NAME: usize = 40;
const NARROWEST_TABLE: usize = 60;

/// One segmentation as it is told at the end of a run.
#[derive(Debug, Clone)]
pub struct SegmentationReport<'a> {
    /// Its name.
    pub name: &'a str,
    /// How it divides: `kmeans`, `rfm`, `rules`, ….
    pub method: &'a str,
    /// The language.
    pub words: &'a Words,
    /// The currency of the job; none: amounts are numbers.
    pub currency: Option<&'a str>,
    /// Who is segmented.
    pub unit: Unit,
    /// Customers in all.
    pub customers: u64,
    /// Whether a customer can be in several segments.
    pub overlapping: bool,
    /// Its segments, in the order of the table.
    pub segments: &'a [SegmentRow],
    /// Their profiles; rows of other segmentations are passed over.
    pub profiles: &'a [ProfileRow],
    /// Customers that a segment must have for its figures to be told.
    pub min_cell: u64,
    /// Clustering quality by name, in the order told, like `("calinski_harabasz", 3210.4)`; empty off clusters.
    pub quality: Vec<(String, f64)>,
}

/// Gives the table of all segmentations, at most `width` columns wide (60 or more), each line ended.
///
/// Segments without customers are left out, and a line says which: `segments.parquet` has them.
///
/// It is plain text, readable without colour; control characters of names and levels are shown as `?`.
pub fn segments_table(reports: &[SegmentationReport<'_>], width: usize) -> String {
    let width = width.max(NARROWEST_TABLE);
    reports.iter().map(|report| segmentation(report, width)).collect::<Vec<_>>().join("\n")
}

/// A line of the table before it is aligned.
struct Line {
    key: String,
    name: String,
    customers: String,
    share: String,
    apart: Vec<String>,
}

fn segmentation(report: &SegmentationReport<'_>, width: usize) -> String {
    let segments = report.segments.iter().filter(|segment| segment.customers > 0);
    let lines: Vec<Line> = segments.map(|segment| line(report, segment)).collect();
    let (mut text, words) = (String::new(), report.words);
    let title = words.say(
        if report.overlapping { "table-title-overlapping" } else { "table-title" },
        [
            ("name", report.name.into()),
            ("method", report.method.into()),
            ("customers", words.whole(report.customers as i64).into()),
            ("unit", report.unit_word().into()),
            ("segments", lines.len().into()),
        ],
    );
    let many = words.say("unit-many", [("unit", report.unit_word().into())]);
    let [segment_head, name_head, share_head] = ["table-segment", "table-name", "table-share"].map(|id| words.word(id));
    push(&mut text, &fitted(&title, width));
    // A name that only repeats the key is not told twice.
    let named = lines.iter().any(|line| line.name != line.key);
    let widest = |header: &str, cell: &dyn Fn(&Line) -> &str| {
        lines.iter().map(|line| length(cell(line))).chain([length(header)]).max().unwrap_or(0)
    };
    let customers_width = widest(&many, &|line| &line.customers);
    let share_width = widest(&share_head, &|line| &line.share);
    // What the numbers and the gaps leave; the key may take half of it.
    let texts = width.saturating_sub(customers_width + share_width + if named { 8 } else { 6 });
    let key_width =
        widest(&segment_head, &|line| &line.key).min(WIDEST_NAME).min(if named { texts / 2 } else { texts });
    let name_width =
        if named { widest(&name_head, &|line| &line.name).min(WIDEST_NAME).min(texts - key_width) } else { 0 };
    let row = |key: &str, name: &str, customers: &str, share: &str| {
        let mut row = format!("  {}", padded(&fitted(key, key_width), key_width));
        if named {
            let _ = write!(row, "  {}", padded(&fitted(name, name_width), name_width));
        }
        let _ = write!(row, "  {}  {}", aligned(customers, customers_width), aligned(share, share_width));
        row
    };
    let header = row(&segment_head, &name_head, &many, &share_head);
    let left = width.saturating_sub(length(&header) + 2);
    let beside = lines.iter().all(|line| {
        let first: Vec<&str> = line.apart.iter().take(ITEMS_BESIDE).map(String::as_str).collect();
        length(&first.join(", ")) <= left
    });
    push(&mut text, &if beside { format!("{header}  {}", words.word("table-apart")) } else { header });
    for line in &lines {
        let name = if line.name == line.key { "" } else { &line.name };
        let row = row(&line.key, name, &line.customers, &line.share);
        if beside {
            push(&mut text, format!("{row}  {}", listed(&line.apart, left)).trim_end());
        } else {
            push(&mut text, row.trim_end());
            if !line.apart.is_empty() {
                push(&mut text, &format!("    {}", listed(&line.apart, width - 4)));
            }
        }
    }
    let empty = report.segments.iter().filter(|segment| segment.customers <= 0);
    let empty: Vec<String> = empty.map(|segment| printable(&segment.segment_key)).collect();
    if !empty.is_empty() {
        let what = [("segments", empty.len().into()), ("unit", report.unit_word().into())];
        let what = format!("  {}: ", words.say("table-empty", what));
        push(&mut text, &format!("{what}{}", all_or_more(words, &empty, width.saturating_sub(length(&what)))));
    }
    if !report.quality.is_empty() {
        let told: Vec<String> =
            report.quality.iter().map(|(name, value)| format!("{name} {}", words.number(*value))).collect();
        let what = format!("  {}: ", words.word("table-clustering"));
        push(&mut text, &format!("{what}{}", listed(&told, width.saturating_sub(length(&what)))));
    }
    text
}

impl SegmentationReport<'_> {
    /// Gives what messages choose their words by.
    fn unit_word(&self) -> &'static str {
        match self.unit {
            Unit::Customer => "customer",
            Unit::Account => "account",
        }
    }
}

fn line(report: &SegmentationReport<'_>, segment: &SegmentRow) -> Line {
    let words = report.words;
    let profile = report
        .profiles
        .iter()
        .filter(|row| row.segmentation == segment.segmentation && row.segment_key == segment.segment_key);
    // What is said of few customers is said of each.
    let apart = match segment.customers.unsigned_abs() < report.min_cell {
        true => vec![words.say("table-few", [("fewest", report.min_cell.into()), ("unit", report.unit_word().into())])],
        false => {
            let telling = Telling { words, currency: report.currency, isolates: false };
            let apart = standouts(telling, profile, report.min_cell);
            if apart.is_empty() { vec![words.word("table-average")] } else { apart }
        }
    };
    Line {
        key: printable(&segment.segment_key),
        name: printable(&segment.segment_name),
        customers: words.whole(segment.customers),
        share: words.percentage(segment.share),
        apart: apart.iter().map(|text| printable(text)).collect(),
    }
}

/// As many of the items as fit, the first one cut if it must be.
fn listed(items: &[String], width: usize) -> String {
    let mut text = String::new();
    for item in items {
        let longer = if text.is_empty() { fitted(item, width) } else { format!("{text}, {item}") };
        if length(&longer) > width {
            break;
        }
        text = longer;
    }
    text
}

/// All of the items where they fit, else those that do and how many more there are.
fn all_or_more(words: &Words, items: &[String], width: usize) -> String {
    (1..=items.len())
        .rev()
        .map(|shown| {
            let listed = items[..shown].join(", ");
            match items.len() - shown {
                0 => listed,
                more => words.say("table-more", [("shown", listed.into()), ("more", more.into())]),
            }
        })
        .find(|text| length(text) <= width)
        .unwrap_or_else(|| fitted(&items.join(", "), width))
}

fn fitted(text: &str, width: usize) -> String {
    if length(text) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if length(&kept) >= width {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(length(text))))
}

/// Columns of a terminal: letters of Chinese or Japanese take two, accents that stand above another letter none.
fn length(text: &str) -> usize {
    console::measure_text_width(text)
}

fn aligned(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(length(text))))
}

fn push(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// Names and levels come from data: an escape sequence in them must not reach a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '?' } else { character }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(key: &str, name: &str, customers: i64) -> SegmentRow {
        SegmentRow {
            segmentation: "behaviour".to_owned(),
            segment_id: 0,
            segment_key: key.to_owned(),
            segment_name: name.to_owned(),
            customers,
            share: customers as f64 / 4338.0,
            parent: None,
            path: None,
        }
    }

    fn profile(key: &str, feature: &str, level: Option<&str>, mean: f64, average: f64, z: f64) -> ProfileRow {
        ProfileRow {
            segmentation: "behaviour".to_owned(),
            segment_key: key.to_owned(),
            feature: feature.to_owned(),
            level: level.map(str::to_owned),
            n: 10,
            nulls: 0,
            mean: Some(mean),
            std: None,
            p25: None,
            p50: None,
            p75: None,
            population_mean: Some(average),
            z_score: Some(z),
            eta_squared: None,
        }
    }

    fn segments() -> Vec<SegmentRow> {
        vec![
            segment("c01", "frequent, high monetary", 1204),
            segment("c02", "Klubowicze VIP, którzy kupują najczęściej ze wszystkich", 2100),
            segment("c03", "average", 1034),
            segment("no_purchases", "no_purchases", 0),
        ]
    }

    fn profiles() -> Vec<ProfileRow> {
        vec![
            profile("c01", "monetary", None, 8120.4, 1930.2, 1.9),
            profile("c01", "recency_days", None, 12.2, 92.0, -0.8),
            profile("c01", "frequency", None, 14.25, 4.28, 2.1),
            profile("c01", "tenure_days", None, 300.0, 220.0, 0.6),
            profile("c02", "member", Some("true"), 0.62, 0.181, 1.1),
            profile("c02", "member", Some("false"), 0.38, 0.819, -1.1),
            profile("c02", "city", Some("Kraków"), 0.5, 0.2, 0.7),
            profile("c02", "city", Some("Gdańsk"), 0.0, 0.3, -0.6),
            profile("c02", "city", Some(OTHER), 0.0, 0.3, -3.0),
            profile("c03", "monetary", None, 1900.0, 1930.2, -0.01),
        ]
    }

    const OTHER: &str = segmenter_worker::measure::OTHER_LEVELS;

    fn report<'a>(segments: &'a [SegmentRow], profiles: &'a [ProfileRow]) -> SegmentationReport<'a> {
        SegmentationReport {
            name: "behaviour",
            words: Words::english(),
            currency: Some("EUR"),
            unit: Unit::Customer,
            method: "kmeans",
            customers: segments.iter().map(|segment| segment.customers.unsigned_abs()).sum(),
            overlapping: false,
            segments,
            profiles,
            min_cell: 10,
            quality: [("k", 3.0), ("explained", 0.612), ("calinski_harabasz", 3210.4), ("stability", 0.91)]
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
        }
    }

    #[test]
    fn a_wide_terminal_has_what_sets_apart_beside() {
        insta::assert_snapshot!(segments_table(&[report(&segments(), &profiles())], 130));
    }

    #[test]
    fn a_narrow_terminal_has_it_below() {
        insta::assert_snapshot!(segments_table(&[report(&segments(), &profiles())], 80));
    }

    #[test]
    fn names_that_repeat_the_key_are_not_told() {
        let segments: Vec<SegmentRow> = ["champions", "hibernating"].map(|key| segment(key, key, 2169)).into();
        let rfm = SegmentationReport { name: "value", method: "rfm", quality: Vec::new(), ..report(&segments, &[]) };
        insta::assert_snapshot!(segments_table(&[rfm.clone(), rfm], 100));
    }

    #[test]
    fn customers_of_segments_that_overlap_are_counted_once() {
        let segments: Vec<SegmentRow> = ["big", "new"].map(|key| segment(key, key, 2169)).into();
        let rules = SegmentationReport {
            name: "targets",
            method: "rules",
            customers: 3000,
            overlapping: true,
            quality: Vec::new(),
            ..report(&segments, &[])
        };
        let text = segments_table(&[rules], 100);
        assert!(text.starts_with("targets (rules): 3,000 customers in 2 segments that overlap\n"), "{text}");
    }

    #[test]
    fn of_few_customers_no_figures_are_told() {
        let segments = [segment("c01", "frequent", 10), segment("c02", "average", 11)];
        let told = |min_cell| segments_table(&[SegmentationReport { min_cell, ..report(&segments, &profiles()) }], 130);
        assert!(told(10).contains("14.2 orders"), "{}", told(10));
        let few = told(11);
        assert!(few.contains("fewer than 11 customers") && !few.contains("14.2"), "{few}");
        // Ten of its eleven customers have a value.
        assert!(!few.contains("member"), "{few}");
    }

    #[test]
    fn no_line_is_wider_than_asked_and_no_control_character_passes() {
        let mut segments = segments();
        segments[0].segment_name = "\u{1b}[31mred\u{7}\n".to_owned();
        segments[2].segment_name = "東京の常連のお客様は毎週来る、値段を見ない人たち".to_owned();
        segments[1].segment_key = "a_key_that_is_much_longer_than_any_column_may_be".to_owned();
        let mut profiles = profiles();
        profiles[0].feature = "f".repeat(200);
        for width in [60, 80, 100, 120, 200] {
            let text = segments_table(&[report(&segments, &profiles)], width);
            assert!(text.lines().all(|line| console::measure_text_width(line) <= width), "{width}:\n{text}");
            assert!(text.contains("?[31mred??") && !text.contains('\u{1b}'));
        }
    }
}
