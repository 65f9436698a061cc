//! What customers bought, wished for and ignored, and whether a channel reaches them, of which recommendations are made; no feature sees it.

use super::{
    queries::{Computed, QueryFeatures},
    reachable::deciding_consents,
};
use crate::{
    expression::type_name,
    measure::{PackedItem, Packer},
    spec::{IN_STOCK, RunSpec, stock_table},
    sql::{AnsweredRows, Catalogue, Query, Room, ShardTables},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, BinaryArray, Int64Array, StringArray},
    datatypes::{DataType, Field, Int64Type},
};
use segmenter_proto::{
    Error, Result,
    jobs::{DefaultValue, SqlFeatures},
};
use std::{collections::BTreeMap, sync::Arc};

/// What a customer bought, wished for and ignored, packed, in place of lines the days on which it was; not a feature.
pub const TASTE: &str = "__taste";
/// Whether the channel by which recommendations are told reaches the customer; not a feature.
pub const MAY_BE_TOLD: &str = "__may_be_told";

/// The words of the query, in the order of the lists.
pub const TASTES: [&str; 3] = ["bought", "wished", "ignored"];

/// Bytes that an item takes until it is packed: as the query gives it, and as it is sorted.
const BYTES_AN_ITEM: usize = 128;

/// The queries of recommendations.
#[derive(Debug)]
pub(super) struct TastePlan {
    query: Query,
    names: Vec<String>,
    /// None where no consent is asked for.
    may_be_told: Option<QueryFeatures>,
}

impl TastePlan {
    /// Compiles them; none of a job that recommends nothing.
    ///
    /// # Errors
    /// Sources have different types of `product_id`: Job.
    pub(super) fn compile(spec: &RunSpec) -> Result<Option<Self>> {
        let Some(recommendations) = &spec.job.recommendations else { return Ok(None) };
        check_stock(spec)?;
        let catalogue = Catalogue::of(spec)?;
        let query = Query::bind(&recommendations.query, &catalogue)
            .map_err(|error| Error::from(error).at_key("recommendations.affinity".to_owned()))?;
        Ok(Some(Self {
            names: query.fields().into_iter().map(|field| field.name().clone()).collect(),
            query,
            may_be_told: match &recommendations.channel {
                Some(channel) => {
                    let told = "whom the channel of recommendations reaches";
                    Some(may_be_told(spec, channel, told, &catalogue)?)
                }
                None => None,
            },
        }))
    }

    pub(super) fn fields(&self) -> Vec<Field> {
        let taste = Field::new(TASTE, DataType::Binary, false);
        let may_be_told = self.may_be_told.iter().map(|_| Field::new(MAY_BE_TOLD, DataType::Boolean, true));
        [taste].into_iter().chain(may_be_told).collect()
    }

    /// Gives the columns.
    ///
    /// # Errors
    /// One customer does not fit into memory (Resources).
    pub(super) fn compute(&self, tables: &ShardTables<'_>, customers: usize, room: Room<'_>) -> Result<Vec<ArrayRef>> {
        let mut packed = vec![Vec::new(); customers];
        let rows = (room.memory / BYTES_AN_ITEM).max(1);
        let lost = self.query.each_row(tables, room, rows, |answered| {
            let mut items = Vec::new();
            for rows in &answered {
                items.extend(self.items(rows)?);
            }
            items.sort_unstable();
            for own in items.chunk_by(|left, right| left.0 == right.0) {
                let customer = own.first().map_or(0, |(customer, ..)| *customer) as usize;
                let packed = packed.get_mut(customer).ok_or_else(|| Error::bug("items of a customer of no shard"))?;
                let mut packer = Packer::default();
                for list in 0..TASTES.len() {
                    let of = own.iter().filter(|(_, of, ..)| *of == list);
                    let of = of.map(|(_, _, item, days)| PackedItem { name: item.as_bytes(), lines: *days });
                    packer.list(&of.collect::<Vec<_>>());
                }
                *packed = packer.finish(0);
            }
            Ok(())
        })?;
        if lost > 0 {
            return Err(Error::bug(format!("what {lost} customers bought cannot be read")));
        }
        let mut columns: Vec<ArrayRef> = vec![Arc::new(BinaryArray::from_iter_values(packed))];
        if let Some(query) = &self.may_be_told {
            let Computed { values, .. } = query.compute(tables, room)?;
            columns.extend(values.into_iter().take(1));
        }
        Ok(columns)
    }

    /// Gives customer, list, item and days of each row.
    fn items<'a>(&self, rows: &'a AnsweredRows) -> Result<Vec<(u32, usize, &'a str, u64)>> {
        let column = |name: &str| {
            let found = self.names.iter().zip(&rows.columns).find(|(own, _)| *own == name);
            found.map(|(_, column)| column).ok_or_else(|| Error::bug("items of customers have other columns"))
        };
        let other = || Error::bug("items of customers have columns of other types");
        let what: &StringArray = column("what")?.as_string_opt().ok_or_else(other)?;
        let item: &StringArray = column("item")?.as_string_opt().ok_or_else(other)?;
        let days: &Int64Array = column("days")?.as_primitive_opt::<Int64Type>().ok_or_else(other)?;
        let of_row = |row: usize| {
            let list = TASTES.iter().position(|word| *word == what.value(row)).ok_or_else(other)?;
            Ok((rows.customers.value(row), list, item.value(row), days.value(row).unsigned_abs()))
        };
        (0..item.len()).filter(|row| item.is_valid(*row)).map(of_row).collect()
    }
}

/// Checks that it is true or false whether a product is in stock.
fn check_stock(spec: &RunSpec) -> Result<()> {
    let Some(at) = stock_table(&spec.job) else { return Ok(()) };
    let source = spec.sources.get(at).ok_or_else(|| Error::bug("the table of products is no source"))?;
    let schema = source.schema()?;
    match schema.field_with_name(IN_STOCK).map(Field::data_type) {
        Ok(DataType::Boolean) | Err(_) => Ok(()),
        Ok(other) => Err(Error::job(format!(
            "source {}: `{IN_STOCK}` is {}, and recommendations need what is true or false",
            source.source.name,
            type_name(other)
        ))
        .with_hint(format!("say when a product is in stock, such as {IN_STOCK} = \"pieces > 0\""))
        .at_key(format!("source[{at}].columns.{IN_STOCK}"))),
    }
}

/// Compiles whom a channel reaches: whose latest consent to it is given. Who says nothing is not reached.
pub(super) fn may_be_told(spec: &RunSpec, channel: &str, told: &str, catalogue: &Catalogue) -> Result<QueryFeatures> {
    let id = spec.job.unit.key();
    let deciding = deciding_consents(&spec.job);
    let query = format!(
        "select {id}, bool_and(granted) as may_be_told from ({deciding}) where channel = '{}' group by {id}",
        channel.replace('\'', "''")
    );
    let nobody = BTreeMap::from([("may_be_told".to_owned(), DefaultValue::Truth(false))]);
    let features = SqlFeatures { name: "may_be_told".to_owned(), query, defaults: nobody };
    QueryFeatures::told_as(told.to_owned(), catalogue, &features)
}
