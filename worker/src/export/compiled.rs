//! The expressions of an export, compiled.

use crate::{
    expression::{ExportSyntax, ExpressionError, Scalar, Settings, type_name},
    spec::RunSpec,
};
use arrow::datatypes::{DataType, Schema};
use segmenter_proto::jobs::Export;
use std::collections::BTreeSet;

/// An export, compiled.
#[derive(Debug)]
pub struct CompiledExport {
    pub(super) filter: Option<Scalar>,
    pub(super) key: Scalar,
    pub(super) columns: Vec<Column>,
}

/// A column of an export.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) header: String,
    pub(super) value: Scalar,
    /// Of a contact: what it is made of.
    pub(super) contact: Option<BTreeSet<String>>,
}

impl CompiledExport {
    /// Compiles an export over the columns that it may name.
    ///
    /// # Errors
    /// An expression does not fit: the key below the export where it stands, and what is wrong.
    pub fn compile(export: &Export, scope: &Schema, spec: &RunSpec) -> Result<Self, (String, ExpressionError)> {
        let at = |key: &str| {
            let key = key.to_owned();
            move |error: ExpressionError| (key, error)
        };
        let settings = Settings::of(&spec.job).map_err(at("columns"))?;
        let settings = settings.with_country(export.default_country.as_deref());
        let scalar = |key: &str, sql: &str| -> Result<(ExportSyntax, Scalar), (String, ExpressionError)> {
            let syntax = ExportSyntax::parse(sql).map_err(at(key))?;
            let known = |rank: &u32| scope.field_with_name(&crate::expression::recommendation_column(*rank)).is_ok();
            if let Some(rank) = syntax.ranks().iter().find(|rank| !known(rank)) {
                let top = spec.job.recommendations.as_ref().map(|recommendations| recommendations.top);
                let error = match top {
                    None => ExpressionError::new("the job recommends nothing").with_hint("add [recommendations]"),
                    Some(top) => ExpressionError::new(format!("recommendation({rank}) is never there"))
                        .with_hint(format!("a customer has at most {top}: `top` of [recommendations]")),
                };
                return Err((key.to_owned(), error));
            }
            let value = syntax.compile(scope, &settings).map_err(at(key))?;
            Ok((syntax, value))
        };
        let filter = export.filter.as_deref().map(|sql| scalar("where", sql)).transpose()?.map(|(_, scalar)| scalar);
        if let Some(filter) = filter.as_ref().filter(|filter| *filter.data_type() != DataType::Boolean) {
            let message = format!("the condition gives {}", type_name(filter.data_type()));
            return Err((
                "where".to_owned(),
                ExpressionError::new(message).with_hint("true or false, as in `monetary > 5000`"),
            ));
        }
        let (_, key) = scalar("key", &export.key)?;
        if !(key.data_type().is_integer() || *key.data_type() == DataType::Utf8) {
            let message = format!("the key gives {}", type_name(key.data_type()));
            return Err((
                "key".to_owned(),
                ExpressionError::new(message).with_hint("a text or a whole number: write cast(… as text)"),
            ));
        }
        let columns = export.columns.iter().map(|column| {
            let place = format!("columns.{}", column.header);
            let (syntax, value) = scalar(&place, &column.expression)?;
            if value.data_type().is_nested() || matches!(value.data_type(), DataType::Binary | DataType::Null) {
                let message = format!("the column gives {}", type_name(value.data_type()));
                return Err((
                    place,
                    ExpressionError::new(message).with_hint("text, a number, a date, a time, true or false"),
                ));
            }
            let contact = match column.is_contact {
                true => Some(syntax.names().map_err(at(&place))?),
                false => None,
            };
            Ok(Column { header: column.header.clone(), value, contact })
        });
        Ok(Self { filter, key, columns: columns.collect::<Result<_, _>>()? })
    }

    /// Gives the headers with their types, in the order of the file.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &DataType)> {
        self.columns.iter().map(|column| (column.header.as_str(), column.value.data_type()))
    }
}
