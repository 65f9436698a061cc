//! Values have the bits of the evaluator of expressions, however rows come, states are merged and groups emitted.

use arrow::array::ArrayRef;
use arrow::compute::concat;
use datafusion_expr::EmitTo;
use proptest::prelude::*;

use super::calls::{ALL, GROUPS, assert_as_plain, call, chosen, groups, row, table};

fn joined(first: &ArrayRef, rest: &ArrayRef) -> ArrayRef {
    concat(&[first.as_ref(), rest.as_ref()]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn batches(rows in proptest::collection::vec(row(), 0..60), piece in 1_usize..30) {
        let rows = table(&rows);
        for sql in ALL {
            let call = call(sql, &rows);
            let mut accumulator = call.accumulator();
            call.update(accumulator.as_mut(), &rows.slice(0, 0), 0);
            let empty = accumulator.size();
            for start in (0..rows.num_rows()).step_by(piece) {
                call.update(accumulator.as_mut(), &rows.slice(start, piece.min(rows.num_rows() - start)), 0);
            }
            prop_assert!(accumulator.size() >= empty);
            assert_as_plain(sql, &rows, &call, &accumulator.evaluate(EmitTo::All).unwrap());
            prop_assert!(accumulator.size() <= empty, "{}", sql);
            // Empty again.
            call.update(accumulator.as_mut(), &rows, 0);
            assert_as_plain(sql, &rows, &call, &accumulator.evaluate(EmitTo::All).unwrap());
        }
    }

    #[test]
    fn merged_states(
        rows in proptest::collection::vec((row(), 0_usize..4), 0..60),
        first in 0_usize..=GROUPS,
        turn in 0_usize..4,
    ) {
        let places = |of: usize| -> Vec<u32> {
            (0..rows.len() as u32).filter(|place| rows[*place as usize].1 == of).collect()
        };
        let parts: Vec<Vec<u32>> = (0..4).map(|of| places((of + turn) % 4)).collect();
        let rows = table(&rows.iter().map(|(row, _)| row.clone()).collect::<Vec<_>>());
        for sql in ALL {
            let call = call(sql, &rows);
            let mut whole = call.accumulator();
            for (i, part) in parts.iter().enumerate() {
                let part = chosen(&rows, part);
                if i == 3 {
                    // Rows as states of their own.
                    let (columns, filter) = call.columns(&part);
                    let states = whole.convert_to_state(&columns, filter.as_ref()).unwrap();
                    whole.merge_batch(&states, &groups(&part), GROUPS).unwrap();
                    continue;
                }
                let mut accumulator = call.accumulator();
                call.update(accumulator.as_mut(), &part, 0);
                let states = accumulator.state(EmitTo::First(first)).unwrap();
                prop_assert!(states.iter().all(|state| state.len() == first));
                whole.merge_batch(&states, &(0..first).collect::<Vec<_>>(), GROUPS).unwrap();
                let states = accumulator.state(EmitTo::All).unwrap();
                whole.merge_batch(&states, &(first..GROUPS).collect::<Vec<_>>(), GROUPS).unwrap();
            }
            assert_as_plain(sql, &rows, &call, &whole.evaluate(EmitTo::All).unwrap());
        }
    }

    #[test]
    fn first_groups_emitted(
        rows in proptest::collection::vec((row(), any::<bool>()), 0..60),
        first in 0_usize..=GROUPS,
    ) {
        // Rows of groups that are emitted come before; of the others some before and some after.
        let is_before = |place: &u32| {
            let (row, before) = &rows[*place as usize];
            (row.0 as usize) < first || *before
        };
        let (before, after): (Vec<u32>, Vec<u32>) = (0..rows.len() as u32).partition(is_before);
        let rows = table(&rows.iter().map(|(row, _)| row.clone()).collect::<Vec<_>>());
        for sql in ALL {
            let call = call(sql, &rows);
            let mut accumulator = call.accumulator();
            call.update(accumulator.as_mut(), &chosen(&rows, &before), 0);
            let emitted = accumulator.evaluate(EmitTo::First(first)).unwrap();
            prop_assert_eq!(emitted.len(), first);
            call.update(accumulator.as_mut(), &chosen(&rows, &after), first);
            let rest = accumulator.evaluate(EmitTo::All).unwrap();
            assert_as_plain(sql, &rows, &call, &joined(&emitted, &rest));
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    use crate::expression::Kernel;
    use crate::sql::aggregates::exact;
    use arrow::datatypes::DataType;
    assert!(exact(Kernel::Minimum, &[DataType::Null], &DataType::Null).is_err());
    assert!(exact(Kernel::Sum, &[], &DataType::Int64).is_err());
    assert!(!exact(Kernel::Count, &[], &DataType::Int64).unwrap().can_be_lost);
}
