//! A table of nobody's rows, which queries may join.

use super::{Kind, RowsOf};

pub(super) const KIND: Kind =
    Kind { name: "reference", row: "a line of a small table of nobody's rows", rows: RowsOf::Nobody, columns: &[] };
