//! Tables of pairs of ids of one person.

use super::{
    kinds::{Guess, Use},
    synonyms::of_files,
    table::Table,
    text::source_name,
    words::words,
};
use segmenter_proto::jobs::SourceKind;
use std::collections::BTreeSet;

/// The share of the ids of one column that customers have, from which the table is about them.
const KNOWN: f64 = 0.2;

/// Takes a table for pairs that has two columns of ids by name, is named like one or says how sure it is, and is about `customers`.
pub(super) fn pairs(tables: &[Table], main: Option<usize>, customers: &BTreeSet<&str>, uses: &mut [Use]) {
    for (at, table) in tables.iter().enumerate().filter(|(at, _)| Some(*at) != main) {
        // What moves between two ids at a time is another matter: transfers, messages, friends.
        let of_orders = table.roles(SourceKind::Transactions);
        let moves = of_orders.has("time") || of_orders.has("amount");
        let is_free = match &uses[at] {
            Use::None(_) => true,
            Use::Source(guess) => guess.kind == SourceKind::Customers,
            Use::Reference { .. } => false,
        };
        let roles = table.roles(SourceKind::Identities);
        let (Some(id), Some(other)) = (roles.get("id"), roles.get("other_id")) else { continue };
        let named = words(&source_name(&table.source.uri, SourceKind::Reference))
            .iter()
            .any(|word| of_files(SourceKind::Identities).split_whitespace().any(|known| known == word));
        let about = [id, other].into_iter().any(|position| {
            let ids = table.ids(position);
            ids.intersection(customers).count() as f64 >= KNOWN * ids.len().max(1) as f64
        });
        let tells = named || roles.has("same") || roles.has("confidence");
        if is_free && about && tells && !moves {
            uses[at] = Use::Source(Guess::of(SourceKind::Identities, roles));
        }
    }
}
