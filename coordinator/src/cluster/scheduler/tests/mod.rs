//! Each rule by hand.

mod answers;
mod fixture;
mod groups;
mod placement;
mod stops;
mod stragglers;
mod tallies;

use fixture::Fixture;
