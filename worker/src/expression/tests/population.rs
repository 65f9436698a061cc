//! Functions of the population: what calls are read as, and what they answer with the constants that were found.

use arrow::array::RecordBatch;
use segmenter_proto::models::{PopulationValue, Spread};

use super::tables::{orders, shown, warsaw};
use crate::expression::{Derived, DerivedSyntax, ExpressionError, PopulationFunction};

pub(super) fn derived(sql: &str) -> Result<Derived, ExpressionError> {
    Derived::compile(&DerivedSyntax::parse(sql)?, &orders().schema(), &warsaw())
}

fn answers(sql: &str, known: &[PopulationValue]) -> (Vec<String>, u64) {
    let compiled = derived(sql).unwrap_or_else(|error| panic!("{sql}: {error} ({:?})", error.hint));
    let rows: RecordBatch = orders();
    let (values, lost) = compiled.evaluate(&rows, &known.iter().collect::<Vec<_>>()).unwrap();
    assert_eq!(values.data_type(), compiled.data_type(), "{sql}");
    (shown(&values), lost)
}

#[test]
fn calls_answer_from_their_constants() {
    let cuts = |cuts: &[f64]| PopulationValue::Cuts(cuts.to_vec());
    let spread = |mean, standard_deviation| PopulationValue::Spread(Some(Spread { mean, standard_deviation }));
    // Amounts are 10.05, -0.25, null, 0.0001.
    for (sql, known, expected) in [
        ("population_bin(amount, 4)", cuts(&[-0.25, 0.0001, 10.0]), ["4", "1", "null", "2"]),
        ("population_bin(amount, 3) * 10", cuts(&[-0.25, -0.25]), ["30", "10", "null", "30"]),
        ("population_bin(amount, 3)", cuts(&[]), ["null"; 4]),
        ("population_percent_rank(amount)", cuts(&[-0.25, 0.0, 10.05]), ["0.002", "0.0", "null", "0.002"]),
        ("is_top(amount, 0.5)", cuts(&[0.0001]), ["true", "false", "null", "false"]),
        ("coalesce(is_top(amount, 0.5), false)", cuts(&[0.0001]), ["true", "false", "false", "false"]),
        ("population_zscore(quantity)", spread(-7.0, 5.0), ["2.0", "0.0", "null", "429496730.8"]),
        ("population_zscore(quantity)", spread(3.0, 0.0), ["null"; 4]),
        ("population_zscore(quantity)", PopulationValue::Spread(None), ["null"; 4]),
        (
            "top_values(city, 2)",
            PopulationValue::Values(vec!["kraków".to_owned()]),
            ["other", "kraków", "null", "other"],
        ),
        // NaN is no value.
        ("population_bin(weight, 2)", cuts(&[0.0]), ["2", "1", "null", "null"]),
    ] {
        assert_eq!(answers(sql, &[known]), (expected.map(str::to_owned).to_vec(), 0), "{sql}");
    }
}

#[test]
fn the_same_call_is_one_and_others_stand_apart() {
    let sql =
        "case when population_bin(amount, 2) = 2 then population_bin( amount , 2 ) else population_bin(big, 2) end";
    let read = DerivedSyntax::parse(sql).unwrap();
    assert_eq!(read.calls().collect::<Vec<_>>(), ["population_bin(amount, 2)", "population_bin(big, 2)"]);
    let names: Vec<String> = read.names().unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["amount", "big"]);
    let compiled = derived(sql).unwrap();
    assert!(compiled.calls().iter().all(|call| call.function == PopulationFunction::Bin(2)));
}

#[test]
fn a_row_that_cannot_be_computed_is_null_whatever_stands_around_it() {
    let cuts = PopulationValue::Cuts(vec![0.0]);
    let (values, lost) = answers("coalesce(population_bin(cast(total as int), 2), 7)", &[cuts]);
    // 12.50 and x are no whole numbers.
    assert_eq!((values, lost), (["null", "null", "7", "2"].map(str::to_owned).to_vec(), 2));
    let (values, lost) = answers("big + 1", &[]);
    assert_eq!((values[3].as_str(), lost), ("null", 1));
}

#[test]
fn what_cannot_be_is_refused() {
    for (sql, message) in [
        ("population_bin(amount, quantity)", "takes a whole number from 2 to 1000"),
        ("population_bin(amount, 1001)", "takes a whole number from 2 to 1000"),
        ("top_values(city, 0)", "takes a whole number from 1 to 100"),
        ("is_top(amount, 1)", "takes a share between 0 and 1"),
        ("population_zscore(amount, 2)", "does not take 2 arguments"),
        ("population_zscore(amount) over ()", "takes arguments alone"),
        ("population_zscore(city)", "population_zscore(city) expects a number, found text"),
        ("top_values(quantity, 3)", "top_values(quantity, 3) expects text, found int"),
        ("population_bin(nobody, 3)", "there is no name `nobody` here"),
        ("null", "always null"),
        ("sum(amount)", "sum"),
    ] {
        let error = derived(sql).expect_err(sql);
        assert!(error.message.contains(message), "{sql}: {error}");
    }
}
