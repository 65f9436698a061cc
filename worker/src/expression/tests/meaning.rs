//! Numbers, text and conditions.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int32Type};

use super::tables::{evaluated, first, orders, parse, warsaw};
use crate::expression::{Aggregate, Scalar, names};

#[test]
fn names_match_as_written_quoted_or_not() {
    assert_eq!(evaluated("\"Total Flights\" + 1"), ["2", "3", "null", "5"]);
    assert_eq!(evaluated("\"city\""), evaluated("city"));
    assert_eq!(
        parse("coalesce(city, total) || \"Total Flights\"").unwrap().columns(),
        ["Total Flights", "city", "total"]
    );
}

#[test]
fn names_are_known_without_a_schema() {
    assert_eq!(names("ltrim(card_no, '0') || \"A b\" || card_no").unwrap(), ["A b", "card_no"]);
    assert_eq!(
        names("avg(case when channel = 'store' then 1 else 0 end) filter (where x > 1)").unwrap(),
        ["channel", "x"]
    );
    assert_eq!(names("'store'").unwrap(), Vec::<String>::new());
}

#[test]
fn threads_share_an_expression() {
    fn shared<T: Send + Sync>() {}
    shared::<Scalar>();
    shared::<Aggregate>();
}

#[test]
fn a_column_as_it_is_costs_no_copy() {
    let rows = orders();
    let values = parse("quantity").unwrap().evaluate(&rows).unwrap();
    let original = rows.column_by_name("quantity").unwrap();
    assert_eq!(
        values.as_primitive::<Int32Type>().values().inner().as_ptr(),
        original.as_primitive::<Int32Type>().values().inner().as_ptr()
    );
    let times = parse("time").unwrap().evaluate(&rows).unwrap();
    assert_eq!(
        times.to_data().buffers()[0].as_ptr(),
        rows.column_by_name("time").unwrap().to_data().buffers()[0].as_ptr()
    );
}

#[test]
fn division_is_true_and_null_on_zero() {
    assert_eq!(first("7 / 2"), "3.5");
    assert_eq!(evaluated("quantity / 2"), ["1.5", "-3.5", "null", "1073741823.5"]);
    assert_eq!(evaluated("1 / weight"), ["0.6666666666666666", "null", "null", "null"]);
    assert_eq!(evaluated("amount / (quantity - quantity)"), ["null"; 4]);
    assert_eq!(evaluated("quantity % 0"), ["null"; 4]);
    assert_eq!(first("amount / 3"), "3.35");
}

#[test]
fn decimals_stay_decimals() {
    assert_eq!(parse("amount * 0.1").unwrap().data_type(), &DataType::Decimal128(20, 5));
    assert_eq!(first("amount * 0.1"), "1.00500");
    assert_eq!(first("0.1 + 0.2"), "0.3");
    assert_eq!(evaluated("round(amount, 1)"), ["10.1", "-0.3", "null", "0.0"]);
    assert_eq!(parse("round(amount, 1) + 0.1").unwrap().data_type(), &DataType::Decimal128(19, 1));
    assert_eq!(evaluated("cast(amount as decimal(18,1))"), ["10.1", "-0.3", "null", "0.0"]);
    assert_eq!(first("round(cast('1.005' as decimal(38,3)), 2)"), "1.01");
    assert_eq!(first("cast('1.5000' as decimal(10,2))"), "1.50");
    assert_eq!(evaluated("amount > 0.0001"), ["true", "false", "null", "false"]);
    assert_eq!(parse("case when paid then amount else 0 end").unwrap().data_type(), &DataType::Decimal128(18, 4));
}

#[test]
fn small_integers_do_not_overflow() {
    assert_eq!(evaluated("quantity * 2"), ["6", "-14", "null", "4294967294"]);
    assert_eq!(evaluated("-quantity"), ["-3", "7", "null", "-2147483647"]);
}

#[test]
fn what_is_not_finite_is_null() {
    assert_eq!(evaluated("weight"), ["1.5", "0.0", "null", "null"]);
    assert_eq!(evaluated("weight is null"), ["false", "false", "true", "true"]);
    assert_eq!(first("ln(0)"), "null");
    assert_eq!(first("sqrt(-1)"), "null");
}

#[test]
fn zero_has_no_sign() {
    for sql in
        ["weight * -1.0e0", "round(weight - 0.1)", "-weight", "sign(weight) * -1", "0 / -2", "cast('-0' as double)"]
    {
        let (values, errors) = parse(sql).unwrap().evaluate_rows(&orders()).unwrap();
        assert!(errors.is_empty());
        let zeros = values.as_primitive::<Float64Type>().iter().flatten().filter(|value| *value == 0.0);
        assert!(zeros.clone().count() > 0, "{sql}");
        assert!(zeros.clone().all(|zero| zero.to_bits() == 0), "{sql}");
    }
    let rows = RecordBatch::try_from_iter([("x", Arc::new(Float64Array::from(vec![-0.0, 1.0])) as ArrayRef)]).unwrap();
    let values = Scalar::parse("x", &rows.schema(), &warsaw()).unwrap().evaluate(&rows).unwrap();
    assert_eq!(values.as_primitive::<Float64Type>().value(0).to_bits(), 0);
}

#[test]
fn null_in_a_condition_is_false() {
    let rows = orders();
    let (truths, errors) = parse("amount > 0").unwrap().evaluate_condition(&rows).unwrap();
    assert_eq!(truths.iter().collect::<Vec<_>>(), [Some(true), Some(false), Some(false), Some(true)]);
    assert_eq!((truths.null_count(), errors.len()), (0, 0));
    let (none, _) = parse("null").unwrap().evaluate_condition(&rows).unwrap();
    assert_eq!(none.true_count(), 0);
}

#[test]
fn sql_means_what_it_says() {
    assert_eq!(evaluated("city like 'Wa%'"), ["true", "false", "null", "false"]);
    assert_eq!(evaluated("city ilike 'KRAK_W'"), ["false", "true", "null", "false"]);
    assert_eq!(evaluated("quantity in (3, 5)"), ["true", "false", "null", "false"]);
    assert_eq!(evaluated("quantity not in (3, 5)"), ["false", "true", "null", "true"]);
    assert_eq!(evaluated("quantity between -10 and 3"), ["true", "true", "null", "false"]);
    assert_eq!(evaluated("city is null or not paid"), ["false", "true", "true", "false"]);
    assert_eq!(evaluated("case city when 'Warsaw' then 'a' else lower(city) end"), ["a", "kraków", "null", ""]);
    assert_eq!(evaluated("paid is not true"), ["false", "true", "true", "false"]);
    assert_eq!(first("city || '-' || quantity || '-' || 1.50"), "Warsaw-3-1.50");
    assert_eq!(first("substring(city from 2 for 3) || trim(both ' ' from '  x ')"), "arsx");
    assert_eq!(first("position('s' in city) + ceil(1.2) + floor(weight)"), "7.0");
    assert_eq!(first("quantity::text || extract(year from time)"), "32011");
    assert_eq!(first("'store'"), "store");
    assert_eq!(first("-5 % 3"), "-2");
    assert_eq!(first("city is distinct from null"), "true");
}
