//! `segmenter features`: the presets that a job may name.

use super::{arguments::FeaturesAction, stdout};
use crate::checks::did_you_mean;
use segmenter_proto::{Error, Result, jobs::Unit};
use segmenter_worker::families::{Family, families, family};

/// Prints the presets, or one.
pub(super) fn features(action: Option<&FeaturesAction>) -> Result<()> {
    match action {
        None => stdout::print(&list()),
        Some(FeaturesAction::Show { name }) => stdout::print(&shown(name)?),
    }
}

fn list() -> String {
    let width = families().iter().map(|family| family.name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for family in families() {
        let columns = family.feature_names().collect::<Vec<_>>().join(", ");
        text.push_str(&format!("{:<width$}  {}\n{:<width$}  {columns}\n", family.name, family.about, ""));
    }
    text
}

fn shown(name: &str) -> Result<String> {
    let known = || families().iter().map(|family| family.name).collect::<Vec<_>>();
    family(name).map(described).ok_or_else(|| {
        let error = Error::job(format!("there is no preset {name}"));
        match did_you_mean(name, &known()) {
            Some(hint) => error.with_hint(hint),
            None => error.with_hint(format!("the presets: {}", known().join(", "))),
        }
    })
}

/// Gives a family as a query of a job: with its default window, and a note on names that need not be mapped.
fn described(family: &Family) -> String {
    let unit = [Unit::Customer, Unit::Account].into_iter().find(|unit| family.fits(*unit)).unwrap_or_default();
    let mut text = family.query(None, unit);
    let of_several = family.tables.len() > 1;
    let optional = family.tables.iter().flat_map(|table| table.without.iter().map(move |(name, _)| (table, name)));
    let optional = optional.map(|(table, name)| match of_several {
        true => format!("{}.{name}", table.kind.name()),
        false => (*name).to_owned(),
    });
    let optional: Vec<String> = optional.collect();
    if !optional.is_empty() {
        text = format!(
            "-- As a query of your own ([[features.sql]]) leave out what your sources do not map: {}.\n{text}",
            optional.join(", ")
        );
    }
    if !family.derived.is_empty() {
        text = format!("-- What is derived stands in [[features.derived]], a name and an expression each.\n{text}");
    }
    text
}
