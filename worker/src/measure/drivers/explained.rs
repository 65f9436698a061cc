//! How much of the differences between customers lies between groups: eta squared and Cramér's V, and both less what chance alone would give.

use crate::measure::{
    inference::chi_squared_tail,
    profile::{LevelCounts, Moments},
};

/// How well groups and a value go together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Strength {
    /// Eta squared, or Cramér's V.
    pub value: f64,
    /// The same less what chance alone would give, 0 at least.
    pub adjusted: f64,
    /// Customers with a value.
    pub n: u64,
    /// Groups with a customer who has one.
    pub groups: u64,
    /// What drivers are ranked by, 0 to 1: the adjusted eta squared, or the square of the adjusted V, which is eta squared where there are two
    /// levels.
    pub strength: f64,
}

/// Why there is no strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    /// Nobody, or one group.
    OneGroup,
    /// Nothing differs.
    Constant,
    /// As many groups as customers.
    TooFew,
}

impl Unknown {
    pub fn told(self) -> &'static str {
        match self {
            Self::OneGroup => "fewer than two groups have customers with a value",
            Self::Constant => "all customers have the same value",
            Self::TooFew => "there are as many groups as customers with a value",
        }
    }
}

/// Gives eta squared of shares of sums of squares, and the adjusted one (Kelley's epsilon squared, 1935): where groups say nothing, eta squared is
/// (groups − 1) / (n − 1) in the mean over all ways to deal customers to groups of these sizes, whatever the values are.
pub(super) fn eta_squared(value: f64, n: u64, groups: u64) -> Result<Strength, Unknown> {
    if groups < 2 {
        return Err(Unknown::OneGroup);
    }
    if n <= groups {
        return Err(Unknown::TooFew);
    }
    let by_chance = (groups - 1) as f64 / (n - 1) as f64;
    let adjusted = ((value - by_chance) / (1.0 - by_chance)).max(0.0);
    Ok(Strength { value, adjusted, n, groups, strength: adjusted })
}

/// Gives the p-value of eta squared: where groups say nothing, (n − 1) · eta squared has in the mean groups − 1, and with many customers the
/// distribution of chi squared with so many degrees (Kruskal and Wallis 1952, of ranks; by the central limit theorem, of values).
pub(super) fn p_value(value: f64, n: u64, groups: u64) -> f64 {
    chi_squared_tail(value * n.saturating_sub(1) as f64, groups.saturating_sub(1) as f64)
}

/// Gives eta squared of a number by group.
pub(super) fn of_numbers<'a>(groups: impl Iterator<Item = &'a Moments>) -> Result<Strength, Unknown> {
    let (mut all, mut within, mut count) = (Moments::default(), 0.0, 0);
    for moments in groups.filter(|moments| moments.n > 0) {
        within += moments.central_squares().unwrap_or_default();
        all.merge(moments);
        count += 1;
    }
    let total = all.central_squares().unwrap_or_default();
    if count >= 2 && total <= 0.0 {
        return Err(Unknown::Constant);
    }
    eta_squared((1.0 - within / total).clamp(0.0, 1.0), all.n, count)
}

/// Gives Cramér's V of a category by group, `taken` or not; none where its levels are too many to be known.
///
/// The adjusted one is Bergsma's (2013, Journal of the Korean Statistical Society 42, 323–328): phi squared less (groups − 1)(levels − 1) / (n − 1),
/// which it is in the mean where groups say nothing, over the smaller of groups and levels, less what they are too many by chance.
pub(super) fn of_levels(counts: &LevelCounts, taken: &[bool]) -> Option<Result<Strength, Unknown>> {
    let own = |counts: &[u64]| -> Vec<u64> {
        counts.iter().zip(taken).filter(|(_, taken)| **taken).map(|(count, _)| *count).collect()
    };
    let levels: Vec<Vec<u64>> = counts.levels()?.map(|(_, counts)| own(counts)).collect();
    let groups = own(counts.n());
    Some(cramers_v(&groups, levels.iter().map(Vec::as_slice)))
}

