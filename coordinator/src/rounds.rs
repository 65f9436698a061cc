//! The way to all shards and back, for whatever is found in rounds.

use rayon::ThreadPool;
use segmenter_proto::{Error, Result, Rounds, Watched};
use std::sync::Arc;

/// Goes to the shards with what `rounds` asks until it knows; gives that, and how many rounds it took. What is computed between rounds
/// and at the end is work of seconds at times, so it is done on `threads`, and the runtime stays free.
///
/// # Errors
/// Those of `ask`, and of answers that do not fit.
pub async fn drive<R>(
    threads: &Arc<ThreadPool>,
    rounds: R,
    ask: impl AsyncFnMut(R::Request) -> Result<R::Answer>,
) -> Result<(R::Output, u64)>
where
    R: Rounds<Answer: Send, Output: Send> + Send + 'static,
    R::Answer: 'static,
    R::Output: 'static,
{
    drive_watched(threads, rounds, ask, |_, _| {}).await
}

/// As [`drive`]; `watch` hears after each round how many there were, and how far that brought it.
///
/// # Errors
/// As [`drive`].
pub async fn drive_watched<R>(
    threads: &Arc<ThreadPool>,
    mut rounds: R,
    mut ask: impl AsyncFnMut(R::Request) -> Result<R::Answer>,
    watch: impl Fn(u64, Option<Watched>),
) -> Result<(R::Output, u64)>
where
    R: Rounds<Answer: Send, Output: Send> + Send + 'static,
    R::Answer: 'static,
    R::Output: 'static,
{
    let mut count = 0;
    while let Some(request) = rounds.next_request() {
        let answer = ask(request).await?;
        count += 1;
        rounds = compute(threads, move || {
            rounds.absorb(answer)?;
            Ok(rounds)
        })
        .await?;
        watch(count, rounds.watched());
    }
    Ok((compute(threads, move || rounds.finish()).await?, count))
}

/// Computes on `threads`.
///
/// # Errors
/// Those of the work; Bug where it panics.
pub async fn compute<T: Send + 'static>(
    threads: &Arc<ThreadPool>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let threads = Arc::clone(threads);
    let done = tokio::task::spawn_blocking(move || threads.install(work));
    done.await.map_err(|error| Error::bug("what is computed between rounds panicked").caused_by(error))?
}
