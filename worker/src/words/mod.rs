//! What people read of a run, in their language: names, sentences, numbers, dates.
//!
//! One file of messages a language (Project Fluent), and one line in the registry. `en.ftl` says which messages there are, with which
//! variables; each other file has the same. What a message says of a name of data stands so that the name needs no ending.

mod arguments;
mod catalogue;
mod numbers;
mod registry;
mod retold;

pub use arguments::Arg;
pub use catalogue::Words;
pub use registry::LANGUAGES;

#[cfg(test)]
mod tests;
