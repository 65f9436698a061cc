//! What the environment says of traces and metrics, in OpenTelemetry's own variables.

use super::trace_parent::TraceParent;
use percent_encoding::percent_decode_str;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

/// How messages travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    HttpProtobuf,
    Grpc,
}

/// Where one kind of signal goes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Target {
    /// Of HTTP the whole URL, of gRPC the server's.
    pub(super) url: String,
    pub(super) protocol: Protocol,
    pub(super) headers: HeaderMap,
}

/// What the environment says of traces and metrics.
#[derive(Debug, Clone, PartialEq)]
pub struct TelemetrySettings {
    pub(super) traces: Option<Target>,
    pub(super) metrics: Option<Target>,
    /// `service.name` and what else `OTEL_RESOURCE_ATTRIBUTES` says.
    pub(super) resource: Vec<(String, String)>,
    pub(super) parent: Option<TraceParent>,
}

/// A kind of signal.
struct Signal {
    /// In names of variables.
    variable: &'static str,
    /// Below the endpoint of HTTP.
    path: &'static str,
}

const TRACES: Signal = Signal { variable: "TRACES", path: "v1/traces" };
const METRICS: Signal = Signal { variable: "METRICS", path: "v1/metrics" };

/// Gives a variable; one that is empty is not set.
type Get<'a> = &'a dyn Fn(&str) -> Option<String>;

impl TelemetrySettings {
    /// Reads the environment. None: nothing is to be sent. Beside it stands what is wrong, in sentences.
    ///
    /// Something is sent only where an endpoint is named or `otlp` is asked for: the default, a collector on this machine, would be missed by
    /// every run that has none.
    pub fn from_environment(get: impl Fn(&str) -> Option<String>) -> (Option<Self>, Vec<String>) {
        let get = |name: &str| get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        if get("OTEL_SDK_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
            return (None, Vec::new());
        }
        let mut wrong = Vec::new();
        let traces = target(&get, &TRACES, &mut wrong);
        let metrics = target(&get, &METRICS, &mut wrong);
        if traces.is_none() && metrics.is_none() {
            return (None, wrong);
        }
        let parent = get("TRACEPARENT").as_deref().and_then(TraceParent::parse);
        (Some(Self { traces, metrics, resource: resource(&get), parent }), wrong)
    }
}

fn target(get: Get<'_>, signal: &Signal, wrong: &mut Vec<String>) -> Option<Target> {
    let own = |name: &str| format!("OTEL_EXPORTER_OTLP_{}_{name}", signal.variable);
    let either = |name: &str| get(&own(name)).or_else(|| get(&format!("OTEL_EXPORTER_OTLP_{name}")));
    let exporter = format!("OTEL_{}_EXPORTER", signal.variable);
    let asked = match get(&exporter).as_deref() {
        None => false,
        Some("otlp") => true,
        Some("none") => return None,
        Some(other) => {
            wrong.push(format!("{exporter} is {other:?}, and only otlp and none are known: nothing is sent"));
            return None;
        }
    };
    let (whole, base) = (get(&own("ENDPOINT")), get("OTEL_EXPORTER_OTLP_ENDPOINT"));
    if !asked && whole.is_none() && base.is_none() {
        return None;
    }
    let protocol = match either("PROTOCOL").as_deref() {
        None | Some("http/protobuf") => Protocol::HttpProtobuf,
        Some("grpc") => Protocol::Grpc,
        Some(other) => {
            wrong.push(format!(
                "OTEL_EXPORTER_OTLP_PROTOCOL is {other:?}, and only http/protobuf and grpc are known: nothing is sent"
            ));
            return None;
        }
    };
    let url = match (protocol, whole, base) {
        (_, Some(whole), _) => whole,
        (Protocol::Grpc, None, base) => base.unwrap_or_else(|| "http://localhost:4317".to_owned()),
        (Protocol::HttpProtobuf, None, base) => {
            let base = base.unwrap_or_else(|| "http://localhost:4318".to_owned());
            format!("{}/{}", base.trim_end_matches('/'), signal.path)
        }
    };
    // A server without a scheme is usual for gRPC.
    let url = if url.contains("://") { url } else { format!("http://{url}") };
    Some(Target { url, protocol, headers: headers(&either("HEADERS").unwrap_or_default()) })
}

