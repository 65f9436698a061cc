//! A shallow decision tree that gives segments back, grown level by level from exact counts over all customers.
//!
//! A leaf is split where the Gini impurity falls most (Breiman, Friedman, Olshen and Stone 1984, Classification and Regression Trees, 4.3): that is
//! where the sum over both sides of Σ (customers of a segment)² / customers of the side is largest. Of equal splits the first counts, by feature and
//! bin.

use super::bins::{BinnedFeature, Bins};
use segmenter_proto::{Error, Result, v1};

/// Splits on the way from the root to a leaf.
const DEPTH: u32 = 3;
/// The same where there are more segments than `FEW`.
const DEPTH_OF_MANY: u32 = 4;
/// Half as many segments as a tree has leaves: who splits greedily needs two leaves for some.
const FEW: usize = 4;
/// What a split must gain at least: that share of all customers.
const LEAST_GAIN: f64 = 0.001;

/// A tree of one segmentation.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// From the root.
    pub nodes: Vec<Node>,
}

/// A place in the tree.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// How it is split; none of a leaf.
    pub split: Option<Split>,
    /// Its customers by segment.
    pub customers: Vec<u64>,
    /// Whether its customers are to be counted by feature.
    open: bool,
    depth: u32,
}

/// How customers of a node part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split {
    /// Position among the binned features.
    pub feature: usize,
    /// The bin.
    pub bin: usize,
    /// Whether the bin alone goes to `yes`, or those up to it.
    pub is_level: bool,
    /// Where those go who fit.
    pub yes: usize,
    /// Where the others go.
    pub no: usize,
}

impl Split {
    fn holds(&self, code: u8) -> bool {
        match self.is_level {
            true => usize::from(code) == self.bin,
            false => usize::from(code) <= self.bin,
        }
    }
}

impl Node {
    fn leaf(customers: Vec<u64>, depth: u32) -> Self {
        Self { split: None, customers, open: false, depth }
    }

    /// Says whether it can be split: it has several segments, and customers for two leaves.
    fn is_worth_it(&self, fewest: u64) -> bool {
        let segments = self.customers.iter().filter(|customers| **customers > 0).count();
        segments > 1 && self.size() >= fewest.saturating_mul(2)
    }

    /// Gives all customers of it.
    pub fn size(&self) -> u64 {
        self.customers.iter().sum()
    }

    /// Gives the segment that most of its customers are in; of equal ones the first.
    pub fn segment(&self) -> usize {
        let most = self.customers.iter().copied().max().unwrap_or_default();
        self.customers.iter().position(|customers| *customers == most).unwrap_or_default()
    }
}

impl Tree {
    /// Starts with everybody in one leaf.
    pub(super) fn of(customers: Vec<u64>, fewest: u64) -> Self {
        let root = Node::leaf(customers, 0);
        Self { nodes: vec![Node { open: root.is_worth_it(fewest), ..root }] }
    }

    /// Gives how many splits may follow each other.
    fn depth(&self) -> u32 {
        let customers = self.nodes.first().into_iter().flat_map(|root| &root.customers);
        if customers.filter(|customers| **customers > 0).count() > FEW { DEPTH_OF_MANY } else { DEPTH }
    }

    /// Says whether customers are to be counted.
    pub(super) fn is_open(&self) -> bool {
        self.nodes.iter().any(|node| node.open)
    }

    /// Splits the open leaves by the counts of their customers, by leaf, candidate, bin and segment; both sides have at least `fewest` customers.
    pub(super) fn grow(
        &mut self,
        counts: &[u64],
        (features, candidates): (&[BinnedFeature], &[usize]),
        fewest: u64,
    ) -> Result<()> {
        let unlike = || Error::bug("counts of a tree do not fit it");
        let segments = self.nodes.first().map_or(0, |root| root.customers.len());
        let (all, depth) = (self.nodes.first().map_or(0, Node::size), self.depth());
        let cells: usize = candidates.iter().map(|feature| features[*feature].bins() * segments).sum();
        let open: Vec<usize> = (0..self.nodes.len()).filter(|at| self.nodes[*at].open).collect();
        if cells == 0 || counts.len() != open.len() * cells {
            return Err(unlike());
        }
        for (at, counts) in open.into_iter().zip(counts.chunks(cells)) {
            self.nodes[at].open = false;
            let mut best: Option<(f64, Split, Vec<u64>)> = None;
            let mut rest = counts;
            for &feature in candidates {
                let (own, behind) = rest.split_at(features[feature].bins() * segments);
                rest = behind;
                let bins: Vec<&[u64]> = own.chunks(segments).collect();
                for (bin, is_level, yes) in splits(&features[feature], &bins) {
                    let Some(score) = score(&yes, &self.nodes[at].customers, fewest) else { continue };
                    if best.as_ref().is_none_or(|(most, ..)| score > *most) {
                        best = Some((score, Split { feature, bin, is_level, yes: 0, no: 0 }, yes));
                    }
                }
            }
            let Some((score, split, yes)) = best else { continue };
            if score - purity(&self.nodes[at].customers) < LEAST_GAIN * all as f64 {
                continue;
            }
            let no = self.nodes[at].customers.iter().zip(&yes).map(|(all, yes)| all - yes).collect();
            let below = self.nodes[at].depth + 1;
            let next = self.nodes.len();
            for customers in [yes, no] {
                let leaf = Node::leaf(customers, below);
                self.nodes.push(Node { open: below < depth && leaf.is_worth_it(fewest), ..leaf });
            }
            self.nodes[at].split = Some(Split { yes: next, no: next + 1, ..split });
        }
        Ok(())
    }

