//! Work that goes to all shards and back, again and again.

use crate::Result;

/// A solver that asks all shards, takes the one answer of all, and asks again until it knows.
///
/// ```text
/// while let Some(request) = rounds.next_request() {
///     rounds.absorb(the_merged_answers_of_all_shards_to(request))?;
/// }
/// rounds.finish()
/// ```
///
/// What it asks follows from the answers alone, so that a worker that starts anew, and one that answers twice, changes nothing.
pub trait Rounds {
    /// What every shard is asked.
    type Request;
    /// The merged answers of all shards.
    type Answer;
    /// What is known at the end.
    type Output;

    /// Gives the next request to all shards; none when all is known.
    fn next_request(&self) -> Option<Self::Request>;

    /// Takes the merged answers of all shards to the last request.
    ///
    /// # Errors
    /// On an answer to another request: Bug.
    fn absorb(&mut self, answer: Self::Answer) -> Result<()>;

    /// Gives the figure that tells how far it has come, for people who watch; none where there is no such figure, or not yet.
    fn watched(&self) -> Option<Watched> {
        None
    }

    /// Gives what is known.
    ///
    /// # Errors
    /// Before the last round: Bug.
    fn finish(self) -> Result<Self::Output>;
}

/// A figure that falls or rises from round to round until it does no more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watched {
    /// What it is, such as `inertia`.
    pub name: &'static str,
    /// Its value after the last round.
    pub value: f64,
}
