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

#[cfg(test)]
mod tests {
    use super::super::WorkerMetrics;
    use super::*;
    use segmenter_proto::v1::Stage;
    use std::io::{Read, Write};

    #[test]
    fn what_prometheus_reads_is_what_happened() {
        let mut metrics = Metrics::new();
        let worker = WorkerMetrics::register(&mut metrics);
        worker.set_memory_budget(1 << 30);
        worker.begin(Stage::Measure).failed();
        worker.begin(Stage::Fit).done(100);
        worker.clone().begin(Stage::Fit).done(11);
        drop(worker.begin(Stage::Assign));
        let running = worker.begin(Stage::Fit);
        let text = metrics.text().unwrap();
        drop(running);
        // Bucket counts and sums depend on the clock.
        let counts: Vec<&str> =
            text.lines().filter(|line| !line.contains("_bucket") && !line.contains("_seconds_sum")).collect();
        assert_eq!(
            counts,
            [
                "# HELP segmenter_worker_tasks Attempts at tasks that ended.",
                "# TYPE segmenter_worker_tasks counter",
                "segmenter_worker_tasks_total{stage=\"assign\",outcome=\"cancelled\"} 1",
                "segmenter_worker_tasks_total{stage=\"fit\",outcome=\"done\"} 2",
                "segmenter_worker_tasks_total{stage=\"measure\",outcome=\"failed\"} 1",
                "# HELP segmenter_worker_task_seconds Time of an attempt.",
                "# TYPE segmenter_worker_task_seconds histogram",
                "# UNIT segmenter_worker_task_seconds seconds",
                "segmenter_worker_task_seconds_count{stage=\"assign\"} 1",
                "segmenter_worker_task_seconds_count{stage=\"fit\"} 2",
                "segmenter_worker_task_seconds_count{stage=\"measure\"} 1",
                "# HELP segmenter_worker_tasks_running Attempts at tasks under way.",
                "# TYPE segmenter_worker_tasks_running gauge",
                "segmenter_worker_tasks_running 1",
                "# HELP segmenter_worker_answer_bytes Encoded answers.",
                "# TYPE segmenter_worker_answer_bytes counter",
                "# UNIT segmenter_worker_answer_bytes bytes",
                "segmenter_worker_answer_bytes_total{stage=\"fit\"} 111",
                "# HELP segmenter_worker_memory_budget_bytes Budget for what grows with the data.",
                "# TYPE segmenter_worker_memory_budget_bytes gauge",
                "# UNIT segmenter_worker_memory_budget_bytes bytes",
                "segmenter_worker_memory_budget_bytes 1073741824",
                "# EOF",
            ]
        );
    }

    async fn get(address: SocketAddr, path: &'static str) -> String {
        let request = move || {
            let mut connection = std::net::TcpStream::connect(address)?;
            write!(connection, "GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")?;
            let mut answer = String::new();
            connection.read_to_string(&mut answer).map(|_| answer)
        };
        tokio::task::spawn_blocking(request).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn two_paths_are_answered() {
        let mut metrics = Metrics::new();
        WorkerMetrics::register(&mut metrics).begin(Stage::Fit).done(1);
        let address = Arc::new(metrics).serve("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let text = get(address, "/metrics").await;
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("application/openmetrics-text"), "{text}");
        assert!(text.contains("segmenter_worker_tasks_total{stage=\"fit\",outcome=\"done\"} 1"), "{text}");
        let health = get(address, "/healthz").await;
        assert!(health.starts_with("HTTP/1.1 200") && health.ends_with("\r\n\r\nok\n"), "{health}");
        for other in ["/", "/metrics/more", "/debug"] {
            assert!(get(address, other).await.starts_with("HTTP/1.1 404"), "{other}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_taken_is_named() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap();
        let error = Arc::new(Metrics::new()).serve(address).await.unwrap_err();
        assert_eq!(error.fault.exit_code(), 2);
        assert!(error.message.contains(&address.to_string()), "{error}");
    }
}
