//! What is recommended to a shard's customers, and how many of them buy items again.

use super::{assign::PIECE, worker::Worker};
use crate::{
    features::{MAY_BE_TOLD, TASTE},
    measure::{Rules, Taste, TasteLists, choose, merge_recommend_counts},
    results::{RecommendationRow, recommendations_batch},
    spec::{IN_STOCK, PRODUCT, stock_table},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch, StringArray},
    compute::cast,
    datatypes::DataType,
};
use segmenter_proto::{
    Error, Result,
    jobs::{Affinity, First, Recommendations, Within},
    object_keys::part_file,
    v1::{RecommendAnswer, RecommendCounts, RecommendRequest, RepeatAnswer, RepeatRequest},
};
use std::collections::HashMap;

impl Worker {
    /// Counts who bought items, and who bought them on several days.
    pub(super) fn repeats(&self, shard: u32, request: &RepeatRequest) -> Result<RepeatAnswer> {
        let features = self.read_features(shard)?;
        let items: HashMap<&[u8], usize> =
            request.items.iter().enumerate().map(|(at, item)| (item.as_bytes(), at)).collect();
        let mut answer = RepeatAnswer { buyers: vec![0; items.len()], repeaters: vec![0; items.len()] };
        let packed = column(&features, TASTE)?.as_binary::<i32>();
        for row in 0..packed.len() {
            TasteLists::of(packed.value(row))?.bought(|item, days| {
                if let Some(at) = items.get(item) {
                    answer.buyers[*at] += 1;
                    answer.repeaters[*at] += u64::from(days > 1);
                }
            })?;
        }
        Ok(answer)
    }

    /// Writes the shard's part of `recommendations/`.
    pub(super) fn recommend(&self, shard: u32, request: &RecommendRequest) -> Result<RecommendAnswer> {
        let unasked = || Error::bug("a job that recommends nothing is asked for recommendations");
        let job = &self.spec.job;
        let recommendations = job.recommendations.as_ref().ok_or_else(unasked)?;
        let named = |affinity: &&Affinity| affinity.name == recommendations.affinity;
        let affinity = job.affinities.iter().find(named).ok_or_else(unasked)?;
        let rules = Rules::from_message(request)?;
        let stock = self.stock(request, &rules)?;
        let size = self.size_of_features(shard)?;
        let _held = self.memory.reserve(2 * size, &format!("the recommendations of shard {shard}"))?;
        let features = self.read_features(shard)?;
        let shard_of =
            ShardOf { job_id: job.unit.key(), recommendations, affinity, rules: &rules, stock: stock.as_deref() };
        let mut counts = RecommendCounts::default();
        let customers = features.num_rows();
        let pieces = (0..customers.max(1)).step_by(PIECE).map(|start| {
            let piece = features.slice(start, PIECE.min(customers - start));
            shard_of.piece(&piece, &mut counts)
        });
        let path = format!("recommendations/{}", part_file(shard));
        let file = self.write_pieces(&path, pieces)?;
        Ok(RecommendAnswer { files: vec![file], counts: Some(counts) })
    }

    /// Says of each item whether it is in stock; none where no table says it.
    fn stock(&self, request: &RecommendRequest, rules: &Rules) -> Result<Option<Vec<bool>>> {
        let Some(source) = stock_table(&self.spec.job) else { return Ok(None) };
        let references = self.references(&request.references, |number| number == source)?;
        let mut stock = vec![false; request.items.len()];
        let Some(table) = references.tables.rows(source) else { return Ok(Some(stock)) };
        let unread = |error| Error::bug("what is in stock cannot be read").caused_by(error);
        let products = cast(column(table, PRODUCT)?, &DataType::Utf8).map_err(unread)?;
        let products: &StringArray = products.as_string();
        let in_stock = column(table, IN_STOCK)?;
        let in_stock: &BooleanArray =
            in_stock.as_boolean_opt().ok_or_else(|| Error::bug("what is in stock is neither true nor false"))?;
        for row in (0..table.num_rows()).filter(|row| products.is_valid(*row) && in_stock.is_valid(*row)) {
            if let Some(item) = rules.position(products.value(row).as_bytes()).and_then(|at| stock.get_mut(at as usize))
            {
                *item |= in_stock.value(row);
            }
        }
        Ok(Some(stock))
    }
}

