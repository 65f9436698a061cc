//! Values as text.

use arrow::{
    array::{Array, RecordBatch},
    datatypes::DataType,
    util::display::{ArrayFormatter, FormatOptions},
};
use segmenter_proto::{Error, Result};

/// The values of a batch as text: decimals with all their digits, floats with the fewest that give them back, times local to the job's zone
/// with their offset.
pub(crate) struct Cells<'a> {
    rows: &'a RecordBatch,
    formats: Vec<ArrayFormatter<'a>>,
}

/// What is no setting of a user.
static OPTIONS: FormatOptions<'static> = FormatOptions::new();

impl std::fmt::Debug for Cells<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cells").field("rows", self.rows).finish_non_exhaustive()
    }
}

impl<'a> Cells<'a> {
    pub(crate) fn of(rows: &'a RecordBatch) -> Result<Self> {
        let formats = rows.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &OPTIONS));
        let formats = formats.collect::<std::result::Result<_, _>>();
        Ok(Self { rows, formats: formats.map_err(|error| Error::bug("values cannot be shown").caused_by(error))? })
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows.num_rows()
    }

    /// Gives a row's values, null as none.
    ///
    /// # Errors
    /// Bug only.
    pub(crate) fn row(&self, row: usize) -> Result<Vec<Option<String>>> {
        let columns = self.formats.iter().zip(self.rows.columns());
        let value = |(format, column): (&ArrayFormatter<'a>, &std::sync::Arc<dyn Array>)| match column.is_null(row) {
            true => Ok(None),
            false => match format.value(row).try_to_string() {
                Ok(text) => Ok(Some(text)),
                Err(error) => Err(Error::bug("a value cannot be shown").caused_by(error)),
            },
        };
        columns.map(value).collect()
    }
}

/// Says whether values of a type are numbers, whose digits are JSON as they are.
pub(super) fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}
