//! Who comes back, and when: cohorts by the month of the first order, and curves of the time until customers buy again.

mod cohort_rows;
mod cohorts;
mod curve;
mod curve_rows;
mod gaps;

pub use cohort_rows::{CohortScope, cohort_rows};
pub use cohorts::{Cohorts, OrderDays};
pub use curve::CurveStatistic;
pub use curve_rows::{CurveScope, curve_rows};
pub use gaps::{packed_gaps, unpacked_gaps};

#[cfg(test)]
mod cohort_tests;
#[cfg(test)]
mod curve_tests;
