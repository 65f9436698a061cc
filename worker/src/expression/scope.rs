//! The columns that expressions may name.

use arrow::datatypes::Schema;
use hashbrown::HashMap;

/// The columns of a schema by name, so that each of many expressions over many columns is read in the time that it takes itself.
#[derive(Debug)]
pub struct Scope<'a> {
    schema: &'a Schema,
    places: HashMap<&'a str, usize>,
    /// Columns that were handed out, for tests: each expression costs its own and not all there are.
    #[cfg(test)]
    handed: std::cell::Cell<usize>,
}

impl<'a> Scope<'a> {
    /// Looks through the columns of a schema; of a name that comes twice, the first one is meant.
    pub fn of(schema: &'a Schema) -> Self {
        let mut places = HashMap::with_capacity(schema.fields().len());
        for (place, field) in schema.fields().iter().enumerate() {
            places.entry(field.name().as_str()).or_insert(place);
        }
        Self {
            schema,
            places,
            #[cfg(test)]
            handed: std::cell::Cell::default(),
        }
    }

    /// Gives the columns.
    pub(super) fn schema(&self) -> &'a Schema {
        #[cfg(test)]
        self.handed.set(self.handed.get() + self.schema.fields().len());
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
        #[cfg(test)]
        self.handed.set(self.handed.get() + places.len());
        Schema::new(places.into_iter().map(|place| self.schema.fields()[place].clone()).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Scalar, Settings};
    use super::*;
    use arrow::datatypes::{DataType, Field};

    #[test]
    fn an_expression_costs_its_own_columns_however_many_there_are() {
        let columns: Vec<Field> =
            (0..2_000).map(|column| Field::new(format!("col_{column}"), DataType::Int64, true)).collect();
        let (schema, settings) = (Schema::new(columns), Settings::new("UTC").unwrap());
        let scope = Scope::of(&schema);
        for column in 0..2_000 {
            let sql = format!("col_{column} + col_{column} * col_0");
            assert_eq!(
                Scalar::parse_in(&sql, &scope, &settings).unwrap().columns().len(),
                2 - usize::from(column == 0)
            );
        }
        assert_eq!(scope.handed.get(), 2 * 2_000 - 1);
        // A name that is not there is told against all of them.
        assert!(Scalar::parse_in("col_x", &scope, &settings).is_err());
        assert_eq!(scope.handed.get(), 3 * 2_000 - 1);
    }
}
