//! Which customer each order is of, scattered by order: whether an order stands at several customers is not seen within a shard of customers. Likewise
//! what rows of customers say beside their ids, scattered by that: whether two customers have the same.

use crate::{
    notes::{Note, NoteCounter},
    partition::{
        SUBSIDIARIES,
        scatter::{ReadyChunk, Scatter},
    },
    spec::{RunSpec, SourceRole, SourceSpec, midnight},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, Decimal128Array, RecordBatch, StringArray, TimestampMicrosecondArray},
    datatypes::{DataType, Decimal128Type, Field, Schema, SchemaRef, TimeUnit, TimestampMicrosecondType},
    row::{RowConverter, SortField},
};
use segmenter_proto::{
    Error, Result, customer_hash,
    jobs::{OWN_ID, SourceKind},
};
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};
use xxhash_rust::xxh3::xxh3_128;

/// Orders of source 0 with their customers, which travel to the shards like rows, by the hash of the order. Those of source 1 have the next
/// number, and so on.
pub const ORDER_OWNERS: u32 = 1 << 31;

/// Says whether the rows of a source number are orders with their customers.
pub fn is_order_owners(source: u32) -> bool {
    (ORDER_OWNERS..SUBSIDIARIES).contains(&source)
}

/// The low bits of an owner, which are of the customer. The others are of the order.
const CUSTOMER_BITS: u32 = 32;

/// Writes down which customer each order is of, for the shard of the order.
///
/// An owner is one number: 96 bits of the hash of the order's id, so that of two billion orders no two share theirs, and 32 bits of
/// the hash of the customer, which differ for all but one in four billion pairs. So an order takes 16 bytes, whatever its lines, as long as they
/// lie together in the file. Only rows before `as_of` count, as in features: where the rows are kept for runs of other days, all are written,
/// each with its time.
#[derive(Debug)]
pub struct OrderOwners {
    as_of: i64,
    shards: u32,
    /// Whether runs of other days read them too.
    are_kept: bool,
}

impl OrderOwners {
    /// Begins for a run.
    ///
    /// # Errors
    /// When its timezone is not known; it was checked before.
    pub fn new(spec: &RunSpec) -> Result<Self> {
        let as_of = midnight(spec.job.as_of, &spec.job.timezone)?;
        Ok(Self { as_of, shards: spec.shards, are_kept: spec.cache.is_some() })
    }

    /// Adds the rows of a batch that go on; gives `write` the chunks that are full.
    ///
    /// # Errors
    /// See [`Scatter::push`].
    pub fn push(
        &self,
        number: u32,
        source: &SourceSpec,
        rows: &RecordBatch,
        scatter: &mut Scatter,
        write: &mut impl FnMut(ReadyChunk) -> Result<()>,
    ) -> Result<()> {
        let column = |name: &str| rows.column_by_name(name).filter(|_| source.source.kind == SourceKind::Transactions);
        let (Some(orders), Some(customers), Some(times)) =
            (column("order_id"), column(source.source.owner_id()), column("time"))
        else {
            return Ok(());
        };
        let (orders, customers) = (orders.as_string::<i32>(), customers.as_string::<i32>());
        let times = times.as_primitive::<TimestampMicrosecondType>().values();
        let is_wanted = |row: &usize| orders.is_valid(*row) && (self.are_kept || times[*row] < self.as_of);
        let mut owners: Vec<i128> = Vec::with_capacity(rows.num_rows());
        let mut since: Vec<i64> = Vec::new();
        for row in (0..rows.num_rows()).filter(is_wanted) {
            let owner = owner_of(xxh3_128(orders.value(row).as_bytes()), customers.value(row));
            // The lines of an order mostly lie together.
            let is_new = owners.last() != Some(&owner);
            if is_new {
                owners.push(owner);
            }
            match since.last_mut() {
                Some(first) if !is_new => *first = times[row].min(*first),
                _ if self.are_kept => since.push(times[row]),
                _ => {}
            }
        }
        self.scatter(number, owners, self.are_kept.then_some(since), scatter, write)
    }

    /// Adds what rows of customers say, of a source that says enough of them that no two have the same by chance: as [`contents`] gives it, with
    /// the customers' ids.
    ///
    /// # Errors
    /// See [`Scatter::push`].
    pub fn push_contents(
        &self,
        number: u32,
        (contents, customers): (&[u128], &StringArray),
        scatter: &mut Scatter,
        write: &mut impl FnMut(ReadyChunk) -> Result<()>,
    ) -> Result<()> {
        let owner = |(content, customer): (&u128, Option<&str>)| owner_of(*content, customer.unwrap_or_default());
        self.scatter(number, contents.iter().zip(customers).map(owner).collect(), None, scatter, write)
    }

