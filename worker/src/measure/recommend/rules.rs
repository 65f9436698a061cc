//! Pairs that lead from an item to another, as they travel.

use segmenter_proto::{Error, Result, v1};

/// A pair that leads from one item to another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Position of the item that it leads from.
    pub first: u32,
    /// Position of the item that it leads to.
    pub second: u32,
    /// The share of those with the first who have the second.
    pub confidence: f64,
    /// How many times as many as of all.
    pub lift: f64,
    /// Baskets or customers with both.
    pub n_both: u64,
}

/// All that leads from items to others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// Sorted.
    items: Vec<String>,
    /// One an item: whether it is bought again as a rule.
    again: Vec<bool>,
    /// By first item.
    rules: Vec<Rule>,
    /// Where those of each first item begin, and the end.
    starts: Vec<usize>,
}

impl Rules {
    /// Takes items, sorted, whether each is bought again as a rule, and rules.
    ///
    /// # Errors
    /// A bug where a rule is of no item.
    pub fn new(items: Vec<String>, again: Vec<bool>, mut rules: Vec<Rule>) -> Result<Self> {
        let known = |item: u32| (item as usize) < items.len();
        if again.len() != items.len() || rules.iter().any(|rule| !known(rule.first) || !known(rule.second)) {
            return Err(Error::bug("a rule is of no item"));
        }
        rules.sort_unstable_by_key(|rule| (rule.first, rule.second));
        let starts = (0..=items.len() as u32).map(|first| rules.partition_point(|rule| rule.first < first));
        Ok(Self { starts: starts.collect(), items, again, rules })
    }

    /// Gives the request that travels.
    pub fn to_message(&self) -> v1::RecommendRequest {
        v1::RecommendRequest {
            items: self.items.clone(),
            again: self.again.clone(),
            first: self.rules.iter().map(|rule| rule.first).collect(),
            second: self.rules.iter().map(|rule| rule.second).collect(),
            confidence: self.rules.iter().map(|rule| rule.confidence).collect(),
            lift: self.rules.iter().map(|rule| rule.lift).collect(),
            n_both: self.rules.iter().map(|rule| rule.n_both).collect(),
            references: Vec::new(),
        }
    }

    /// Reads the request.
    ///
    /// # Errors
    /// A bug where it is not one that [`Self::to_message`] gives.
    pub fn from_message(message: &v1::RecommendRequest) -> Result<Self> {
        let lengths = [message.second.len(), message.confidence.len(), message.lift.len(), message.n_both.len()];
        if lengths.iter().any(|length| *length != message.first.len()) {
            return Err(Error::bug("rules have other lengths"));
        }
        let rules = (0..message.first.len()).map(|at| Rule {
            first: message.first[at],
            second: message.second[at],
            confidence: message.confidence[at],
            lift: message.lift[at],
            n_both: message.n_both[at],
        });
        Self::new(message.items.clone(), message.again.clone(), rules.collect())
    }

    /// Gives the position of an item.
    pub fn position(&self, item: &[u8]) -> Option<u32> {
        let at = self.items.binary_search_by(|known| known.as_bytes().cmp(item)).ok()?;
        u32::try_from(at).ok()
    }

    /// Gives the name of an item.
    pub fn name(&self, item: u32) -> &str {
        self.items.get(item as usize).map_or("", String::as_str)
    }

    /// Says whether an item is bought again as a rule.
    pub(super) fn is_again(&self, item: u32) -> bool {
        self.again.get(item as usize).copied().unwrap_or_default()
    }

    /// Gives the rules that lead from an item.
    pub(super) fn of(&self, first: u32) -> &[Rule] {
        let range = self.starts.get(first as usize).zip(self.starts.get(first as usize + 1));
        range.and_then(|(start, end)| self.rules.get(*start..*end)).unwrap_or_default()
    }

    /// Gives the number of rules.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Says whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Adds counts of buyers together.
///
/// # Errors
/// A bug where they are of other items.
pub fn merge_repeats(total: &mut v1::RepeatAnswer, more: &v1::RepeatAnswer) -> Result<()> {
    if total.buyers.len() != more.buyers.len() || total.repeaters.len() != more.repeaters.len() {
        return Err(Error::bug("buyers of other items do not merge"));
    }
    let buyers = total.buyers.iter_mut().zip(&more.buyers);
    buyers.chain(total.repeaters.iter_mut().zip(&more.repeaters)).for_each(|(total, more)| *total += more);
    Ok(())
}

/// Adds counts of what was recommended together.
pub fn merge_recommend_counts(total: &mut v1::RecommendCounts, more: &v1::RecommendCounts) {
    for (total, more) in [
        (&mut total.customers, more.customers),
        (&mut total.recommended, more.recommended),
        (&mut total.rows, more.rows),
        (&mut total.without_consent, more.without_consent),
        (&mut total.ignored, more.ignored),
        (&mut total.bought_already, more.bought_already),
        (&mut total.not_in_stock, more.not_in_stock),
    ] {
        *total += more;
    }
}
