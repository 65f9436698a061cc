//! The segmentations of a run, with their segments.

use super::{RunData, table::Row};
use crate::page::words::{quoted, readable};
use segmenter_worker::words::Words;

/// Segments that hold who is in no other.
const REST: [&str; 4] = ["other", "no_purchases", "out_of_scope", "no_tier"];

/// A segment that has customers.
#[derive(Debug, Clone)]
pub struct Segment {
    pub key: String,
    pub name: String,
    label: String,
    told: String,
    pub customers: u64,
    pub share: f64,
}

/// A segmentation.
#[derive(Debug, Clone)]
pub struct Segmentation {
    pub name: String,
    /// How it divides; empty where the job does not tell.
    pub method: String,
    /// Features that the job names for it.
    pub features: Vec<String>,
    /// Whether a customer can be in several segments.
    pub overlapping: bool,
    /// Segments with customers: the largest first, who is left over last.
    pub segments: Vec<Segment>,
    /// Keys of segments without customers.
    pub empty: Vec<String>,
    words: &'static Words,
}

impl Segmentation {
    /// Gives all of a run, in the order of its tables.
    pub fn all(data: &RunData) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for row in data.rows("segments") {
            let name = row.name("segmentation");
            let known = all.iter_mut().position(|own| own.name == name);
            let at = known.unwrap_or_else(|| {
                let job = data.job.segmentations.iter().find(|own| own.name == name).cloned().unwrap_or_default();
                let overlapping = data.rows("overlaps").any(|row| row.is("segmentation", name));
                let (method, features, segments) = (job.method, job.features, Vec::new());
                let name = name.to_owned();
                all.push(Self { name, method, features, overlapping, segments, empty: Vec::new(), words: data.words });
                all.len() - 1
            });
            all[at].add(row);
        }
        for own in &mut all {
            let rest = |segment: &Segment| REST.iter().position(|rest| *rest == segment.key);
            own.segments.sort_by(|left, right| {
                rest(left)
                    .cmp(&rest(right))
                    .then(right.customers.cmp(&left.customers))
                    .then_with(|| left.key.cmp(&right.key))
            });
        }
        all
    }

    fn add(&mut self, row: Row<'_>) {
        match row.whole("customers").and_then(|customers| u64::try_from(customers).ok()) {
            None | Some(0) => self.empty.push(row.name("segment_key").to_owned()),
            Some(customers) => {
                let (key, name) = (row.name("segment_key"), row.name("segment_name"));
                let label = if name == key { self.in_words(key) } else { name.to_owned() };
                self.segments.push(Segment {
                    key: key.to_owned(),
                    name: name.to_owned(),
                    told: quoted(self.words, &label),
                    label,
                    customers,
                    share: row.number("share").unwrap_or_default(),
                });
            }
        }
    }

    /// Gives a key in words: the program's own are told in the language of the run, others as somebody wrote them.
    fn in_words(&self, key: &str) -> String {
        let is_own = REST.contains(&key) || self.method == "rfm";
        let own = is_own.then(|| self.words.named("segment", key)).flatten();
        own.unwrap_or_else(|| readable(key))
    }

    /// Gives a segment that has customers.
    pub fn segment(&self, key: &str) -> Option<&Segment> {
        self.segments.iter().find(|segment| segment.key == key)
    }

    /// Gives the segments of at least so many customers.
    pub fn of_at_least(&self, customers: u64) -> impl Iterator<Item = &Segment> {
        self.segments.iter().filter(move |segment| segment.customers >= customers)
    }

    /// Gives what a segment is called, also one that has no customers now.
    pub fn label(&self, key: &str) -> String {
        self.segment(key).map_or_else(|| self.in_words(key), Segment::label)
    }
}

impl Segment {
    /// Gives what it is called: its name, or its key in words where it has no other.
    pub fn label(&self) -> String {
        self.label.clone()
    }

    /// Says whether its name tells more than its key.
    pub fn has_name(&self) -> bool {
        self.name != self.key && self.name != readable(&self.key)
    }

    /// Gives the same for a sentence.
    pub fn told(&self) -> String {
        self.told.clone()
    }

    /// Says whether it holds who is in no other.
    pub fn is_rest(&self) -> bool {
        REST.contains(&self.key.as_str())
    }
}
