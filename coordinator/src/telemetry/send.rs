//! Sends what is told of a run, over HTTP or gRPC.

use super::{
    messages::Answered,
    run::{Outcome, metrics, traces},
    settings::{Protocol, Target, TelemetrySettings},
};
use crate::{
    course::Known,
    post::{post, shown, with_causes},
};
use prost::Message;
use std::time::Duration;
use tokio::time::timeout;
use tonic::{
    Request,
    client::Grpc,
    codegen::http::uri::PathAndQuery,
    metadata::MetadataMap,
    transport::{ClientTlsConfig, Endpoint},
};
use tonic_prost::ProstCodec;

/// How long an end waits for what is sent.
pub const TELEMETRY_LIMIT: Duration = Duration::from_secs(5);

const TRACES: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const METRICS: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";

/// Sends the trace and the metrics of a run, and gives what could not be sent, in sentences.
pub async fn send(settings: &TelemetrySettings, known: &Known, outcome: &Outcome) -> Vec<String> {
    let of_traces = async {
        let target = settings.traces.as_ref()?;
        let sent = match traces(settings, known, outcome) {
            Ok(message) => deliver(target, TRACES, message).await,
            Err(error) => Err(error.to_string()),
        };
        sent.err().map(|why| missed("traces", target, &why))
    };
    let of_metrics = async {
        let target = settings.metrics.as_ref()?;
        let sent = deliver(target, METRICS, metrics(settings, known, outcome)).await;
        sent.err().map(|why| missed("metrics", target, &why))
    };
    let (traces, metrics) = tokio::join!(of_traces, of_metrics);
    traces.into_iter().chain(metrics).collect()
}

fn missed(what: &str, target: &Target, why: &str) -> String {
    format!("{what} could not be sent to {}: {why}", shown(&target.url))
}

async fn deliver<M: Message + Default + 'static>(
    target: &Target,
    method: &'static str,
    message: M,
) -> Result<(), String> {
    let sent = async {
        match target.protocol {
            Protocol::HttpProtobuf => {
                let body = message.encode_to_vec();
                post(&target.url, target.headers.clone(), "application/x-protobuf", body, TELEMETRY_LIMIT).await
            }
            Protocol::Grpc => over_grpc(target, method, message).await,
        }
    };
    timeout(TELEMETRY_LIMIT, sent).await.unwrap_or_else(|_| Err("it did not answer in time".to_owned()))
}

async fn over_grpc<M: Message + Default + 'static>(
    target: &Target,
    method: &'static str,
    message: M,
) -> Result<(), String> {
    let mut endpoint = Endpoint::from_shared(target.url.clone()).map_err(|error| with_causes(&error))?;
    if target.url.starts_with("https://") {
        endpoint =
            endpoint.tls_config(ClientTlsConfig::new().with_native_roots()).map_err(|error| with_causes(&error))?;
    }
    let channel = endpoint.connect().await.map_err(|error| with_causes(&error))?;
    let mut client = Grpc::new(channel);
    client.ready().await.map_err(|error| with_causes(&error))?;
    let mut request = Request::new(message);
    *request.metadata_mut() = MetadataMap::from_headers(target.headers.clone());
    let codec: ProstCodec<M, Answered> = ProstCodec::default();
    let sent = client.unary(request, PathAndQuery::from_static(method), codec).await;
    sent.map(drop).map_err(|status| format!("it answered {}: {}", status.code(), status.message()))
}
