//! Cuts of an rfm segmentation: exact quantiles over the customers with a purchase.

use super::{Fit, FitOutcome};
use segmenter_proto::{
    Error, Result,
    jobs::RfmMethod,
    models::{RfmModel, SegmentationModel},
    statistics::{QuantileSolver, Summary},
    v1::{ColumnStatisticsRequest, ColumnView, ValueTransform},
};
use segmenter_worker::segmentation::rfm::{cut_target, cuts};

/// Finds the cuts: those by hand as they are, or the quantiles i/bins.
pub async fn fit(fit: &Fit<'_>, name: &str, method: &RfmMethod) -> Result<FitOutcome> {
    let columns = [method.recency.clone(), method.frequency.clone(), method.monetary.clone()];
    let bins = [&method.recency_bins, &method.frequency_bins, &method.monetary_bins];
    let view = ColumnView { transform: ValueTransform::None.into(), ..ColumnView::default() };
    let views = vec![view; columns.len()];
    let ask = ColumnStatisticsRequest { views: views.clone(), summaries: true, ..ColumnStatisticsRequest::default() };
    let answer = fit.statistics(&columns, ask).await?;
    let summaries: Vec<Summary> = answer.summaries.iter().map(Summary::from_message).collect::<Result<_>>()?;
    let targets = (0..).zip(bins).zip(&summaries).map(|((column, bins), summary)| cut_target(column, bins, summary));
    let mut solver = QuantileSolver::new(targets.collect::<Result<_>>()?);
    while let Some(quantiles) = solver.request() {
        let ask = ColumnStatisticsRequest {
            views: views.clone(),
            quantiles: Some(quantiles),
            ..ColumnStatisticsRequest::default()
        };
        let answer = fit.statistics(&columns, ask).await?;
        solver.absorb(&answer.quantiles.ok_or_else(|| Error::bug("a round of quantiles came back without"))?)?;
    }
    let found = solver.results()?;
    let mut found = columns.iter().zip(bins).zip(&found).map(|((feature, bins), found)| cuts(feature, bins, found));
    let mut next = || found.next().unwrap_or_else(|| Err(Error::bug("cuts of a feature are missing")));
    let model = RfmModel { segmentation: name.to_owned(), recency: next()?, frequency: next()?, monetary: next()? };
    let customers = summaries.first().map_or(0, |summary| summary.count);
    Ok(FitOutcome {
        model: SegmentationModel::Rfm(model),
        evidence: serde_json::json!({ "method": "rfm", "customers_with_purchase": customers }),
        warnings: Vec::new(),
    })
}
