use crate::job::published_schema;

/// Gives the JSON Schema of the job file as indented text that ends with a line break.
pub fn schema() -> String {
    // Alternate formatting of a JSON value is indented JSON, and cannot fail.
    format!("{:#}\n", published_schema())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Write it anew with `segmenter schema > deploy/job.schema.json`.
    #[test]
    fn the_checked_in_schema_is_current() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/job.schema.json");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(&file, schema()).unwrap();
        }
        assert!(std::fs::read_to_string(&file).unwrap() == schema(), "run: segmenter schema > deploy/job.schema.json");
    }
}
