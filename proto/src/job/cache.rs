/// How long rows that were partitioned are kept for later runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    /// Days after which they are read from their files again.
    pub max_age_days: u32,
}

impl Default for Cache {
    fn default() -> Self {
        // A year of daily runs, and a month in which nobody notices that they stopped.
        Self { max_age_days: 400 }
    }
}
