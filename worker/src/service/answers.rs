//! Answers on their way: encoded, cut into pieces, and bounded in size.

use crate::{metrics::stage_name, network::ANSWER_LIMIT};
use prost::Message;
use segmenter_proto::{
    Error, Result,
    v1::{Answer, Failure, PerformAnswer, Stage, Task, perform_answer::Part},
};

/// Bytes of an answer in one message: small beside the window of a connection, so that heartbeats pass between them.
const PIECE: usize = 128 << 10;

/// A task for messages: its stage, and its shards or its number.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    stage: Stage,
    index: u32,
    shards: Vec<u32>,
}

impl Subject {
    pub(super) fn of(task: &Task) -> Self {
        Self { stage: task.stage(), index: task.index, shards: task.shards.clone() }
    }

    fn for_people(&self) -> String {
        let stage = stage_name(self.stage);
        match self.shards.as_slice() {
            [] => format!("task {} of stage {stage}", self.index),
            [shard] => format!("stage {stage} for shard {shard}"),
            [first, .., last] => format!("stage {stage} for {} shards ({first} to {last})", self.shards.len()),
        }
    }
}

/// Encodes an answer.
///
/// # Errors
/// When it is larger than an answer may be: Resources, naming the stage, its shards and the size.
pub(super) fn encode(answer: &Answer, subject: &Subject) -> Result<Vec<u8>> {
    let bytes = answer.encoded_len();
    if bytes > ANSWER_LIMIT {
        return Err(Error::resources(format!(
            "the answer of {} has {bytes} bytes, and at most {ANSWER_LIMIT} may travel",
            subject.for_people()
        ))
        .with_hint("give more --shards, so that each has less to say"));
    }
    Ok(answer.encode_to_vec())
}

/// Cuts an encoded answer into the messages that carry it; at least one.
pub(super) fn cut(encoded: &[u8]) -> Vec<PerformAnswer> {
    let mut pieces: Vec<PerformAnswer> = match encoded.is_empty() {
        true => vec![piece(&[])],
        false => encoded.chunks(PIECE).map(piece).collect(),
    };
    pieces[0].total = encoded.len() as u64;
    pieces
}

/// Gives the message that says why there is no answer.
pub(super) fn failure(error: &Error) -> PerformAnswer {
    PerformAnswer { part: Some(Part::Failure(Failure::from(error))), total: 0 }
}

fn piece(bytes: &[u8]) -> PerformAnswer {
    PerformAnswer { part: Some(Part::Piece(bytes.to_vec())), total: 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::Fault;

    fn answer(run_bytes: usize) -> Answer {
        Answer { run: "r".repeat(run_bytes), stage: 2, ..Answer::default() }
    }

    fn subject(shards: &[u32]) -> Subject {
        Subject { stage: Stage::Features, index: 7, shards: shards.to_vec() }
    }

    #[test]
    fn pieces_join_to_the_answer() {
        for size in [0, 5, PIECE, 3 * PIECE + 1] {
            let answer = answer(size);
            let pieces = cut(&encode(&answer, &subject(&[])).unwrap());
            let mut joined = Vec::new();
            assert_eq!(pieces[0].total, answer.encoded_len() as u64, "the first says how much comes");
            for piece in &pieces {
                let Some(Part::Piece(bytes)) = &piece.part else { panic!("{piece:?}") };
                assert!(bytes.len() <= PIECE);
                joined.extend_from_slice(bytes);
            }
            assert_eq!(Answer::decode(joined.as_slice()).unwrap(), answer);
            assert_eq!(pieces.len(), (answer.encoded_len().div_ceil(PIECE)).max(1));
        }
        assert_eq!(cut(&[]).len(), 1);
    }

    #[test]
    fn too_large_an_answer_names_its_stage_its_shards_and_its_size() {
        let large = answer(ANSWER_LIMIT);
        for (shards, said) in [
            (&[][..], "task 7 of stage features"),
            (&[3][..], "stage features for shard 3"),
            (&[3, 4, 9][..], "stage features for 3 shards (3 to 9)"),
        ] {
            let error = encode(&large, &subject(shards)).unwrap_err();
            assert_eq!(error.fault, Fault::Resources);
            assert!(error.message.contains(said), "{}", error.message);
            assert!(error.message.contains(&large.encoded_len().to_string()), "{}", error.message);
        }
    }
}