    /// Takes back splits whose sides give the same segment, from the leaves upwards.
    pub(super) fn prune(&mut self) {
        // Nodes stand behind those that they are below.
        for at in (0..self.nodes.len()).rev() {
            let Some(split) = self.nodes[at].split else { continue };
            let (yes, no) = (&self.nodes[split.yes], &self.nodes[split.no]);
            if yes.split.is_none() && no.split.is_none() && yes.segment() == no.segment() {
                self.nodes[at].split = None;
            }
        }
    }

    /// Gives the leaves from left to right, each with the way there: splits, and whether they hold.
    pub fn leaves(&self) -> Vec<(Vec<(Split, bool)>, &Node)> {
        let mut leaves = Vec::new();
        let mut open = vec![(Vec::new(), 0)];
        while let Some((way, at)) = open.pop() {
            let Some(node) = self.nodes.get(at) else { continue };
            match node.split {
                None => leaves.push((way, node)),
                Some(split) => {
                    let step = |holds| way.iter().copied().chain([(split, holds)]).collect();
                    open.push((step(false), split.no));
                    open.push((step(true), split.yes));
                }
            }
        }
        leaves
    }

    pub(super) fn to_message(&self, candidates: &[usize]) -> v1::TreeRequest {
        let node = |node: &Node| {
            let split = node.split.map(|split| v1::TreeNode {
                feature: split.feature as u32,
                bin: split.bin as u32,
                is_level: split.is_level,
                yes: split.yes as u32,
                no: split.no as u32,
                open: false,
            });
            split.unwrap_or(v1::TreeNode { open: node.open, ..v1::TreeNode::default() })
        };
        v1::TreeRequest {
            candidates: candidates.iter().map(|feature| *feature as u32).collect(),
            nodes: self.nodes.iter().map(node).collect(),
        }
    }
}

/// The splits of a tree as a shard sees them.
#[derive(Debug)]
pub(super) struct Places {
    nodes: Vec<(Option<Split>, Option<usize>)>,
    /// Number of open leaves.
    pub open: usize,
}

impl Places {
    pub fn of(message: &v1::TreeRequest, features: usize) -> Result<Self> {
        let mut open = 0;
        let mut nodes = Vec::with_capacity(message.nodes.len());
        for (at, node) in message.nodes.iter().enumerate() {
            let (yes, no) = (node.yes as usize, node.no as usize);
            let split = (yes > 0).then_some(Split {
                feature: node.feature as usize,
                bin: node.bin as usize,
                is_level: node.is_level,
                yes,
                no,
            });
            let is_below = |split: &Split| {
                split.feature < features && [split.yes, split.no].iter().all(|to| *to > at && *to < message.nodes.len())
            };
            if split.as_ref().is_some_and(|split| !is_below(split)) {
                return Err(Error::bug("a tree that is none was received"));
            }
            nodes.push((split, node.open.then_some(open)));
            open += usize::from(node.open);
        }
        Ok(Self { nodes, open })
    }

    /// Gives the features that splits look at.
    pub fn features(&self) -> impl Iterator<Item = usize> + '_ {
        self.nodes.iter().filter_map(|(split, _)| split.map(|split| split.feature))
    }

    /// Gives the number of the open leaf that a customer is in; none of other leaves.
    pub fn leaf(&self, code: impl Fn(usize) -> u8) -> Option<usize> {
        let mut at = 0;
        // Each step goes to a node behind.
        while let Some((split, open)) = self.nodes.get(at) {
            match split {
                None => return *open,
                Some(split) => at = if split.holds(code(split.feature)) { split.yes } else { split.no },
            }
        }
        None
    }
}

/// Gives every way to part the bins of a feature, with the customers who fit, by segment.
fn splits(feature: &BinnedFeature, bins: &[&[u64]]) -> Vec<(usize, bool, Vec<u64>)> {
    match &feature.by {
        Bins::Levels(levels) => (0..levels.len()).map(|bin| (bin, true, bins[bin].to_vec())).collect(),
        Bins::Cuts(_) => {
            let mut sums = vec![0; bins.first().map_or(0, |bin| bin.len())];
            let last = feature.values() - 1;
            let is_empty = |bins: &[&[u64]]| bins.iter().all(|bin| bin.iter().all(|customers| *customers == 0));
            let mut found = Vec::new();
            for (bin, customers) in bins.iter().take(feature.values()).enumerate() {
                sums.iter_mut().zip(*customers).for_each(|(sum, more)| *sum += more);
                // Where nobody lies above a cut, what parts is whether there is a value, and is told so.
                if bin == last || !is_empty(&bins[bin + 1..=last]) {
                    found.push((bin, false, sums.clone()));
                }
            }
            found
        }
    }
}

/// Gives Σ (customers of a segment)² / customers.
fn purity(customers: &[u64]) -> f64 {
    let all: u64 = customers.iter().sum();
    let squares: u128 = customers.iter().map(|customers| u128::from(*customers) * u128::from(*customers)).sum();
    if all == 0 { 0.0 } else { squares as f64 / all as f64 }
}

/// Gives how pure both sides are; none where one is too small.
fn score(yes: &[u64], all: &[u64], fewest: u64) -> Option<f64> {
    let no: Vec<u64> = all.iter().zip(yes).map(|(all, yes)| all.saturating_sub(*yes)).collect();
    let is_enough = |side: &[u64]| side.iter().sum::<u64>() >= fewest.max(1);
    (is_enough(yes) && is_enough(&no)).then(|| purity(yes) + purity(&no))
}
