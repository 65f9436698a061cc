//! What a run needs on disks, before anything is read: at most, and of what the files tell.

use super::{
    Prepared,
    memory::{bytes_of_owner, bytes_of_values},
    references::{ids_of_pairs, rows_of_customers},
};
use segmenter_worker::{features::FeaturePlan, frame::FrameSchema, spec::RunSpec};

/// Bytes of a customer's id, with its offset, where a table holds it.
const ID: u64 = 20;
/// Bytes of a feature.
const FEATURE: u64 = 9;
/// Bytes that a segmentation writes of a customer beside the id: key and title of the segment, scores, and the second choice.
const ASSIGNMENT: u64 = 60;

/// Bytes of an id of a pair: links of two rounds at a time with its name, and then the map; and what `identity/` says of it.
const LINKED: DiskNeeds = DiskNeeds { work: 400, results: 3 * ID };

/// Bytes on disks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskNeeds {
    /// Of work files, where they lie: in scratch, or on a cluster in the output.
    pub work: u64,
    /// Of results, in the output.
    pub results: u64,
}

/// Gives what a run needs at most, as far as the files tell their rows; text files tell by their beginnings.
pub fn disk_needs(prepared: &Prepared) -> DiskNeeds {
    let rows = rows_of_customers(&prepared.inputs);
    let listed = prepared.inputs.iter().filter(|inputs| inputs.source.is_of_population());
    // Without a list of customers every row may be of another.
    let customers = match listed.map(|inputs| inputs.estimated_rows()).max() {
        Some(listed) if prepared.spec.job.population.from.is_some() => listed,
        _ => rows,
    };
    let sources = prepared.inputs.iter().zip(&prepared.spec.sources);
    let chunks: u64 = sources
        .map(|(inputs, spec)| inputs.estimated_rows().saturating_mul(bytes_of_values(spec) + bytes_of_owner(spec)))
        .sum();
    let of_customer = of_customer(&prepared.spec, &prepared.plan);
    let linked = ids_of_pairs(&prepared.inputs);
    DiskNeeds {
        work: chunks
            .saturating_add(customers.saturating_mul(of_customer.work))
            .saturating_add(linked.saturating_mul(LINKED.work)),
        results: customers.saturating_mul(of_customer.results).saturating_add(linked.saturating_mul(LINKED.results)),
    }
}

fn of_customer(spec: &RunSpec, plan: &FeaturePlan) -> DiskNeeds {
    let features = FrameSchema::of(spec, plan).features.len() as u64 * FEATURE + ID;
    let segmentations = spec.job.segmentations.len() as u64;
    // Features, what is measured, and the rows of a fit.
    let work = 2 * features + segmentations * ASSIGNMENT + features / 2;
    DiskNeeds { work, results: features + segmentations * (ID + ASSIGNMENT) }
}
