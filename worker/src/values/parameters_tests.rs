use super::*;
use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray, StructArray};
use arrow::buffer::OffsetBuffer;

type Entry = (&'static str, Option<&'static str>, Option<i64>, Option<f64>);

fn list(entries: &[Entry]) -> ListArray {
    let DataType::List(item) = parameters_type() else { panic!() };
    let DataType::Struct(fields) = item.data_type() else { panic!() };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values(entries.iter().map(|entry| entry.0))),
        Arc::new(entries.iter().map(|entry| entry.1).collect::<StringArray>()),
        Arc::new(entries.iter().map(|entry| entry.2).collect::<Int64Array>()),
        Arc::new(Float64Array::new_null(entries.len())),
        Arc::new(entries.iter().map(|entry| entry.3).collect::<Float64Array>()),
    ];
    let entries = StructArray::new(fields.clone(), columns, None);
    let offsets = OffsetBuffer::from_lengths([entries.len()]);
    ListArray::new(Arc::clone(&item), offsets, Arc::new(entries), None)
}

fn found(entries: &[Entry]) -> Result<Option<String>, ValueFault> {
    let list = list(entries);
    let mut values = values_of_key(&list, "k").unwrap();
    values.next().unwrap().map(|value| value.map(Cow::into_owned))
}

#[test]
fn a_key_has_one_value_or_none() {
    let one = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(found(&[]), Ok(None));
    assert_eq!(found(&[("K", Some("x"), None, None)]), Ok(None), "keys match as they are written");
    assert_eq!(found(&[("k", Some(""), None, None)]), one(""));
    assert_eq!(found(&[("k", None, Some(i64::MIN), None)]), one("-9223372036854775808"));
    assert_eq!(found(&[("k", None, None, Some(0.1))]), one("0.1"));
    assert_eq!(found(&[("k", None, None, Some(-0.0))]), one("0"));
    assert_eq!(found(&[("k", None, None, Some(f64::NAN))]), Err(ValueFault::OutOfRange), "no number, and not nothing");
    assert_eq!(found(&[("k", None, None, None), ("k", Some("x"), None, None)]), one("x"));
    assert_eq!(
        found(&[("k", Some("x"), None, None), ("j", None, Some(1), None), ("k", Some("x"), None, None)]),
        one("x")
    );
    assert_eq!(found(&[("k", Some("1"), Some(1), Some(1.0))]), one("1"));
}

#[test]
fn two_values_of_a_key_are_none_and_said() {
    let two = Err(ValueFault::RepeatedKey);
    assert_eq!(found(&[("k", Some("x"), None, None), ("k", Some("y"), None, None)]), two);
    assert_eq!(found(&[("k", Some("x"), Some(1), None)]), two);
    assert_eq!(found(&[("k", None, Some(1), None), ("k", None, None, Some(1.5))]), two);
}

#[test]
fn text_of_json_says_the_same() {
    let of = |json: &str| value_of_key_in_json(json, "k");
    let one = |text: &str| Ok(Some(text.to_owned()));
    for (json, expected) in [
        ("", Ok(None)),
        ("null", Ok(None)),
        ("[]", Ok(None)),
        (r#"[{"key":"k","value":{"string_value":null,"int_value":"123","double_value":null}}]"#, one("123")),
        (r#"[{"key":"k","value":{"int_value":123}},{"key":"j","value":{"int_value":4}}]"#, one("123")),
        (r#"[{"key":"k","value":{"double_value":7.0}}]"#, one("7")),
        (r#"[{"key":"k","value":"x"}]"#, one("x")),
        (r#"[{"key":"k","value":true}]"#, one("true")),
        (r#"[{"key":"k"}]"#, Ok(None)),
        (r#"[{"key":"k","value":18446744073709551615}]"#, one("18446744073709551615")),
        (r#"[{"key":"k","value":18446744073709551616}]"#, Err(ValueFault::OutOfRange)),
        (r#"[{"key":"k","value":1},{"key":"k","value":2}]"#, Err(ValueFault::RepeatedKey)),
        (r#"{"k":1}"#, Err(ValueFault::NotParameters)),
        ("[1]", Err(ValueFault::NotParameters)),
        ("x", Err(ValueFault::NotParameters)),
        (r#"[{"key":"k","value":[1]}]"#, Err(ValueFault::NotParameters)),
    ] {
        assert_eq!(of(json), expected, "{json}");
    }
}
