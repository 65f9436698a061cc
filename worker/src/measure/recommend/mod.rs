//! What is recommended to whom: items that go together with what a customer bought or wished for, without those that are not to be recommended.

mod choose;
mod lists;
mod rules;

pub use choose::{Chosen, Taste, choose};
pub use lists::TasteLists;
pub use rules::{Rule, Rules, merge_recommend_counts, merge_repeats};

#[cfg(test)]
mod tests;
