//! What is typical of some segments, claim by claim: how many it is true of, beside all customers, and in words.
//!
//! All of it comes of counts by bin and of medians that drivers found ([`super::drivers`]). A claim is of 30 customers at least.

mod claims;
mod sentences;

pub use claims::{PersonaFeature, PersonaScope, Topic, persona_rows};

#[cfg(test)]
mod tests;