/// What the recommendations of a shard are made of.
struct ShardOf<'a> {
    job_id: &'static str,
    recommendations: &'a Recommendations,
    affinity: &'a Affinity,
    rules: &'a Rules,
    stock: Option<&'a [bool]>,
}

impl ShardOf<'_> {
    fn piece(&self, customers: &RecordBatch, counts: &mut RecommendCounts) -> Result<RecordBatch> {
        let ids: &StringArray =
            column(customers, self.job_id)?.as_string_opt().ok_or_else(|| Error::bug("ids are no texts"))?;
        let packed = column(customers, TASTE)?.as_binary::<i32>();
        let may_be_told = match self.recommendations.channel {
            Some(_) => Some(column(customers, MAY_BE_TOLD)?.as_boolean()),
            None => None,
        };
        let in_stock = |item: u32| self.stock.is_none_or(|stock| stock.get(item as usize).copied().unwrap_or_default());
        let mut rows = Vec::new();
        let mut of_piece = RecommendCounts::default();
        for row in 0..customers.num_rows() {
            of_piece.customers += 1;
            if may_be_told.is_some_and(|told| !(told.is_valid(row) && told.value(row))) {
                of_piece.without_consent += 1;
                continue;
            }
            let taste = self.taste(packed.value(row))?;
            let chosen = choose(self.rules, &taste, in_stock, self.recommendations.top as usize, &mut of_piece);
            of_piece.recommended += u64::from(!chosen.is_empty());
            of_piece.rows += chosen.len() as u64;
            rows.extend(chosen.into_iter().map(|chosen| {
                let (item, because_item) = (self.rules.name(chosen.rule.second), self.rules.name(chosen.rule.first));
                RecommendationRow {
                    customer_id: ids.value(row),
                    rank: chosen.rank,
                    item,
                    because_item,
                    because_it_was: self.affinity.from.word(),
                    confidence: chosen.rule.confidence,
                    lift: chosen.rule.lift,
                    n_both: i64::try_from(chosen.rule.n_both).unwrap_or(i64::MAX),
                    reason: self.reason(item, because_item, chosen.rule.confidence, chosen.rule.lift),
                }
            }));
        }
        merge_recommend_counts(counts, &of_piece);
        recommendations_batch(self.job_id, &rows)
    }

    fn taste(&self, packed: &[u8]) -> Result<Taste> {
        let mut taste = Taste::default();
        let mut lists = TasteLists::of(packed)?;
        lists.bought(|item, _| taste.bought.extend(self.rules.position(item)))?;
        lists.wished(|item| {
            if self.affinity.from == First::Wished {
                taste.from.extend(self.rules.position(item));
            }
        })?;
        lists.ignored(|item| taste.ignored.extend(self.rules.position(item)))?;
        if self.affinity.from == First::Bought {
            taste.from.clone_from(&taste.bought);
        }
        Ok(taste)
    }

    fn reason(&self, item: &str, because_item: &str, confidence: f64, lift: f64) -> String {
        let share = 100.0 * confidence;
        match (self.affinity.from, self.affinity.within) {
            (First::Wished, _) => format!(
                "{share:.1} % of those who wished for {because_item} bought {item}, {lift:.1} times as many as of all"
            ),
            (First::Bought, Within::Customer) => format!(
                "{share:.1} % of those who bought {because_item} bought {item}, {lift:.1} times as many as of all"
            ),
            (First::Bought, Within::Basket) => format!(
                "{share:.1} % of the baskets with {because_item} have {item}, {lift:.1} times as many as of all"
            ),
        }
    }
}

fn column<'a>(table: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef> {
    table.column_by_name(name).ok_or_else(|| Error::bug(format!("{name} is not there")))
}
