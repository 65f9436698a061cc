//! Pairs of ids as they are read, to links by shard.

use super::{
    emit::Emit,
    node::{Node, node_of, shard_of_node},
    rows::{APART, LINKS, NAMES, Nodes, batch, nodes, text},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, Float64Type},
};
use segmenter_proto::{Error, Result, jobs::Identity, v1::IdentityCounts};
use std::sync::Arc;

/// What a pair says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// The two ids are one person's.
    Same,
    /// They are two persons', whatever else says that they are one.
    Apart,
    /// They may be one person's, with too little confidence or with nobody knows how much: null, or no number from 0 to 1.
    Unsure,
    /// Whether they are one person's is null.
    Undecided,
    /// The id is itself.
    SameId,
}

/// The columns of pairs, as their kind has them.
#[derive(Debug)]
struct Columns {
    ids: [StringArray; 2],
    same: Option<BooleanArray>,
    confidence: Option<Float64Array>,
    /// The least confidence, as the file's own numbers have it.
    least: f64,
    reason: Option<StringArray>,
}

impl Columns {
    fn of(rows: &RecordBatch, least: f64) -> Result<Self> {
        let as_type = |name: &str, kind: &DataType| -> Result<Option<ArrayRef>> {
            let values = rows.column_by_name(name).map(|values| cast(values, kind)).transpose();
            values.map_err(|error| Error::data(format!("{name} of pairs of ids cannot be read")).caused_by(error))
        };
        let id = |name| -> Result<StringArray> {
            let ids = as_type(name, &DataType::Utf8)?.ok_or_else(|| Error::bug("pairs have lost an id"))?;
            Ok(ids.as_string::<i32>().clone())
        };
        // 0.9 of a narrow float is a little less than 0.9.
        let is_narrow = rows.column_by_name("confidence").is_some_and(|sure| *sure.data_type() == DataType::Float32);
        Ok(Self {
            least: if is_narrow { f64::from(least as f32) } else { least },
            ids: [id("id")?, id("other_id")?],
            same: as_type("same", &DataType::Boolean)?.map(|same| same.as_boolean().clone()),
            confidence: as_type("confidence", &DataType::Float64)?
                .map(|confidence| confidence.as_primitive::<Float64Type>().clone()),
            reason: as_type("reason", &DataType::Utf8)?.map(|reason| reason.as_string::<i32>().clone()),
        })
    }

    /// Says what a row claims. Who says that two are apart is heard whatever the confidence: nobody is joined in doubt.
    fn claim(&self, row: usize) -> Claim {
        let same = self.same.as_ref().map_or(Some(true), |same| same.is_valid(row).then(|| same.value(row)));
        let sure = self
            .confidence
            .as_ref()
            .is_none_or(|sure| sure.is_valid(row) && (self.least..=1.0).contains(&sure.value(row)));
        match same {
            _ if self.ids[0].value(row) == self.ids[1].value(row) => Claim::SameId,
            None => Claim::Undecided,
            Some(false) => Claim::Apart,
            Some(true) if sure => Claim::Same,
            Some(true) => Claim::Unsure,
        }
    }
}

/// Sends the ids and links of some pairs on, both ids of which are there, and counts them.
///
/// # Errors
/// A column cannot be read: Data. The work folder or scratch fails.
pub fn pairs(rows: &RecordBatch, identity: &Identity, emit: &mut Emit, counts: &mut IdentityCounts) -> Result<()> {
    let columns = Columns::of(rows, identity.min_confidence)?;
    let mut links: Nodes<2> = Nodes::default();
    let mut apart: Nodes<2> = Nodes::default();
    let mut named: Vec<(Node, usize, usize)> = Vec::new();
    for row in 0..rows.num_rows() {
        let claim = columns.claim(row);
        let count = match claim {
            Claim::Same => &mut counts.linking,
            Claim::Apart => &mut counts.apart,
            Claim::Unsure => &mut counts.unsure,
            Claim::Undecided => &mut counts.undecided,
            Claim::SameId => &mut counts.same_id,
        };
        *count += 1;
        if !matches!(claim, Claim::Same | Claim::Apart) {
            continue;
        }
        let [one, other] = [0, 1].map(|side: usize| node_of(columns.ids[side].value(row)));
        let pairs = if claim == Claim::Same { &mut links } else { &mut apart };
        pairs.push([one, other]);
        pairs.push([other, one]);
        if claim == Claim::Same {
            named.extend([(one, 0, row), (other, 1, row)]);
        }
    }
    send(emit, LINKS, &links)?;
    send(emit, APART, &apart)?;
    let texts = named.iter().map(|(_, side, row)| Some(columns.ids[*side].value(*row))).collect::<StringArray>();
    let reasons = named.iter().map(|(_, _, row)| columns.reason.as_ref().and_then(|reason| text(reason, *row)));
    let reasons = reasons.collect::<StringArray>();
    let shards: Vec<u32> = named.iter().map(|(node, ..)| shard_of_node(*node, emit.link_shards())).collect();
    let names = batch(vec![nodes(named.iter().map(|(node, ..)| *node)), Arc::new(texts), Arc::new(reasons)])?;
    emit.push(NAMES, &shards, &names)
}

/// Sends rows to the shards of their first nodes.
pub(super) fn send<const COLUMNS: usize>(emit: &mut Emit, kind: u32, rows: &Nodes<COLUMNS>) -> Result<()> {
    let shards: Vec<u32> = rows.rows().iter().map(|row| shard_of_node(row[0], emit.link_shards())).collect();
    emit.push(kind, &shards, &rows.batch()?)
}
