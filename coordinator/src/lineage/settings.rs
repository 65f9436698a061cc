//! What the environment says of lineage, in the variables that OpenLineage's own clients read.

use uuid_text::is_uuid;

/// Who started the run: the run of a scheduler's task, say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parent {
    /// The namespace of its job.
    pub namespace: String,
    /// The name of its job.
    pub name: String,
    /// Its run, a UUID.
    pub run_id: String,
}

impl Parent {
    /// Reads `<namespace>/<name>/<run id>`, as Airflow's macro `lineage_parent_id` gives it. The namespace may hold slashes.
    ///
    /// # Errors
    /// What is expected, in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("expected NAMESPACE/JOB/RUN with a UUID for RUN, found {text:?}");
        let (job, run_id) = text.rsplit_once('/').ok_or_else(expected)?;
        let (namespace, name) = job.rsplit_once('/').ok_or_else(expected)?;
        if namespace.is_empty() || name.is_empty() || !is_uuid(run_id) {
            return Err(expected());
        }
        Ok(Self { namespace: namespace.to_owned(), name: name.to_owned(), run_id: run_id.to_owned() })
    }
}

/// What the environment says of lineage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineageSettings {
    /// Where events are sent; none: nowhere.
    pub url: Option<String>,
    /// What opens the door there.
    pub api_key: Option<String>,
    /// The namespace of jobs.
    pub namespace: String,
    /// Who started the run.
    pub parent: Option<Parent>,
}

/// The namespace of jobs unless the environment names one, as OpenLineage's own clients have it.
const NAMESPACE: &str = "default";
/// Where servers take events unless the environment says otherwise.
const ENDPOINT: &str = "api/v1/lineage";

impl LineageSettings {
    /// Reads the environment; `parent` was typed and comes first. None: lineage is switched off. Beside it stands what is wrong.
    pub fn from_environment(
        get: impl Fn(&str) -> Option<String>,
        parent: Option<Parent>,
    ) -> (Option<Self>, Option<String>) {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        if get("OPENLINEAGE_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true") || value == "1") {
            return (None, None);
        }
        let endpoint = get("OPENLINEAGE_ENDPOINT").unwrap_or_else(|| ENDPOINT.to_owned());
        let url = get("OPENLINEAGE_URL")
            .map(|url| format!("{}/{}", url.trim_end_matches('/'), endpoint.trim_start_matches('/')));
        let (parent, wrong) = match (parent, get("OPENLINEAGE_PARENT_ID").as_deref().map(Parent::parse)) {
            (None, Some(Err(wrong))) => (None, Some(format!("OPENLINEAGE_PARENT_ID is passed over: {wrong}"))),
            (None, Some(Ok(parent))) => (Some(parent), None),
            (typed, _) => (typed, None),
        };
        let namespace = get("OPENLINEAGE_NAMESPACE").unwrap_or_else(|| NAMESPACE.to_owned());
        (Some(Self { url, api_key: get("OPENLINEAGE_API_KEY"), namespace, parent }), wrong)
    }
}

/// How a UUID is written.
mod uuid_text {
    /// Says whether a text is a UUID: 8, 4, 4, 4 and 12 hex digits.
    pub(super) fn is_uuid(text: &str) -> bool {
        let parts: Vec<&str> = text.split('-').collect();
        let hex = |part: &&str| part.bytes().all(|byte| byte.is_ascii_hexdigit());
        parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.iter().all(hex)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "0190f9a0-1b2c-7d3e-8f4a-5b6c7d8e9f00";

    fn settings(variables: &[(&str, &str)]) -> (Option<LineageSettings>, Option<String>) {
        let get = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        LineageSettings::from_environment(get, None)
    }

    #[test]
    fn a_parent_is_namespace_job_and_run() {
        let parent = Parent::parse(&format!("airflow://prod/daily.segment/{RUN}")).unwrap();
        assert_eq!((parent.namespace.as_str(), parent.name.as_str()), ("airflow://prod", "daily.segment"));
        assert_eq!(parent.run_id, RUN);
        for wrong in ["", "a/b", "a/b/c", &format!("a/{RUN}"), &format!("/b/{RUN}"), &format!("a/b/{RUN}0")] {
            assert!(Parent::parse(wrong).unwrap_err().contains("NAMESPACE/JOB/RUN"), "{wrong}");
        }
    }

    #[test]
    fn without_a_word_events_are_written_and_not_sent() {
        let (found, wrong) = settings(&[("OPENLINEAGE_URL", " ")]);
        let found = found.unwrap();
        assert_eq!((found.url, found.namespace.as_str(), wrong), (None, "default", None));
    }

    #[test]
    fn the_environment_says_where_to_and_what_for() {
        let id = format!("n/j/{RUN}");
        let (found, wrong) = settings(&[
            ("OPENLINEAGE_URL", "https://host/"),
            ("OPENLINEAGE_API_KEY", "k"),
            ("OPENLINEAGE_NAMESPACE", "crm"),
            ("OPENLINEAGE_PARENT_ID", &id),
        ]);
        let found = found.unwrap();
        assert_eq!(found.url.as_deref(), Some("https://host/api/v1/lineage"));
        assert_eq!((found.api_key.as_deref(), found.namespace.as_str()), (Some("k"), "crm"));
        assert_eq!((found.parent.map(|parent| parent.name).as_deref(), wrong), (Some("j"), None));
        let elsewhere = [("OPENLINEAGE_URL", "https://host"), ("OPENLINEAGE_ENDPOINT", "/v2/events")];
        assert_eq!(settings(&elsewhere).0.unwrap().url.as_deref(), Some("https://host/v2/events"));
        let (found, wrong) = settings(&[("OPENLINEAGE_PARENT_ID", "x")]);
        assert!(found.unwrap().parent.is_none() && wrong.unwrap().contains("OPENLINEAGE_PARENT_ID"));
    }

    #[test]
    fn it_can_be_switched_off() {
        for value in ["true", "TRUE", "1"] {
            assert_eq!(settings(&[("OPENLINEAGE_DISABLED", value), ("OPENLINEAGE_URL", "http://h")]), (None, None));
        }
        assert!(settings(&[("OPENLINEAGE_DISABLED", "false")]).0.is_some());
    }
}
