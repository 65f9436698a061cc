//! Sentences that tables have in English, whatever the language of the run: reasons why a figure is not known, and evidence.
//!
//! A message whose id begins with `told-` is such a sentence. It is known again by what stands between its variables, and what stood for
//! them is told in turn.

use super::{arguments::Arg, catalogue::Words};

/// Ids of sentences that are retold begin with it.
pub(super) const TOLD: &str = "told-";
/// Between two reasons.
const BETWEEN: &str = "; ";
/// Stands for a variable; no table has it.
const MARK: char = '\u{0}';

/// How a sentence is known again.
#[derive(Debug, Clone)]
pub(super) struct Retelling {
    id: String,
    /// What stands before, between and behind the variables.
    fixed: Vec<String>,
    variables: Vec<String>,
}

/// Gives how each sentence of a file is known again, what says most first.
pub(super) fn patterns(file: &str, words: &Words) -> Vec<Retelling> {
    let mut all: Vec<Retelling> = messages(file)
        .into_iter()
        .filter(|(id, _)| id.starts_with(TOLD))
        .map(|(id, text)| {
            let names = variables(text);
            let marked = words.say_all(id, names.iter().map(|name| (*name, Arg::from(format!("{MARK}{name}{MARK}")))));
            let pieces = marked.split(MARK).map(str::to_owned);
            let (fixed, variables): (Vec<_>, Vec<_>) = pieces.enumerate().partition(|(at, _)| at % 2 == 0);
            let texts = |pieces: Vec<(usize, String)>| pieces.into_iter().map(|(_, text)| text).collect();
            Retelling { id: id.to_owned(), fixed: texts(fixed), variables: texts(variables) }
        })
        .collect();
    let said = |own: &Retelling| own.fixed.iter().map(String::len).sum::<usize>();
    all.sort_by(|left, right| said(right).cmp(&said(left)).then_with(|| left.id.cmp(&right.id)));
    all
}

/// Gives a sentence, or several, in these words; none where one is not known.
pub(super) fn retold(words: &Words, patterns: &[Retelling], text: &str) -> Option<String> {
    let both = || {
        let (first, rest) = text.split_once(BETWEEN)?;
        Some(format!("{}{BETWEEN}{}", retold(words, patterns, first)?, retold(words, patterns, rest)?))
    };
    let whole = || {
        patterns.iter().find_map(|own| {
            let found = own.found(text)?;
            let told =
                own.variables.iter().zip(found).map(|(name, found)| (name.as_str(), argument(words, patterns, found)));
            Some(words.say_all(&own.id, told))
        })
    };
    // A reason says which columns it is of, by their names.
    let of_columns = || {
        let (columns, why) = text.split_once(": ")?;
        let are_names = columns.chars().all(|letter| letter.is_ascii_lowercase() || "_, ".contains(letter));
        Some(format!("{columns}: {}", retold(words, patterns, why).filter(|_| are_names)?))
    };
    // Several are taken apart first, or one could begin with the first and end with the last.
    both().or_else(whole).or_else(of_columns)
}

fn argument<'a>(words: &Words, patterns: &[Retelling], found: &'a str) -> Arg<'a> {
    let is_number = found.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        && found.chars().all(|letter| letter.is_ascii_digit() || ".-".contains(letter))
        && found.parse::<f64>().is_ok();
    match found.parse::<u64>() {
        Ok(count) => Arg::Count(count),
        Err(_) if is_number => words.written(found).into(),
        Err(_) => retold(words, patterns, found).map_or(Arg::from(found), Arg::from),
    }
}

impl Retelling {
    /// Gives what stands for the variables where a text is this sentence.
    fn found<'a>(&self, text: &'a str) -> Option<Vec<&'a str>> {
        let (first, between) = self.fixed.split_first()?;
        let mut rest = text.strip_prefix(first.as_str())?;
        let mut found = Vec::with_capacity(self.variables.len());
        for (at, fixed) in between.iter().enumerate() {
            let is_last = at + 1 == between.len();
            let end = match is_last {
                true => rest.len().checked_sub(fixed.len()).filter(|end| rest.get(*end..) == Some(fixed.as_str())),
                false => rest.find(fixed.as_str()),
            }?;
            found.push(rest.get(..end)?);
            rest = rest.get(end + fixed.len()..)?;
        }
        (rest.is_empty() && found.iter().all(|found| !found.is_empty())).then_some(found)
    }
}

/// Gives the messages of a file, each with its text.
pub(super) fn messages(file: &str) -> Vec<(&str, &str)> {
    let mut starts: Vec<(usize, &str)> = Vec::new();
    let mut at = 0;
    for line in file.split_inclusive('\n') {
        let is_message = line.starts_with(|first: char| first.is_ascii_lowercase());
        if let (true, Some((id, _))) = (is_message, line.split_once(" =")) {
            starts.push((at, id));
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([file.len()]);
    let text = |((start, id), end): ((usize, &'_ str), usize)| {
        let text = file.get(start + id.len() + 2..end).unwrap_or_default();
        // A comment belongs to what follows.
        text.split("\n#").next().unwrap_or_default()
    };
    starts.iter().copied().zip(ends).map(|(start, end)| (start.1, text((start, end)))).collect()
}

/// Gives the names of the variables of a text, each once.
pub(super) fn variables(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for rest in text.split('$').skip(1) {
        let end =
            rest.find(|letter: char| !(letter.is_ascii_alphanumeric() || "-_".contains(letter))).unwrap_or(rest.len());
        if !names.contains(&&rest[..end]) {
            names.push(&rest[..end]);
        }
    }
    names
}