    fn scatter(
        &self,
        number: u32,
        owners: Vec<i128>,
        since: Option<Vec<i64>>,
        scatter: &mut Scatter,
        write: &mut impl FnMut(ReadyChunk) -> Result<()>,
    ) -> Result<()> {
        let shards: Vec<u32> = owners.iter().map(|owner| self.shard_of(*owner as u128)).collect();
        let mut columns: Vec<ArrayRef> = vec![Arc::new(Decimal128Array::from(owners).with_data_type(NUMBER))];
        let schema = schema(since.is_some());
        columns.extend(since.map(|since| Arc::new(TimestampMicrosecondArray::from(since)) as ArrayRef));
        let rows = RecordBatch::try_new(schema, columns)
            .map_err(|error| Error::bug("orders do not fit their schema").caused_by(error))?;
        scatter.push_to(ORDER_OWNERS + number, &shards, &rows, write)
    }

    /// By the lowest bits of the order: the highest divide it within the shard.
    fn shard_of(&self, owner: u128) -> u32 {
        let order = (owner >> CUSTOMER_BITS) as u32;
        ((u64::from(order) * u64::from(self.shards)) >> 32) as u32
    }
}

fn owner_of(hash: u128, customer: &str) -> i128 {
    (hash >> CUSTOMER_BITS << CUSTOMER_BITS | u128::from(customer_hash(customer) as u32)) as i128
}

/// Columns beside the id that a source of customers has to have for two rows that say the same to be worth telling.
const TELLING: usize = 5;

/// Gives the hash of what each row of a source of customers says beside its id; none of other sources, and of those that say too little.
///
/// # Errors
/// Bug only: columns that cannot be compared.
pub fn contents(source: &SourceSpec, rows: &RecordBatch) -> Result<Option<Vec<u128>>> {
    if !source.source.is_of_population() || source.role == SourceRole::Exclusion {
        return Ok(None);
    }
    let is_id = |name: &str| name == source.source.owner_id() || name == OWN_ID;
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns()).filter(|(field, _)| !is_id(field.name()));
    let columns: Vec<ArrayRef> = columns.map(|(_, column)| Arc::clone(column)).collect();
    if columns.len() < TELLING {
        return Ok(None);
    }
    let cannot = |error| Error::bug("rows of customers cannot be compared").caused_by(error);
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let said = RowConverter::new(fields).and_then(|converter| converter.convert_columns(&columns)).map_err(cannot)?;
    Ok(Some(said.iter().map(|row| xxh3_128(row.as_ref())).collect()))
}

/// Counts the orders of a shard of orders with a row before `as_of`, and those that stand at several customers, a source; and of sources `of_people`
/// the customers of whom another has the same row.
///
/// # Errors
/// When the rows are not what was written: Bug.
pub fn count_owners(
    batches: &BTreeMap<u32, Vec<RecordBatch>>,
    of_people: impl Fn(u32) -> bool,
    as_of: i64,
    notes: &mut NoteCounter,
) -> Result<()> {
    for (source, batches) in batches.iter().filter(|(source, _)| is_order_owners(**source)) {
        let owners = batches.iter().map(|batch| owners_before(batch, as_of)).collect::<Result<Vec<_>>>()?;
        let source = source - ORDER_OWNERS;
        if of_people(source) {
            count_equal(source, &owners, notes);
            continue;
        }
        let (mut shared, mut all) = (0, 0);
        let order = |owner: &u128| owner >> CUSTOMER_BITS;
        for of_order in sorted(&owners).chunk_by(|left, right| order(left) == order(right)) {
            all += 1;
            // Sorted: all are one customer's where the ends are.
            shared += u64::from(of_order.first() != of_order.last());
        }
        notes.add(source, Note::OrderOfSeveral, "", shared, all);
    }
    Ok(())
}

/// Gives the owners of a batch that have a row before `as_of`; all, where they have no times.
fn owners_before(batch: &RecordBatch, as_of: i64) -> Result<Cow<'_, [i128]>> {
    let wrong = || Error::bug("orders do not have the columns that were written");
    let owners = batch.columns().first().and_then(|owners| owners.as_primitive_opt::<Decimal128Type>());
    let owners = owners.ok_or_else(wrong)?.values();
    let Some(since) = batch.columns().get(1) else { return Ok(Cow::Borrowed(owners)) };
    let since = since.as_primitive_opt::<TimestampMicrosecondType>().ok_or_else(wrong)?.values();
    if since.iter().all(|time| *time < as_of) {
        return Ok(Cow::Borrowed(owners));
    }
    Ok(owners.iter().zip(since).filter(|(_, time)| **time < as_of).map(|(owner, _)| *owner).collect())
}

