use super::text::window_days;
use crate::checks::Findings;
use crate::job::raw::RawCache;
use segmenter_proto::jobs::Cache;

/// Checks whether rows are kept for later runs; none where they are not.
pub(super) fn cache(raw: Option<RawCache>, links_ids: bool, findings: &mut Findings) -> Option<Cache> {
    let raw = raw?;
    let max_age_days = raw.max_age.as_deref().map(|text| {
        let days = window_days(text);
        if days.is_none() {
            findings.wrong("cache.max_age", format!("\"{text}\" is not an age")).expect("days such as \"400d\"");
        }
        days
    });
    if raw.keep == Some(false) {
        return None;
    }
    if links_ids {
        findings
            .wrong("cache", "[cache] keeps rows by the ids that they have, and this job goes by those of persons")
            .expect("no [cache] in a job with a source of kind identities")
            .help(
                "remove [cache], or set keep = false: one more pair of ids may move rows of any file to another person",
            );
        return None;
    }
    Some(Cache { max_age_days: max_age_days.flatten().unwrap_or(Cache::default().max_age_days) })
}
