use super::*;
use crate::storage::{Folder, Storage};
use arrow::array::StringArray;
use segmenter_proto::{shard_of, v1::KeyMapPart};
use std::collections::BTreeMap;

const NAME: &str = "people";

struct Trial {
    runtime: tokio::runtime::Runtime,
    folder: tempfile::TempDir,
    work: Folder,
}

impl Trial {
    fn new() -> Self {
        let (runtime, folder) = (tokio::runtime::Runtime::new().unwrap(), tempfile::tempdir().unwrap());
        let work = Storage::with_environment([]).open(folder.path().to_str().unwrap()).unwrap();
        Self { runtime, folder, work }
    }

    fn build(&self, entries: &BTreeMap<String, String>, parts: u32) -> Vec<KeyMapPart> {
        let mut builders: Vec<KeyMapBuilder> = (0..parts).map(|_| KeyMapBuilder::default()).collect();
        for (key, value) in entries {
            builders[shard_of(key, parts) as usize].add(key, value).unwrap();
        }
        let built = (0..).zip(builders).map(|(number, builder)| {
            let (part, bytes) = builder.finish().unwrap();
            let object = key_map_object(NAME, number, part.checksum);
            self.runtime.block_on(self.work.put(&object, bytes)).unwrap();
            part
        });
        built.collect()
    }

    fn load(&self, parts: &[KeyMapPart], on_disk: bool) -> segmenter_proto::Result<KeyMap> {
        let scratch = self.folder.path().join("scratch");
        load(&self.work, self.runtime.handle(), NAME, parts, on_disk.then_some(scratch.as_path()))
    }
}

fn entries(count: u32) -> BTreeMap<String, String> {
    (0..count)
        .map(|at| (format!("k{at}"), if at % 7 == 0 { String::new() } else { format!("person {}", at / 3) }))
        .collect()
}

#[test]
fn every_key_is_found_and_no_other_in_memory_and_on_disk() {
    let trial = Trial::new();
    // One block, several, and parts without a key.
    for (count, parts) in [(0, 3), (1, 4), (255, 1), (256, 1), (257, 1), (5_000, 1), (5_000, 7)] {
        let entries = entries(count);
        let built = trial.build(&entries, parts);
        for on_disk in [false, true] {
            let map = trial.load(&built, on_disk).unwrap();
            for (key, value) in &entries {
                assert_eq!(map.get(key).unwrap().as_deref(), Some(value.as_str()));
            }
            for other in ["", "k", "K1", "k5000", "person 1"] {
                assert_eq!(map.get(other).unwrap(), None, "{other}");
            }
        }
    }
    assert_eq!(std::fs::read_dir(trial.folder.path().join("scratch")).unwrap().count(), 0, "files have no names");
}

#[test]
fn rows_are_asked_together_and_those_that_are_not_there_stay_or_are_null() {
    let trial = Trial::new();
    let map = trial.load(&trial.build(&entries(10), 2), true).unwrap();
    let keys = StringArray::from(vec![Some("k1"), Some("k1"), None, Some("x"), Some("k1"), Some("k7")]);
    let expected = vec![Some("person 0"), Some("person 0"), None, Some("x"), Some("person 0"), Some("")];
    assert_eq!(map.values_or_keys(&keys).unwrap(), StringArray::from(expected));
    let expected = vec![Some("person 0"), Some("person 0"), None, None, Some("person 0"), Some("")];
    assert_eq!(map.values(&keys).unwrap(), StringArray::from(expected));
}

#[test]
fn a_part_is_the_same_in_whatever_order_it_is_built_and_a_key_stands_once() {
    let built = |keys: &[&str]| {
        let mut builder = KeyMapBuilder::default();
        keys.iter().for_each(|key| builder.add(key, "v").unwrap());
        builder.finish()
    };
    assert_eq!(built(&["a", "b", "c"]).unwrap(), built(&["c", "a", "b"]).unwrap());
    assert!(built(&["a", "b", "a"]).is_err());
}

#[test]
fn a_part_that_is_gone_or_damaged_is_named() {
    let trial = Trial::new();
    let built = trial.build(&entries(1_000), 2);
    let object = key_map_object(NAME, 1, built[1].checksum);
    assert_eq!(part_of_key_map(&object), Some((NAME, 1)));
    let path = trial.folder.path().join(&object);
    let whole = std::fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 4;
    for damaged in [Some(flipped.as_slice()), Some(&whole[..whole.len() - 1]), Some(&[]), None] {
        match damaged {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        for on_disk in [false, true] {
            let error = trial.load(&built, on_disk).unwrap_err();
            assert_eq!(error.lost_work.as_deref(), Some(object.as_str()));
        }
    }
}

#[test]
fn what_a_map_on_disk_takes_of_memory_is_a_small_part_of_it() {
    let parts = [KeyMapPart { checksum: 1, bytes: 60_000_000, entries: 1_000_000 }];
    assert!(KeyMap::memory_of(&parts, true) * 1_000 < KeyMap::memory_of(&parts, false));
}
