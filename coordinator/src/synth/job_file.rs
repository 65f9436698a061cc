//! The commented job file over a generated data set.

/// What the job file names.
#[derive(Debug, Clone, Copy)]
pub struct JobFile<'a> {
    /// Name of the job, `[a-z0-9-]`.
    pub name: &'a str,
    /// The job file's own path, as a person would type it.
    pub path: &'a str,
    /// The folder with `customers/`, `orders/` and `tills/`.
    pub data: &'a str,
    /// `output.uri`.
    pub output: &'a str,
}

/// Gives the text of a commented job over a generated data set.
///
/// Paths stand in it as they are given: relative ones hold for commands typed in the same folder.
pub fn job_text(job: &JobFile<'_>) -> String {
    let folder = |name: &str| basic_string(&format!("{}/{name}/", job.data.trim_end_matches('/')));
    include_str!("template.toml")
        .replace("@file@", &job.path.replace(char::is_control, "?"))
        .replace("@name@", job.name)
        .replace("@output@", &basic_string(job.output))
        .replace("@customers@", &folder("customers"))
        .replace("@orders@", &folder("orders"))
        .replace("@tills@", &folder("tills"))
}

/// Writes a TOML basic string, with whatever has to be escaped.
pub(crate) fn basic_string(text: &str) -> String {
    let mut quoted = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_file_is_toml_with_the_paths_as_given() {
        let path = "odd \"folder\"\\x";
        let text = job_text(&JobFile { name: "demo", path: "j.toml", data: path, output: "out" });
        let job: toml::Table = text.parse().unwrap();
        assert_eq!(job["name"].as_str(), Some("demo"));
        assert_eq!(job["output"]["uri"].as_str(), Some("out"));
        let uris: Vec<_> = job["source"].as_array().unwrap().iter().map(|s| s["uri"].as_str().unwrap()).collect();
        assert_eq!(uris, [format!("{path}/customers/"), format!("{path}/orders/"), format!("{path}/tills/")]);
        assert_eq!(job["segmentation"].as_array().unwrap().len(), 3);
        assert!(!text.contains('@'));
        assert!(text.lines().all(|line| line.chars().count() <= 120), "a line is too long to read");
    }
}
