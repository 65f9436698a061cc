//! What the customers of each bin do in the outcome window: exact sums, and how much of it the bins explain.

use super::explained::{Strength, Unknown, eta_squared};
use crate::measure::wide::{centred, from_message, in_currency, product, to_f64, to_message};
use arrow::datatypes::i256;
use segmenter_proto::{Error, Result, v1};

/// Groups that bins of a number are put together to, at most.
const GROUPS: u64 = 10;

/// Exact sums by bin, mergeable in any order; spending in units of 10⁻⁴ of the currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeBins {
    pub(super) bins: Vec<Bin>,
}

/// The customers of one bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bin {
    pub customers: u64,
    pub active: u64,
    pub spent: i128,
    pub squares: i256,
}

impl Bin {
    pub const EMPTY: Self = Self { customers: 0, active: 0, spent: 0, squares: i256::ZERO };

    pub fn add(&mut self, is_active: bool, spent: i128) {
        self.customers += 1;
        self.active += u64::from(is_active);
        // Below 10²⁸ each: 10¹⁰ customers fit.
        self.spent = self.spent.wrapping_add(spent);
        self.squares = self.squares.wrapping_add(product(spent, spent));
    }

    fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        self.active += other.active;
        self.spent = self.spent.wrapping_add(other.spent);
        self.squares = self.squares.wrapping_add(other.squares);
    }
}

impl OutcomeBins {
    pub(super) fn empty(bins: usize) -> Self {
        Self { bins: vec![Bin::EMPTY; bins] }
    }

    /// Adds all that `other` holds.
    ///
    /// # Errors
    /// A bug where the number of bins differs.
    pub fn merge(&mut self, other: &Self) -> Result<()> {
        if self.bins.len() != other.bins.len() {
            return Err(Error::bug("outcomes of other bins do not merge"));
        }
        self.bins.iter_mut().zip(&other.bins).for_each(|(bin, more)| bin.merge(more));
        Ok(())
    }

