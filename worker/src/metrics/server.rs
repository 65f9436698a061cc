//! Metrics over HTTP.

use super::registry::Metrics;
use axum::{
    Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use segmenter_proto::{Error, Result};
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpListener;

/// What Prometheus knows the format by.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Takes the address and answers on it from then on.
pub(super) async fn serve(metrics: Arc<Metrics>, address: SocketAddr) -> Result<SocketAddr> {
    let taken = |cause| {
        Error::job(format!("metrics cannot be served on {address}"))
            .with_hint("give an address of this machine and a port that is free (--metrics)")
            .caused_by(cause)
    };
    let listener = TcpListener::bind(address).await.map_err(taken)?;
    let address = listener.local_addr().map_err(taken)?;
    let router = Router::new().route("/metrics", get(text)).route("/healthz", get(async || "ok\n")).with_state(metrics);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::warn!(%error, "metrics are no longer served");
        }
    });
    Ok(address)
}

async fn text(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}
