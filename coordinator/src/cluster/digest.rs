//! What two answers to the same task must agree on.

use prost::Message;
use segmenter_proto::v1::{
    AssignAnswer, Chunk, FeaturesAnswer, KeysAnswer, KmeansAnswer, PartitionAnswer, answer, fit_answer,
};
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64;

/// Gives a digest that is equal for two answers to one task, whichever workers gave them.
///
/// Left out is what may differ without harm: names, cuts and sizes of the chunks that an attempt of the partition wrote (its
/// memory decides on them), checksums of work files (bytes under nulls mean nothing), and how many rows moved since a
/// worker's last labelling.
pub fn digest_of(result: &answer::Result) -> u64 {
    match result {
        answer::Result::Partition(answer) => {
            let chunks = rows_by_shard(&answer.chunks);
            xxh3_64(&PartitionAnswer { chunks, ..without_chunks(answer) }.encode_to_vec())
        }
        answer::Result::Keys(answer) => {
            xxh3_64(&KeysAnswer { chunks: rows_by_shard(&answer.chunks), ..answer.clone() }.encode_to_vec())
        }
        answer::Result::Features(answer) => xxh3_64(&FeaturesAnswer { checksum: 0, ..answer.clone() }.encode_to_vec()),
        answer::Result::Fit(answer) => match &answer.round {
            Some(fit_answer::Round::Kmeans(round)) => xxh3_64(&without_moves(round.clone()).encode_to_vec()),
            _ => xxh3_64(&answer.encode_to_vec()),
        },
        answer::Result::Assign(answer) => {
            xxh3_64(&AssignAnswer { measured: Vec::new(), ..answer.clone() }.encode_to_vec())
        }
        answer::Result::Measure(answer) => xxh3_64(&answer.encode_to_vec()),
    }
}

fn rows_by_shard(chunks: &[Chunk]) -> Vec<Chunk> {
    let mut rows: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for chunk in chunks {
        *rows.entry((chunk.source, chunk.shard)).or_default() += chunk.rows;
    }
    rows.into_iter().map(|((source, shard), rows)| Chunk { source, shard, rows, ..Chunk::default() }).collect()
}

fn without_chunks(answer: &PartitionAnswer) -> PartitionAnswer {
    PartitionAnswer {
        chunks: Vec::new(),
        fates: answer.fates.clone(),
        rejected: answer.rejected.clone(),
        notes: answer.notes.clone(),
    }
}

fn without_moves(mut answer: KmeansAnswer) -> KmeansAnswer {
    answer.rounds.iter_mut().for_each(|round| round.changed = 0);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use segmenter_proto::v1::{FitAnswer, ResultFile, RoundStatistics, SourceFates};

    fn chunk(object: &str, shard: u32, rows: u64) -> Chunk {
        Chunk { shard, rows, object: object.to_owned(), length: 7 * rows, ..Chunk::default() }
    }

    #[test]
    fn attempts_of_the_partition_agree_on_rows_and_fates_alone() {
        let of = |chunks: Vec<Chunk>, read: u64| {
            let fates = vec![SourceFates { read, ..SourceFates::default() }];
            digest_of(&answer::Result::Partition(PartitionAnswer { chunks, fates, ..PartitionAnswer::default() }))
        };
        let one = of(vec![chunk("a", 0, 5), chunk("a", 1, 7)], 12);
        assert_eq!(one, of(vec![chunk("b", 1, 3), chunk("b", 0, 5), chunk("b", 1, 4)], 12));
        assert_ne!(one, of(vec![chunk("a", 0, 6), chunk("a", 1, 6)], 12));
        assert_ne!(one, of(vec![chunk("a", 0, 5), chunk("a", 1, 7)], 13));
    }

    #[test]
    fn other_stages_agree_on_everything_but_progress() {
        let round = |changed, inertia: i128| {
            let round = RoundStatistics { changed, inertia: Some(inertia.into()), ..RoundStatistics::default() };
            let answer = KmeansAnswer { rounds: vec![round], ..KmeansAnswer::default() };
            digest_of(&answer::Result::Fit(FitAnswer { round: Some(fit_answer::Round::Kmeans(answer)) }))
        };
        assert_eq!(round(3, 9), round(4, 9));
        assert_ne!(round(3, 9), round(3, 8));
        let file = |sha256: &str| {
            let files = vec![ResultFile { sha256: sha256.to_owned(), ..ResultFile::default() }];
            digest_of(&answer::Result::Assign(AssignAnswer { files, ..AssignAnswer::default() }))
        };
        assert_ne!(file("aa"), file("ab"));
    }
}
