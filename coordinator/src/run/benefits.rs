//! Which customers get what: the table of benefits beside the customers of each tier and segment.

use super::{drivers::Known, measure::Measured};
use segmenter_proto::{Error, Result, v1::Benefit};
use segmenter_worker::{
    measure::{BenefitScope, benefit_rows},
    results::BenefitRow,
};

impl Known<'_> {
    /// Gives the rows of `benefits.parquet`; none of a job without benefits.
    ///
    /// # Errors
    /// The tier is no text that results may show: Job.
    pub(super) fn benefit_rows(&self, table: &[Benefit], measured: &[Measured]) -> Result<Vec<BenefitRow>> {
        let Some(benefits) = &self.job.benefits else { return Ok(Vec::new()) };
        let at = self.models.iter().position(|model| model.segmentation() == benefits.segmentation);
        let Some((model, measured)) = at.and_then(|at| self.models.get(at).zip(measured.get(at))) else {
            return Err(Error::bug("benefits are of a segmentation that is not there"));
        };
        let tier = self.names().iter().position(|name| *name == benefits.tier);
        let tier = tier.and_then(|at| measured.profile.features.get(at)).ok_or_else(|| {
            Error::job(format!("`{}` is no feature that results show", benefits.tier))
                .with_hint("name a text feature, such as loyalty_tier of the preset loyalty")
                .at_key("benefits.tier")
        })?;
        let keys: Vec<String> = model.segments().into_iter().map(|segment| segment.key).collect();
        let scope = BenefitScope {
            segmentation: model.segmentation(),
            segment_keys: &keys,
            overlapping: model.model().overlapping(),
            min_cell: self.job.privacy.min_cell,
        };
        benefit_rows(&scope, tier, table)
    }
}
