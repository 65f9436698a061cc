//! A booking in a loyalty ledger.

use super::{Kind, RowsOf, Unit, any, id, number, time};

pub(super) const KIND: Kind = Kind {
    name: "points",
    row: "a booking in a loyalty ledger",
    rows: RowsOf::Many(Unit::Customer),
    columns: &[
        id("customer_id", "the customer", true),
        time("time", "when", true),
        number("points", "points, below 0 where they are taken", true),
        any("entry", "earn, burn, expire, adjust or transfer", false)
            .of(&["earn", "burn", "expire", "adjust", "transfer"]),
        time("expires_at", "when they expire; may lie ahead", false),
        any("reward_id", "what they were spent on", false),
        any("channel", "where", false),
    ],
};
