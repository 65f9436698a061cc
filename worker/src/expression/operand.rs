//! A translated part of an expression with its type, and how several get one type.

use arrow::array::Array;
use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_common::tree_node::TreeNode;
use datafusion_expr::{Cast, Expr};

use super::ExpressionError;
use super::error::Position;
use super::types::{Family, type_name};

/// What divides a column's name from its number in a query; no name has it.
pub(crate) const DIVIDER: char = '\u{1f}';

/// A translated part of an expression, its type, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    pub(crate) expr: Expr,
    pub(crate) data_type: DataType,
    pub(crate) position: Option<Position>,
}

impl Operand {
    pub(crate) fn new(expr: Expr, data_type: DataType) -> Self {
        Self { expr, data_type, position: None }
    }

    pub(crate) fn literal(value: ScalarValue) -> Self {
        let data_type = value.data_type();
        Self::new(Expr::Literal(value, None), data_type)
    }

    pub(crate) fn family(&self) -> Family {
        Family::of(&self.data_type)
    }

    /// Gives the text of a literal.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.expr {
            Expr::Literal(ScalarValue::Utf8(Some(text)), _) => Some(text),
            _ => None,
        }
    }

    /// Casts to `to`; literals at once.
    pub(crate) fn cast(self, to: &DataType) -> Result<Self, ExpressionError> {
        if self.data_type == *to {
            return Ok(self);
        }
        let expr = match self.expr {
            Expr::Literal(value, _) => {
                let value = value.cast_to(to).map_err(|_| {
                    ExpressionError::new(format!("{value} is not a {}", type_name(to))).at(self.position)
                })?;
                Expr::Literal(value, None)
            }
            expr => Expr::Cast(Cast::new(Box::new(expr), to.clone())),
        };
        Ok(Self { expr, data_type: to.clone(), position: self.position })
    }

    /// Says that something else was expected here; for text, how to declare the type.
    pub(crate) fn expected(&self, what: &str, wanted: Family) -> ExpressionError {
        let found = self.text_column();
        let shown = match (&found, self.family()) {
            (Some(name), Family::Text) => format!("text (`{name}`)"),
            _ => type_name(&self.data_type),
        };
        let error = ExpressionError::new(format!("{what} expects {}, found {shown}", wanted.expected()));
        match self.hint(wanted) {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
        .at(self.position)
    }

    /// Gives what to do to have this text as `wanted`.
    pub(crate) fn hint(&self, wanted: Family) -> Option<String> {
        if self.family() != Family::Text {
            return None;
        }
        let (declared, cast) = match wanted {
            Family::Number => ("decimal(18,2)", "decimal(18,2)"),
            Family::Boolean => ("bool", "boolean"),
            Family::Date => ("date(%Y-%m-%d)", "date"),
            Family::Instant => ("timestamp(%Y-%m-%d %H:%M:%S)", "timestamp"),
            _ => return None,
        };
        if let Some(text) = self.text() {
            return (wanted == Family::Number).then(|| format!("write the number without quotes: {text}"));
        }
        let name = self.text_column()?;
        let bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        let (key, quoted) = if bare { (name.clone(), name) } else { (format!("\"{name}\""), format!("\"{name}\"")) };
        Some(format!(
            "name the column's type in the source: types = {{ {key} = \"{declared}\" }} (CSV, NDJSON), or write cast({quoted} as {cast})"
        ))
    }

    /// Gives the first column below.
    fn text_column(&self) -> Option<String> {
        let mut found = None;
        let _ = self.expr.apply(|part| {
            if let (Expr::Column(column), None) = (part, &found) {
                // Columns of queries have a number behind the name, and what is computed on the way has no name.
                found = Some(column.name.split(DIVIDER).next().unwrap_or_default().to_owned());
            }
            Ok(datafusion_common::tree_node::TreeNodeRecursion::Continue)
        });
        found.filter(|name| !name.is_empty())
    }
}

