//! Thirty daily runs over groups that drift, split and merge, with customers who come, go and move: keys and changes against the truth.

use crate::harness::*;
use std::collections::{BTreeMap, BTreeSet};

const DAYS: u32 = 30;
/// The day on which the second half of a group becomes one of its own, and the one on which two groups become one.
const SPLIT: u32 = 10;
const MERGE: u32 = 20;

/// The truth of one day: which group each customer is in.
#[derive(Clone, Default)]
struct World {
    group: BTreeMap<u32, usize>,
    next: u32,
}

/// Where a group lies on a day: it wanders, slower than groups are apart.
fn place(group: usize, day: u32) -> (f64, f64) {
    let (x, y) =
        [(0.0, 0.0), (2000.0, 0.0), (0.0, 2000.0), (2000.0, 2000.0), (4000.0, 1000.0), (4000.0, 3000.0)][group];
    let day = f64::from(day);
    (x + 12.0 * day * if group.is_multiple_of(2) { 1.0 } else { -1.0 }, y + 7.0 * day)
}

impl World {
    fn begun() -> Self {
        let sizes = [90, 70, 60, 50, 40];
        let mut world = Self::default();
        for (group, size) in sizes.into_iter().enumerate() {
            world.join(group, size);
        }
        world
    }

    fn join(&mut self, group: usize, customers: u32) {
        for _ in 0..customers {
            self.group.insert(self.next, group);
            self.next += 1;
        }
    }

    fn groups(&self) -> BTreeSet<usize> {
        self.group.values().copied().collect()
    }

    fn of(&self, group: usize) -> Vec<u32> {
        self.group.iter().filter(|(_, own)| **own == group).map(|(customer, _)| *customer).collect()
    }

    /// The next day: some move, some come, some go; groups split and merge.
    fn live(&mut self, day: u32, rng: &mut Rng) {
        let groups: Vec<usize> = self.groups().into_iter().collect();
        let customers: Vec<u32> = self.group.keys().copied().collect();
        for customer in customers {
            match rng.below(100) {
                0 | 1 => _ = self.group.insert(customer, groups[rng.below(groups.len() as u64) as usize]),
                2 => _ = self.group.remove(&customer),
                _ => {}
            }
        }
        for group in groups {
            let customers = 1 + rng.below(2) as u32;
            self.join(group, customers);
        }
        if day == SPLIT {
            let of = self.of(0);
            of.iter().skip(of.len() * 3 / 5).for_each(|customer| _ = self.group.insert(*customer, 5));
        }
        if day == MERGE {
            self.of(3).into_iter().for_each(|customer| _ = self.group.insert(customer, 1));
        }
    }

    fn csv(&self, day: u32, rng: &mut Rng) -> String {
        let mut text = "customer_id,x,y\n".to_owned();
        for (customer, group) in &self.group {
            let (x, y) = place(*group, day);
            text += &format!("C{customer:05},{},{}\n", x + rng.below(300) as f64, y + rng.below(300) as f64);
        }
        text
    }
}

fn job(day: u32, groups: usize) -> String {
    let section = |method: &str| {
        format!(
            "[[segmentation]]\nname = \"by_{method}\"\nmethod = \"{method}\"\nfeatures = [\"x\", \"y\"]\nk = {groups}\n"
        )
    };
    format!(
        "format_version = 1\nname = \"trial\"\nas_of = \"2026-01-{day:02}\"\nseed = 7\n[output]\nuri = \"@OUT@\"\n[[source]]\nname = \"people\"\nkind = \"customers\"\nuri = \"@IN@/{day}.csv\"\ntypes = {{ x = \"double\", y = \"double\" }}\n[source.columns]\ncustomer_id = \"customer_id\"\nx = \"x\"\ny = \"y\"\n{}{}",
        section("kmeans"),
        section("bisecting")
    )
}

/// The key of each group.
type KeysOfGroups = BTreeMap<usize, String>;

/// Gives the key that most customers of a group have, and how many have another.
fn key_of(keys: &BTreeMap<String, String>, customers: &[u32]) -> (String, usize) {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    customers.iter().for_each(|customer| *counts.entry(&keys[&format!("C{customer:05}")]).or_default() += 1);
    let (key, most) = counts.into_iter().max_by_key(|(_, customers)| *customers).unwrap();
    (key.to_owned(), customers.len() - most)
}

#[test]
fn keys_stay_and_who_moved_is_found() {
    let workspace = Workspace::new();
    let (mut world, mut rng) = (World::begun(), Rng(41));
    let mut before: Option<(World, BTreeMap<String, KeysOfGroups>)> = None;
    let (mut found, mut right, mut expected, mut wrong) = (0, 0, 0, 0);
    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for day in 1..=DAYS {
        if day > 1 {
            world.live(day, &mut rng);
        }
        workspace.write(&format!("in/{day}.csv"), world.csv(day, &mut rng));
        let run = workspace.committed(&workspace.job_named(&format!("{day}.toml"), &job(day, world.groups().len())));
        let mut keys_of_day = BTreeMap::new();
        for segmentation in ["by_kmeans", "by_bisecting"] {
            let keys = run.keys(segmentation);
            let mut of_groups = BTreeMap::new();
            for group in world.groups() {
                let (key, others) = key_of(&keys, &world.of(group));
                wrong += others;
                of_groups.insert(group, key);
            }
            let used = given.entry(segmentation.to_owned()).or_default();
            if let Some((earlier, keys_before)) = &before {
                for (group, key) in &of_groups {
                    match keys_before[segmentation].get(group) {
                        Some(known) => assert_eq!(key, known, "day {day}, {segmentation}, group {group}"),
                        None => assert!(!used.contains(key), "day {day}, {segmentation}: {key} was another's"),
                    }
                }
                let truth: BTreeSet<String> = world
                    .group
                    .iter()
                    .filter(|(customer, group)| earlier.group.get(customer).is_some_and(|then| then != *group))
                    .map(|(customer, _)| format!("C{customer:05}"))
                    .collect();
                let told: BTreeSet<String> = run
                    .table("changes")
                    .rows
                    .iter()
                    .filter(|row| row[1].as_deref() == Some(segmentation) && row[4].as_deref() == Some("moved"))
                    .map(|row| row[0].clone().unwrap())
                    .collect();
                found += told.len();
                expected += truth.len();
                right += truth.intersection(&told).count();
            }
            used.extend(of_groups.values().cloned());
            keys_of_day.insert(segmentation.to_owned(), of_groups);
        }
        before = Some((world.clone(), keys_of_day));
    }
    assert!(expected > 400, "{expected} moves were planted");
    let (precision, recall) =
        (f64::from(right as u32) / found as f64, f64::from(right as u32) / f64::from(expected as u32));
    assert!(precision >= 0.95 && recall >= 0.95, "precision {precision}, recall {recall}");
    assert_eq!(wrong, 0, "customers in other clusters than their group");
}
