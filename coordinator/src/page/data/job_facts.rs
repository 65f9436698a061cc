//! What the page needs to know of the job, from the job file as it was written: placeholders stand in texts, so that it can be read as it is.

use segmenter_proto::jobs::Privacy;
use toml::{Table, Value};

/// What the page needs to know of the job.
#[derive(Debug, Clone, Default)]
pub struct JobFacts {
    /// Customers that a level, or a segment, must have for its figures to be told.
    pub min_cell: u64,
    /// Who is segmented.
    pub accounts: bool,
    /// Name and kind of each source.
    pub sources: Vec<(String, String)>,
    /// Name, method and features of each segmentation.
    pub segmentations: Vec<JobSegmentation>,
}

/// A segmentation as the job has it.
#[derive(Debug, Clone, Default)]
pub struct JobSegmentation {
    pub name: String,
    pub method: String,
    pub features: Vec<String>,
}

impl JobFacts {
    /// Reads them; what cannot be read is left out.
    pub fn of(text: &str) -> Self {
        let job = toml::from_str::<Table>(text).unwrap_or_default();
        let min_cell = job.get("privacy").and_then(|privacy| privacy.get("min_cell")).and_then(Value::as_integer);
        let sources = of_list(&job, "source").map(|source| (text_of(source, "name"), text_of(source, "kind")));
        let segmentations = of_list(&job, "segmentation").map(|own| JobSegmentation {
            name: text_of(own, "name"),
            method: text_of(own, "method"),
            features: match own.get("features") {
                Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
                _ => Vec::new(),
            },
        });
        Self {
            min_cell: min_cell.and_then(|cell| u64::try_from(cell).ok()).unwrap_or(Privacy::default().min_cell),
            accounts: job.get("unit").and_then(Value::as_str) == Some("account"),
            sources: sources.collect(),
            segmentations: segmentations.collect(),
        }
    }
}

fn of_list<'a>(job: &'a Table, name: &str) -> impl Iterator<Item = &'a Value> {
    job.get(name).and_then(Value::as_array).into_iter().flatten()
}

fn text_of(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_read_from_the_file_as_it_was_written() {
        let facts = JobFacts::of(
            "name = \"club\"\nunit = \"account\"\n[privacy]\nmin_cell = 30\n[[source]]\nname = \"orders\"\nkind = \"transactions\"\nuri = \"${IN}\"\n\
             [[segmentation]]\nname = \"behaviour\"\nmethod = \"kmeans\"\nfeatures = [\"a\", \"b\"]\n",
        );
        assert_eq!((facts.min_cell, facts.accounts), (30, true));
        assert_eq!(facts.sources, [("orders".to_owned(), "transactions".to_owned())]);
        assert_eq!(facts.segmentations[0].features, ["a", "b"]);
        assert_eq!(JobFacts::of("not toml [").min_cell, Privacy::default().min_cell);
    }
}