/// Reads `name=value,name=value`, values with percent-encoding.
fn pairs(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split(',').filter_map(|pair| pair.split_once('=')).map(|(name, value)| {
        let value = percent_decode_str(value.trim()).decode_utf8_lossy().into_owned();
        (name.trim().to_owned(), value)
    })
}

fn headers(text: &str) -> HeaderMap {
    let header = |(name, value): (String, String)| {
        let name = HeaderName::from_bytes(name.to_ascii_lowercase().as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(&value).ok()?;
        // They are what opens the door.
        value.set_sensitive(true);
        Some((name, value))
    };
    pairs(text).filter_map(header).collect()
}

fn resource(get: Get<'_>) -> Vec<(String, String)> {
    let told = get("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let mut found: Vec<(String, String)> = pairs(&told).collect();
    let named = found.iter().position(|(name, _)| name == "service.name").map(|at| found.remove(at).1);
    let name = get("OTEL_SERVICE_NAME").or(named).unwrap_or_else(|| "segmenter".to_owned());
    found.insert(0, ("service.name".to_owned(), name));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> (Option<TelemetrySettings>, Vec<String>) {
        let get = |name: &str| variables.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
        TelemetrySettings::from_environment(get)
    }

    #[test]
    fn nothing_is_sent_unless_it_is_asked_for() {
        for variables in [
            &[][..],
            &[("OTEL_SERVICE_NAME", "s")],
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1"), ("OTEL_SDK_DISABLED", "true")],
            &[
                ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1"),
                ("OTEL_TRACES_EXPORTER", "none"),
                ("OTEL_METRICS_EXPORTER", "none"),
            ],
        ] {
            assert_eq!(settings(variables), (None, Vec::new()), "{variables:?}");
        }
    }

    #[test]
    fn one_endpoint_is_for_both_and_each_may_have_its_own() {
        let (found, wrong) = settings(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318/"),
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "https://metrics.example/in"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b, x=y"),
            ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "x=z"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=crm,deployment.environment.name=prod"),
        ]);
        let found = found.unwrap();
        let (traces, metrics) = (found.traces.unwrap(), found.metrics.unwrap());
        assert_eq!(traces.url, "http://collector:4318/v1/traces");
        assert_eq!(metrics.url, "https://metrics.example/in");
        assert_eq!(
            (&traces.headers["api-key"], &traces.headers["x"]),
            (&"a b".parse().unwrap(), &"y".parse().unwrap())
        );
        assert_eq!((metrics.headers.len(), &metrics.headers["x"]), (1, &"z".parse().unwrap()));
        assert_eq!(found.resource[0], ("service.name".to_owned(), "crm".to_owned()));
        assert_eq!((found.resource.len(), wrong), (2, Vec::new()));
    }

    #[test]
    fn grpc_has_a_server_and_no_path() {
        let asked = [("OTEL_TRACES_EXPORTER", "otlp"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
        let found = settings(&asked).0.unwrap();
        assert_eq!((found.traces.unwrap().url.as_str(), found.metrics), ("http://localhost:4317", None));
        let named = [("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")];
        assert_eq!(settings(&named).0.unwrap().metrics.unwrap().url, "http://collector:4317");
    }

    #[test]
    fn what_is_not_known_is_told_and_nothing_is_sent() {
        let (found, wrong) =
            settings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]);
        assert!(found.is_none() && wrong.len() == 2 && wrong[0].contains("http/json"), "{wrong:?}");
        let (found, wrong) = settings(&[("OTEL_TRACES_EXPORTER", "zipkin"), ("OTEL_METRICS_EXPORTER", "otlp")]);
        assert!(found.unwrap().traces.is_none() && wrong[0].contains("zipkin"), "{wrong:?}");
    }
}
