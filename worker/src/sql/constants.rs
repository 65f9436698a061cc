//! Constants of the population: their types are known when a query is bound, their values when it is answered.

use crate::expression::Operand;
use arrow::{
    array::{ArrayRef, StringArray, UInt32Array},
    compute::{CastOptions, cast_with_options, take},
    datatypes::{DataType, Field},
};
use datafusion_common::{
    Result as EngineResult, ScalarValue, internal_err,
    tree_node::{Transformed, TreeNode},
};
use datafusion_expr::{Expr, expr::Placeholder};
use segmenter_proto::{Error, Result, models::KnownConstant};
use std::{collections::BTreeMap, sync::Arc};

/// What is known of a run's constants, by name: an array of one value each.
#[derive(Debug, Clone, Default)]
pub struct Constants(BTreeMap<String, ArrayRef>);

impl Constants {
    /// Reads what was found.
    ///
    /// # Errors
    /// A value is none of its type: Bug.
    pub fn read(known: &[KnownConstant]) -> Result<Self> {
        let read = |constant: &KnownConstant| {
            let bug = |error: arrow::error::ArrowError| {
                Error::bug(format!("constant {} could not be read", constant.name)).caused_by(error)
            };
            let wanted: DataType = constant.data_type.parse().map_err(bug)?;
            let written: ArrayRef = Arc::new(StringArray::from(vec![constant.value.as_deref()]));
            let strict = CastOptions { safe: false, ..CastOptions::default() };
            let value = cast_with_options(&written, &wanted, &strict).map_err(bug)?;
            Ok((constant.name.clone(), value))
        };
        known.iter().map(read).collect::<Result<_>>().map(Self)
    }

    /// Gives each as a column of so many rows.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn columns(&self, rows: usize) -> Result<Vec<(Field, ArrayRef)>> {
        let first = UInt32Array::from(vec![0; rows]);
        let column = |(name, value): (&String, &ArrayRef)| {
            let values = take(value, &first, None)
                .map_err(|error| Error::bug("a constant could not become a column").caused_by(error))?;
            Ok((Field::new(name, value.data_type().clone(), true), values))
        };
        self.0.iter().map(column).collect()
    }
}

/// Gives what stands for a constant in an expression.
pub(super) fn constant(name: &str, data_type: &DataType) -> Operand {
    let field = Field::new(name, data_type.clone(), true);
    let place = Placeholder::new_with_field(name.to_owned(), Some(Arc::new(field)));
    Operand::new(Expr::Placeholder(place), data_type.clone())
}

/// Puts the values of constants in their places.
pub(super) fn with_constants(expr: Expr, known: &Constants) -> EngineResult<Expr> {
    let found = expr.transform(|part| match &part {
        Expr::Placeholder(Placeholder { id, field: Some(field) }) => {
            let Some(value) = known.0.get(id) else { return internal_err!("constant {id} is not known yet") };
            let value = ScalarValue::try_from_array(value, 0)?.cast_to(field.data_type())?;
            Ok(Transformed::yes(Expr::Literal(value, None)))
        }
        _ => Ok(Transformed::no(part)),
    });
    found.map(|done| done.data)
}
