//! Feature families: a file each, whose head says what it gives and needs. A new one is a file and a line here.

mod header;

pub use header::{Family, FamilyColumn, FamilyTable};

use std::sync::LazyLock;

static FILES: &[&str] = &[
    include_str!("baskets.sql"),
    include_str!("clv.sql"),
    include_str!("declining.sql"),
    include_str!("demographic.sql"),
    include_str!("firmographic.sql"),
    include_str!("gaps.sql"),
    include_str!("geographic.sql"),
    include_str!("lifecycle.sql"),
    include_str!("loyalty.sql"),
    include_str!("messages.sql"),
    include_str!("products.sql"),
    include_str!("promotion.sql"),
    include_str!("refunds.sql"),
    include_str!("replenishment.sql"),
    include_str!("rfm.sql"),
    include_str!("rhythm.sql"),
    include_str!("sales_channels.sql"),
    include_str!("satisfaction.sql"),
    include_str!("seasonality.sql"),
    include_str!("survey.sql"),
    include_str!("trend.sql"),
    include_str!("value.sql"),
    include_str!("web.sql"),
];

/// Gives all families, by name.
pub fn families() -> &'static [Family] {
    static READ: LazyLock<Vec<Family>> = LazyLock::new(|| FILES.iter().filter_map(|text| Family::read(text)).collect());
    &READ
}

/// Gives what presets that forecast look at besides: what came before a hold-out window, and what came to pass in it. It is no preset, and
/// none where its head is not as it should be.
pub fn held_out() -> Option<&'static Family> {
    static READ: LazyLock<Option<Family>> = LazyLock::new(|| Family::read(include_str!("clv_holdout.sql")));
    READ.as_ref()
}

/// Gives the family of a preset.
pub fn family(name: &str) -> Option<&'static Family> {
    families().iter().find(|family| family.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::DerivedSyntax;

    #[test]
    fn every_file_has_a_head_that_can_be_read() {
        assert_eq!(families().len(), FILES.len());
        for family in families() {
            assert!(!family.about.is_empty() && !family.columns.is_empty() && !family.tables.is_empty(), "{family:?}");
            assert!(family.tables.iter().any(|table| !table.is_optional), "{family:?}");
            assert!(family.columns.iter().all(|column| !column.formula.is_empty()), "{family:?}");
            for (kind, name) in &family.unless {
                assert!(family.table(*kind).is_some_and(|table| table.is_optional), "{family:?}");
                assert!(family.columns.iter().any(|column| column.name == *name), "{name}");
            }
            for derived in &family.derived {
                assert!(DerivedSyntax::parse(derived.formula).is_ok(), "{derived:?}");
            }
        }
        assert!(held_out().is_some_and(|held_out| held_out.columns.len() == 6 && family(held_out.name).is_none()));
        let names: Vec<&str> = families().iter().map(|family| family.name).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
