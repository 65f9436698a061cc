//! Metrics of the outcome window that a job has without a word, where its sources tell of them.

use super::sources::Sources;
use segmenter_proto::jobs::{MetricKind, MetricUnit, OwnMetric, SourceKind, Unit};

/// A metric, and the names that sources of a kind have to map for it.
struct Standard {
    name: &'static str,
    kind: MetricKind,
    unit: MetricUnit,
    of: (SourceKind, &'static [&'static str]),
    /// Says `$margin` for the margin of a row of transactions.
    query: &'static str,
}

/// A row of NPS counts 100 where it promotes and -100 where it detracts, so that their mean is the score (Reichheld 2003), as in `satisfaction.sql`.
const ALL: [Standard; 6] = [
    Standard {
        name: "margin",
        kind: MetricKind::Total,
        unit: MetricUnit::Currency,
        of: (SourceKind::Transactions, &["amount", "cost"]),
        query: "select customer_id, sum($margin) as value from transactions group by customer_id",
    },
    Standard {
        name: "margin_per_customer",
        kind: MetricKind::Mean,
        unit: MetricUnit::CurrencyPerCustomer,
        of: (SourceKind::Transactions, &["amount", "cost"]),
        query: "select customer_id, sum($margin) as value from transactions group by customer_id",
    },
    Standard {
        name: "csat",
        kind: MetricKind::Ratio,
        unit: MetricUnit::Score,
        of: (SourceKind::Feedback, &["feedback", "score"]),
        query: "select customer_id, sum(score) as value, count(score) as per from feedback where cast(feedback as text) = 'csat' group by customer_id",
    },
    Standard {
        name: "nps",
        kind: MetricKind::Ratio,
        unit: MetricUnit::Points,
        of: (SourceKind::Feedback, &["feedback", "score"]),
        query: "select customer_id, sum(case when score >= 9 then 100 when score > 6 then 0 else -100 end) as value, count(score) as per \
                from feedback where cast(feedback as text) = 'nps' and score between 0 and 10 group by customer_id",
    },
    Standard {
        name: "rating",
        kind: MetricKind::Ratio,
        unit: MetricUnit::Score,
        of: (SourceKind::Feedback, &["feedback", "score"]),
        query: "select customer_id, sum(score) as value, count(score) as per from feedback where cast(feedback as text) in ('rating', 'review') \
                group by customer_id",
    },
    Standard {
        name: "complaints",
        kind: MetricKind::Rate,
        unit: MetricUnit::Value,
        of: (SourceKind::Feedback, &["feedback"]),
        query: "select customer_id, 1 as value from feedback where cast(feedback as text) = 'complaint' group by customer_id",
    },
];

/// Gives those that the sources tell of and that the job has no metric of the same name for.
pub(super) fn standard_metrics(sources: &Sources, own: &[OwnMetric]) -> Vec<OwnMetric> {
    let is_told = |metric: &&Standard| {
        let (kind, names) = metric.of;
        names.iter().all(|name| sources.tell(kind, name)) && own.iter().all(|own| own.name != metric.name)
    };
    let refund = match sources.tell(SourceKind::Transactions, "is_refund") {
        true => "coalesce(is_refund, amount < 0)",
        false => "amount < 0",
    };
    // What goods of a refund cost is there again, as in `value.sql`.
    let cost = "try_cast(cost as decimal(28, 4))";
    let margin = format!("case when {refund} then abs({cost}) - abs(amount) else amount - {cost} end");
    let metric = |metric: &Standard| OwnMetric {
        name: metric.name.to_owned(),
        kind: metric.kind,
        query: metric.query.replace("$margin", &margin).replace(Unit::Customer.key(), sources.unit.key()),
        unit: metric.unit,
    };
    ALL.iter().filter(is_told).map(metric).collect()
}
