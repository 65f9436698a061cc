//! Products that no reference table has.

use super::Shard;
use crate::{
    notes::{Note, NoteCounter},
    shard::UNUSED,
    spec::{PRODUCT, RunSpec, has_known_products, product_table},
};
use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch, StringArray},
    compute::{cast, sort},
    datatypes::DataType,
};
use segmenter_proto::{Error, Result};
use tokio::runtime::Handle;

/// Notes of every source with products how many used rows name one that `table`, the reference table of products, does not have. Ids are compared as texts.
///
/// # Errors
/// Rows that stay in the work folder are gone or damaged: [`Error::lost_work`].
pub fn note_unknown_products(
    spec: &RunSpec,
    shard: &Shard,
    table: Option<&RecordBatch>,
    runtime: &Handle,
    notes: &mut NoteCounter,
) -> Result<()> {
    if product_table(&spec.job).is_none() {
        return Ok(());
    }
    let known = match table.and_then(|rows| rows.column_by_name(PRODUCT)) {
        Some(products) => ordered(products)?,
        None => StringArray::new_null(0),
    };
    for rows in &shard.sources {
        let source = spec.sources.get(rows.source).map(|source| &source.source);
        if !source.is_some_and(|source| has_known_products(&spec.job, source)) {
            continue;
        }
        let (mut unknown, mut named, mut first) = (0, 0, 0);
        rows.rows.each(runtime, |batch| {
            let products = batch.column_by_name(PRODUCT).ok_or_else(|| Error::bug("products were not kept"))?;
            let products = texts(products)?;
            for (row, product) in products.iter().enumerate() {
                let is_used = rows.ordinals.values().get(first + row).is_some_and(|ordinal| *ordinal != UNUSED);
                let Some(product) = product.filter(|_| is_used) else { continue };
                named += 1;
                unknown += u64::from(!has(&known, product));
            }
            first += batch.num_rows();
            Ok(())
        })?;
        if named > 0 {
            notes.add(rows.source as u32, Note::UnknownProduct, PRODUCT, unknown, named);
        }
    }
    Ok(())
}

fn texts(values: &ArrayRef) -> Result<StringArray> {
    let texts = cast(values, &DataType::Utf8)
        .map_err(|error| Error::bug("products could not be read as text").caused_by(error))?;
    Ok(texts.as_string::<i32>().clone())
}

/// Gives the products in the order of their texts; a table lies in the order of its key, which for texts is the same.
fn ordered(products: &ArrayRef) -> Result<StringArray> {
    let texts = texts(products)?;
    if *products.data_type() == DataType::Utf8 {
        return Ok(texts);
    }
    let sorted = sort(&texts, None).map_err(|error| Error::bug("products have no order").caused_by(error))?;
    Ok(sorted.as_string::<i32>().clone())
}

fn has(ordered: &StringArray, product: &str) -> bool {
    let (mut low, mut high) = (0, ordered.len());
    while low < high {
        let middle = low + (high - low) / 2;
        // A null comes first.
        match ordered.is_null(middle) || ordered.value(middle) < product {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low < ordered.len() && ordered.is_valid(low) && ordered.value(low) == product
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::Int64Array;
    use std::sync::Arc;

    #[test]
    fn products_are_found_as_texts() {
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![2, 10, 100, 9]));
        let known = ordered(&numbers).unwrap();
        for number in ["2", "10", "100", "9"] {
            assert!(has(&known, number), "{number}");
        }
        for number in ["1", "99", "", "1000", "20"] {
            assert!(!has(&known, number), "{number}");
        }
        let words: ArrayRef = Arc::new(StringArray::from(vec![None, Some("P1"), Some("P10"), Some("p1")]));
        let known = ordered(&words).unwrap();
        assert!(has(&known, "P10") && has(&known, "p1") && !has(&known, "P2") && !has(&known, "q"));
        assert!(!has(&StringArray::new_null(0), "P1"));
    }
}
