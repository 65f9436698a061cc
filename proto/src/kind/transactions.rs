//! An order, or a line of one.

use super::{Kind, RowsOf, Unit, any, id, money, time, truth};

pub(super) const KIND: Kind = Kind {
    name: "transactions",
    row: "an order, or a line of one",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        time("time", "when it was ordered", true),
        money("amount", "what was paid, in the job's currency; refunds are negative, or have `is_refund`", true),
        id("order_id", "the order that the line is of", false),
        any("line_no", "the line within the order", false),
        any("product_id", "what was bought", false),
        any("category", "its category", false),
        any("brand", "its brand", false),
        any("quantity", "pieces", false),
        any("discount", "what was taken off, in the job's currency", false),
        any("cost", "what the goods cost, in the job's currency", false),
        any(
            "currency",
            "code of ISO 4217 of the amount; another than the job's is converted by `[fx]`, else it stops the run",
            false,
        ),
        any("channel", "where it was bought", false),
        any("store_id", "the store", false),
        any("promotion_id", "the promotion that it was bought in", false),
        truth("is_refund", "whether it gives money back", false),
        any("status", "state of the order", false),
    ],
};
