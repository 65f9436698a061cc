//! What became of customers, added over shards.

use segmenter_proto::{Error, Result, v1::ExportCounts};

/// Adds `more` to `total`, one an export.
///
/// # Errors
/// They are of other exports: Bug.
pub fn merge_export_counts(total: &mut [ExportCounts], more: &[ExportCounts]) -> Result<()> {
    if total.len() != more.len() {
        return Err(Error::bug("counts of other exports"));
    }
    for (total, more) in total.iter_mut().zip(more) {
        let ExportCounts {
            selected,
            without_consent,
            without_contact,
            unusable_contact,
            without_key,
            held_out,
            rows,
            not_computed,
        } = more;
        total.selected += selected;
        total.without_consent += without_consent;
        total.without_contact += without_contact;
        total.unusable_contact += unusable_contact;
        total.without_key += without_key;
        total.held_out += held_out;
        total.rows += rows;
        total.not_computed += not_computed;
    }
    Ok(())
}
