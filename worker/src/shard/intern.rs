//! Numbers for ids: dense while a shard is read, then in the order of the ids.

use arrow::array::{Array, StringArray};
use hashbrown::HashTable;
use segmenter_proto::customer_hash;

/// Gives each different id a number, from 0 in the order of their first sight.
#[derive(Debug, Default)]
pub struct Interner {
    /// Numbers, with the low half of the hash, which mostly tells another id without looking at it.
    table: HashTable<(u32, u32)>,
    hashes: Vec<u64>,
    text: String,
    ends: Vec<usize>,
}

impl Interner {
    /// Gives how many ids it knows.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Gives an id by its number.
    pub fn id(&self, number: u32) -> &str {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// Gives the numbers of a column of ids, which holds no null.
    pub fn numbers(&mut self, ids: &StringArray) -> Vec<u32> {
        let mut numbers = Vec::with_capacity(ids.len());
        self.number_all(ids, &mut numbers);
        numbers
    }

    /// Does the same, behind numbers that there are.
    pub fn number_all(&mut self, ids: &StringArray, numbers: &mut Vec<u32>) {
        numbers.extend((0..ids.len()).map(|row| self.number(ids.value(row))));
    }

    fn number(&mut self, id: &str) -> u32 {
        let hash = customer_hash(id);
        let (hashes, text, ends) = (&mut self.hashes, &mut self.text, &mut self.ends);
        let low = hash as u32;
        let same = |&(known_low, known): &(u32, u32)| {
            let at = known as usize;
            let start = if at == 0 { 0 } else { ends[at - 1] };
            known_low == low && &text[start..ends[at]] == id
        };
        // A table compares the highest bits first, and those are the same in all of a shard.
        let slot = |hash: u64| hash.rotate_left(32);
        if let Some(&(_, known)) = self.table.find(slot(hash), same) {
            return known;
        }
        let number = u32::try_from(ends.len()).unwrap_or(u32::MAX);
        text.push_str(id);
        ends.push(text.len());
        hashes.push(hash);
        self.table.insert_unique(slot(hash), (low, number), |&(_, known)| slot(hashes[known as usize]));
        number
    }

    /// Gives the numbers that `keep` wants, in the order of their ids.
    pub fn sorted(&self, keep: impl Fn(u32) -> bool) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..self.len() as u32).filter(|&number| keep(number)).collect();
        numbers.sort_unstable_by(|&left, &right| self.id(left).cmp(self.id(right)));
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_its_number_and_sorts_by_its_bytes() {
        let mut interner = Interner::default();
        let ids = StringArray::from(vec!["b", "a", "b", "", "10", "9"]);
        assert_eq!(interner.numbers(&ids), vec![0, 1, 0, 2, 3, 4]);
        let order: Vec<&str> = interner.sorted(|number| number != 2).into_iter().map(|n| interner.id(n)).collect();
        assert_eq!(order, vec!["10", "9", "a", "b"]);
    }
}
