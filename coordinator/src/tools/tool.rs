/// A tool as its documentation describes it.
#[derive(Debug)]
pub struct Tool {
    /// Its name in the job file.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The page that says how its files look.
    pub source: &'static str,
    /// Headers that it knows.
    pub headers: &'static [Header],
    /// Whether other headers mean something to it too.
    pub takes_others: bool,
    /// Headers of which all stand in a file, or none.
    pub together: &'static [&'static str],
    /// The header that its rows are known by, which every file has; none: any contact does.
    pub key: Option<&'static str>,
    /// Rows of a file at most.
    pub max_rows: Option<Limit>,
    /// Bytes of a file at most.
    pub max_bytes: Option<Limit>,
}

/// A column that a tool knows.
#[derive(Debug)]
pub struct Header {
    /// Its name, letter by letter.
    pub name: &'static str,
    /// How its values are written.
    pub form: Form,
    /// What it is made of where the job does not say and has all that it names; none: it is left out then.
    pub default: Option<&'static str>,
}

/// How a tool wants values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Their SHA-256.
    Hashed,
    /// As they are.
    Plain,
    /// Either.
    Any,
}

/// A limit of a tool.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The largest number that it takes.
    pub most: u64,
    /// Where that is written.
    pub source: &'static str,
}

impl Tool {
    /// Finds a header that it knows.
    pub fn header(&self, name: &str) -> Option<&'static Header> {
        self.headers.iter().find(|header| header.name == name)
    }
}
