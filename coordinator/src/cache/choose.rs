//! Which entries of the cache a run takes, which of them it makes one, and what it reads of its inputs. Pure.

use super::pieces::WantedPiece;
use crate::plan::{Filling, Size};

/// So many small entries of a source are made one: a day's rows in every shard are chunks of a few rows, and each is a request.
const MANY: usize = 24;
/// Chunks that one task merges at most: they stand in the task, which is one message.
const MOST_CHUNKS: usize = 60_000;

/// An entry all of whose pieces are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usable {
    /// Its name.
    pub name: String,
    /// Positions of its pieces among those that are wanted.
    pub pieces: Vec<usize>,
    /// How many chunks it has.
    pub chunks: usize,
}

/// A task of the partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// An entry, as it is.
    Kept(usize),
    /// Several entries, which become one.
    Merged(Vec<usize>),
    /// Pieces that no entry has.
    Read(Vec<usize>),
}

/// Chooses so that every wanted piece is in one task: the entries of most pieces first, by name where they have as many, so that what was merged
/// stands before what it was merged of. A task has pieces of one source.
pub fn choose(wanted: &[WantedPiece], usable: &[Usable], full: Size) -> Vec<Chosen> {
    let mut order: Vec<usize> = (0..usable.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(usable[at].pieces.len()), &usable[at].name));
    let mut taken = vec![false; wanted.len()];
    let mut used: Vec<usize> = Vec::new();
    for at in order {
        let pieces = &usable[at].pieces;
        if !pieces.is_empty() && pieces.iter().all(|piece| !taken[*piece]) {
            pieces.iter().for_each(|piece| taken[*piece] = true);
            used.push(at);
        }
    }
    // In the order of the inputs.
    used.sort_by_key(|&at| usable[at].pieces.iter().min().copied());
    let rest: Vec<usize> = (0..wanted.len()).filter(|piece| !taken[*piece]).collect();
    let mut chosen = merged(wanted, usable, used, full);
    chosen.extend(read(wanted, rest, full).into_iter().map(Chosen::Read));
    chosen
}

/// Groups small entries where a source has many.
fn merged(wanted: &[WantedPiece], usable: &[Usable], used: Vec<usize>, full: Size) -> Vec<Chosen> {
    let source = |at: usize| usable[at].pieces.first().map(|piece| wanted[*piece].source);
    let mut chosen = Vec::new();
    for of_source in used.chunk_by(|left, right| source(*left) == source(*right)) {
        let (small, large): (Vec<usize>, Vec<usize>) =
            of_source.iter().partition(|at| is_small(wanted, &usable[**at], full));
        chosen.extend(large.into_iter().map(Chosen::Kept));
        if small.len() < MANY {
            chosen.extend(small.into_iter().map(Chosen::Kept));
            continue;
        }
        let pieces = |at: usize| usable[at].pieces.iter().map(|piece| &wanted[*piece]).collect();
        let groups = groups(small, full, |at| (pieces(at), usable[at].chunks));
        chosen.extend(groups.into_iter().map(|group| match group.as_slice() {
            [alone] => Chosen::Kept(*alone),
            _ => Chosen::Merged(group),
        }));
    }
    chosen
}

/// Says whether an entry is worth merging: it has less than half of what a task has, and no file that may yet be written again.
fn is_small(wanted: &[WantedPiece], entry: &Usable, full: Size) -> bool {
    let pieces = || entry.pieces.iter().map(|piece| &wanted[*piece]);
    let (rows, bytes) = (pieces().map(|piece| piece.rows).sum::<u64>(), pieces().map(|piece| piece.bytes).sum::<u64>());
    rows < full.rows / 2 && bytes < full.bytes / 2 && pieces().all(|piece| !piece.is_latest)
}

/// Groups pieces that are read: of a file that may yet be written again by itself, so that nothing else is read with it when it is.
fn read(wanted: &[WantedPiece], rest: Vec<usize>, full: Size) -> Vec<Vec<usize>> {
    let (latest, settled): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(|piece| wanted[*piece].is_latest);
    let mut all = Vec::new();
    for of_source in settled.chunk_by(|left, right| wanted[*left].source == wanted[*right].source) {
        all.extend(groups(of_source.to_vec(), full, |piece| (vec![&wanted[piece]], 0)));
    }
    let file = |piece: usize| (wanted[piece].source, wanted[piece].file);
    for of_file in latest.chunk_by(|left, right| file(*left) == file(*right)) {
        all.extend(groups(of_file.to_vec(), full, |piece| (vec![&wanted[piece]], 0)));
    }
    all
}

