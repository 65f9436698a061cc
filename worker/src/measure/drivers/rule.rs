//! The way from the root of a tree to a leaf as a condition: what a person reads, and what a rule of a job can be.

use super::{
    bins::{BinnedFeature, Bins, written},
    tree::Split,
};
use crate::expression;

/// What a way asks of one feature.
#[derive(Debug, Clone, PartialEq)]
struct Asked {
    feature: usize,
    above: Option<f64>,
    up_to: Option<f64>,
    level: Option<usize>,
    not: Vec<usize>,
    /// Whether who has no value takes the way too, and whether nobody else does.
    null: bool,
    only_null: bool,
}

/// What a condition has to know of a feature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NamedFeature<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is true or false.
    pub is_boolean: bool,
    /// Whether some customer has no value.
    pub has_nulls: bool,
}

/// Gives the condition of a way; none of everybody.
pub fn rule(way: &[(Split, bool)], features: &[BinnedFeature], named: &[NamedFeature<'_>]) -> Option<String> {
    let mut asked: Vec<Asked> = Vec::new();
    for (split, holds) in way {
        let at = asked.iter().position(|own| own.feature == split.feature).unwrap_or_else(|| {
            asked.push(Asked::nothing(split.feature));
            asked.len() - 1
        });
        asked[at].add(*split, *holds, &features[split.feature]);
    }
    let conditions = asked.iter().map(|own| own.condition(&features[own.feature].by, named[own.feature]));
    let conditions: Vec<String> = conditions.collect();
    (!conditions.is_empty()).then(|| conditions.join(" and "))
}

impl Asked {
    fn nothing(feature: usize) -> Self {
        Self { feature, above: None, up_to: None, level: None, not: Vec::new(), null: true, only_null: false }
    }

    fn add(&mut self, split: Split, holds: bool, feature: &BinnedFeature) {
        let cut = match &feature.by {
            Bins::Cuts(cuts) => cuts.get(split.bin).copied(),
            Bins::Levels(_) => None,
        };
        match (split.is_level, holds) {
            (true, true) => {
                self.level = Some(split.bin);
                self.null = false;
            }
            (true, false) => self.not.push(split.bin),
            (false, true) => {
                self.up_to = cut.or(self.up_to);
                self.null = false;
            }
            (false, false) => {
                self.above = cut.or(self.above);
                // Behind the last cut are those without a value.
                self.only_null |= cut.is_none();
            }
        }
    }

    fn condition(&self, by: &Bins, of: NamedFeature<'_>) -> String {
        let name = quoted(of.name);
        let or_null = |condition: String| match self.null && of.has_nulls {
            true => format!("({condition} or {name} is null)"),
            false => condition,
        };
        if self.only_null {
            return format!("{name} is null");
        }
        let level = |at: usize| match by {
            Bins::Levels(levels) if of.is_boolean => levels.get(at).cloned().unwrap_or_default(),
            Bins::Levels(levels) => levels.get(at).map(|level| literal(level)).unwrap_or_default(),
            Bins::Cuts(_) => String::new(),
        };
        if let Some(own) = self.level {
            return format!("{name} = {}", level(own));
        }
        match self.not.as_slice() {
            [] => {}
            [one] => return or_null(format!("{name} <> {}", level(*one))),
            several => {
                let levels: Vec<String> = several.iter().map(|at| level(*at)).collect();
                return or_null(format!("{name} not in ({})", levels.join(", ")));
            }
        }
        match (self.above, self.up_to) {
            (Some(above), Some(up_to)) => format!("{name} > {} and {name} <= {}", written(above), written(up_to)),
            (None, Some(up_to)) => format!("{name} <= {}", written(up_to)),
            (Some(above), None) => or_null(format!("{name} > {}", written(above))),
            (None, None) => format!("{name} is not null"),
        }
    }
}

/// Writes a text as SQL does.
fn literal(level: &str) -> String {
    format!("'{}'", level.replace('\'', "''"))
}

/// Writes a name as SQL does: in quotes only where it could not be read without.
fn quoted(name: &str) -> String {
    let is_read = expression::names(&format!("{name} is null")).is_ok_and(|names| names.iter().eq([name]));
    if is_read { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(feature: usize, bin: usize, is_level: bool) -> Split {
        Split { feature, bin, is_level, yes: 1, no: 2 }
    }

    fn told(way: &[(Split, bool)], has_nulls: bool) -> Option<String> {
        let levels = |levels: &[&str]| Bins::Levels(levels.iter().map(|level| (*level).to_owned()).collect());
        let by = [
            Bins::Cuts(vec![3.0, 45.5]),
            levels(&["Radom", "L'Aquila"]),
            levels(&["true", "false"]),
            Bins::Cuts(vec![-2.0]),
        ];
        let features = by.into_iter().zip(0..).map(|(by, column)| BinnedFeature { column, by }).collect::<Vec<_>>();
        let named = ["orders", "city", "is_member", "Net Value"].map(|name| NamedFeature {
            name,
            is_boolean: name == "is_member",
            has_nulls,
        });
        rule(way, &features, &named)
    }

    #[test]
    fn conditions_say_what_the_way_asks() {
        let known = |way: &[(Split, bool)]| told(way, false).unwrap();
        assert_eq!(known(&[(split(0, 1, false), true), (split(0, 0, false), false)]), "orders > 3 and orders <= 45.5");
        assert_eq!(known(&[(split(0, 1, false), true), (split(0, 0, false), true)]), "orders <= 3");
        assert_eq!(
            known(&[(split(1, 1, true), true), (split(3, 0, false), false)]),
            "city = 'L''Aquila' and \"Net Value\" > -2"
        );
        assert_eq!(
            known(&[(split(1, 0, true), false), (split(1, 1, true), false)]),
            "city not in ('Radom', 'L''Aquila')"
        );
        assert_eq!(known(&[(split(2, 0, true), true)]), "is_member = true");
        assert_eq!(told(&[], true), None);
    }

    #[test]
    fn who_has_no_value_takes_the_way_of_the_others() {
        let open = |way: &[(Split, bool)]| told(way, true).unwrap();
        assert_eq!(open(&[(split(0, 0, false), true)]), "orders <= 3");
        assert_eq!(open(&[(split(0, 0, false), false)]), "(orders > 3 or orders is null)");
        assert_eq!(open(&[(split(0, 2, false), true)]), "orders is not null");
        assert_eq!(open(&[(split(0, 0, false), false), (split(0, 2, false), false)]), "orders is null");
        assert_eq!(open(&[(split(0, 0, false), false), (split(0, 2, false), true)]), "orders > 3");
        assert_eq!(open(&[(split(1, 0, true), false)]), "(city <> 'Radom' or city is null)");
        assert_eq!(open(&[(split(2, 1, true), false)]), "(is_member <> false or is_member is null)");
    }
}
