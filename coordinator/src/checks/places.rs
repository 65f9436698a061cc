use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where each key and value stands in the file.
///
/// A place is named by its dotted path, with tables of an array counted from 0: `source[1].columns.amount`,
/// `segmentation[2].rule[0].when`. Spans are bytes of the file.
#[derive(Debug, Clone, Default)]
pub struct Places {
    entries: BTreeMap<String, Place>,
    children: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Clone)]
struct Place {
    key: Range<usize>,
    value: Range<usize>,
    /// Where the text begins, if the file holds it letter by letter (no escapes).
    literal: Option<Range<usize>>,
}

impl Places {
    /// Notes where everything of a parsed file stands.
    pub(crate) fn of(text: &str, root: &DeTable<'_>) -> Self {
        let mut places = Self::default();
        places.table(text, root, "");
        places
    }

    /// Gives the span of a value; for a table of its own, that of its header.
    pub fn value(&self, path: &str) -> Option<Range<usize>> {
        self.entries.get(path).map(|place| place.value.clone())
    }

    /// Gives the span of a key; for an element of an array, that of the element.
    pub fn key(&self, path: &str) -> Option<Range<usize>> {
        self.entries.get(path).map(|place| place.key.clone())
    }

    /// Gives the span of a text within its quotes, where the file holds it letter by letter.
    pub(crate) fn literal(&self, path: &str) -> Option<Range<usize>> {
        self.entries.get(path)?.literal.clone()
    }

    /// Gives the span of a part of a text, `within` in bytes of the text; all of the text, if it was written with escapes
    /// or filled in, so that its bytes are not those of the file.
    pub fn within(&self, path: &str, within: Range<usize>) -> Option<Range<usize>> {
        let place = self.entries.get(path)?;
        let part = place
            .literal
            .as_ref()
            .map(|literal| literal.start + within.start..literal.start + within.end)
            .filter(|part| part.end <= place.value.end);
        Some(part.unwrap_or_else(|| place.value.clone()))
    }

    /// Gives the span of the value, or of the nearest table around it that stands in the file.
    pub(crate) fn nearest(&self, path: &str) -> Range<usize> {
        let mut path = path;
        loop {
            if let Some(place) = self.entries.get(path) {
                return place.value.clone();
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return 0..0,
            }
        }
    }

    /// Gives the names of a table's keys in the order of the file.
    pub(crate) fn children(&self, path: &str) -> &[String] {
        self.children.get(path).map_or(&[], Vec::as_slice)
    }

    /// Forgets that the bytes of a text are those of the file: it was filled in.
    pub(crate) fn filled(&mut self, path: &str) {
        if let Some(place) = self.entries.get_mut(path) {
            place.literal = None;
        }
    }

    fn table(&mut self, text: &str, table: &DeTable<'_>, path: &str) {
        let mut keys: Vec<_> = table.iter().collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        self.children.insert(path.to_owned(), keys.iter().map(|(key, _)| key.get_ref().to_string()).collect());
        for (key, value) in keys {
            self.entry(text, &join(path, key.get_ref()), key.span(), value);
        }
    }

    fn entry(&mut self, text: &str, path: &str, key: Range<usize>, value: &Spanned<DeValue<'_>>) {
        let literal = value.get_ref().as_str().and_then(|string| literal(text, &value.span(), string));
        self.entries.insert(path.to_owned(), Place { key, value: value.span(), literal });
        match value.get_ref() {
            DeValue::Table(table) => self.table(text, table, path),
            DeValue::Array(array) => {
                for (index, element) in array.iter().enumerate() {
                    self.entry(text, &format!("{path}[{index}]"), element.span(), element);
                }
            }
            _ => {}
        }
    }
}

/// Gives the path of a key of a table.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Finds a text within its quotes, if it stands there as it is.
fn literal(text: &str, span: &Range<usize>, string: &str) -> Option<Range<usize>> {
    let written = text.get(span.clone())?;
    let quotes = if written.starts_with("\"\"\"") || written.starts_with("'''") { 3 } else { 1 };
    let inner = written.get(quotes..written.len().checked_sub(quotes)?)?;
    // The first line break after three quotes is not part of the text.
    let skipped =
        if quotes == 3 { inner.len() - inner.trim_start_matches('\r').trim_start_matches('\n').len() } else { 0 };
    let start = span.start + quotes + skipped.min(2);
    (text.get(start..start + string.len())? == string && start + string.len() + quotes == span.end)
        .then_some(start..start + string.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str) -> Places {
        Places::of(text, DeTable::parse(text).unwrap().get_ref())
    }

    #[test]
    fn names_every_place_by_its_path() {
        let text = "[[source]]\nname = 'a'\n[[source]]\n[source.columns]\namount = 'x - y'\n\"b c\" = 'z'\n";
        let places = places(text);
        let at = |span: Option<Range<usize>>| span.map(|span| &text[span]);
        assert_eq!(at(places.value("source[0].name")), Some("'a'"));
        assert_eq!(at(places.key("source[1].columns.amount")), Some("amount"));
        assert_eq!(at(places.value("source[1].columns")), Some("[source.columns]"));
        assert_eq!(places.children("source[1].columns"), ["amount", "b c"]);
        assert_eq!(&text[places.nearest("source[1].columns.missing.deep")], "[source.columns]");
        assert_eq!(places.nearest("nothing"), 0..0);
    }

    #[test]
    fn finds_parts_of_a_text_only_where_its_bytes_are_those_of_the_file() {
        let text = "a = 'x - y'\nb = \"x\\u0020- y\"\nc = \"\"\"\nx - y\"\"\"\n";
        let mut places = places(text);
        assert_eq!(places.within("a", 4..5).map(|span| &text[span]), Some("y"));
        assert_eq!(places.within("b", 4..5), places.value("b"));
        assert_eq!(places.within("c", 4..5).map(|span| &text[span]), Some("y"));
        places.filled("a");
        assert_eq!(places.within("a", 4..5), places.value("a"));
    }
}
