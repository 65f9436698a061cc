use super::Findings;
use std::collections::BTreeMap;

/// Keys of segments that mean something of their own.
const RESERVED_KEYS: [&str; 3] = ["other", "out_of_scope", "no_purchases"];

const NAME: &str = "a small letter, then small letters, digits and `_`";

/// Says whether a name is `[a-z][a-z0-9_]*`.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(is_name_letter)
}

/// Says whether a letter may stand within a name.
pub(crate) fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
}

/// Checks that a name is `[a-z][a-z0-9_]*`; `what` says whose it is.
pub(crate) fn check_name(name: &str, what: &str, path: &str, findings: &mut Findings) {
    if !is_name(name) {
        let near: String =
            name.to_lowercase().chars().map(|letter| if is_name_letter(letter) { letter } else { '_' }).collect();
        let near = near.trim_start_matches(|letter: char| !letter.is_ascii_lowercase());
        let hint = is_name(near).then(|| format!("write \"{near}\""));
        findings.wrong(path, format!("\"{name}\" cannot be the name of a {what}")).expect(NAME).help_if(hint);
    }
}

/// Checks that a rule's name can be a segment's key.
pub(crate) fn check_key(name: &str, path: &str, findings: &mut Findings) {
    if RESERVED_KEYS.contains(&name) {
        findings
            .wrong(path, format!("\"{name}\" is a reserved segment key"))
            .expect(format!("another name than {}", RESERVED_KEYS.join(", ")));
    } else {
        check_name(name, "rule", path, findings);
    }
}

/// Names that must differ, each with its place.
#[derive(Debug, Default)]
pub(crate) struct Unique {
    seen: BTreeMap<String, String>,
}

impl Unique {
    /// Takes a name; notes it as wrong if it is there already.
    pub(crate) fn take(&mut self, name: &str, what: &str, path: &str, findings: &mut Findings) {
        match self.seen.get(name) {
            None => {
                self.seen.insert(name.to_owned(), path.to_owned());
            }
            Some(first) => {
                let line = findings.line_of(first);
                let several = match what.strip_suffix('y') {
                    Some(stem) => format!("{stem}ies"),
                    None => format!("{what}s"),
                };
                findings
                    .wrong(path, format!("two {several} are named `{name}`"))
                    .expect("a name of its own")
                    .help(format!("the first one stands in line {line}"));
            }
        }
    }
}
