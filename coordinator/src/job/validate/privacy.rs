use crate::checks::Findings;
use crate::checks::did_you_mean;
use crate::job::raw::RawPrivacy;
use segmenter_proto::jobs::{Privacy, Source};

/// Checks what is shown of persons. Where a source is wrong in the file, nothing is said about names.
pub(super) fn privacy(raw: RawPrivacy, sources: &[Option<Source>], findings: &mut Findings) -> Privacy {
    let allow = raw.allow.unwrap_or_default();
    let complete = sources.iter().all(Option::is_some);
    let names = sources.iter().flatten().flat_map(|source| {
        let names = source.columns.iter().map(|column| column.name.as_str());
        names.filter(|name| source.protection(name).is_some())
    });
    let protected: Vec<&str> = names.collect();
    for (index, name) in allow.iter().enumerate() {
        let path = format!("privacy.allow[{index}]");
        if complete && !protected.contains(&name.as_str()) {
            findings
                .wrong(&path, format!("`{name}` is neither personal nor sensitive in this job"))
                .expect("a personal name that a source maps, or one of its `sensitive`")
                .help_if(did_you_mean(name, &protected));
        } else if allow[..index].contains(name) {
            findings.wrong(&path, format!("`{name}` is listed twice")).expect("each name once");
        }
    }
    let default = Privacy::default();
    Privacy { min_cell: raw.min_cell.map_or(default.min_cell, u64::from), allow }
}