/// Counts customers, and those beyond the first who has a row.
fn count_equal(source: u32, owners: &[Cow<'_, [i128]>], notes: &mut NoteCounter) {
    let mut owners = sorted(owners);
    owners.dedup();
    let content = |owner: &u128| owner >> CUSTOMER_BITS;
    let equal = owners.chunk_by(|left, right| content(left) == content(right)).map(|same| same.len() as u64 - 1);
    let (equal, all) = (equal.sum(), owners.len() as u64);
    notes.add(source, Note::EqualRow, "", equal, all);
}

/// Sorts owners. Hashes are spread evenly, so their high bits divide them into handfuls, each sorted by itself in the cache.
fn sorted(owners: &[Cow<'_, [i128]>]) -> Vec<u128> {
    const HANDFUL: usize = 8;
    let count: usize = owners.iter().map(|owners| owners.len()).sum();
    let all = || owners.iter().flat_map(|owners| owners.iter()).map(|owner| *owner as u128);
    let bits = (count / HANDFUL).max(1).ilog2();
    let handful = |owner: u128| (owner >> (127 - bits) >> 1) as usize;
    let mut ends = vec![0; 1 << bits];
    all().for_each(|owner| ends[handful(owner)] += 1);
    let mut end = 0;
    for count in &mut ends {
        end += *count;
        *count = end;
    }
    let mut next = ends.clone();
    let mut sorted = vec![0; count];
    for owner in all() {
        let at = &mut next[handful(owner)];
        *at -= 1;
        sorted[*at] = owner;
    }
    let mut start = 0;
    for end in ends {
        sorted[start..end].sort_unstable();
        start = end;
    }
    sorted
}

/// What holds 128 bits; the number itself is no decimal.
const NUMBER: DataType = DataType::Decimal128(38, 0);

fn schema(with_times: bool) -> SchemaRef {
    let since = with_times.then(|| Field::new("since", DataType::Timestamp(TimeUnit::Microsecond, None), false));
    Arc::new(Schema::new([Field::new("owner", NUMBER, false)].into_iter().chain(since).collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(order: u128, customer: u128) -> i128 {
        (order << CUSTOMER_BITS | customer) as i128
    }

    fn batch(owners: &[i128]) -> RecordBatch {
        let owners = Decimal128Array::from(owners.to_vec()).with_data_type(NUMBER);
        RecordBatch::try_new(schema(false), vec![Arc::new(owners)]).unwrap()
    }

    #[test]
    fn owners_are_sorted_whatever_their_hashes() {
        for count in [0_u64, 1, 7, 8, 16, 1_000] {
            for spread in [0, 1, 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835] {
                let owners: Vec<i128> = (0..count).map(|n| u128::from(n).wrapping_mul(spread) as i128).collect();
                let mut expected: Vec<u128> = owners.iter().map(|owner| *owner as u128).collect();
                expected.sort_unstable();
                let (left, right) = owners.split_at(owners.len() / 3);
                assert_eq!(sorted(&[left.into(), right.into()]), expected, "{count} {spread}");
            }
        }
    }

    #[test]
    fn an_order_of_several_customers_counts_once_whatever_the_batches() {
        let high = 1 << 95;
        // Order 1 of customers 7 and 8, order 2 of 7 twice; order 1 of the second source of 9.
        let first = [owner(1 | high, 7), owner(2, 7), owner(1 | high, 8), owner(2, 7), owner(1 | high, 7)];
        let counted = |of_first: Vec<RecordBatch>| {
            let mut notes = NoteCounter::default();
            let batches = BTreeMap::from([
                (0, vec![]),
                (ORDER_OWNERS, of_first),
                (ORDER_OWNERS + 1, vec![batch(&[owner(1, 9)])]),
                // Three customers say one thing, of whom one says it twice, and one another.
                (
                    ORDER_OWNERS + 2,
                    vec![batch(&[owner(5, 1), owner(6, 1), owner(5, 3)]), batch(&[owner(5, 2), owner(5, 3)])],
                ),
                (u32::MAX, vec![]),
            ]);
            count_owners(&batches, |source| source == 2, 0, &mut notes).unwrap();
            [0, 1, 2]
                .map(|source| notes.of(source, 0).iter().map(|noted| (noted.count, noted.checked)).collect::<Vec<_>>())
        };
        let expected = [vec![(1, 2)], vec![(0, 1)], vec![(2, 4)]];
        assert_eq!(counted(vec![batch(&first)]), expected);
        assert_eq!(counted(first.iter().rev().map(|owner| batch(&[*owner])).collect()), expected);
    }

    #[test]
    fn of_kept_orders_those_count_that_have_a_row_before_the_day() {
        let owners = Decimal128Array::from(vec![owner(1, 7), owner(1, 8), owner(2, 7)]).with_data_type(NUMBER);
        let since = TimestampMicrosecondArray::from(vec![10, 20, 30]);
        let kept = RecordBatch::try_new(schema(true), vec![Arc::new(owners), Arc::new(since)]).unwrap();
        for (as_of, expected) in [(10, (0, 0)), (11, (0, 1)), (21, (1, 1)), (31, (1, 2))] {
            let mut notes = NoteCounter::default();
            count_owners(&BTreeMap::from([(ORDER_OWNERS, vec![kept.clone()])]), |_| false, as_of, &mut notes).unwrap();
            let noted = notes.of(0, 0);
            let noted = noted.first().map_or((0, 0), |noted| (noted.count, noted.checked));
            assert_eq!(noted, expected, "{as_of}");
        }
    }
}
