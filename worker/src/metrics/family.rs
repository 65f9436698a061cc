//! Metrics of one name that differ in their labels, always written in the same order.

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder},
    metrics::{MetricType, TypedMetric},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Metrics of one name that differ in their labels. Clones count on the same metrics.
#[derive(Debug, Clone)]
pub struct Family<L, M> {
    metrics: Arc<RwLock<BTreeMap<L, M>>>,
    new: fn() -> M,
}

impl<L: Ord + Clone, M: Clone> Family<L, M> {
    /// Makes a family without a member; `new` makes each.
    pub fn new(new: fn() -> M) -> Self {
        Self { metrics: Arc::default(), new }
    }

    /// Gives the metric of these labels, from nought where there is none yet.
    pub fn of(&self, labels: &L) -> M {
        // Nothing that holds the lock can leave the map half changed.
        if let Some(metric) = self.metrics.read().unwrap_or_else(PoisonError::into_inner).get(labels) {
            return metric.clone();
        }
        let mut metrics = self.metrics.write().unwrap_or_else(PoisonError::into_inner);
        metrics.entry(labels.clone()).or_insert_with(self.new).clone()
    }
}

impl<L: Ord + Clone + EncodeLabelSet, M: Clone + EncodeMetric + TypedMetric> EncodeMetric for Family<L, M> {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        for (labels, metric) in self.metrics.read().unwrap_or_else(PoisonError::into_inner).iter() {
            metric.encode(encoder.encode_family(labels)?)?;
        }
        Ok(())
    }

    fn metric_type(&self) -> MetricType {
        M::TYPE
    }

    fn is_empty(&self) -> bool {
        self.metrics.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