    /// Gives the message that travels.
    pub fn to_message(&self) -> v1::OutcomeBins {
        v1::OutcomeBins {
            customers: self.bins.iter().map(|bin| bin.customers).collect(),
            active: self.bins.iter().map(|bin| bin.active).collect(),
            spent: self.bins.iter().map(|bin| bin.spent.into()).collect(),
            squares: self.bins.iter().map(|bin| to_message(bin.squares)).collect(),
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    /// A bug where the message is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::OutcomeBins) -> Result<Self> {
        let bins = message.customers.len();
        if [message.active.len(), message.spent.len(), message.squares.len()].into_iter().any(|other| other != bins) {
            return Err(Error::bug("an outcome has other numbers of bins"));
        }
        let bin = |at: usize| {
            Ok(Bin {
                customers: message.customers[at],
                active: message.active[at],
                spent: message.spent[at].into(),
                squares: from_message(&Some(message.squares[at].clone()))?,
            })
        };
        Ok(Self { bins: (0..bins).map(bin).collect::<Result<_>>()? })
    }

    /// Gives the bins of values of a number as at most ten groups of neighbours, of about as many customers each, or of more where many share a
    /// value.
    pub(super) fn neighbours(bins: &[Bin]) -> Vec<Bin> {
        let all: u64 = bins.iter().map(|bin| bin.customers).sum();
        let mut groups = Vec::new();
        let mut open = Bin::EMPTY;
        for bin in bins {
            open.merge(bin);
            if open.customers > 0 && open.customers >= all.div_ceil(GROUPS) {
                groups.push(std::mem::replace(&mut open, Bin::EMPTY));
            }
        }
        if open.customers > 0 {
            groups.push(open);
        }
        groups
    }

    /// Gives groups with those of fewer than `fewest` customers put together into one, the last; none of nobody.
    pub(super) fn large_enough(bins: &[Bin], fewest: u64) -> Vec<Bin> {
        let (mut large, small): (Vec<Bin>, Vec<Bin>) =
            bins.iter().filter(|bin| bin.customers > 0).partition(|bin| bin.customers >= fewest);
        if !small.is_empty() {
            let mut together = Bin::EMPTY;
            small.iter().for_each(|bin| together.merge(bin));
            large.push(together);
        }
        large
    }
}

/// Gives how much of the differences in spending lies between groups.
pub(super) fn of_spending(groups: &[Bin]) -> Result<Strength, Unknown> {
    let mut all = Bin::EMPTY;
    groups.iter().for_each(|group| all.merge(group));
    let n = all.customers as f64;
    let wide = |value: u64| i256::from_i128(i128::from(value));
    let spent = i256::from_i128(all.spent);
    // n · Σx² − (Σx)², exact before it is rounded.
    let total = centred(wide(all.customers), all.squares, spent, spent).unwrap_or_default() / n;
    let mean = in_currency(all.spent as f64) / n;
    let between = groups.iter().filter(|group| group.customers > 0).map(|group| {
        let off = in_currency(group.spent as f64) / group.customers as f64 - mean;
        group.customers as f64 * off * off
    });
    strength(between.sum(), in_currency(in_currency(total)), groups)
}

/// Gives how much of the differences in who buys at all lies between groups.
pub(super) fn of_activity(groups: &[Bin]) -> Result<Strength, Unknown> {
    let mut all = Bin::EMPTY;
    groups.iter().for_each(|group| all.merge(group));
    let (n, mean) = (all.customers as f64, all.active as f64 / all.customers as f64);
    let total = product(i128::from(all.active), i128::from(all.customers.saturating_sub(all.active)));
    let between = groups.iter().filter(|group| group.customers > 0).map(|group| {
        let off = group.active as f64 / group.customers as f64 - mean;
        group.customers as f64 * off * off
    });
    strength(between.sum(), to_f64(total) / n, groups)
}

fn strength(between: f64, total: f64, groups: &[Bin]) -> Result<Strength, Unknown> {
    let n = groups.iter().map(|group| group.customers).sum();
    let known = groups.iter().filter(|group| group.customers > 0).count() as u64;
    if known >= 2 && total <= 0.0 {
        return Err(Unknown::Constant);
    }
    eta_squared((between / total).clamp(0.0, 1.0), n, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bin(spent: &[i128]) -> Bin {
        let mut bin = Bin::EMPTY;
        spent.iter().for_each(|spent| bin.add(*spent > 0, *spent * 10_000));
        bin
    }

    #[test]
    fn spending_and_activity_are_explained_as_by_hand() {
        // As eta squared of 1 2 3 and 4 6 8.
        let groups = [bin(&[1, 2, 3]), bin(&[]), bin(&[4, 6, 8])];
        let found = of_spending(&groups).unwrap();
        assert!((found.value - 24.0 / 34.0).abs() < 1e-12 && (found.n, found.groups) == (6, 2), "{found:?}");
        assert_eq!(of_activity(&groups), Err(Unknown::Constant));
        // 3 of 4 and none of 4: mean 3/8, SS total 15/8, SS between 2·4·(3/8)² = 9/8.
        let active = of_activity(&[bin(&[1, 1, 0, 1]), bin(&[0, 0, 0, 0])]).unwrap();
        assert!((active.value - 0.6).abs() < 1e-12, "{active:?}");
        assert_eq!(of_spending(&[bin(&[2, 2, 2])]), Err(Unknown::OneGroup));
    }

    #[test]
    fn neighbours_are_put_together_to_ten_groups_and_small_groups_to_one() {
        let ones = vec![bin(&[1]); 40];
        assert_eq!(OutcomeBins::neighbours(&ones).iter().map(|group| group.customers).collect::<Vec<_>>(), [4; 10]);
        let skewed = [bin(&[0; 30]), bin(&[1]), bin(&[1; 3]), bin(&[1; 6])];
        let sizes = |groups: Vec<Bin>| groups.iter().map(|group| group.customers).collect::<Vec<_>>();
        assert_eq!(sizes(OutcomeBins::neighbours(&skewed)), [30, 4, 6]);
        assert_eq!(sizes(OutcomeBins::large_enough(&skewed, 5)), [30, 6, 4]);
        assert_eq!(sizes(OutcomeBins::large_enough(&[bin(&[])], 5)), [0; 0]);
        let bins = OutcomeBins { bins: skewed.to_vec() };
        let mut both = OutcomeBins::from_message(&bins.to_message()).unwrap();
        both.merge(&bins).unwrap();
        assert_eq!((both.bins[0].customers, both.bins[3].spent), (60, 120_000));
        assert!(both.merge(&OutcomeBins::empty(3)).is_err());
    }
}
