//! Aggregates the plain way: the rows of a group are collected, and looked at together.

use crate::expression::{FloatSum, Kernel, aggregate_kernels as kernels};
use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, UInt32Array, make_comparator,
    },
    compute::{SortOptions, take},
    datatypes::{DataType, Decimal128Type, Float64Type, Int64Type, i256},
};
use datafusion_common::ScalarValue;
use std::{cmp::Ordering, collections::HashSet, sync::Arc};

/// Gives a value a group, and how many groups are lost; `own` has the rows of each group, on which no argument is null.
pub(in crate::sql) fn plain(kernel: Kernel, arguments: &[ArrayRef], own: &[Vec<usize>]) -> (ArrayRef, u64) {
    let x = &arguments[0];
    let mut lost = 0;
    let values: ArrayRef = match kernel {
        Kernel::Count => Arc::new(own.iter().map(|rows| Some(rows.len() as i64)).collect::<Int64Array>()),
        Kernel::CountDistinct => {
            let different = |rows: &Vec<usize>| {
                let values = rows.iter().map(|row| ScalarValue::try_from_array(x, *row).unwrap());
                values.collect::<HashSet<_>>().len() as i64
            };
            Arc::new(own.iter().map(|rows| Some(different(rows))).collect::<Int64Array>())
        }
        Kernel::Sum | Kernel::Average => summed(kernel == Kernel::Average, x, own, &mut lost),
        Kernel::Minimum => extreme(x, own, Ordering::Less),
        Kernel::Maximum => extreme(x, own, Ordering::Greater),
        Kernel::All | Kernel::Any => {
            let is_all = kernel == Kernel::All;
            let truths = x.as_boolean();
            let truth = |rows: &Vec<usize>| match (rows.is_empty(), is_all) {
                (true, _) => None,
                (_, true) => Some(rows.iter().all(|row| truths.value(*row))),
                (_, false) => Some(rows.iter().any(|row| truths.value(*row))),
            };
            Arc::new(own.iter().map(truth).collect::<BooleanArray>())
        }
        kernel => {
            let (mut numbers, mut is_own) = (vec![0; x.len()], vec![false; x.len()]);
            for (group, row) in
                own.iter().enumerate().flat_map(|(group, rows)| rows.iter().map(move |row| (group, *row)))
            {
                (numbers[row], is_own[row]) = (group as u32, true);
            }
            let sorted = kernels::Groups::new(&numbers, own.len(), None).unwrap();
            let counts = |row: usize| is_own[row];
            let told = &mut |_: usize| lost += 1;
            match kernel {
                Kernel::Median => kernels::median(&sorted, x, counts, told).unwrap(),
                Kernel::Quantile(share) => kernels::quantile(&sorted, x, share, counts, told).unwrap(),
                Kernel::Spread { of_sample, is_root } => kernels::spread(&sorted, x, counts, of_sample, is_root, told),
                Kernel::Mode => kernels::mode(&sorted, x, counts).unwrap(),
                Kernel::Skewness => kernels::skewness(&sorted, x, counts, told),
                Kernel::Correlation => kernels::corr(&sorted, x, &arguments[1], counts, told),
                Kernel::Entropy => kernels::entropy(&sorted, x, counts).unwrap(),
                other => panic!("{other:?}"),
            }
        }
    };
    (values, lost)
}

fn summed(is_average: bool, x: &ArrayRef, own: &[Vec<usize>], lost: &mut u64) -> ArrayRef {
    match x.data_type() {
        DataType::Float64 => {
            let values = x.as_primitive::<Float64Type>();
            let sums = own.iter().map(|rows| {
                let mut sum = FloatSum::default();
                rows.iter().for_each(|row| sum.add(values.value(*row)));
                if rows.is_empty() {
                    return None;
                }
                let total = sum.value();
                *lost += u64::from(total.is_none());
                total.map(|total| if is_average { total / rows.len() as f64 } else { total })
            });
            Arc::new(sums.collect::<Float64Array>())
        }
        DataType::Int64 => {
            let values = x.as_primitive::<Int64Type>();
            let sums: Vec<i128> =
                own.iter().map(|rows| rows.iter().map(|row| i128::from(values.value(*row))).sum()).collect();
            if is_average {
                let averages =
                    sums.iter().zip(own).map(|(sum, rows)| (!rows.is_empty()).then(|| *sum as f64 / rows.len() as f64));
                return Arc::new(averages.collect::<Float64Array>());
            }
            let fitting = sums.iter().zip(own).map(|(sum, rows)| {
                let fits = i64::try_from(*sum).ok();
                *lost += u64::from(fits.is_none());
                fits.filter(|_| !rows.is_empty())
            });
            Arc::new(fitting.collect::<Int64Array>())
        }
        DataType::Decimal128(_, scale) => {
            let values = x.as_primitive::<Decimal128Type>();
            let limit = i256::from_i128(10_i128.pow(38) - 1);
            let results = own.iter().map(|rows| {
                if rows.is_empty() {
                    return None;
                }
                let sum = rows.iter().map(|row| i256::from_i128(values.value(*row))).reduce(|a, b| a + b).unwrap();
                // At scale 4 half away from zero: twice the quotient, plus or minus one, halved towards zero.
                let result = match is_average {
                    false => sum,
                    true => {
                        let power = |digits: i8| i256::from_i128(10_i128.pow(digits.unsigned_abs().into()));
                        let (up, down) =
                            if *scale <= 4 { (power(4 - scale), i256::ONE) } else { (i256::ONE, power(scale - 4)) };
                        let divisor = i256::from_i128(rows.len() as i128) * down;
                        let half = if sum.is_negative() { -divisor } else { divisor };
                        (sum * up * i256::from_i128(2) + half) / (divisor * i256::from_i128(2))
                    }
                };
                // A sum that does not fit 128 bits is lost even where its average would fit.
                let fits = (-limit..=limit).contains(&result) && sum.to_i128().is_some();
                *lost += u64::from(!fits);
                result.to_i128().filter(|_| fits)
            });
            let results = results.collect::<Decimal128Array>();
            Arc::new(results.with_precision_and_scale(38, if is_average { 4 } else { *scale }).unwrap())
        }
        other => panic!("{other}"),
    }
}

fn extreme(x: &ArrayRef, own: &[Vec<usize>], wanted: Ordering) -> ArrayRef {
    let compare = make_comparator(x, x, SortOptions::default()).unwrap();
    let best = |rows: &Vec<usize>| {
        rows.iter()
            .copied()
            .reduce(|best, row| if compare(row, best) == wanted { row } else { best })
            .map(|row| row as u32)
    };
    take(x, &own.iter().map(best).collect::<UInt32Array>(), None).unwrap()
}
