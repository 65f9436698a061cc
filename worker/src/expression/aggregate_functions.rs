//! The aggregate functions: what they take and give.

use super::aggregate_kernels::Share;

/// How a group's rows become one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kernel {
    /// Rows, or rows whose argument is not null.
    Count,
    /// Different values that are not null.
    CountDistinct,
    Sum,
    Average,
    Median,
    /// The value below which this share of the values lies.
    Quantile(Share),
    Minimum,
    Maximum,
    /// The most frequent value.
    Mode,
    /// Whether all are true.
    All,
    /// Whether one is true.
    Any,
    /// Spread of a sample (n − 1) or of all, as variance or its root.
    Spread {
        of_sample: bool,
        is_root: bool,
    },
    Skewness,
    /// The correlation of two arguments.
    Correlation,
    Entropy,
}

/// An aggregate function.
#[derive(Debug)]
pub(crate) struct AggregateFunction {
    pub(crate) name: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) description: &'static str,
    pub(crate) example: &'static str,
    pub(crate) kernel: Kernel,
}

/// All aggregate functions. Each may be followed by `filter (where …)`.
pub(crate) static ALL: &[AggregateFunction] = &[
    AggregateFunction {
        name: "avg",
        signature: "avg(x number) → double, or decimal(38,4) of decimals",
        description: "the exact sum divided once; decimals half away from zero at scale 4",
        example: "avg(amount)",
        kernel: Kernel::Average,
    },
    AggregateFunction {
        name: "bool_and",
        signature: "bool_and(x bool) → bool",
        description: "whether all values are true",
        example: "bool_and(amount > 0)",
        kernel: Kernel::All,
    },
    AggregateFunction {
        name: "bool_or",
        signature: "bool_or(x bool) → bool",
        description: "whether at least one value is true",
        example: "bool_or(amount > 100)",
        kernel: Kernel::Any,
    },
    AggregateFunction {
        name: "corr",
        signature: "corr(x number, y number) → double",
        description: "the correlation (Pearson) of rows where both are known; null where one has no spread",
        example: "corr(quantity, weight)",
        kernel: Kernel::Correlation,
    },
    AggregateFunction {
        name: "count",
        signature: "count(*), count(x any), count(distinct x any, …) → int",
        description: "rows, values that are not null, or different values; of several columns those on which none is null, together",
        example: "count(distinct city)",
        kernel: Kernel::Count,
    },
    AggregateFunction {
        name: "entropy",
        signature: "entropy(x any) → double",
        description: "how evenly rows are spread over different values: Shannon's, in bits; 0 where all are equal",
        example: "entropy(city)",
        kernel: Kernel::Entropy,
    },
    AggregateFunction {
        name: "max",
        signature: "max(x any) → any",
        description: "the largest value",
        example: "max(amount)",
        kernel: Kernel::Maximum,
    },
    AggregateFunction {
        name: "median",
        signature: "median(x number) → double, or decimal(38,4) of decimals",
        description: "the middle value, or the mean of the two in the middle; decimals half away from zero at scale 4",
        example: "median(amount)",
        kernel: Kernel::Median,
    },
    AggregateFunction {
        name: "min",
        signature: "min(x any) → any",
        description: "the smallest value",
        example: "min(time)",
        kernel: Kernel::Minimum,
    },
    AggregateFunction {
        name: "mode",
        signature: "mode(x any) → any",
        description: "the most frequent value, of several the smallest",
        example: "mode(city)",
        kernel: Kernel::Mode,
    },
    AggregateFunction {
        name: "quantile",
        signature: "quantile(x number, share) → double, or decimal(38,4) of decimals",
        description: "the value below which this share of the values lies, in proportion between two of them (type 7 of \
                      Hyndman and Fan); the share, from 0 to 1, is written out",
        example: "quantile(amount, 0.9)",
        // In a call its share.
        kernel: Kernel::Quantile(Share::HALF),
    },
    AggregateFunction {
        name: "skewness",
        signature: "skewness(x number) → double",
        description: "how uneven both sides of the mean are (adjusted Fisher–Pearson); null below three values or without spread",
        example: "skewness(weight)",
        kernel: Kernel::Skewness,
    },
    AggregateFunction {
        name: "stddev",
        signature: "stddev(x number) → double",
        description: "the standard deviation of a sample (n − 1); null below two values",
        example: "stddev(weight)",
        kernel: Kernel::Spread { of_sample: true, is_root: true },
    },
    AggregateFunction {
        name: "stddev_pop",
        signature: "stddev_pop(x number) → double",
        description: "the standard deviation of all values (n)",
        example: "stddev_pop(weight)",
        kernel: Kernel::Spread { of_sample: false, is_root: true },
    },
    AggregateFunction {
        name: "sum",
        signature: "sum(x number) → int, double, or decimal(38, scale of x)",
        description: "the exact sum, in any order of rows; too large is null",
        example: "sum(amount) filter (where amount > 0)",
        kernel: Kernel::Sum,
    },
    AggregateFunction {
        name: "var_pop",
        signature: "var_pop(x number) → double",
        description: "the variance of all values (n)",
        example: "var_pop(weight)",
        kernel: Kernel::Spread { of_sample: false, is_root: false },
    },
    AggregateFunction {
        name: "var_samp",
        signature: "var_samp(x number) → double",
        description: "the variance of a sample (n − 1); null below two values",
        example: "var_samp(weight)",
        kernel: Kernel::Spread { of_sample: true, is_root: false },
    },
];

/// Finds an aggregate function by its name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static AggregateFunction> {
    let name = name.to_lowercase();
    ALL.iter().find(|function| function.name == name)
}
