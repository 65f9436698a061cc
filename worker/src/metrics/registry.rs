//! All metrics of a program.

use super::server;
use prometheus_client::{encoding::text, registry::Registry};
use segmenter_proto::{Error, Result};
use std::{net::SocketAddr, sync::Arc};

/// All metrics of a program. A struct of metrics registers itself once (see [`super::WorkerMetrics::register`]) and is then counted on
/// by its clones.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Makes a registry without metrics.
    pub fn new() -> Self {
        Self { registry: Registry::with_prefix("segmenter") }
    }

    /// Gives where metrics are registered. Names get the prefix `segmenter_`, counters the suffix `_total`.
    pub fn registry(&mut self) -> &mut Registry {
        &mut self.registry
    }

    /// Writes all metrics in the text format of OpenMetrics, which Prometheus reads.
    ///
    /// # Errors
    /// A metric cannot be written: Bug.
    pub fn text(&self) -> Result<String> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)
            .map_err(|cause| Error::bug("the metrics cannot be written").caused_by(cause))?;
        Ok(text)
    }

    /// Answers `/metrics`, and `/healthz` with "ok", on an address until the runtime ends, and gives the address (port 0 takes any
    /// that is free). Who reaches the port reads counts and stage names, nothing of a customer.
    ///
    /// # Errors
    /// The address is not to be had: Job, naming it.
    pub async fn serve(self: Arc<Self>, address: SocketAddr) -> Result<SocketAddr> {
        server::serve(self, address).await
    }
}
