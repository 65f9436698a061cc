use super::environment::{Environment, is_variable};
use super::raw::RawJob;
use super::schema::{Schema, marked_schema};
use super::structure::Structure;
use super::validate::{Given, validate};
use crate::checks::Findings;
use crate::checks::Places;
use crate::checks::{JobError, JobErrors};
use chrono::NaiveDate;
use chrono_tz::Tz;
use segmenter_proto::jobs::Job;
use std::ops::Range;
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// A job file that holds: its job, and where each part of it was written.
#[derive(Debug, Clone)]
pub struct JobFile {
    /// The job, every default filled in.
    pub job: Job,
    /// The file's text, before any `${NAME}` is filled in.
    pub text: String,
    /// Where everything stands in the text.
    pub places: Places,
    /// The file's path as it was given.
    pub path: String,
}

impl JobFile {
    /// Makes an error at a dotted path such as `segmentation[2].rule[0].when`, to be completed with what was expected and what
    /// to do; `within` is the part of the text value that is meant, in bytes of it.
    ///
    /// What is found wrong later, such as a name in an expression, is so shown as what the file's own checks find.
    pub fn error_at(&self, path: &str, within: Option<Range<usize>>, message: impl Into<String>) -> JobError {
        let part = within.and_then(|within| self.places.within(path, within));
        let span = part.unwrap_or_else(|| self.places.nearest(path));
        JobError { path: path.to_owned(), span: Some(span), message: message.into(), expected: None, hint: None }
    }

    /// Makes the errors of this file, in its order; `errors` holds one at least.
    pub fn errors(&self, mut errors: Vec<JobError>) -> JobErrors {
        errors.sort_by_key(|error| error.span.clone().map(|span| (span.start, span.end)));
        JobErrors { path: self.path.clone(), text: self.text.clone(), errors }
    }
}

/// Reads and checks a job file.
///
/// `as_of` wins over the file's date, `today` gives the date in a time zone now, `env` gives an environment variable's value.
///
/// # Errors
/// All that is wrong in the file, in its order; a file that cannot be read; text that is no TOML.
pub fn load(
    path: &Path,
    as_of: Option<NaiveDate>,
    today: impl Fn(Tz) -> NaiveDate,
    env: impl Fn(&str) -> Option<String>,
) -> Result<JobFile, JobErrors> {
    let shown = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|error| {
        let hint = "name a job file; `segmenter init` writes one".to_owned();
        JobErrors::unreadable(shown.clone(), format!("cannot read the job file: {error}"), Some(hint))
    })?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        let hint = "save the file as UTF-8".to_owned();
        JobErrors::unreadable(shown.clone(), format!("line {line} of the job file is not UTF-8"), Some(hint))
    })?;
    parse(text, shown, as_of, today, env)
}

/// Checks the text of a job file; `path` is its name for messages.
///
/// # Errors
/// As [`load`].
pub fn parse(
    text: String,
    path: String,
    as_of: Option<NaiveDate>,
    today: impl Fn(Tz) -> NaiveDate,
    env: impl Fn(&str) -> Option<String>,
) -> Result<JobFile, JobErrors> {
    let folder = Path::new(&path).parent().unwrap_or(Path::new("")).to_owned();
    let read = |file: &str| {
        let text = std::fs::read_to_string(folder.join(file)).map_err(|error| error.to_string())?;
        // Some editors put a byte order mark in front.
        Ok(text.trim_start_matches('\u{feff}').to_owned())
    };
    let given = Given { as_of, today: &today, read: &read };
    let (job, places, errors) = check(&text, &given, &env);
    match job {
        Some(job) if errors.is_empty() => Ok(JobFile { job, text, places, path }),
        _ => Err(JobErrors { path, text, errors }),
    }
}

fn check(text: &str, given: &Given<'_>, env: &dyn Fn(&str) -> Option<String>) -> (Option<Job>, Places, Vec<JobError>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return (None, Places::default(), errors.iter().map(|error| syntax(error, text)).collect());
    }
    let root = root.get_ref();
    let mut findings = Findings::new(text, Places::of(text, root));
    let listed = listed_variables(root, &mut findings);
    let environment = Environment { listed, lookup: env };
    let marked = marked_schema();
    let job = Schema::root(&marked)
        .map(|schema| Structure { environment, findings: &mut findings }.check(root, schema))
        .map(serde_json::from_value::<RawJob>);
    let job = match job {
        Some(Ok(raw)) => validate(raw, given, &mut findings),
        Some(Err(error)) => {
            findings.wrong("", format!("the job file cannot be read: {error}"));
            None
        }
        None => None,
    };
    if job.is_none() && findings.is_empty() {
        findings.wrong("", "the job file cannot be read, and no reason was found: this is a bug");
    }
    let (places, errors) = findings.finish();
    (job, places, errors)
}

/// Gives the names that `env` lists; none if the list is not one of texts, which is noted with its other errors.
fn listed_variables(root: &DeTable<'_>, findings: &mut Findings) -> Option<Vec<String>> {
    let Some((_, value)) = root.iter().find(|(key, _)| key.get_ref() == "env") else { return Some(Vec::new()) };
    let DeValue::Array(array) = value.get_ref() else { return None };
    let names: Option<Vec<String>> = array.iter().map(|name| name.get_ref().as_str().map(str::to_owned)).collect();
    for (index, name) in names.iter().flatten().enumerate() {
        if !is_variable(name) {
            findings
                .wrong(&format!("env[{index}]"), format!("\"{name}\" cannot be the name of a variable"))
                .expect("letters, digits and `_`");
        }
    }
    names
}

/// Gives the last letter of a text, for what is missing at its end.
fn last_letter(text: &str) -> Range<usize> {
    let end = text.trim_end().len();
    let length = text[..end].chars().next_back().map_or(0, char::len_utf8);
    end - length..end
}

/// Takes over what the TOML parser says.
fn syntax(error: &toml::de::Error, text: &str) -> JobError {
    let message = error.message();
    let (message, expected) = match message.split_once(", expected ") {
        Some((message, expected)) => (message, Some(expected.to_owned())),
        None => (message, None),
    };
    let (message, expected) = match message {
        "duplicate key" => ("this key stands twice", Some("each key once".to_owned())),
        message => (message, expected),
    };
    JobError {
        path: String::new(),
        span: Some(error.span().filter(|span| span.start < text.len()).unwrap_or_else(|| last_letter(text))),
        message: format!("not TOML: {message}"),
        expected,
        hint: None,
    }
}
