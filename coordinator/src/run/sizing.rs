//! Sizes before anything is written: which segmentations need no fit, and how many customers their segments would have.

use super::segments::{overlaps, segment_rows};
use segmenter_proto::{
    Error, Result,
    jobs::{Job, Refit},
    methods::{Condition, FittedModels, SegmentationModel},
    v1::{AssignDone, SegmentCounts},
};
use segmenter_worker::{
    expression::names,
    notes::{Note, NoteCounter, Noted},
    results::{OverlapRow, SegmentRow},
};

/// A segmentation without sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub segmentation: String,
    /// Why it has none.
    pub reason: String,
}

/// How many customers are where.
#[derive(Debug, Clone, PartialEq)]
pub struct Sizes {
    /// All customers.
    pub customers: u64,
    /// Of whom each of the features that were asked for is true.
    pub reached: Vec<u64>,
    /// In the order of the job.
    pub segmentations: Vec<SizedSegmentation>,
}

/// The segments of a segmentation.
#[derive(Debug, Clone, PartialEq)]
pub struct SizedSegmentation {
    /// Its name.
    pub name: String,
    /// How it divides.
    pub method: &'static str,
    /// Whether a customer can be in several segments.
    pub overlapping: bool,
    /// By key.
    pub segments: Vec<SizedSegment>,
    /// Pairs of segments, where a customer can be in both.
    pub overlaps: Vec<OverlapRow>,
}

/// A segment.
#[derive(Debug, Clone, PartialEq)]
pub struct SizedSegment {
    /// As in `segments.parquet`.
    pub row: SegmentRow,
    /// Of a rule: customers on whom it could not be decided, since a value is null.
    pub undecided: Option<u64>,
    /// Of whom each of the features that were asked for is true.
    pub reached: Vec<u64>,
}

impl Sizes {
    /// Leaves out channels that reach fewer than `min_cell` customers, whose names may be anybody's; gives those that are left.
    pub fn without_few(&mut self, channels: Vec<String>, min_cell: u64) -> Vec<String> {
        let is_shown: Vec<bool> = self.reached.iter().map(|customers| *customers >= min_cell).collect();
        let keep = |reached: &mut Vec<u64>| {
            let mut shown = is_shown.iter();
            reached.retain(|_| shown.next().is_none_or(|shown| *shown));
        };
        self.segmentations.iter_mut().flat_map(|of| &mut of.segments).for_each(|segment| keep(&mut segment.reached));
        keep(&mut self.reached);
        channels.into_iter().zip(is_shown).filter(|(_, is_shown)| *is_shown).map(|(channel, _)| channel).collect()
    }
}

/// Takes out of a job the segmentations that need a fit, and those that look at them; gives what was taken out.
///
/// # Errors
/// Nothing is left: Job.
pub fn keep_sizable(job: &mut Job) -> Result<Vec<LeftOut>> {
    let mut left_out: Vec<LeftOut> = Vec::new();
    let mut kept = Vec::new();
    for segmentation in std::mem::take(&mut job.segmentations) {
        let method = segmentation.method.spec();
        let mut used = Vec::new();
        for sql in method.conditions().iter().map(Condition::sql).chain(method.value()) {
            used.extend(names(sql)?);
        }
        let needs = left_out.iter().find(|other| used.contains(&other.segmentation));
        let reason = match (method.space(), needs) {
            (Some(_), _) => Some("its clusters have to be fitted".to_owned()),
            (None, Some(other)) => Some(format!("it looks at {}, which is not sized", other.segmentation)),
            (None, None) if segmentation.refit == Refit::Frozen => {
                Some("its model is that of the run before, which sizes do not look at".to_owned())
            }
            (None, None) => None,
        };
        match reason {
            Some(reason) => left_out.push(LeftOut { segmentation: segmentation.name, reason }),
            None => kept.push(segmentation),
        }
    }
    job.segmentations = kept;
    match job.segmentations.is_empty() {
        false => Ok(left_out),
        true => Err(Error::job("no segmentation of the job has sizes before it is fitted")
            .with_hint("`segmenter run JOB` fits them; rules, rfm and tiers that look at no clusters can be sized")),
    }
}

/// Gives the sizes of what was assigned; `asked` features were counted.
pub fn sizes(models: &FittedModels, assigned: &AssignDone, asked: usize) -> Sizes {
    let customers = assigned.segmentations.first().map_or(0, |counts| counts.customers.iter().sum());
    let mut notes = NoteCounter::default();
    notes.merge(&assigned.notes);
    let (rows, pairs) = (segment_rows(models, assigned), overlaps(models, assigned));
    let of = |(number, (model, counts)): (u32, (&SegmentationModel, &SegmentCounts))| {
        let undecided: Vec<Noted> =
            notes.of(number, customers).into_iter().filter(|noted| noted.note == Note::WhenNull).collect();
        let undecided =
            |key: &str| undecided.iter().find(|noted| noted.column.as_deref() == Some(key)).map(|noted| noted.count);
        let own = rows.iter().filter(|row| row.segmentation == model.segmentation());
        let groups = model.segments().len() + 1;
        let reached = |at: usize| (0..asked).filter_map(|of| counts.reached.get(of * groups + at).copied()).collect();
        let segments = own.enumerate().map(|(at, row)| SizedSegment {
            undecided: undecided(&row.segment_key),
            reached: reached(at),
            row: row.clone(),
        });
        SizedSegmentation {
            name: model.segmentation().to_owned(),
            method: model.method(),
            overlapping: model.model().overlapping(),
            segments: segments.collect(),
            overlaps: pairs.iter().filter(|row| row.segmentation == model.segmentation()).cloned().collect(),
        }
    };
    let reached = assigned.segmentations.first().map_or_else(Vec::new, |counts| {
        // The last of each is of all customers.
        counts.reached.chunks(counts.customers.len() + 1).filter_map(|of| of.last().copied()).collect()
    });
    let segmentations = (0..).zip(models.segmentations.iter().zip(&assigned.segmentations)).map(of).collect();
    Sizes { customers, reached, segmentations }
}
