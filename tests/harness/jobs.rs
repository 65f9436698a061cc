//! Job files as plain TOML, put together from the parts that tests share.

/// What stands at the head of every job of the tests: its name is `trial`, its day 2026-01-01.
const HEAD: &str = r#"format_version = 1
name     = "trial"
as_of    = "2026-01-01"
currency = "EUR"
seed     = 7

[output]
uri = "@OUT@"
"#;

const ORDER_COLUMNS: &str = r#"customer_id = "client_no"
order_id    = "order_no"
line_no     = "line_no"
time        = "ordered_at"
amount      = "gross"
channel     = "channel"
product_id  = "sku"
weight      = "weight"
"#;

/// The smallest sections that a job needs behind its sources.
pub const ONLY_RFM: &str =
    "[features]\npresets = [{ name = \"rfm\" }]\n[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n";

/// Preset, custom features, a query and derived features, of several types: decimal, float sums within a customer, counts, a median, a default;
/// windows with ties; what is known of the population, in two layers.
pub const DIGEST_FEATURES: &str = r#"
[features]
presets = [{ name = "rfm" }]
[[features.custom]]
name       = "store_share"
window     = "365d"
expression = "avg(case when channel = 'store' then 1 else 0 end)"
default    = 0
[[features.custom]]
name       = "weight_sum"
expression = "sum(weight)"
[[features.custom]]
name       = "products"
expression = "count(distinct product_id)"
[[features.custom]]
name       = "median_amount"
expression = "median(amount)"
[[features.sql]]
name     = "rhythm"
query    = """
  select o.customer_id, median(o.gap) as gap_days, max(o.recent) as recent_weight, count(distinct o.product_id) as skus, max(w.share) as store_part
  from (select customer_id, product_id,
               cast(time as date) - lag(cast(time as date)) over (partition by customer_id order by time) as gap,
               sum(weight) over (partition by customer_id order by cast(time as date) rows between 2 preceding and current row) as recent
        from orders) o
  left join (select customer_id, sum(weight) filter (where channel = 'store') / sum(weight) as share from transactions group by customer_id) w
    on w.customer_id = o.customer_id
  group by o.customer_id"""
defaults = { skus = 0 }
[[features.derived]]
name       = "store_rank"
expression = "population_percent_rank(value_decile + coalesce(store_share, 0))"
[[features.derived]]
name       = "value_decile"
expression = "population_bin(monetary, 10)"
[[features.derived]]
name       = "main_channel"
expression = "top_values(case when store_share > 0.5 then 'store' else 'web' end, 1)"
"#;

/// One segmentation of each method, judged by a window after `as_of`.
pub const EVERY_METHOD: &str = r#"
[effectiveness]
outcome = "1d"
[[segmentation]]
name   = "value"
method = "rfm"
[[segmentation]]
name     = "behaviour"
method   = "kmeans"
features = ["recency_days", "frequency", "monetary", "store_share", "value_decile"]
k        = { min = 2, max = 4, min_share = 0.02 }
[[segmentation]]
name     = "tiers"
method   = "bisecting"
features = ["recency_days", "frequency", "monetary", "store_share"]
k        = 4
[[segmentation]]
name     = "blends"
method   = "mixture"
features = ["recency_days", "frequency", "monetary"]
k        = { min = 2, max = 3, min_share = 0.02 }
[[segmentation]]
name   = "targets"
method = "rules"
[[segmentation.rule]]
name  = "big"
title = "Big spenders"
when  = "monetary > 500 and value <> 'hibernating' and store_rank < 0.99"
[[segmentation.rule]]
name  = "recent"
when  = "recency_days <= 30 and tiers <> 'c04'"
[[segmentation]]
name   = "audiences"
method = "rules"
match  = "all"
[[segmentation.rule]]
name  = "loyal"
when  = "frequency >= 3"
[[segmentation.rule]]
name  = "in_stores"
when  = "store_share > 0.5"
[[segmentation.rule]]
name  = "targeted"
when  = "targets <> 'other' and gap_days < 60"
"#;

/// Gives a job of one source `orders`: `source` is what stands in `[[source]]` beside its name and kind (at least the
/// `uri`), `sections` what follows it.
pub fn job(source: &str, sections: &str) -> String {
    job_of(&format!(
        "\n[[source]]\nname = \"orders\"\nkind = \"transactions\"\n{source}\n[source.columns]\n{ORDER_COLUMNS}\n{sections}"
    ))
}

/// Gives a job of these sections, for tests whose sources are others than [`job`]'s; `[output]` stands above them.
pub fn job_of(sections: &str) -> String {
    format!("{HEAD}{sections}")
}
