//! Web events in the shapes that Google Analytics 4 is exported in: nested Parquet, and CSV that a query flattened.

use super::orders_parquet::write_columns;
use arrow::array::{ArrayRef, Float64Array, Int64Array, ListArray, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{Field, Fields};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

/// The value of a parameter, in the field of its type.
#[derive(Debug, Clone)]
pub enum Parameter {
    Text(String),
    Whole(i64),
    Double(f64),
    /// A key without a value.
    Nothing,
}

/// An event.
#[derive(Debug, Clone)]
pub struct WebEvent {
    pub user_id: Option<String>,
    pub browser: String,
    pub micros: i64,
    pub name: &'static str,
    pub parameters: Vec<(&'static str, Parameter)>,
    pub device: Option<&'static str>,
    pub medium: Option<&'static str>,
    pub revenue: Option<f64>,
}

impl WebEvent {
    fn parameter(&self, wanted: &str) -> String {
        let found = self.parameters.iter().find(|(key, _)| *key == wanted);
        match found.map(|(_, value)| value) {
            Some(Parameter::Text(text)) => text.clone(),
            Some(Parameter::Whole(whole)) => whole.to_string(),
            Some(Parameter::Double(double)) => double.to_string(),
            Some(Parameter::Nothing) | None => String::new(),
        }
    }
}

/// Writes the nested export.
pub fn write_ga4_parquet(path: &Path, events: &[WebEvent]) {
    let text = |value: fn(&WebEvent) -> Option<&str>| -> ArrayRef {
        Arc::new(events.iter().map(value).collect::<StringArray>())
    };
    let days = events
        .iter()
        .map(|event| chrono::DateTime::from_timestamp_micros(event.micros).unwrap().format("%Y%m%d").to_string());
    let nobody = || -> ArrayRef { Arc::new(StringArray::new_null(events.len())) };
    let revenue: ArrayRef = Arc::new(events.iter().map(|event| event.revenue).collect::<Float64Array>());
    let quantity: ArrayRef = Arc::new(events.iter().map(|event| event.revenue.map(|_| 1)).collect::<Int64Array>());
    write_columns(
        path,
        vec![
            ("event_date", Arc::new(StringArray::from_iter_values(days))),
            ("event_timestamp", Arc::new(Int64Array::from_iter_values(events.iter().map(|event| event.micros)))),
            ("event_name", text(|event| Some(event.name))),
            ("event_params", parameters(events)),
            ("user_id", text(|event| event.user_id.as_deref())),
            ("user_pseudo_id", text(|event| Some(&event.browser))),
            (
                "device",
                nested(vec![
                    ("category", text(|event| event.device)),
                    ("web_info", nested(vec![("browser", nobody()), ("hostname", nobody())])),
                ]),
            ),
            ("geo", nested(vec![("country", nobody()), ("city", nobody())])),
            ("traffic_source", nested(vec![("name", nobody()), ("medium", text(|event| event.medium))])),
            ("ecommerce", nested(vec![("total_item_quantity", quantity), ("purchase_revenue", revenue)])),
        ],
    );
}

fn nested(fields: Vec<(&str, ArrayRef)>) -> ArrayRef {
    let named: Fields =
        fields.iter().map(|(name, values)| Field::new(*name, values.data_type().clone(), true)).collect();
    Arc::new(StructArray::new(named, fields.into_iter().map(|(_, values)| values).collect(), None))
}

fn parameters(events: &[WebEvent]) -> ArrayRef {
    let all = || events.iter().flat_map(|event| &event.parameters);
    let keys: ArrayRef = Arc::new(all().map(|(key, _)| Some(*key)).collect::<StringArray>());
    let texts = all().map(|(_, value)| match value {
        Parameter::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let whole = all().map(|(_, value)| match value {
        Parameter::Whole(whole) => Some(*whole),
        _ => None,
    });
    let doubles = all().map(|(_, value)| match value {
        Parameter::Double(double) => Some(*double),
        _ => None,
    });
    let values = nested(vec![
        ("string_value", Arc::new(texts.collect::<StringArray>())),
        ("int_value", Arc::new(whole.collect::<Int64Array>())),
        ("float_value", Arc::new(Float64Array::new_null(all().count()))),
        ("double_value", Arc::new(doubles.collect::<Float64Array>())),
    ]);
    let entries = nested(vec![("key", keys), ("value", values)]);
    let offsets = OffsetBuffer::from_lengths(events.iter().map(|event| event.parameters.len()));
    let item = Arc::new(Field::new("element", entries.data_type().clone(), true));
    Arc::new(ListArray::new(item, offsets, entries, None))
}

/// Gives the same as the query in `deploy/examples/ga4_flat.toml` flattens it.
pub fn ga4_csv(events: &[WebEvent]) -> String {
    let mut text =
        "event_timestamp,event_name,user_id,user_pseudo_id,ga_session_id,page_location,engagement_time_msec,\
                    purchase_revenue,medium,device_category\n"
            .to_owned();
    for event in events {
        let [session, page, engagement] =
            ["ga_session_id", "page_location", "engagement_time_msec"].map(|key| event.parameter(key));
        let revenue = event.revenue.map(|revenue| revenue.to_string()).unwrap_or_default();
        let line = [
            event.micros.to_string().as_str(),
            event.name,
            event.user_id.as_deref().unwrap_or_default(),
            &event.browser,
            &session,
            &page,
            &engagement,
            &revenue,
            event.medium.unwrap_or_default(),
            event.device.unwrap_or_default(),
        ]
        .join(",");
        writeln!(text, "{line}").unwrap();
    }
    text
}
