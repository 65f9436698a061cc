use super::environment::Environment;
use super::schema::Schema;
use crate::checks::Findings;
use crate::checks::did_you_mean;
use crate::checks::join;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Checks a parsed file against its schema: known keys, types, ranges, required and reserved keys.
///
/// What comes back is the file as the raw types can read it: filled in from the environment, without anything that is wrong,
/// so that the checks that follow go on with the rest. Every error is noted.
pub(crate) struct Structure<'a> {
    pub(crate) environment: Environment<'a>,
    pub(crate) findings: &'a mut Findings,
}

impl Structure<'_> {
    /// Checks the whole file.
    pub(crate) fn check(&mut self, root: &DeTable<'_>, schema: Schema<'_>) -> Value {
        self.table(root, schema, "")
    }

    /// Checks one value; none if it is wrong.
    fn value(&mut self, value: &Spanned<DeValue<'_>>, schema: Schema<'_>, path: &str) -> Option<Value> {
        let any = schema.branches("anyOf");
        if !any.is_empty() {
            let fitting = any.iter().find(|branch| fits(value.get_ref(), branch));
            return match fitting {
                Some(branch) => self.value(value, *branch, path),
                None => self.wrong_type(value, schema, path),
            };
        }
        if !fits(value.get_ref(), &schema) {
            return self.wrong_type(value, schema, path);
        }
        match value.get_ref() {
            DeValue::Table(table) if schema.get("oneOf").is_some() => self.tagged(table, schema, path),
            DeValue::Table(table) => Some(self.table(table, schema, path)),
            DeValue::Array(array) => self.array(array, schema, path),
            DeValue::String(text) => self.text(text, schema, path),
            DeValue::Datetime(date) => Some(Value::String(date.to_string())),
            DeValue::Boolean(flag) => Some(Value::Bool(*flag)),
            DeValue::Integer(integer) => {
                let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
                self.number(number.map(|number| number as f64), number.and_then(whole), schema, path, integer)
            }
            DeValue::Float(float) => {
                let number = float.as_str().parse::<f64>().ok().filter(|number| number.is_finite());
                self.number(number, number.map(Value::from), schema, path, float)
            }
        }
    }

    fn table(&mut self, table: &DeTable<'_>, schema: Schema<'_>, path: &str) -> Value {
        let known = schema.properties();
        let free = schema.under("additionalProperties");
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut checked = Map::new();
        for (key, value) in entries {
            let key = key.get_ref().as_ref();
            let path = join(path, key);
            match schema.property(key).or(free) {
                Some(schema) => {
                    if let Some(value) = self.value(value, schema, &path) {
                        checked.insert(key.to_owned(), value);
                    }
                }
                None => self.unknown_key(key, &known, schema, &path),
            }
        }
        for required in schema.names("required") {
            let present = table.keys().any(|key| key.get_ref() == required);
            if !present {
                self.missing(required, schema, path);
            }
        }
        Value::Object(checked)
    }

    /// Checks a table whose kind one of its keys names, such as `method`.
    fn tagged(&mut self, table: &DeTable<'_>, schema: Schema<'_>, path: &str) -> Option<Value> {
        let branches = schema.branches("oneOf");
        let tag = branches
            .first()
            .and_then(|branch| branch.properties().into_iter().find(|key| tag_of(branch, key).is_some()))?;
        let words: Vec<&str> = branches.iter().filter_map(|branch| tag_of(branch, tag)).collect();
        let tag_path = join(path, tag);
        let Some((_, value)) = table.iter().find(|(key, _)| key.get_ref() == tag) else {
            self.findings
                .wrong(path, format!("missing key `{tag}` in {}", shown(path)))
                .expect(format!("`{tag}`: {}", quoted(&words)));
            return None;
        };
        let DeValue::String(word) = value.get_ref() else {
            self.findings.wrong(&tag_path, format!("`{tag}` is {}", type_name(value.get_ref()))).expect(quoted(&words));
            return None;
        };
        let word = self.environment.fill(word, &tag_path, self.findings)?;
        match branches.iter().find(|branch| tag_of(branch, tag) == Some(&word)) {
            Some(branch) => {
                self.keys_of_others(table, *branch, &branches, tag, path);
                Some(self.table(table, *branch, path))
            }
            None => {
                self.unknown_word(&word, &words, &schema.names("x-reserved"), &tag_path);
                None
            }
        }
    }

    /// Leaves a hint that says which method an unknown key belongs to.
    fn keys_of_others(&mut self, table: &DeTable<'_>, own: Schema<'_>, all: &[Schema<'_>], tag: &str, path: &str) {
        for key in table.keys().map(|key| key.get_ref().as_ref()) {
            if own.property(key).is_some() {
                continue;
            }
            let owner = all.iter().find(|branch| branch.property(key).is_some());
            if let Some(owner) = owner.and_then(|branch| tag_of(branch, tag)) {
                self.findings.remark(&join(path, key), format!("`{key}` belongs to {tag} \"{owner}\""));
            }
        }
    }

    fn array(&mut self, array: &DeArray<'_>, schema: Schema<'_>, path: &str) -> Option<Value> {
        let least = schema.number("minItems").unwrap_or(0.0);
        let most = schema.number("maxItems").unwrap_or(f64::INFINITY);
        let count = array.len() as f64;
        if count < least || count > most {
            let message = if array.is_empty() { "is empty".to_owned() } else { format!("has {count} values") };
            let expected =
                if most.is_finite() { format!("{least} to {most} values") } else { "at least one".to_owned() };
            self.findings.wrong(path, format!("{} {message}", shown(path))).expect(expected);
            return None;
        }
        let items = schema.under("items")?;
        let values: Vec<Option<Value>> = array
            .iter()
            .enumerate()
            .map(|(index, element)| self.value(element, items, &format!("{path}[{index}]")))
            .collect();
        if items.get("type").is_some_and(|name| name != "object") {
            // Without one of its values a list of names or numbers means something else.
            return values.into_iter().collect::<Option<Vec<_>>>().map(Value::Array);
        }
        // A wrong table stays as null, so that the others keep their places.
        Some(Value::Array(values.into_iter().map(Option::unwrap_or_default).collect()))
    }

    fn text(&mut self, text: &str, schema: Schema<'_>, path: &str) -> Option<Value> {
        let text = if path.starts_with("env[") {
            text.to_owned()
        } else {
            let filled = self.environment.fill(text, path, self.findings)?;
            if filled != text {
                self.findings.places.filled(path);
            }
            filled
        };
        if text.trim().is_empty() && schema.number("minLength").is_some() {
            self.findings.wrong(path, format!("{} is empty", shown(path))).expect(schema.expected());
            return None;
        }
        let words = schema.words();
        if !words.is_empty() && !words.contains(&text.as_str()) {
            self.unknown_word(&text, &words, &schema.names("x-reserved"), path);
            return None;
        }
        Some(Value::String(text))
    }

    fn number(
        &mut self,
        number: Option<f64>,
        value: Option<Value>,
        schema: Schema<'_>,
        path: &str,
        written: &dyn std::fmt::Display,
    ) -> Option<Value> {
        let least = schema.number("minimum").unwrap_or(f64::NEG_INFINITY);
        let most = schema.number("maximum").unwrap_or(match schema.text("format") {
            Some("uint32") => f64::from(u32::MAX),
            _ => f64::INFINITY,
        });
        match number {
            Some(number) if (least..=most).contains(&number) && value.is_some() => value,
            _ => {
                self.findings.wrong(path, format!("{} is {written}", shown(path))).expect(schema.expected());
                None
            }
        }
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, schema: Schema<'_>, path: &str) -> Option<Value> {
        let found = type_name(value.get_ref());
        self.findings.wrong(path, format!("{} is {found}", shown(path))).expect(schema.expected());
        None
    }

    fn unknown_key(&mut self, key: &str, known: &[&str], schema: Schema<'_>, path: &str) {
        let inside = parent(path);
        if schema.names("x-reserved").contains(&key) {
            self.findings
                .wrong_key(path, format!("`{key}` is not available yet"))
                .expect("no such key")
                .help("remove it: the name is reserved for a later version");
            return;
        }
        let remark = self.findings.take_remark(path);
        self.findings
            .wrong_key(path, format!("unknown key `{key}` in {}", shown(inside)))
            .expect("a known key")
            .help_if(remark.or_else(|| did_you_mean(key, known)));
    }

    fn unknown_word(&mut self, word: &str, words: &[&str], reserved: &[&str], path: &str) {
        let what = shown(path);
        if reserved.contains(&word) {
            self.findings
                .wrong(path, format!("{what} \"{word}\" is not available yet"))
                .expect(quoted(words))
                .help("the name is reserved for a later version");
            return;
        }
        let hint = crate::checks::nearest(word, words.iter().copied()).map(|near| format!("did you mean \"{near}\"?"));
        self.findings.wrong(path, format!("{what} is \"{word}\"")).expect(quoted(words)).help_if(hint);
    }

    fn missing(&mut self, key: &str, schema: Schema<'_>, path: &str) {
        let property = schema.property(key);
        let what = property.and_then(|schema| schema.text("description")).unwrap_or_default();
        let expected = match property.map(|schema| schema.expected()) {
            Some(tables) if tables == "a list of tables" => format!("[[{}]]", keys(&join(path, key))),
            Some(expected) => format!("`{key}`: {expected}"),
            None => format!("`{key}`"),
        };
        self.findings
            .wrong(&join(path, key), format!("missing key `{key}` in {}", shown(path)))
            .expect(expected)
            .help(what.trim_end_matches('.'));
    }
}