/// Puts what comes together into groups of a task's size.
fn groups<'a>(
    all: Vec<usize>,
    full: Size,
    pieces_and_chunks: impl Fn(usize) -> (Vec<&'a WantedPiece>, usize),
) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let (mut filling, mut held) = (Filling::default(), 0);
    for one in all {
        let (pieces, chunks) = pieces_and_chunks(one);
        let rows = pieces.iter().map(|piece| piece.rows).sum();
        let bytes = pieces.iter().map(|piece| piece.bytes).sum();
        let length = pieces.iter().map(|piece| piece.length).sum();
        let has_room = held + chunks <= MOST_CHUNKS && filling.has_room(full, rows, bytes, length);
        match groups.last_mut().filter(|_| has_room) {
            Some(group) => group.push(one),
            None => {
                (filling, held) = (Filling::default(), 0);
                groups.push(vec![one]);
            }
        }
        held += chunks;
        filling.add(pieces.len(), rows, bytes, length);
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FULL: Size = Size { rows: 1_000, bytes: 1 << 20 };

    /// A file of one piece.
    fn piece(source: u32, file: usize, rows: u64, is_latest: bool) -> WantedPiece {
        WantedPiece { key: file as u128, source, file, piece: 0, rows, bytes: rows * 10, length: 100, is_latest }
    }

    fn files(count: usize) -> Vec<WantedPiece> {
        (0..count).map(|file| piece(0, file, 10, file + 2 >= count)).collect()
    }

    fn entry(name: &str, pieces: impl IntoIterator<Item = usize>) -> Usable {
        Usable { name: name.to_owned(), pieces: pieces.into_iter().collect(), chunks: 10 }
    }

    #[test]
    fn without_entries_all_is_read_and_the_latest_files_by_themselves() {
        let chosen = choose(&files(5), &[], FULL);
        assert_eq!(chosen, [Chosen::Read(vec![0, 1, 2]), Chosen::Read(vec![3]), Chosen::Read(vec![4])]);
        let large: Vec<WantedPiece> = (0..3).map(|file| piece(0, file, 600, false)).collect();
        assert_eq!(choose(&large, &[], FULL).len(), 3, "a task has a size");
    }

    #[test]
    fn only_what_no_entry_has_is_read_and_sources_stay_apart() {
        let mut wanted = files(4);
        wanted.push(piece(1, 0, 10, false));
        let chosen = choose(&wanted, &[entry("a", [0, 1])], FULL);
        assert_eq!(chosen, [Chosen::Kept(0), Chosen::Read(vec![4]), Chosen::Read(vec![2]), Chosen::Read(vec![3])]);
    }

    #[test]
    fn what_was_merged_stands_before_what_it_was_merged_of() {
        let usable = [entry("a", [0]), entry("b", [1]), entry("c", [0, 1])];
        assert_eq!(choose(&files(4)[..2], &usable, FULL), [Chosen::Kept(2)]);
        let overlapping = [entry("b", [1, 2]), entry("a", [0, 1])];
        let chosen = choose(&files(5)[..3], &overlapping, FULL);
        assert_eq!(chosen, [Chosen::Kept(1), Chosen::Read(vec![2])], "by name, whatever the listing's order");
    }

    #[test]
    fn many_small_entries_become_few_and_those_of_the_latest_files_stay() {
        let wanted = files(MANY + 2);
        let usable: Vec<Usable> = (0..MANY + 2).map(|at| entry(&format!("{at:03}"), [at])).collect();
        let all = choose(&wanted, &usable, FULL);
        let expected = [Chosen::Kept(MANY), Chosen::Kept(MANY + 1), Chosen::Merged((0..MANY).collect())];
        assert_eq!(all, expected);
        let wide: Vec<Usable> =
            usable.iter().map(|entry| Usable { chunks: MOST_CHUNKS / 7, ..entry.clone() }).collect();
        let groups = choose(&wanted, &wide, FULL);
        let merged = groups.iter().filter(|chosen| matches!(chosen, Chosen::Merged(group) if group.len() <= 7)).count();
        assert_eq!(merged, MANY.div_ceil(7), "a task is one message: {groups:?}");
        let few = choose(&wanted[1..], &usable[..MANY + 1], FULL);
        assert!(few.iter().all(|chosen| matches!(chosen, Chosen::Kept(_))), "one less is not many: {few:?}");
    }

    proptest! {
        #[test]
        fn every_piece_is_in_one_task_whatever_the_entries(
            rows in proptest::collection::vec((0_u32..3, 1_u64..700, any::<bool>()), 1..80),
            entries in proptest::collection::vec(proptest::collection::btree_set(0_usize..80, 1..6), 0..60),
        ) {
            let mut wanted: Vec<WantedPiece> =
                rows.iter().enumerate().map(|(file, (source, rows, latest))| piece(*source, file, *rows, *latest)).collect();
            wanted.sort_by_key(|piece| (piece.source, piece.file));
            let usable: Vec<Usable> = entries
                .into_iter()
                .enumerate()
                .map(|(at, pieces)| (at, pieces.into_iter().filter(|piece| *piece < wanted.len()).collect::<Vec<_>>()))
                .filter(|(_, pieces)| pieces.iter().all(|piece| wanted[*piece].source == wanted[pieces[0]].source))
                .map(|(at, pieces)| entry(&at.to_string(), pieces))
                .collect();
            let mut seen = Vec::new();
            for chosen in choose(&wanted, &usable, FULL) {
                let entries = match chosen {
                    Chosen::Kept(entry) => vec![entry],
                    Chosen::Merged(entries) => entries,
                    Chosen::Read(pieces) => { seen.extend(pieces); continue; }
                };
                seen.extend(entries.into_iter().flat_map(|entry| usable[entry].pieces.clone()));
            }
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..wanted.len()).collect::<Vec<_>>());
        }
    }
}
