//! The columns that expressions may name.

use arrow::datatypes::Schema;
use hashbrown::HashMap;

/// The columns of a schema by name, so that each of many expressions over many columns is read in the time that it takes itself.
#[derive(Debug)]
pub struct Scope<'a> {
    schema: &'a Schema,
    places: HashMap<&'a str, usize>,
}

impl<'a> Scope<'a> {
    /// Looks through the columns of a schema; of a name that comes twice, the first one is meant.
    pub fn of(schema: &'a Schema) -> Self {
        let mut places = HashMap::with_capacity(schema.fields().len());
        for (place, field) in schema.fields().iter().enumerate() {
            places.entry(field.name().as_str()).or_insert(place);
        }
        Self { schema, places }
    }

    /// Gives the columns.
    pub(super) fn schema(&self) -> &'a Schema {
        self.schema
    }

    /// Gives where a column stands.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// Gives those of the columns that have one of these names, in their order.
    pub(super) fn narrowed<'n>(&self, names: impl IntoIterator<Item = &'n String>) -> Schema {
        let mut places: Vec<usize> = names.into_iter().filter_map(|name| self.place(name)).collect();
        places.sort_unstable();
        places.dedup();
        Schema::new(places.into_iter().map(|place| self.schema.fields()[place].clone()).collect::<Vec<_>>())
    }
}
