//! A step of a message to a customer.

use super::{Kind, RowsOf, Unit, any, id, money, number, time};

pub(super) const KIND: Kind =
    Kind {
        name: "messages",
        row: "a step of a message to a customer",
        rows: RowsOf::Many(Unit::Customer),
        columns: &[
            id("customer_id", "the customer", true),
            time("time", "when", true),
            any("action", "sent, delivered, opened, clicked, converted, bounced, complained or unsubscribed", true)
                .of(&["sent", "delivered", "opened", "clicked", "converted", "bounced", "complained", "unsubscribed"]),
            any("message_id", "the message", false),
            any("campaign_id", "the campaign that it is of", false),
            any("promotion_id", "the promotion that it tells of", false),
            any("channel", "such as email, sms or push", false),
            number("cost", "what it cost, in the job's currency", false),
            money("amount", "what was bought by it, in the job's currency", false),
        ],
    };
