//! Which quarantined rows can be tied to whoever they are of: those of sources in whose rows the id stands as it is.

use segmenter_proto::jobs::Unit;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// The sources of a run whose rows name their ids, with the names of the columns that do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tied(BTreeMap<String, BTreeSet<String>>);

impl Tied {
    /// Reads the job file of a run: what cannot be read of it is not tied.
    pub(super) fn of(job: &str) -> Self {
        let Ok(job) = toml::from_str::<Table>(job) else { return Self::default() };
        let is_of_accounts = job.get("unit").and_then(Value::as_str) == Some("account");
        let unit = if is_of_accounts { Unit::Account } else { Unit::Customer };
        let sources = job.get("source").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table);
        let tied = sources.filter_map(|source| {
            let text = |name: &str| source.get(name).and_then(Value::as_str);
            let ids: &[&str] = match text("kind")? {
                // Its rows are nobody's.
                "reference" => &[],
                "identities" => &["id", "other_id"],
                _ => &[unit.key()],
            };
            let columns = source.get("columns").and_then(Value::as_table);
            let mut names = BTreeSet::new();
            for id in ids {
                let own = column_of(columns?.get(*id)?.as_str()?)?;
                names.extend([(*id).to_owned(), own.to_owned()]);
            }
            Some((text("name").or_else(|| text("kind"))?.to_owned(), names))
        });
        Self(tied.collect())
    }

    /// Says whether a row names whoever it is of, where this column of it could not be read, or none as a whole.
    pub(super) fn names(&self, source: &str, column: Option<&str>) -> bool {
        self.0.get(source).is_some_and(|ids| column.is_some_and(|column| !ids.contains(column)))
    }
}

/// Gives the column that an expression is, and nothing more; none where it computes something.
fn column_of(expression: &str) -> Option<&str> {
    let text = expression.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|text| !text.contains('"'));
    let is_plain = || {
        text.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && text.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    quoted.or_else(|| is_plain().then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_tied_where_the_id_is_a_column_that_could_be_read() {
        let tied = Tied::of(
            r#"
            [[source]]
            name = "orders"
            kind = "transactions"
            columns = { customer_id = "buyer", amount = "gross" }
            [[source]]
            name = "cards"
            kind = "points"
            columns = { points_account = "card" }
            [[source]]
            name = "made"
            kind = "events"
            columns = { customer_id = "'C' || n" }
            [[source]]
            kind = "identities"
            columns = { id = '"one id"', other_id = "other" }
            [[source]]
            name = "products"
            kind = "reference"
            "#,
        );
        assert!(tied.names("orders", Some("amount")) && tied.names("products", Some("price")));
        assert!(tied.names("identities", Some("confidence")) && !tied.names("identities", Some("one id")));
        for (source, column) in [
            ("orders", None),
            ("orders", Some("customer_id")),
            ("orders", Some("buyer")),
            ("cards", Some("points")),
            ("made", Some("time")),
            ("unknown", Some("time")),
        ] {
            assert!(!tied.names(source, column), "{source} {column:?}");
        }
        assert_eq!(Tied::of("no job = ="), Tied::default());
        let accounts = Tied::of(
            "unit = \"account\"\n[[source]]\nname = \"a\"\nkind = \"events\"\ncolumns = { customer_id = \"c\", account_id = \"trim(a)\" }",
        );
        assert_eq!(accounts, Tied::default(), "the id is computed");
    }
}
