//! Who may be written to: customers whose latest consent to a channel is given.

use super::{Shard, rows::SourceRows};
use crate::{
    notes::{Note, NoteCounter},
    spec::RunSpec,
};
use arrow::{
    array::{Array, AsArray, BooleanArray, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, TimestampMicrosecondType},
};
use segmenter_proto::{
    Error, Result, customer_hash,
    jobs::{OWN_ID, SourceKind},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
};
use tokio::runtime::Handle;

/// Channels that are told of a source; where there are more, the column is none of channels, and none of its values is.
pub const MOST_CHANNELS: usize = 50;

/// Bytes that the latest consent of a customer to a channel takes.
const BYTES: usize = 96;

/// The latest consent to a channel of a customer, and of each id that is linked to the customer: by customer, channel, and the hash of the id as it stands
/// in the source, which is 0 where ids are not linked.
type Latest = HashMap<(u32, u32, u64), Consent>;

#[derive(Debug, Clone, Copy)]
struct Consent {
    time: Option<i64>,
    granted: bool,
}

/// Notes of every source of consents how many customers of a shard may be reached by each channel, and by any. Not more than `memory` bytes
/// are taken, at the price of several looks at the rows.
///
/// The latest consent decides; of several at one time, and where a source has no times, one that is withdrawn does. Where a person has several ids, one of
/// them that withdrew its consent did so for the person, whatever the others gave later.
///
/// # Errors
/// Rows that stay in the work folder are gone or damaged: [`Error::lost_work`].
pub fn note_reachable(
    spec: &RunSpec,
    shard: &Shard,
    memory: usize,
    runtime: &Handle,
    notes: &mut NoteCounter,
) -> Result<()> {
    let is_of_consents = |rows: &&SourceRows| {
        spec.sources.get(rows.source).is_some_and(|source| source.source.kind == SourceKind::Consents)
    };
    for rows in shard.sources.iter().filter(is_of_consents) {
        let looks = (rows.ordinals.len() * BYTES).div_ceil(memory.max(BYTES)).max(1);
        let customers = shard.customers.len();
        let step = customers.div_ceil(looks).max(1);
        let mut channels = Channels::default();
        let mut by_any = 0;
        for start in (0..customers).step_by(step) {
            let part = start as u32..(start + step).min(customers) as u32;
            let mut latest = Latest::new();
            let mut first = 0;
            rows.rows.each(runtime, |batch| {
                let ordinals = rows.ordinals.slice(first, batch.num_rows().min(rows.ordinals.len() - first));
                first += batch.num_rows();
                look_at(batch, ordinals.values(), &part, &mut channels, &mut latest)
            })?;
            by_any += channels.count(&part, &latest);
        }
        let source = rows.source as u32;
        notes.add(source, Note::Reachable, "", by_any, 0);
        for (channel, customers) in channels.told() {
            notes.add(source, Note::Reachable, channel, customers, 0);
        }
    }
    Ok(())
}

/// Keeps the latest consents of some customers.
fn look_at(
    batch: &RecordBatch,
    ordinals: &[u32],
    part: &Range<u32>,
    channels: &mut Channels,
    latest: &mut Latest,
) -> Result<()> {
    let (Some(names), Some(granted)) = (batch.column_by_name("channel"), batch.column_by_name("granted")) else {
        return Err(Error::bug("rows of consents have lost a column"));
    };
    let cannot = |error| Error::bug("channels could not be read as text").caused_by(error);
    let names = cast(names, &DataType::Utf8).map_err(cannot)?;
    let (names, granted): (&StringArray, &BooleanArray) = (names.as_string::<i32>(), granted.as_boolean());
    let own_ids = batch.column_by_name(OWN_ID).map(|ids| cast(ids, &DataType::Utf8)).transpose().map_err(cannot)?;
    let own_ids = own_ids.as_ref().map(|ids| ids.as_string::<i32>());
    let times = batch.column_by_name("time").and_then(|times| times.as_primitive_opt::<TimestampMicrosecondType>());
    for (row, &customer) in ordinals.iter().enumerate() {
        if !part.contains(&customer) || names.is_null(row) {
            continue;
        }
        let id = own_ids.as_ref().map_or(0, |ids| customer_hash(ids.value(row)));
        let own = Consent {
            time: times.filter(|times| times.is_valid(row)).map(|times| times.value(row)),
            granted: granted.is_valid(row) && granted.value(row),
        };
        latest
            .entry((customer, channels.number(names.value(row)), id))
            .and_modify(|known| {
                if own.time > known.time {
                    *known = own;
                } else if own.time == known.time {
                    known.granted &= own.granted;
                }
            })
            .or_insert(own);
    }
    Ok(())
}

/// The channels of a source, and how many customers may be reached by each.
#[derive(Debug, Default)]
struct Channels {
    numbers: BTreeMap<String, u32>,
    reachable: Vec<u64>,
}

impl Channels {
    /// Gives the number of a channel; all beyond those that are told share one.
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.numbers.len().min(MOST_CHANNELS + 1);
        if number <= MOST_CHANNELS {
            self.numbers.insert(name.to_owned(), number as u32);
        }
        self.reachable.resize(MOST_CHANNELS + 2, 0);
        number as u32
    }

    /// Counts customers by channel, and gives how many have any.
    fn count(&mut self, part: &Range<u32>, latest: &Latest) -> u64 {
        let mut by_any = vec![false; part.len()];
        let withheld: HashSet<(u32, u32)> = latest
            .iter()
            .filter(|(_, consent)| !consent.granted)
            .map(|((customer, channel, _), _)| (*customer, *channel))
            .collect();
        let of_ids = latest.keys().map(|(customer, channel, _)| (*customer, *channel));
        let given: HashSet<(u32, u32)> = of_ids.filter(|of_both| !withheld.contains(of_both)).collect();
        for (customer, channel) in given {
            self.reachable[channel as usize] += 1;
            by_any[(customer - part.start) as usize] = true;
        }
        by_any.into_iter().filter(|any| *any).count() as u64
    }

    /// Gives the channels with their customers: one more than are told where there are too many.
    fn told(&self) -> impl Iterator<Item = (&str, u64)> {
        self.numbers.iter().map(|(name, number)| (name.as_str(), self.reachable[*number as usize]))
    }
}
