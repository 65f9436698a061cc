//! The window functions: what they take and give. Every aggregate is one too.

/// A window function.
#[derive(Debug)]
pub(crate) struct WindowFunctionDoc {
    pub(crate) name: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) description: &'static str,
    pub(crate) example: &'static str,
}

/// All window functions. They stand in the select list of a query.
pub(crate) static ALL: &[WindowFunctionDoc] = &[
    WindowFunctionDoc {
        name: "cume_dist",
        signature: "cume_dist() → double",
        description: "the share of rows of the partition up to this one and its peers",
        example: "cume_dist() over (partition by customer_id order by amount)",
    },
    WindowFunctionDoc {
        name: "dense_rank",
        signature: "dense_rank() → int",
        description: "the rank from 1, equal rows alike, without gaps",
        example: "dense_rank() over (partition by customer_id order by amount desc)",
    },
    WindowFunctionDoc {
        name: "first_value",
        signature: "first_value(x any) → any",
        description: "the value of the frame's first row",
        example: "first_value(amount) over (partition by customer_id order by time)",
    },
    WindowFunctionDoc {
        name: "lag",
        signature: "lag(x any [, rows int [, default any]]) → any",
        description: "the value so many rows before (1), or the default (null) where there is none",
        example: "lag(amount) over (partition by customer_id order by time)",
    },
    WindowFunctionDoc {
        name: "last_value",
        signature: "last_value(x any) → any",
        description: "the value of the frame's last row; without a frame, that of the last peer",
        example: "last_value(amount) over (partition by customer_id order by time rows between unbounded preceding and unbounded following)",
    },
    WindowFunctionDoc {
        name: "lead",
        signature: "lead(x any [, rows int [, default any]]) → any",
        description: "the value so many rows behind (1), or the default (null) where there is none",
        example: "lead(amount) over (partition by customer_id order by time)",
    },
    WindowFunctionDoc {
        name: "nth_value",
        signature: "nth_value(x any, n int) → any",
        description: "the value of the frame's n-th row from 1; null where there is none",
        example: "nth_value(amount, 2) over (partition by customer_id order by time)",
    },
    WindowFunctionDoc {
        name: "ntile",
        signature: "ntile(n int) → int",
        description: "the number from 1 of the row's part when the partition is cut into n parts of sizes that differ by at most one",
        example: "ntile(4) over (partition by customer_id order by amount)",
    },
    WindowFunctionDoc {
        name: "percent_rank",
        signature: "percent_rank() → double",
        description: "(rank − 1) / (rows of the partition − 1); 0 where there is one row",
        example: "percent_rank() over (partition by customer_id order by amount)",
    },
    WindowFunctionDoc {
        name: "rank",
        signature: "rank() → int",
        description: "the rank from 1, equal rows alike, with gaps behind them",
        example: "rank() over (partition by customer_id order by amount desc)",
    },
    WindowFunctionDoc {
        name: "row_number",
        signature: "row_number() → int",
        description: "the number of the row in its partition, from 1; the other columns of the query decide among equal rows",
        example: "row_number() over (partition by customer_id order by time)",
    },
];

/// Finds a window function by its name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static WindowFunctionDoc> {
    let name = name.to_lowercase();
    ALL.iter().find(|function| function.name == name)
}
