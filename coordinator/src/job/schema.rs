use super::raw::RawJob;
use serde_json::{Map, Value};

/// Marks in the schema that only this program reads: reserved names, dates, what is expected in words.
const OWN_MARKS: [&str; 3] = ["x-reserved", "x-date", "x-expected"];

/// Gives the JSON Schema (draft 2020-12) of the job file, with this program's own marks.
pub(crate) fn marked_schema() -> Value {
    let mut schema = schemars::schema_for!(RawJob).to_value();
    without_null(&mut schema);
    schema
}

/// Gives the JSON Schema (draft 2020-12) of the job file, as it is published.
pub fn published_schema() -> Value {
    let mut schema = marked_schema();
    without_marks(&mut schema);
    // What says which schema this is comes first.
    let mut ordered = Map::new();
    for key in ["$schema", "title", "description"] {
        if let Some(value) = schema.as_object_mut().and_then(|object| object.remove(key)) {
            ordered.insert(key.to_owned(), value);
        }
    }
    ordered.extend(schema.as_object().cloned().unwrap_or_default());
    Value::Object(ordered)
}

/// TOML has no null: a key that may be missing is missing.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(without_null),
        Value::Object(object) => {
            object.values_mut().for_each(without_null);
            if object.get("default") == Some(&Value::Null) {
                object.remove("default");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [one] = types.as_slice() {
                    let one = one.clone();
                    object.insert("type".to_owned(), one);
                }
            }
            if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type") != Some(&Value::String("null".to_owned())));
                if let [Value::Object(one)] = branches.as_slice() {
                    let one = one.clone();
                    object.remove("anyOf");
                    for (key, value) in one {
                        object.entry(key).or_insert(value);
                    }
                }
            }
        }
        _ => {}
    }
}

fn without_marks(schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(without_marks),
        Value::Object(object) => {
            object.retain(|key, _| !OWN_MARKS.contains(&key.as_str()));
            object.values_mut().for_each(without_marks);
        }
        _ => {}
    }
}

/// One schema within the whole, with its reference followed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema<'a> {
    root: &'a Value,
    /// As it stands at the key: a reference may carry words of its own.
    here: &'a Map<String, Value>,
    /// What the reference leads to, or the same.
    there: &'a Map<String, Value>,
}

impl<'a> Schema<'a> {
    /// Takes the whole schema.
    pub(crate) fn root(root: &'a Value) -> Option<Self> {
        Self::at(root, root)
    }

    fn at(root: &'a Value, schema: &'a Value) -> Option<Self> {
        let here = schema.as_object()?;
        let there = match here.get("$ref").and_then(Value::as_str) {
            Some(reference) => root.pointer(reference.strip_prefix('#')?)?.as_object()?,
            None => here,
        };
        Some(Self { root, here, there })
    }

    /// Gives a keyword's value, that at the key first.
    pub(crate) fn get(&self, keyword: &str) -> Option<&'a Value> {
        self.here.get(keyword).or_else(|| self.there.get(keyword))
    }

    pub(crate) fn text(&self, keyword: &str) -> Option<&'a str> {
        self.get(keyword).and_then(Value::as_str)
    }

    pub(crate) fn number(&self, keyword: &str) -> Option<f64> {
        self.get(keyword).and_then(Value::as_f64)
    }

    /// Gives a keyword's names, such as those of `required`.
    pub(crate) fn names(&self, keyword: &str) -> Vec<&'a str> {
        let names = self.get(keyword).and_then(Value::as_array);
        names.map_or_else(Vec::new, |names| names.iter().filter_map(Value::as_str).collect())
    }

    /// Gives the schemas under a keyword that holds a list of them.
    pub(crate) fn branches(&self, keyword: &str) -> Vec<Self> {
        let branches = self.get(keyword).and_then(Value::as_array);
        branches.map_or_else(Vec::new, |all| all.iter().filter_map(|schema| Self::at(self.root, schema)).collect())
    }

    /// Gives the schema under a keyword that holds one.
    pub(crate) fn under(&self, keyword: &str) -> Option<Self> {
        self.get(keyword).and_then(|schema| Self::at(self.root, schema))
    }

    /// Gives the schema of a table's key.
    pub(crate) fn property(&self, key: &str) -> Option<Self> {
        self.get("properties")?.get(key).and_then(|schema| Self::at(self.root, schema))
    }

    /// Gives the names of a table's keys.
    pub(crate) fn properties(&self) -> Vec<&'a str> {
        let properties = self.get("properties").and_then(Value::as_object);
        properties.map_or_else(Vec::new, |all| all.keys().map(String::as_str).collect())
    }

    /// Gives the words that a text may be, if it is one of a few.
    pub(crate) fn words(&self) -> Vec<&'a str> {
        if let Some(word) = self.text("const") {
            return vec![word];
        }
        let named = self.names("enum");
        if !named.is_empty() {
            return named;
        }
        self.branches("oneOf").iter().filter_map(|branch| branch.text("const")).collect()
    }

    /// Says what is expected, in words.
    pub(crate) fn expected(&self) -> String {
        if let Some(expected) = self.text("x-expected") {
            return expected.to_owned();
        }
        let any: Vec<String> = self.branches("anyOf").iter().map(Self::expected).collect();
        if !any.is_empty() {
            return any.join(", or ");
        }
        let words = self.words();
        if !words.is_empty() {
            let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            return crate::checks::one_of(&quoted.iter().map(String::as_str).collect::<Vec<_>>());
        }
        match self.text("type") {
            Some("string") => "text in quotes".to_owned(),
            Some("integer") => format!("a whole number{}", self.range()),
            Some("number") => format!("a number{}", self.range()),
            Some("boolean") => "true or false".to_owned(),
            Some("array") => self.expected_list(),
            _ => "a table".to_owned(),
        }
    }

    fn expected_list(&self) -> String {
        match self.under("items").and_then(|items| items.text("type")) {
            Some("string") => "a list of texts".to_owned(),
            Some("integer" | "number") => "a list of numbers".to_owned(),
            _ => "a list of tables".to_owned(),
        }
    }

    fn range(&self) -> String {
        match (self.number("minimum"), self.number("maximum")) {
            (Some(least), Some(most)) if least == most => format!(", {least}"),
            (Some(least), Some(most)) => format!(" from {least} to {most}"),
            (Some(least), None) => format!(" from {least}"),
            (None, Some(most)) => format!(" up to {most}"),
            (None, None) => String::new(),
        }
    }
}
