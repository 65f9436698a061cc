//! How amounts in other currencies become the job's.

use super::job::check_currency;
use super::sources::Sources;
use crate::checks::Findings;
use crate::job::raw::RawFx;
use segmenter_proto::jobs::{Fx, SourceKind};

/// What a table of rates has.
const COLUMNS: [&str; 3] = ["currency", "date", "rate"];

/// Checks the conversion; `currency` is the job's as written.
pub(super) fn fx(raw: RawFx, currency: Option<&str>, sources: &Sources, findings: &mut Findings) -> Option<Fx> {
    if let Some(base) = &raw.base {
        check_currency("fx.base", base, findings);
        if let Some(currency) = currency.filter(|currency| currency != base) {
            findings
                .wrong("fx.base", format!("amounts become {base}, and the job's currency is {currency}"))
                .expect("one currency")
                .help("leave `currency` out: it is that of [fx]");
        }
    }
    if let Some(rates) = &raw.rates
        && let Some(source) = sources.find(rates, "fx.rates", findings)
    {
        if let Some(kind) = source.kind.filter(|kind| *kind != SourceKind::Reference) {
            findings
                .wrong("fx.rates", format!("source `{rates}` is of kind {}", kind.name()))
                .expect("a source of kind reference");
        }
        let missing: Vec<&str> =
            COLUMNS.into_iter().filter(|name| source.columns.iter().all(|column| column != name)).collect();
        if !missing.is_empty() {
            findings
                .wrong("fx.rates", format!("source `{rates}` does not map {}", missing.join(", ")))
                .expect("[source.columns] with currency, date and rate");
        }
    }
    Some(Fx { base: raw.base?, rates: raw.rates? })
}
