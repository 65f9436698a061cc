//! Which presets fit the sources of a job: those whose needed names are mapped, that show nothing personal, and that no model has to be
//! fitted for: what a forecast is to be of is for people to say.

use super::block::Written;
use segmenter_proto::jobs::Unit;
use segmenter_worker::families::{Family, FamilyTable, families};

/// Gives the presets whose needed names all sources of their kinds map; `rfm` first, the others by name.
pub(super) fn fitting(sources: &[Written], unit: Unit) -> Vec<&'static Family> {
    let of_unit = families().iter().filter(|family| family.fits(unit));
    let mut fitting: Vec<&Family> = of_unit.filter(|family| fits(family, sources)).collect();
    fitting.sort_by_key(|family| family.name != "rfm");
    fitting
}

fn fits(family: &Family, sources: &[Written]) -> bool {
    let of_kind =
        |table: &FamilyTable| sources.iter().filter(|source| source.kind == table.kind).collect::<Vec<&Written>>();
    let maps = |source: &Written, name: &str| source.names.iter().any(|known| known == name);
    let has_all = family.tables.iter().all(|table| {
        let sources = of_kind(table);
        (table.is_optional || !sources.is_empty())
            && sources.iter().all(|source| table.needs.iter().all(|name| maps(source, name)))
    });
    // A family that needs nothing tells nothing where none of what it takes is there.
    let has_some = family
        .tables
        .iter()
        .any(|table| of_kind(table).iter().any(|source| table.names().any(|name| maps(source, name))));
    // For that the job would have to give leave.
    let shows_personal = family.tables.iter().any(|table| {
        let is_shown = |name: &&str| table.kind.kind().column(name).is_some_and(|column| column.personal);
        let mut shown = table.names().filter(is_shown).filter(|name| !family.blunts.contains(name));
        shown.any(|name| of_kind(table).iter().any(|source| maps(source, name)))
    });
    has_all && has_some && !shows_personal && family.fitted.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_looks_at_names_that_its_kinds_have() {
        for family in families() {
            assert!(!family.tables.is_empty(), "{}", family.name);
            for table in &family.tables {
                for name in table.names() {
                    assert!(table.kind.kind().column(name).is_some(), "{}: no {name}", family.name);
                }
            }
        }
    }
}
