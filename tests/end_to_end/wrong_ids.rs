//! Columns that can hold no id are refused, and what is said to do works.

use crate::harness::*;
use arrow::array::{ArrayRef, BooleanArray, Date32Array, ListArray, StringArray};
use arrow::datatypes::Int64Type;
use std::sync::Arc;

/// The rows of [`ROWS`] as Parquet, with these ids beside their own.
fn write(workspace: &Workspace, ids: ArrayRef) {
    let lines: Vec<Vec<&str>> = ROWS.lines().map(|line| line.split(',').collect()).collect();
    let text =
        |at: usize| -> ArrayRef { Arc::new(StringArray::from_iter_values(lines[1..].iter().map(|line| line[at]))) };
    let columns = vec![("id", ids), ("own", text(0)), ("order_no", text(1)), ("day", text(2)), ("total", text(3))];
    write_columns(&workspace.path("in/a.parquet"), columns);
}

#[test]
fn what_can_be_no_id_is_not_said_to_be_cast() {
    let list = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)]), Some(vec![Some(2)])]);
    let columns: [ArrayRef; 2] = [Arc::new(list), Arc::new(BooleanArray::from(vec![true, false]))];
    for ids in columns {
        let workspace = Workspace::new();
        write(&workspace, ids);
        let job = job_over("a.parquet", "");
        let refused = workspace.failing(&workspace.job(&job), 3);
        let refused = refused.says(&["customer_id has type", "map customer_id to a text or integer column"]);
        assert!(!refused.stderr.contains("cast("), "{refused}");
        assert_rows(&workspace, &job.replace("customer_id = 'id'", "customer_id = 'own'"), "another column");
    }
}

#[test]
fn a_day_is_an_id_once_it_is_cast() {
    let workspace = Workspace::new();
    write(&workspace, Arc::new(Date32Array::from(vec![20_000, 20_001])));
    let job = job_over("a.parquet", "");
    workspace.failing(&workspace.job(&job), 3).says(&["or cast it: cast(… as varchar)"]);
    let run = workspace.committed(&workspace.job(&job.replace("'id'", "'cast(id as varchar)'")));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["2024-10-04", "2024-10-05"]);
}
