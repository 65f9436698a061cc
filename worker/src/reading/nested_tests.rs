use super::super::parameters::is_parameters;
use super::super::reader::samples::{Lake, parquet_file, spec};
use super::named_fields;
use crate::expression::{Scalar, Settings};
use arrow::array::{
    Array, ArrayRef, AsArray, Float32Array, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Fields, Schema};
use segmenter_proto::jobs::TextType;
use std::sync::Arc;

fn structs(fields: Vec<(&str, ArrayRef)>, valid: Option<Vec<bool>>) -> ArrayRef {
    let named = fields.iter().map(|(name, values)| Field::new(*name, values.data_type().clone(), true));
    let named: Fields = named.collect();
    let arrays = fields.into_iter().map(|(_, values)| values).collect();
    Arc::new(StructArray::new(named, arrays, valid.map(NullBuffer::from)))
}

fn texts(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Four rows: all is there, the struct is null, a field of it is, and nothing is known.
fn batch() -> RecordBatch {
    let inner = structs(vec![("browser", texts(&[Some("Chrome"), Some("hidden"), Some("Safari"), None]))], None);
    let device = structs(
        vec![
            ("category", texts(&[Some("mobile"), Some("hidden"), None, Some("")])),
            ("width", Arc::new(Int64Array::from(vec![Some(390), Some(1), None, Some(3)])) as ArrayRef),
            ("web_info", inner),
        ],
        Some(vec![true, false, true, true]),
    );
    let value = structs(
        vec![
            ("string_value", texts(&[Some("/cart"), None, None, None, Some("/a"), Some("x")])),
            ("int_value", Arc::new(Int64Array::from(vec![None, Some(123), None, Some(7), None, None])) as ArrayRef),
            ("float_value", Arc::new(Float32Array::from(vec![None, None, None, None, None, Some(0.1)])) as ArrayRef),
            (
                "double_value",
                Arc::new(Float64Array::from(vec![None, None, Some(12.5), Some(7.0), None, None])) as ArrayRef,
            ),
        ],
        Some(vec![true, true, true, true, true, false]),
    );
    let keys = texts(&[Some("page"), Some("session"), Some("price"), Some("same"), Some("page"), Some("none")]);
    let entries = structs(vec![("key", keys), ("value", value)], None);
    let DataType::Struct(_) = entries.data_type() else { panic!() };
    let item = Arc::new(Field::new("element", entries.data_type().clone(), true));
    let offsets = OffsetBuffer::new(vec![0, 4, 5, 6, 6].into());
    let lists = ListArray::new(item, offsets, entries, Some(NullBuffer::from(vec![true, true, true, false])));
    let other = ListArray::from_iter_primitive::<arrow::datatypes::Int64Type, _, _>(vec![Some(vec![Some(1)]); 4]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", texts(&[Some("a"), Some("b"), Some("c"), Some("d")])),
        ("device", device),
        ("event_params", Arc::new(lists)),
        ("numbers", Arc::new(other)),
        ("last", Arc::new(Int64Array::from(vec![1, 2, 3, 4]))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, values)| (name, values, true))).unwrap()
}

#[test]
fn fields_of_structs_have_a_path() {
    let fields = named_fields(batch().schema_ref());
    let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    let expected =
        ["id", "device.category", "device.width", "device.web_info.browser", "event_params", "numbers", "last"];
    assert_eq!(names, expected);
    assert_eq!(fields[2].data_type(), &DataType::Int64);
    assert!(is_parameters(fields[4].data_type()), "their own form is one");
}

#[test]
fn what_is_used_of_a_struct_is_read_and_null_where_the_struct_is() {
    let lake = Lake::new(&[("e.parquet", &parquet_file(&batch(), 3))]);
    let read = |columns: &[&str], batch| lake.all(&spec(columns, &[]), batch).unwrap().rows;
    for size in [1, 2, 9] {
        let fields = read(&["last", "device.web_info.browser", "id", "device.category"], size);
        assert_eq!(fields, ["1|Chrome|a|mobile", "2|∅|b|∅", "3|Safari|c|∅", "4|∅|d|"]);
    }
    assert_eq!(read(&["device.width", "not.there"], 9), ["390|∅", "∅|∅", "∅|∅", "3|∅"]);
    let declared = [("device.category", TextType::Bool)];
    let errors = lake.all(&spec(&["device.category"], &declared), 9).unwrap().errors;
    assert_eq!(errors.len(), 1, "a type is declared by the path: {errors:?}");
}

#[test]
fn a_key_is_looked_up_in_what_was_read() {
    let lake = Lake::new(&[("e.parquet", &parquet_file(&batch(), 2))]);
    let [root, _] = &lake.roots;
    let file = lake.pin(root).remove(0);
    let spec = spec(&["event_params", "last"], &[]);
    let facts = lake.inspect(&file, &spec.csv).unwrap();
    let settings = Settings::new("UTC").unwrap();
    let found = |sql: &str| -> Vec<String> {
        let scalar = Scalar::parse(sql, &spec.schema(&facts.schema), &settings).unwrap();
        let pieces = super::super::pieces::pieces(&file, &facts);
        let rows = pieces.flat_map(|piece| lake.read(&piece, &spec, 9).unwrap());
        rows.flat_map(|rows| {
            let values = scalar.evaluate(&rows.batch).unwrap();
            let values: Vec<_> =
                values.as_string::<i32>().iter().map(|value| value.unwrap_or("∅").to_owned()).collect();
            values
        })
        .collect()
    };
    assert_eq!(found("ga4_param(event_params, 'page')"), ["/cart", "/a", "∅", "∅"]);
    assert_eq!(found("ga4_param(event_params, 'session')"), ["123", "∅", "∅", "∅"]);
    assert_eq!(found("ga4_param(event_params, 'price')"), ["12.5", "∅", "∅", "∅"]);
    assert_eq!(found("ga4_param(event_params, 'same')"), ["7", "∅", "∅", "∅"], "7 and 7.0 are one value");
    assert_eq!(found("ga4_param(event_params, 'none')"), ["∅"; 4], "its value is null");
    let schema = Schema::new(vec![Field::new("numbers", batch().column(3).data_type().clone(), true)]);
    let error = Scalar::parse("ga4_param(numbers, 'x')", &schema, &settings).unwrap_err();
    assert!(error.message.contains("expects a list of keys and values, found list"), "{}", error.message);
}