/// Names a place for a person: the last key of the path, with its table.
pub(crate) fn shown(path: &str) -> String {
    if path.is_empty() { "the job file".to_owned() } else { format!("`{}`", keys(path)) }
}

/// Gives the keys of a path without the positions in arrays.
fn keys(path: &str) -> String {
    let mut name = String::new();
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            _ if !inside => name.push(letter),
            _ => {}
        }
    }
    name
}

/// Gives the path of the table that a key stands in.
fn parent(path: &str) -> &str {
    path.rfind('.').map_or("", |end| &path[..end])
}

fn tag_of<'a>(branch: &Schema<'a>, tag: &str) -> Option<&'a str> {
    branch.property(tag)?.text("const")
}

fn quoted(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    crate::checks::one_of(&quoted.iter().map(String::as_str).collect::<Vec<_>>())
}

fn whole(number: i128) -> Option<Value> {
    i64::try_from(number).map(Value::from).or_else(|_| u64::try_from(number).map(Value::from)).ok()
}

/// Says whether a value is of the type that a schema asks for.
fn fits(value: &DeValue<'_>, schema: &Schema<'_>) -> bool {
    let any = schema.branches("anyOf");
    if !any.is_empty() {
        return any.iter().any(|branch| fits(value, branch));
    }
    let text = !schema.words().is_empty() || schema.text("type") == Some("string");
    match value {
        DeValue::String(_) => text,
        DeValue::Datetime(date) => schema.get("x-date").is_some() && date.date.is_some() && date.time.is_none(),
        DeValue::Integer(_) => matches!(schema.text("type"), Some("integer" | "number")),
        DeValue::Float(_) => schema.text("type") == Some("number"),
        DeValue::Boolean(_) => schema.text("type") == Some("boolean"),
        DeValue::Array(_) => schema.text("type") == Some("array"),
        DeValue::Table(_) => !text && matches!(schema.text("type"), None | Some("object")),
    }
}

/// Names a value's type for a person.
fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
