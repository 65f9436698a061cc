//! The SQL of a column, and the type that is declared for it where the readers give text.

use super::{
    block::Writer,
    shapes::{Shape, TimeShape},
    text::sql_name,
};
use arrow::datatypes::DataType;

impl Writer<'_> {
    pub(super) fn name_of(&self, position: usize) -> String {
        let column = self.table.column(position);
        column.cut.clone().unwrap_or_else(|| sql_name(&column.name))
    }

    /// Whether the readers give text, which a declared type makes something of.
    pub(super) fn is_text(&self, position: usize) -> bool {
        let kind = &self.table.column(position).data_type;
        matches!(kind, None | Some(DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View))
    }

    /// Declares a text column's type, or casts what is cut out of a line.
    pub(super) fn typed(&mut self, position: usize, declared: &str, cast: &str) -> String {
        let name = self.name_of(position);
        if !self.is_text(position) {
            return name;
        }
        if self.table.column(position).cut.is_some() {
            return format!("cast({name} as {cast})");
        }
        self.types.insert(position, declared.to_owned());
        name
    }

    pub(super) fn time(&mut self, position: usize) -> String {
        let Shape::Time(TimeShape { format, of_number, of_day, .. }) = self.table.shapes[position].clone() else {
            return self.name_of(position);
        };
        if let Some(made) = of_number {
            let number = match made.starts_with("from_excel") {
                true => self.typed(position, "double", "double"),
                false => self.typed(position, "int", "bigint"),
            };
            return made.replace("{}", &number);
        }
        let Some(format) = format else { return self.name_of(position) };
        if self.table.column(position).cut.is_some() {
            let function = if of_day { "to_timestamp" } else { "to_date" };
            return format!("{function}({}, '{format}')", self.name_of(position));
        }
        let declared = if of_day { format!("timestamp({format})") } else { format!("date({format})") };
        self.typed(position, &declared, "date")
    }

    /// Four digits are what amounts keep; fewer in the samples says little about the rest of the file.
    pub(super) fn money(&mut self, position: usize) -> String {
        if let Shape::Marked(before_fractions) = self.table.shapes[position] {
            let name = self.name_of(position);
            return match before_fractions {
                ',' => format!("cast(replace(regexp_replace({name}, '[^0-9,-]', '', 'g'), ',', '.') as decimal(18,4))"),
                _ => format!("cast(regexp_replace({name}, '[^0-9.-]', '', 'g') as decimal(18,4))"),
            };
        }
        self.typed(position, "decimal(18,4)", "decimal(18,4)")
    }

    pub(super) fn number(&mut self, position: usize) -> String {
        match &self.table.shapes[position] {
            Shape::Integer => self.typed(position, "int", "bigint"),
            Shape::Marked(_) => self.money(position),
            _ => self.typed(position, "double", "double"),
        }
    }

    pub(super) fn truth(&mut self, position: usize) -> String {
        match self.table.shapes[position] == Shape::Bool {
            true => self.typed(position, "bool", "boolean"),
            false => format!("{} = 1", self.typed(position, "int", "bigint")),
        }
    }

    /// A column as what it looks like.
    pub(super) fn value(&mut self, position: usize) -> String {
        match &self.table.shapes[position] {
            Shape::Time(_) => self.time(position),
            Shape::Bool => self.truth(position),
            // Whole numbers among the samples alone may have fractions later.
            Shape::Integer if self.table.source.whole => self.number(position),
            Shape::Integer | Shape::Number => self.typed(position, "double", "double"),
            Shape::Marked(_) => self.money(position),
            Shape::Text | Shape::Nested => self.name_of(position),
        }
    }
}
