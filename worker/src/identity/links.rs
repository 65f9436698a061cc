//! The links that a shard holds, as they come: its ids with a number each.

use super::node::{Node, shard_of_node};
use hashbrown::HashTable;

/// Bytes that an id takes here at most, with its place in the table.
const NODE: u64 = 40;
/// No number.
const NONE: u32 = u32::MAX;

/// Ids that links of one shard name, by number in the order of their first sight.
#[derive(Debug, Default)]
pub(super) struct Links {
    numbers: HashTable<u32>,
    nodes: Vec<Node>,
    /// The smallest number known of the component of each, followed up to itself.
    parents: Vec<u32>,
    /// Of ids of this shard: the number of the smaller id that it is linked to.
    smaller: Vec<u32>,
    /// Of ids of this shard: whether it is linked to several smaller ones, or to smaller and larger ones.
    unsettled: Vec<bool>,
    has_larger: Vec<bool>,
}

impl Links {
    /// Gives the bytes that so many links take at most.
    pub(super) fn memory_of(links: u64) -> u64 {
        2 * links * NODE
    }

    /// Expects so many links: what has room from the start is not copied as it grows.
    pub(super) fn of(links: u64) -> Self {
        let ids = usize::try_from(2 * links).unwrap_or_default();
        Self {
            numbers: HashTable::with_capacity(ids),
            nodes: Vec::with_capacity(ids),
            parents: Vec::with_capacity(ids),
            smaller: Vec::with_capacity(ids),
            unsettled: Vec::with_capacity(ids),
            has_larger: Vec::with_capacity(ids),
        }
    }

    /// Takes the link of an id of this shard to another.
    pub(super) fn add(&mut self, node: Node, other: Node) {
        let (at, to) = (self.number(node), self.number(other));
        let (at_index, one, two) = (at as usize, self.root(at), self.root(to));
        match self.nodes[one as usize] < self.nodes[two as usize] {
            true => self.parents[two as usize] = one,
            false => self.parents[one as usize] = two,
        }
        if other > node {
            self.has_larger[at_index] = true;
        } else {
            self.unsettled[at_index] |= ![NONE, to].contains(&self.smaller[at_index]);
            self.smaller[at_index] = to;
        }
        self.unsettled[at_index] |= self.has_larger[at_index] && self.smaller[at_index] != NONE;
    }

    /// Counts ids of this shard that are neither the smallest of all that they are linked to nor linked to one smaller id alone. Where no shard
    /// has any, links are stars around the smallest of their components.
    pub(super) fn unsettled(&self) -> u64 {
        self.unsettled.iter().filter(|unsettled| **unsettled).count() as u64
    }

    /// Gives every id that is not the smallest of its component here, with that.
    pub(super) fn stars(&mut self) -> impl Iterator<Item = (Node, Node)> + '_ {
        (0..self.nodes.len() as u32).filter_map(|number| {
            let root = self.root(number);
            (root != number).then(|| (self.nodes[number as usize], self.nodes[root as usize]))
        })
    }

    /// Once links are stars: gives the number of an id of this shard.
    pub(super) fn find(&self, node: Node) -> Option<usize> {
        self.numbers.find(hash(node), |number| self.nodes[*number as usize] == node).map(|number| *number as usize)
    }

    /// Once links are stars: gives the component of the id of a number, which is its smallest id.
    pub(super) fn component(&self, number: usize) -> Node {
        match self.smaller[number] {
            NONE => self.nodes[number],
            smaller => self.nodes[smaller as usize],
        }
    }

    /// Gives the ids of this shard, with their numbers.
    pub(super) fn own(&self, shard: u32, shards: u32) -> impl Iterator<Item = (usize, Node)> + '_ {
        let is_own = move |node: Node| shard_of_node(node, shards) == shard;
        self.nodes.iter().copied().enumerate().filter(move |(_, node)| is_own(*node))
    }

    /// Gives how many ids there are, those of other shards among them.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn number(&mut self, node: Node) -> u32 {
        if let Some(number) = self.find(node) {
            return number as u32;
        }
        // As many links as fill the memory of a machine have fewer ids than this.
        let number = self.nodes.len() as u32;
        self.nodes.push(node);
        self.parents.push(number);
        self.smaller.push(NONE);
        self.unsettled.push(false);
        self.has_larger.push(false);
        let nodes = &self.nodes;
        self.numbers.insert_unique(hash(node), number, |number| hash(nodes[*number as usize]));
        number
    }

    fn root(&mut self, mut number: u32) -> u32 {
        while self.parents[number as usize] != number {
            let above = self.parents[self.parents[number as usize] as usize];
            self.parents[number as usize] = above;
            number = above;
        }
        number
    }
}

/// The high bits of a node are the same within a shard.
fn hash(node: Node) -> u64 {
    node as u64
}
