use super::*;
use crate::{
    partition::{ChunkFolders, ChunkReader},
    storage::{Folder, Storage},
};
use arrow::array::{ArrayRef, AsArray, BooleanArray, Float64Array, RecordBatch, StringArray};
use proptest::prelude::*;
use segmenter_proto::{
    jobs::Identity,
    v1::{Chunk, IdentityCounts},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A pair of ids with what it says.
type Pair = (String, String, Option<bool>, Option<f64>);

fn same(one: impl Into<String>, other: impl Into<String>) -> Pair {
    (one.into(), other.into(), Some(true), Some(1.0))
}

fn apart(one: &str, other: &str) -> Pair {
    (one.to_owned(), other.to_owned(), Some(false), None)
}

/// Each id with that of its person, and what became of its component.
type People = BTreeMap<String, (String, String)>;

struct Trial {
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
    work: Folder,
    shards: u32,
    number: std::cell::Cell<u32>,
}

struct Resolved {
    people: People,
    counts: IdentityCounts,
    rounds: u32,
}

impl Trial {
    fn new(shards: u32) -> Self {
        let (runtime, folder) = (tokio::runtime::Runtime::new().unwrap(), tempfile::tempdir().unwrap());
        let work = Storage::with_environment([]).open(folder.path().to_str().unwrap()).unwrap();
        Self { runtime, folder, work, shards, number: 0.into() }
    }

    fn emit(&self, fill: impl FnOnce(&mut Emit)) -> Vec<Chunk> {
        self.number.set(self.number.get() + 1);
        let object = format!("rows/{}", self.number.get());
        let scratch = self.folder.path().join("scratch");
        let shards = [self.shards, 2];
        let mut emit = Emit::new(&self.work, self.runtime.handle(), &object, shards, 100_000, &scratch).unwrap();
        fill(&mut emit);
        emit.finish().unwrap()
    }

    /// Performs a round over all shards of links.
    fn round(&self, chunks: &[Chunk], mut work: impl FnMut(u32, &[Chunk], &mut Emit)) -> Vec<Chunk> {
        (0..self.shards).flat_map(|shard| self.emit(|emit| work(shard, &of_shard(chunks, shard), emit))).collect()
    }

    fn resolve(&self, given: &[Pair], persons: &[&str], identity: &Identity) -> Resolved {
        let folders = ChunkFolders::new(self.work.clone(), None);
        let reader = ChunkReader::new(&folders, self.runtime.handle());
        let mut counts = IdentityCounts::default();
        let base =
            self.emit(|emit| given.chunks(7).for_each(|part| pairs(&rows(part), identity, emit, &mut counts).unwrap()));
        let persons = self.emit(|emit| earlier(&StringArray::from(persons.to_vec()), emit).unwrap());
        let mut rounds = 0;
        let mut links: Vec<Chunk> = base.iter().filter(|chunk| chunk.source == LINKS).cloned().collect();
        loop {
            let mut unsettled = 0;
            let next = self.round(&links, |_, chunks, emit| unsettled += connect(&reader, chunks, emit).unwrap());
            rounds += 1;
            if unsettled == 0 {
                break;
            }
            links = next;
        }
        let others = base.into_iter().filter(|chunk| chunk.source != LINKS);
        let input: Vec<Chunk> = others.chain(links).chain(persons).collect();
        let of_members = self.round(&input, |shard, chunks, emit| members(&reader, chunks, shard, emit).unwrap());
        let held = self.round(&of_members, |_, chunks, emit| super::apart(&reader, chunks, emit).unwrap());
        let input: Vec<Chunk> = of_members.into_iter().chain(held).collect();
        let resolved =
            self.round(&input, |_, chunks, emit| resolve(&reader, chunks, identity, emit, &mut counts).unwrap());
        let mut people = People::new();
        for shard in 0..2 {
            let (rows, part, _) = map(&reader, &of_shard(&resolved, shard)).unwrap();
            let texts = |at: usize| rows.column(at).as_string::<i32>().iter().map(|text| text.unwrap().to_owned());
            let ids: Vec<String> = texts(0).collect();
            assert!(ids.is_sorted(), "sorted, each once");
            let own: People = ids.into_iter().zip(texts(1).zip(texts(3))).collect();
            let changed = own.iter().filter(|(id, (canonical, _))| *id != canonical).count();
            assert_eq!(part.entries, changed as u64);
            people.extend(own);
        }
        Resolved { people, counts, rounds }
    }
}

fn of_shard(chunks: &[Chunk], shard: u32) -> Vec<Chunk> {
    chunks.iter().filter(|chunk| chunk.shard == shard).cloned().collect()
}

fn rows(pairs: &[Pair]) -> RecordBatch {
    let ids = |of: fn(&Pair) -> &str| -> ArrayRef { Arc::new(pairs.iter().map(of).map(Some).collect::<StringArray>()) };
    let columns: [(&str, ArrayRef); 5] = [
        ("id", ids(|pair| &pair.0)),
        ("other_id", ids(|pair| &pair.1)),
        ("same", Arc::new(pairs.iter().map(|pair| pair.2).collect::<BooleanArray>())),
        ("confidence", Arc::new(pairs.iter().map(|pair| pair.3).collect::<Float64Array>())),
        ("reason", ids(|pair| &pair.1)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
}

/// What a plain union-find in memory says.
fn expected(pairs: &[Pair], persons: &[&str], identity: &Identity) -> People {
    let mut parents: BTreeMap<String, String> = BTreeMap::new();
    fn root(parents: &BTreeMap<String, String>, id: &str) -> String {
        let mut id = id.to_owned();
        while parents[&id] != id {
            id = parents[&id].clone();
        }
        id
    }
    for (one, other, ..) in pairs.iter().filter(|pair| links_of(pair, identity)) {
        for id in [one, other] {
            parents.entry(id.clone()).or_insert_with(|| id.clone());
        }
        let (one, other) = (root(&parents, one), root(&parents, other));
        parents.insert(one.clone().max(other.clone()), one.min(other));
    }
    let mut components: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for id in parents.keys() {
        components.entry(root(&parents, id)).or_default().insert(id.clone());
    }
    let mut people = People::new();
    for ids in components.into_values() {
        let holds_apart =
            |pair: &Pair| pair.2 == Some(false) && pair.0 != pair.1 && ids.contains(&pair.0) && ids.contains(&pair.1);
        let status = match () {
            () if pairs.iter().any(holds_apart) => "kept_apart",
            () if ids.len() > identity.max_ids as usize => "too_many_ids",
            () => "linked",
        };
        let person = ids.iter().find(|id| persons.contains(&id.as_str())).or(ids.first()).unwrap();
        for id in &ids {
            let canonical = if status == "linked" { person } else { id };
            people.insert(id.clone(), (canonical.clone(), status.to_owned()));
        }
    }
    people
}

fn links_of(pair: &Pair, identity: &Identity) -> bool {
    pair.0 != pair.1 && pair.2 == Some(true) && pair.3.is_some_and(|sure| sure >= identity.min_confidence)
}

fn chain(length: usize) -> Vec<Pair> {
    (1..length).map(|at| same(format!("id-{:05}", at - 1), format!("id-{at:05}"))).collect()
}

#[test]
fn a_chain_of_ten_thousand_ids_is_one_person_after_few_rounds_whatever_the_shards() {
    let lifted = Identity { max_ids: 10_000, ..Identity::default() };
    for shards in [1, 16, 128] {
        let Resolved { people, rounds, counts } = Trial::new(shards).resolve(&chain(10_000), &[], &lifted);
        assert!(rounds <= 20, "{rounds} rounds over {shards} shards");
        assert_eq!((counts.ids, counts.persons, counts.largest), (10_000, 1, 10_000));
        assert!(people.len() == 10_000 && people.values().all(|(canonical, _)| canonical == "id-00000"));
    }
}

#[test]
fn a_component_has_as_many_ids_as_it_may_and_not_one_more() {
    for (ids, status) in [(49, "linked"), (50, "linked"), (51, "too_many_ids")] {
        let Resolved { people, counts, .. } = Trial::new(4).resolve(&chain(ids), &[], &Identity::default());
        assert!(people.len() == ids && people.values().all(|(_, own)| own == status), "{ids}");
        let is_own = people.iter().all(|(id, (canonical, _))| id == canonical);
        assert_eq!(is_own, ids == 51);
        let expected = if ids == 51 { (0, 0, 1, 51) } else { (1, ids as u64, 0, 0) };
        assert_eq!((counts.persons, counts.linked_ids, counts.too_large, counts.too_large_ids), expected);
    }
}

#[test]
fn ids_that_are_apart_are_never_joined_by_whatever_way_and_others_are() {
    let pairs = [
        same("a", "b"),
        same("b", "c"),
        same("c", "d"),
        apart("d", "a"),
        same("x", "y"),
        apart("y", "z"),
        apart("p", "q"),
        apart("x", "x"),
    ];
    for shards in [1, 3] {
        let Resolved { people, counts, .. } = Trial::new(shards).resolve(&pairs, &[], &Identity::default());
        for id in ["a", "b", "c", "d"] {
            assert_eq!(people[id], (id.to_owned(), "kept_apart".to_owned()));
        }
        assert_eq!((people["x"].0.as_str(), people["y"].0.as_str(), people.len()), ("x", "x", 6));
        assert_eq!((counts.held_apart, counts.held_apart_ids, counts.apart, counts.same_id), (1, 4, 3, 1));
    }
}

#[test]
fn who_was_a_person_stays_one_under_the_same_id() {
    let pairs = [same("m", "b"), same("b", "a"), same("x", "w"), same("q", "p")];
    let Resolved { people, counts, .. } =
        Trial::new(3).resolve(&pairs, &["m", "q", "p", "other"], &Identity::default());
    assert!(["m", "b", "a"].iter().all(|id| people[*id].0 == "m"), "{people:?}");
    assert!(["x", "w"].iter().all(|id| people[*id].0 == "w"), "else the smallest");
    assert!(["q", "p"].iter().all(|id| people[*id].0 == "p"), "of two persons the smaller");
    assert_eq!((counts.persons, counts.kept_ids, counts.joined_persons), (3, 2, 1));
}

#[test]
fn pairs_in_doubt_are_left_out_and_counted() {
    let pair = |one: &str, same, confidence| (one.to_owned(), "z".to_owned(), same, confidence);
    let pairs = [
        pair("a", Some(true), Some(0.9)),
        pair("b", Some(true), Some(0.899_999)),
        pair("c", Some(true), None),
        pair("d", Some(true), Some(f64::NAN)),
        pair("percent", Some(true), Some(95.0)),
        pair("e", None, Some(1.0)),
        pair("z", Some(true), Some(1.0)),
    ];
    let Resolved { people, counts, .. } = Trial::new(2).resolve(&pairs, &[], &Identity::default());
    assert_eq!(people.keys().collect::<Vec<_>>(), ["a", "z"]);
    assert_eq!((counts.linking, counts.unsure, counts.undecided, counts.same_id), (1, 4, 1, 1));
}

#[test]
fn nodes_are_of_the_text_and_lie_in_their_shard() {
    assert_eq!(node_of(""), 0xe3b0_c442_98fc_1c14_9afb_f4c8_996f_b924, "the SHA-256 of nothing");
    for shards in [1, 7, 1_024] {
        assert!((0..1_000).all(|id: u32| shard_of_node(node_of(&id.to_string()), shards) < shards));
        assert_eq!((shard_of_node(0, shards), shard_of_node(Node::MAX, shards)), (0, shards - 1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn persons_are_those_of_a_union_find_in_memory(
        raw in proptest::collection::vec((0_u32..60, 0_u32..60, 0_u32..20, 0_u32..12), 0..90),
        persons in proptest::collection::btree_set(0_u32..60, 0..8),
        shards in 1_u32..9,
        max_ids in 2_u32..12,
    ) {
        let name = |id: u32| format!("{id:02}");
        let pairs: Vec<Pair> = raw.into_iter().map(|(one, other, same, sure)| {
            let same = match same { 0 => Some(false), 1 => None, _ => Some(true) };
            let sure = match sure { 0 => None, 1 => Some(0.5), _ => Some(0.95) };
            (name(one), name(other), same, sure)
        }).collect();
        let persons: Vec<String> = persons.into_iter().map(name).collect();
        let persons: Vec<&str> = persons.iter().map(String::as_str).collect();
        let identity = Identity { max_ids, ..Identity::default() };
        let found = Trial::new(shards).resolve(&pairs, &persons, &identity);
        prop_assert_eq!(&found.people, &expected(&pairs, &persons, &identity));
        prop_assert_eq!(found.counts.ids, found.people.len() as u64);
    }
}
