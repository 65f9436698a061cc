//! Customers who come at rates of their own and leave for good: what models of lifetime value are about.

use super::{Order, Rng, timestamp};

/// Makes orders of so many customers over two years before 2026-01-01: rates and chances to leave differ, and so does what they spend.
pub fn leaving_customers(customers: u64, seed: u64) -> Vec<Order> {
    let mut rng = Rng(seed);
    let new_year = timestamp("2026-01-01 00:00:00");
    let mut orders = Vec::new();
    for customer in 0..customers {
        // Days between orders, thousandths that leave after one, hundredths that one is worth.
        let gap = 7 * (1 + rng.below(4)) * (1 + rng.below(5));
        let leaves = 50 + rng.below(10) * rng.below(10) * 9;
        let cents = (500 + rng.below(40) * rng.below(40) * 10) as i64;
        let mut ago = (20 + rng.below(700)) * 86_400;
        for number in 0.. {
            orders.push(Order {
                cents: cents / 2 + rng.below(cents as u64) as i64,
                ordered_at: new_year - ago as i64 * 1_000_000,
                ..Order::new(
                    &format!("C{customer:05}"),
                    &format!("O{customer}-{number}"),
                    "2026-01-01 00:00:00",
                    "0.00",
                )
            });
            // Nearly exponential: the larger of two even draws is less often small.
            let wait = 3_600 + rng.below(gap * 86_400 * 2).min(rng.below(gap * 86_400 * 4));
            if rng.below(1_000) < leaves || wait >= ago {
                break;
            }
            ago -= wait;
        }
    }
    orders
}
