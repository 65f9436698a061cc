use crate::job::raw::RawReport;
use segmenter_proto::jobs::{Language, Report};

/// Gives how the run is told; the schema lets only languages pass that there are words of.
pub(super) fn report(raw: RawReport) -> Report {
    Report { language: raw.language.map_or_else(Language::default, Language::new) }
}
