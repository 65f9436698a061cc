//! The description of a generated data set.

use super::calendar::AS_OF;
use super::group::GROUP_SHARES;
use super::mover::Movers;
use super::options::{SynthOptions, SynthSummary};

/// Gives the text of `README.md`: what the files hold, and the planted groups with their shares.
pub(super) fn readme(options: &SynthOptions, summary: &SynthSummary) -> String {
    let moved = options.movers.map_or_else(String::new, |Movers { share, at }| {
        format!(
            "\nOf the customers of the first four groups a share of {share} buys like another of the four from {at} on: \
             `planted_group_after` is that group, and of all others `planted_group`.\n",
        )
    });
    let groups: String =
        GROUP_SHARES.iter().zip(STORIES).map(|((name, share), story)| row(name, *share, story)).collect();
    format!(
        "# Synthetic shop\n\n\
         Made by `segmenter synth` for {customers} customers with seed {seed}; nobody in it is real. The same command \
         gives the same bytes.\n\n\
         | files | rows | what |\n|---|---|---|\n\
         | `customers/*.parquet` | {customers} | one row a customer; a few birth dates are missing or in the future |\n\
         | `orders/*.parquet` | {orders} | order lines of web, app and shops, a slice of the calendar a file |\n\
         | `tills/*.csv` | {receipts} | receipts of Austrian shops: card number with leading zeros, local time, \
         decimal comma |\n\
         | `truth.parquet` | {customers} | `customer_id`, `planted_group`{after} |\n\
         | `job.toml` | | a job over all of it, as of {AS_OF} |\n\n\
         Orders run from 2023-01-01 to 2026-01-02, so that a few lie after `as_of`. Lines of guests (no client number, \
         about 5 %), refunds (negative quantity, `refund_of` names the order; about 3 % of orders), cancelled orders \
         (1.5 %), lines delivered twice (0.2 %), client numbers that no customer has (0.1 %), lines without time or price \
         (0.04 %) and receipts that cannot be read (0.3 %) are in it on purpose.\n\n\
         Each customer buys at a rate of its own (gamma), until it drops out (a chance after each purchase, beta), more \
         in some months and on some days, for amounts that are log-normal between customers and between orders. A \
         customer's group is drawn with these chances:\n\n\
         | planted group | share | how it buys |\n|---|---|---|\n{groups}{moved}",
        customers = summary.customers,
        seed = options.seed,
        orders = summary.orders,
        receipts = summary.receipts,
        after = if options.movers.is_some() { ", `planted_group_after`" } else { "" },
    )
}

const STORIES: [&str; GROUP_SHARES.len()] = [
    "7 orders a year of about 40 EUR, the last within 90 days",
    "3 orders a year of about 420 EUR, the last within 200 days",
    "gifts in the weeks before Christmas, nothing else",
    "mostly in the sales, 93 % of orders on promotion",
    "one order, 60 to 600 days ago, at full price",
    "8 orders a year until it stopped, 450 to 1000 days ago",
    "signed up and never bought",
];

fn row(name: &str, share: f64, story: &str) -> String {
    format!("| {name} | {:.0} % | {story} |\n", share * 100.0)
}