/// Gives all parts one type: that of the columns where the literals fit into it, else the smallest that holds all.
///
/// # Errors
/// The parts are of different families: text is never silently turned into a number, nor a number into text.
pub(crate) fn unify(
    what: &str,
    mut parts: Vec<Operand>,
    zone: chrono_tz::Tz,
) -> Result<(Vec<Operand>, DataType), ExpressionError> {
    settle_date_texts(&mut parts, zone)?;
    let Some(first) = parts.iter().find(|part| part.family() != Family::Null) else {
        return Ok((parts, DataType::Null));
    };
    let (family, known) = (first.family(), type_name(&first.data_type));
    if family.is_temporal() {
        if let Some(other) = parts.iter().find(|part| part.family() != Family::Null && !part.family().is_temporal()) {
            return Err(mixed(what, other, &known, family));
        }
        return unify_temporal(parts, zone);
    }
    if let Some(other) = parts.iter().find(|part| ![family, Family::Null].contains(&part.family())) {
        let (text, wanted) = if family == Family::Text { (first, other.family()) } else { (other, family) };
        return Err(match text.hint(wanted) {
            Some(hint) => mixed(what, other, &known, family).with_hint(hint),
            None => mixed(what, other, &known, family),
        });
    }
    let common = match family {
        Family::Number => common_number(&parts),
        Family::Text => DataType::Utf8,
        _ => first.data_type.clone(),
    };
    let parts = parts.into_iter().map(|part| part.cast(&common)).collect::<Result<_, _>>()?;
    Ok((parts, common))
}

fn mixed(what: &str, other: &Operand, known: &str, family: Family) -> ExpressionError {
    let error = ExpressionError::new(format!("{what} mixes {known} and {}", type_name(&other.data_type)));
    match other.hint(family) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
    .at(other.position)
}

/// Reads text literals beside dates and timestamps as such.
fn settle_date_texts(parts: &mut [Operand], zone: chrono_tz::Tz) -> Result<(), ExpressionError> {
    if !parts.iter().any(|part| part.family().is_temporal()) {
        return Ok(());
    }
    for part in parts.iter_mut() {
        if let Some(text) = part.text() {
            let value = super::temporal::literal(text, zone).map_err(|error| error.at(part.position))?;
            *part = Operand { position: part.position, ..Operand::literal(value) };
        }
    }
    Ok(())
}

fn unify_temporal(parts: Vec<Operand>, zone: chrono_tz::Tz) -> Result<(Vec<Operand>, DataType), ExpressionError> {
    let has_instant = parts.iter().any(|part| part.family() == Family::Instant);
    let common = if has_instant { super::zone::instant_type(zone) } else { DataType::Date32 };
    let parts = parts
        .into_iter()
        .map(|part| if has_instant { super::temporal::to_instant(part, zone) } else { part.cast(&common) })
        .collect::<Result<_, _>>()?;
    Ok((parts, common))
}

/// Gives the type of the columns among `parts` if every literal stands exactly in it, else the common type of all.
fn common_number(parts: &[Operand]) -> DataType {
    let is_literal = |part: &&Operand| matches!(part.expr, Expr::Literal(..));
    let numbers = || parts.iter().filter(|part| part.family() == Family::Number);
    let columns = numbers().filter(|part| !is_literal(part)).map(|part| part.data_type.clone()).reduce(wider);
    if let Some(common) = columns {
        let all_fit = numbers().filter(is_literal).all(|part| match &part.expr {
            Expr::Literal(value, _) => fits(value, &common),
            _ => true,
        });
        if all_fit {
            return common;
        }
    }
    numbers().map(|part| part.data_type.clone()).reduce(wider).unwrap_or(DataType::Null)
}

/// Says whether a literal has exactly its value in type `to`.
fn fits(value: &ScalarValue, to: &DataType) -> bool {
    if to.is_floating() {
        return true;
    }
    match value.cast_to(to) {
        Ok(there) => {
            there.to_array().is_ok_and(|array| array.null_count() == 0)
                && there.cast_to(&value.data_type()).is_ok_and(|back| back == *value)
        }
        Err(_) => false,
    }
}

/// Gives the smallest number type that holds both.
pub(crate) fn wider(a: DataType, b: DataType) -> DataType {
    if a == b {
        return a;
    }
    if a.is_floating() || b.is_floating() {
        return DataType::Float64;
    }
    let is_decimal = |t: &DataType| matches!(t, DataType::Decimal128(..));
    if !is_decimal(&a) && !is_decimal(&b) && a != DataType::UInt64 && b != DataType::UInt64 {
        return DataType::Int64;
    }
    let ((p, s), (q, t)) = (digits(&a), digits(&b));
    let scale = s.max(t);
    let whole = (i16::from(p) - i16::from(s)).max(i16::from(q) - i16::from(t));
    DataType::Decimal128((whole + i16::from(scale)).clamp(1, 38) as u8, scale)
}

/// Gives precision and scale of a number type that is not a float.
pub(crate) fn digits(data_type: &DataType) -> (u8, i8) {
    match data_type {
        DataType::Decimal128(precision, scale) => (*precision, *scale),
        DataType::UInt64 => (20, 0),
        DataType::Int64 => (19, 0),
        DataType::Int32 | DataType::UInt32 => (10, 0),
        DataType::Int16 | DataType::UInt16 => (5, 0),
        _ => (3, 0),
    }
}
