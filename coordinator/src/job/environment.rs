use crate::checks::Findings;
use crate::checks::did_you_mean;
use std::ops::Range;

/// Fills `${NAME}` in text values from the environment.
pub(crate) struct Environment<'a> {
    /// The names that the file lists; none: the list itself is wrong, so nothing is said about names that are not in it.
    pub(crate) listed: Option<Vec<String>>,
    /// Gives a variable's value, if it is set.
    pub(crate) lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl Environment<'_> {
    /// Gives the text with every `${NAME}` replaced; none if one cannot be, which is noted at its place.
    pub(crate) fn fill(&self, text: &str, path: &str, findings: &mut Findings) -> Option<String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = 0;
        let mut complete = true;
        while let Some(start) = text[rest..].find("${").map(|offset| rest + offset) {
            filled.push_str(&text[rest..start]);
            let Some(end) = text[start..].find('}').map(|offset| start + offset + 1) else {
                findings
                    .wrong_within(path, start..text.len(), "`${` is not closed")
                    .expect("`${NAME}`")
                    .help("write `${NAME}` with a name that is listed in `env`");
                return None;
            };
            match self.value(&text[start + 2..end - 1], start..end, path, findings) {
                Some(value) => filled.push_str(&value),
                None => complete = false,
            }
            rest = end;
        }
        filled.push_str(&text[rest..]);
        complete.then_some(filled)
    }

    fn value(&self, name: &str, within: Range<usize>, path: &str, findings: &mut Findings) -> Option<String> {
        if !is_variable(name) {
            findings
                .wrong_within(path, within, format!("`${{{name}}}` does not hold a variable's name"))
                .expect("`${NAME}`");
            return None;
        }
        let listed = self.listed.as_ref()?;
        if !listed.iter().any(|known| known == name) {
            let known: Vec<&str> = listed.iter().map(String::as_str).collect();
            let hint = crate::checks::nearest(name, known.iter().copied())
                .and_then(|_| did_you_mean(name, &known))
                .unwrap_or_else(|| format!("add \"{name}\" to `env` at the top of the file"));
            findings
                .wrong_within(path, within, format!("`${{{name}}}` is not listed in `env`"))
                .expect("a name listed in `env`")
                .help(hint);
            return None;
        }
        let value = (self.lookup)(name);
        if value.is_none() {
            findings
                .wrong_within(path, within, format!("environment variable `{name}` is not set"))
                .expect("its value in the environment")
                .help(format!("set it: export {name}=…"));
        }
        value
    }
}

/// Says whether a name can be that of an environment variable.
pub(crate) fn is_variable(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}
