//! An exact, mergeable sum of f64.

/// The exact sum of any number of finite f64, rounded once at the end.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {}