/// Gives Cramér's V of customers by group, and by level and group.
pub(super) fn cramers_v<'a>(groups: &[u64], levels: impl Iterator<Item = &'a [u64]>) -> Result<Strength, Unknown> {
    let n: u64 = groups.iter().sum();
    let known = groups.iter().filter(|customers| **customers > 0).count() as u64;
    if known < 2 {
        return Err(Unknown::OneGroup);
    }
    let (mut rows, mut phi_squared) = (0_u64, 0.0);
    for level in levels {
        let customers: u64 = level.iter().sum();
        if customers == 0 {
            continue;
        }
        rows += 1;
        for (observed, group) in level.iter().zip(groups).filter(|(_, group)| **group > 0) {
            // (O − E)² / E / n of O observed and E = level · group / n expected; the difference is exact below 2⁶³ · 2⁶³.
            let off = u128::from(*observed) * u128::from(n);
            let off = off.abs_diff(u128::from(customers) * u128::from(*group)) as f64 / n as f64;
            phi_squared += off / customers as f64 * (off / *group as f64);
        }
    }
    if rows < 2 {
        return Err(Unknown::Constant);
    }
    let smaller = known.min(rows);
    if n <= known.max(rows) {
        return Err(Unknown::TooFew);
    }
    let value = (phi_squared / (smaller - 1) as f64).sqrt().min(1.0);
    let (k, r, free) = ((known - 1) as f64, (rows - 1) as f64, (n - 1) as f64);
    let fewer = |count: f64| count - count * count / free;
    let room = fewer(k).min(fewer(r));
    let adjusted = if room > 0.0 { ((phi_squared - k * r / free).max(0.0) / room).sqrt().min(1.0) } else { 0.0 };
    Ok(Strength { value, adjusted, n, groups: known, strength: adjusted * adjusted })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::chance::Chance;

    fn moments(values: &[f64]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.add(Some(*value)).unwrap());
        moments
    }

    #[test]
    fn eta_squared_is_that_by_hand() {
        // Grand mean 4, SS total 34, SS between 3·4 + 3·4 = 24; by chance (2 − 1)/(6 − 1) = 0.2.
        let groups = [moments(&[1.0, 2.0, 3.0]), moments(&[]), moments(&[4.0, 6.0, 8.0])];
        let found = of_numbers(groups.iter()).unwrap();
        assert_eq!((found.n, found.groups), (6, 2));
        assert!((found.value - 24.0 / 34.0).abs() < 1e-15);
        assert!((found.adjusted - (24.0 / 34.0 - 0.2) / 0.8).abs() < 1e-15);
        let same = [moments(&[5.0, 5.0]), moments(&[5.0])];
        assert_eq!(of_numbers(same.iter()), Err(Unknown::Constant));
        assert_eq!(of_numbers([moments(&[1.0, 2.0])].iter()), Err(Unknown::OneGroup));
        assert_eq!(of_numbers([moments(&[1.0]), moments(&[2.0])].iter()), Err(Unknown::TooFew));
    }

    #[test]
    fn v_is_that_by_hand_and_with_two_levels_the_root_of_eta_squared() {
        // 30 and 10 of one level, 20 and 40 of the other: chi squared of 100 is 100·(30·40 − 10·20)²/(40·60·50·50) = 16.67.
        let found = cramers_v(&[50, 50], [[30, 10].as_slice(), &[20, 40]].into_iter()).unwrap();
        assert!((found.value - (1.0_f64 / 6.0).sqrt()).abs() < 1e-15, "{found:?}");
        // Phi squared 1/6 less 1/99, over 1 − 1/99.
        assert!((found.adjusted.powi(2) - (1.0 / 6.0 - 1.0 / 99.0) / (1.0 - 1.0 / 99.0)).abs() < 1e-15);
        let numbers = [(30, 20), (10, 40)].map(|(ones, zeros)| moments(&[vec![1.0; ones], vec![0.0; zeros]].concat()));
        assert!((of_numbers(numbers.iter()).unwrap().value - 1.0 / 6.0).abs() < 1e-12);
        assert_eq!(cramers_v(&[5, 5], [[5, 5].as_slice()].into_iter()), Err(Unknown::Constant));
        assert_eq!(cramers_v(&[9, 0], [[5, 0].as_slice(), &[4, 0]].into_iter()), Err(Unknown::OneGroup));
        let perfect = cramers_v(&[40, 60], [[40, 0].as_slice(), &[0, 60]].into_iter()).unwrap();
        assert_eq!((perfect.value, perfect.adjusted), (1.0, 1.0));
    }

    #[test]
    fn many_levels_that_say_nothing_are_taken_for_nothing() {
        // 200 levels of 5 customers in 4 groups: V is 0.44 by chance alone.
        let mut chance = Chance(7);
        let (mut plain, mut adjusted) = (0.0, 0.0);
        for _ in 0..200 {
            let mut groups = [0_u64; 4];
            let mut levels = vec![[0_u64; 4]; 200];
            for customer in 0..1000 {
                let group = ((chance.share() * 4.0) as usize).min(3);
                groups[group] += 1;
                levels[customer % 200][group] += 1;
            }
            let found = cramers_v(&groups, levels.iter().map(|level| level.as_slice())).unwrap();
            plain += found.value / 200.0;
            adjusted += found.strength / 200.0;
        }
        assert!(plain > 0.4 && adjusted < 0.02, "{plain} {adjusted}");
    }

    #[test]
    fn where_groups_say_nothing_p_values_are_those_of_chance() {
        // What customers spend: nothing for six in ten, else lognormal with a long tail; groups of 10, 20 and 70 %, and ten of a tenth.
        let mut chance = Chance(11);
        for shares in [vec![0.1, 0.3, 1.0], (1..=10).map(|tenth| f64::from(tenth) / 10.0).collect()] {
            let (draws, mut below, mut mean) = (2000, 0, 0.0);
            for _ in 0..draws {
                let mut groups = vec![Moments::default(); shares.len()];
                for _ in 0..500 {
                    let spent = if chance.share() < 0.6 { 0.0 } else { libm::exp(1.5 * chance.normal()) };
                    let drawn = chance.share();
                    let group = shares.iter().position(|share| drawn <= *share).unwrap();
                    groups[group].add(Some(spent)).unwrap();
                }
                let found = of_numbers(groups.iter()).unwrap();
                below += u32::from(p_value(found.value, found.n, found.groups) < 0.05);
                mean += found.value / f64::from(draws);
            }
            // In the mean exactly (groups − 1)/499; 100 of 2,000 below 0.05, with a standard deviation of 10.
            let expected = (shares.len() - 1) as f64 / 499.0;
            assert!((mean / expected - 1.0).abs() < 0.05, "{mean} and {expected}");
            assert!((50..=140).contains(&below), "{below} of {draws} below 0.05");
        }
    }
}
