//! The keys of a job file as tables, one a block, from its JSON Schema.

use super::generated::{head, row};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};

/// Where blocks stand that the schema names: path by name.
type Places<'a> = BTreeMap<&'a str, String>;

/// Gives the sections: the path of each block, such as `source.csv`, with its table. Blocks nearer to the top come first, and what
/// stands in several places is told where it comes first.
pub fn sections(schema: &Value) -> Vec<(String, String)> {
    let mut blocks: Vec<(String, &Value)> = Vec::new();
    let mut places = Places::new();
    let mut left = VecDeque::from([("job".to_owned(), schema)]);
    while let Some((path, block)) = left.pop_front() {
        for (key, property) in properties(block) {
            for (name, inner) in inner_blocks(schema, property) {
                if name.is_some_and(|name| places.contains_key(name)) {
                    continue;
                }
                let path = inner_path(&path, key, inner);
                if let Some(name) = name {
                    places.insert(name, path.clone());
                }
                left.push_back((path, inner));
            }
        }
        blocks.push((path, block));
    }
    let table = |(path, block): &(String, &Value)| {
        let keys = properties(block).into_iter();
        let lines: String = keys.map(|(key, property)| line(schema, &places, (path, block), (key, property))).collect();
        (path.clone(), head(&["key", "type", "default", "meaning"]) + &lines)
    };
    blocks.iter().map(table).collect()
}

/// Gives the path of a block below another: `source.csv`, `segmentation kmeans`.
fn inner_path(above: &str, key: &str, block: &Value) -> String {
    let path = match above.split_whitespace().next() {
        None | Some("job") => key.to_owned(),
        Some(above) => format!("{above}.{key}"),
    };
    match block["properties"]["method"]["const"].as_str() {
        Some(method) => format!("{path} {method}"),
        None => path,
    }
}

fn properties(block: &Value) -> Vec<(&String, &Value)> {
    block["properties"].as_object().into_iter().flat_map(Map::iter).collect()
}

/// Follows a reference: its name, and what stands there.
fn resolved<'a>(schema: &'a Value, value: &'a Value) -> (Option<&'a str>, &'a Value) {
    match value["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        Some(name) => (Some(name), &schema["$defs"][name]),
        None => (None, value),
    }
}

fn branches(value: &Value) -> impl Iterator<Item = &Value> {
    ["anyOf", "oneOf"].into_iter().filter_map(|key| value[key].as_array()).flatten()
}

/// Gives the blocks that a value may hold.
fn inner_blocks<'a>(schema: &'a Value, value: &'a Value) -> Vec<(Option<&'a str>, &'a Value)> {
    let (name, found) = resolved(schema, value);
    if found["properties"].is_object() {
        return vec![(name, found)];
    }
    branches(found).chain(found.get("items")).flat_map(|inner| inner_blocks(schema, inner)).collect()
}

fn line(schema: &Value, places: &Places<'_>, block: (&str, &Value), key: (&String, &Value)) -> String {
    let ((path, block), (key, property)) = (block, key);
    let is_needed = block["required"].as_array().is_some_and(|names| names.iter().any(|name| name == key));
    let (meaning, default) = split(property["description"].as_str().unwrap_or_default());
    // Words of prose are no values.
    let is_value = |default: &str| !default.contains(' ') && default.contains(|c: char| c == '"' || c.is_ascii_digit());
    let default = match default {
        _ if is_needed => "**needed**".to_owned(),
        Some(default) if is_value(&default) => format!("`{default}`"),
        default => default.unwrap_or_default(),
    };
    let place = |inner: &Value| inner_path(path, key, inner);
    let words: String =
        words(schema, property).into_iter().map(|(word, about)| format!(" `\"{word}\"`: {about}")).collect();
    row(&[&format!("`{key}`"), &type_of(schema, places, &place, property), &default, &format!("{meaning}{words}")])
}

/// Takes "Default: …." out of a description; of `"x" (the default)` it gives the value and leaves the words.
fn split(description: &str) -> (String, Option<String>) {
    let marked = description.split_once(" (the default)").and_then(|(before, _)| before.rsplit(' ').next());
    match (description.split_once("Default: "), marked) {
        // There are two, and the words say of what each is.
        (Some(_), Some(_)) | (None, None) => (description.to_owned(), None),
        (Some((before, rest)), None) => {
            let (default, after) = rest.split_once(". ").unwrap_or((rest.trim_end_matches('.'), ""));
            (format!("{before}{after}").trim().to_owned(), Some(default.to_owned()))
        }
        (None, Some(word)) => (description.to_owned(), Some(word.to_owned()).filter(|word| word.starts_with('"'))),
    }
}

/// Gives the words that a value may be, with what they mean, where there is a choice.
fn words<'a>(schema: &'a Value, value: &'a Value) -> Vec<(&'a str, &'a str)> {
    let (_, found) = resolved(schema, value);
    if found["additionalProperties"].is_object() {
        return words(schema, &found["additionalProperties"]);
    }
    let told = |branch: &'a Value| Some((branch["const"].as_str()?, branch["description"].as_str()?));
    let found: Vec<_> = branches(found).filter_map(told).collect();
    if found.len() > 1 { found } else { Vec::new() }
}

fn type_of(schema: &Value, places: &Places<'_>, place: &dyn Fn(&Value) -> String, value: &Value) -> String {
    let (name, found) = resolved(schema, value);
    let inner = |value: &Value| type_of(schema, places, place, value);
    if found["properties"].is_object() {
        let path = name.and_then(|name| places.get(name).cloned()).unwrap_or_else(|| place(found));
        let text = path.split_once(' ').map_or("table", |(_, method)| method);
        return format!("[{text}](#{})", path.replace('.', "").replace(' ', "-"));
    }
    let several: Vec<String> = branches(found).map(inner).collect();
    if !several.is_empty() {
        return several.join(" or ");
    }
    if let Some(word) = found["const"].as_str() {
        return format!("`\"{word}\"`");
    }
    match found["type"].as_str().unwrap_or_default() {
        "array" => format!("list of {}", inner(&found["items"])),
        "object" => format!("table of {}", inner(&found["additionalProperties"])),
        "boolean" => "`true` or `false`".to_owned(),
        "string" => "text".to_owned(),
        "integer" => format!("whole number{}", bounds(found)),
        _ => format!("number{}", bounds(found)),
    }
}

fn bounds(value: &Value) -> String {
    match (value.get("minimum"), value.get("maximum")) {
        (Some(least), Some(most)) if least == most => format!(", {least}"),
        (Some(least), Some(most)) => format!(", {least} to {most}"),
        (Some(least), None) => format!(", at least {least}"),
        _ => String::new(),
    }
}
