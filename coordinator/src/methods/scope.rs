//! The names that a segmentation may use.

/// Features, columns of the customers source, and what stands above.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub(crate) features: Vec<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) constants: Vec<String>,
    /// Columns of sources of transactions, which no segmentation may use, with the name of their source.
    pub(crate) of_transactions: Vec<(String, Vec<String>)>,
    /// Not every name is known, where something else in the file is wrong.
    pub(crate) incomplete: bool,
    /// Suffix of the features of the preset `rfm`; none without it.
    pub(crate) rfm_suffix: Option<String>,
    /// A segmentation of method rfm stands above.
    pub(crate) scored: bool,
}

impl Scope {
    /// Says whether a name is a feature, a column or a constant.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.features.iter().chain(&self.columns).chain(&self.constants).any(|known| known == name)
    }

    /// Gives the names of features and columns.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.features.iter().chain(&self.columns).map(String::as_str).collect()
    }

    /// Gives the source of transactions that has a column of this name.
    pub(crate) fn source_of(&self, column: &str) -> Option<&str> {
        let mut sources = self.of_transactions.iter();
        sources.find(|(_, columns)| columns.iter().any(|known| known == column)).map(|(source, _)| source.as_str())
    }
}
