//! Sections that the program's own answers make: between `<!-- generated: NAME -->` and `<!-- end -->`.

use super::{job_file, pages::Page};
use crate::harness::*;
use segmenter_proto::jobs::SourceKind;

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end -->";

/// Asserts that a page has these sections, as names with their texts, and no others. With `SEGMENTER_BLESS=1` they are written instead.
#[track_caller]
fn assert_generated(path: &str, sections: &[(String, String)]) {
    let page = Page::read(path);
    let mut text = page.text.clone();
    for (name, body) in sections {
        let mark = format!("{BEGIN}{name} -->\n");
        let start = text.find(&mark).unwrap_or_else(|| {
            panic!("{path} has no section for {name}: write a heading, what is to be said of it, and the lines\n{mark}{END}")
        });
        let start = start + mark.len();
        let end = start + text[start..].find(END).unwrap_or_else(|| panic!("{path}: {name} has no end"));
        text.replace_range(start..end, &format!("\n{}\n", body.trim_end().to_owned() + "\n"));
    }
    let names = page.text.lines().filter_map(|line| line.strip_prefix(BEGIN)?.strip_suffix(" -->"));
    let old: Vec<&str> = names.filter(|name| !sections.iter().any(|(own, _)| own == name)).collect();
    assert!(old.is_empty(), "{path} has sections of what is no more: {old:?}");
    if std::env::var_os("SEGMENTER_BLESS").is_some() {
        std::fs::write(super::pages::root().join(path), &text).unwrap();
    } else if let Some((is, expected)) = page.text.lines().zip(text.lines()).find(|(is, expected)| is != expected) {
        panic!(
            "{path} says\n  {is}\nand the program\n  {expected}\nwrite the generated sections with SEGMENTER_BLESS=1"
        );
    } else {
        assert_eq!(
            page.text.len(),
            text.len(),
            "{path} has another end than the program's answer; SEGMENTER_BLESS=1 writes it"
        );
    }
}

fn said(args: &[&str]) -> String {
    Program::segmenter(args).go().succeeded().stdout
}

/// Gives a row of a table.
pub fn row<T: AsRef<str>>(cells: &[T]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell.as_ref().trim().replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// Gives the head of a table.
pub fn head(names: &[&str]) -> String {
    format!("{}|{}\n", row(names), "---|".repeat(names.len()))
}

#[test]
fn the_keys_of_a_job_are_those_of_the_schema() {
    let schema = serde_json::from_str(&said(&["schema"])).unwrap();
    assert_generated("docs/job-file.md", &job_file::sections(&schema));
}

#[test]
fn kinds_and_their_names_are_those_of_the_program() {
    let mut kinds = head(&["kind", "a row is", "needs", "knows besides"]);
    let mut names = Vec::new();
    for kind in SourceKind::ALL {
        let quoted = |needed: bool| {
            let columns = kind.kind().columns.iter().filter(|column| column.needed == needed);
            columns.map(|column| format!("`{}`", column.name)).collect::<Vec<_>>().join(", ")
        };
        let needs = if kind == SourceKind::Reference { "its `key`".to_owned() } else { quoted(true) };
        kinds += &row(&[&format!("`{}`", kind.name()), kind.kind().row, &needs, &quoted(false)]);
        if kind.kind().columns.is_empty() {
            continue;
        }
        let mut table = format!("### `{}`\n\n{}", kind.name(), head(&["name", "holds", "meaning"]));
        for column in kind.kind().columns {
            let mark = match (column.needed, column.personal) {
                (true, _) => " (needed)",
                (false, true) => " (personal)",
                (false, false) => "",
            };
            let name = format!("`{}`{mark}", column.name);
            table += &row(&[&name, column.holds.told(), column.about]);
        }
        names.push(table);
    }
    assert_generated("docs/sources.md", &[("kinds".to_owned(), kinds), ("names".to_owned(), names.join("\n"))]);
}

#[test]
fn functions_are_those_of_the_program() {
    // By category, in the order in which these come first.
    let mut tables: Vec<(String, String)> = Vec::new();
    for line in said(&["functions"]).lines() {
        let (category, rest) = line.split_once(' ').unwrap();
        let (signature, description) = rest.trim_start().split_once("  ").unwrap();
        let at = tables.iter().position(|(known, _)| known == category).unwrap_or_else(|| {
            tables.push((category.to_owned(), head(&["function", "gives"])));
            tables.len() - 1
        });
        tables[at].1 += &row(&[&format!("`{signature}`"), description]);
    }
    let tables: Vec<String> = tables.into_iter().map(|(category, table)| format!("## {category}\n\n{table}")).collect();
    let text = tables.join("\n");
    assert_generated("docs/functions.md", &[("functions".to_owned(), text)]);
}

#[test]
fn presets_are_those_of_the_program() {
    let listed = said(&["features"]);
    let names = listed.lines().step_by(2).map(|line| line.split_once("  ").unwrap().0);
    let text: Vec<String> = names.map(|name| preset(name, &said(&["features", "show", name]))).collect();
    assert_generated("docs/features.md", &[("presets".to_owned(), text.join("\n"))]);
}

/// Gives a preset from the head of its query: `-- key: value`.
fn preset(name: &str, shown: &str) -> String {
    let lines = shown.lines().filter_map(|line| line.strip_prefix("-- ")?.split_once(':'));
    let lines: Vec<_> = lines.map(|(key, value)| (key.trim(), value.trim())).collect();
    let all =
        |wanted: &str| lines.iter().filter(|(key, _)| *key == wanted).map(|(_, value)| *value).collect::<Vec<_>>();
    let mut text = format!("### `{name}`\n\n{}\n\n", all("about").join(" "));
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for (key, value) in &lines {
        let words = match *key {
            "kind" => {
                tables.push((table_of_preset(value), Vec::new()));
                continue;
            }
            "needs" => "needs",
            "without" => "uses if mapped",
            _ => continue,
        };
        tables.last_mut().unwrap().1.push(format!("{words} {value}"));
    }
    for (table, names) in tables {
        text += &format!("- {table}: {}\n", names.join("; "));
    }
    for (key, words) in [("window", "Window unless said"), ("source", "How")] {
        let found = all(key);
        if !found.is_empty() {
            text += &format!("- {words}: {}\n", found.join("; "));
        }
    }
    text += &format!("\n{}", head(&["feature", "type", "unit", "formula"]));
    for column in all("column").into_iter().chain(all("fitted")).chain(all("derived")) {
        let mut cells: Vec<String> = column.split("  ").map(|cell| cell.trim().to_owned()).collect();
        cells.retain(|cell| !cell.is_empty());
        assert_eq!(cells.len(), 4, "{name}: {column}");
        cells[0] = format!("`{}`", cells[0]);
        text += &row(&cells);
    }
    text
}

/// Says which table a preset looks at: `kind [optional] [whole]`.
fn table_of_preset(value: &str) -> String {
    let (kind, words) = value.split_once(' ').unwrap_or((value, ""));
    let words: Vec<&str> = words
        .split_whitespace()
        .filter(|word| kind != "customers" || *word != "whole")
        .map(|word| match word {
            "optional" => "if there is a source of it",
            "whole" => "whatever the window",
            other => panic!("{other}"),
        })
        .collect();
    match words.is_empty() {
        true => format!("`{kind}`"),
        false => format!("`{kind}`, {}", words.join(", ")),
    }
}
