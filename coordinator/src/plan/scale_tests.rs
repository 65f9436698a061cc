//! Two billion rows and a hundred thousand files, by arithmetic: what the planner cuts, and what that makes of chunks, requests, messages,
//! the log and the coordinator's memory. What is not the planner's is done by the functions that do it in a run.

use super::{inputs::SourceInputs, shards::number_of_shards, tasks::Tasks};
use crate::{
    cluster::RECEIVING,
    partitioned::{Gathered, of_shard},
};
use arrow::datatypes::Schema;
use chrono::DateTime;
use prost::Message;
use segmenter_proto::{
    jobs::{CsvOptions, Duplicates, FileFormat, Source, SourceKind, Unit},
    v1::{Chunk, FeaturesTask, PartitionAnswer, PartitionDone, PartitionTask},
};
use segmenter_worker::reading::Skipped;
use segmenter_worker::{
    network::{MESSAGE_LIMIT, STREAM_WINDOW},
    partition::{ORDER_OWNERS, QUARANTINE, requests},
    reading::{Compression, FileFacts, PinnedFile, RowGroupFacts},
    spec::SourceRole,
};
use std::{collections::BTreeMap, sync::Arc};

const MB: u64 = 1 << 20;

/// Files of a kind.
struct Files {
    name: &'static str,
    count: u64,
    /// Of one.
    rows: u64,
    /// Of one.
    bytes: u64,
    /// Of one; none: text.
    row_groups: u64,
}

fn inputs(files: &Files) -> SourceInputs {
    let source = Source {
        name: files.name.to_owned(),
        kind: SourceKind::Transactions,
        unit: Unit::default(),
        uri: format!("s3://lake/warehouse/{}/", files.name),
        format: None,
        csv: CsvOptions::default(),
        types: BTreeMap::new(),
        partitions: None,
        duplicates: Duplicates::Error,
        key: Vec::new(),
        max_rows: None,
        filter: None,
        sensitive: Vec::new(),
        columns: Vec::new(),
    };
    let schema = Arc::new(Schema::empty());
    let text = files.row_groups == 0;
    let group = || RowGroupFacts { rows: files.rows / files.row_groups, bytes: files.bytes / files.row_groups };
    let facts = FileFacts {
        rows: (!text).then_some(files.rows),
        estimated_rows: files.rows,
        bytes: files.bytes,
        schema: schema.clone(),
        row_groups: (0..files.row_groups).map(|_| group()).collect(),
    };
    let file = |number: u64| {
        let key = format!(
            "warehouse/{}/dt=2026-{:02}-{:02}/part-{number:06}-8f14e45f-ceea-467f-a0e6-c000",
            files.name,
            number % 12 + 1,
            number % 28 + 1
        );
        PinnedFile {
            uri: format!("s3://lake/{key}.snappy.parquet"),
            store: "s3://lake".to_owned(),
            key: format!("{key}.snappy.parquet"),
            size: files.bytes,
            etag: Some("\"9e107d9d372bb6826bd81d3542a419d6-12\"".to_owned()),
            version: Some("3HL4kqtJvjVBH40Nrjfkd".to_owned()),
            sha256: None,
            last_modified: DateTime::UNIX_EPOCH,
            format: if text { FileFormat::Csv } else { FileFormat::Parquet },
            compression: Compression::None,
            partition_values: vec![("dt".to_owned(), Some("2026-01-01".to_owned()))],
        }
    };
    let files = (0..files.count).map(|number| (file(number), facts.clone())).collect();
    SourceInputs {
        source,
        role: SourceRole::Member,
        files,
        schema: schema.clone(),
        every_column: schema,
        lacking: Vec::new(),
        may_lack_header: false,
        skipped: Skipped::default(),
    }
}

fn tasks(inputs: &[SourceInputs], shards: u32) -> Vec<PartitionTask> {
    let tasks = Tasks::of(inputs, shards).unwrap();
    (0..tasks.count() as u32).map(|number| tasks.get(inputs, number).unwrap().unwrap()).collect()
}

/// What a plan makes of chunks where every task finds rows for every shard, in as many sources as it reads, of orders with their owners, and in the
/// quarantine.
fn chunks_of(number: usize, task: &PartitionTask, shards: u32, rows: u64) -> Vec<Chunk> {
    let mut sources: Vec<u32> = task.pieces.iter().map(|piece| piece.source).collect();
    sources.dedup();
    sources.extend([ORDER_OWNERS, QUARANTINE]);
    let rows = rows / u64::from(shards);
    let mut offset = 0;
    let places = (0..shards).flat_map(|shard| sources.iter().map(move |source| (shard, *source)));
    places
        .map(|(shard, source)| {
            let length = if source == QUARANTINE { 700 } else { rows * 22 };
            offset += length;
            let object = format!("chunks/{number:06}-0001-01");
            let checksum = u64::MAX;
            Chunk { source, shard, object, offset: offset - length, length, rows, memory: rows * 120, checksum }
        })
        .collect()
}

#[derive(Debug)]
struct Scale {
    shards: u32,
    tasks: usize,
    longest_task: usize,
    chunks: usize,
    chunks_of_rows: usize,
    gets: usize,
    most_gets_of_a_shard: usize,
    longest_answer: usize,
    longest_features_task: usize,
    log_entry: usize,
}

fn scale(files: &[Files]) -> Scale {
    let inputs: Vec<SourceInputs> = files.iter().map(inputs).collect();
    let rows: u64 = inputs.iter().map(SourceInputs::estimated_rows).sum();
    let shards = number_of_shards(rows);
    let tasks = tasks(&inputs, shards);
    let mut gathered = Gathered::default();
    let (mut chunks, mut of_rows, mut longest_answer) = (0, 0, 0);
    for (number, task) in tasks.iter().enumerate() {
        let answer = chunks_of(number, task, shards, rows / tasks.len() as u64);
        chunks += answer.len();
        of_rows += answer.iter().filter(|chunk| chunk.source < ORDER_OWNERS).count();
        let answer = PartitionAnswer { chunks: answer, ..PartitionAnswer::default() };
        longest_answer = longest_answer.max(answer.encoded_len());
        gathered.add(answer.chunks).unwrap();
    }
    let (objects, columns) = gathered.into_columns();
    let done = PartitionDone { objects, chunks: Some(columns), ..PartitionDone::default() };
    let of_shards: Vec<Vec<Chunk>> = (0..shards).map(|shard| of_shard(&done, shard).unwrap()).collect();
    let gets: Vec<usize> = of_shards.iter().map(|chunks| requests(chunks).len()).collect();
    let task_of = |chunks: Vec<Chunk>| FeaturesTask { chunks, ..FeaturesTask::default() }.encoded_len();
    Scale {
        shards,
        tasks: tasks.len(),
        longest_task: tasks.iter().map(Message::encoded_len).max().unwrap(),
        chunks,
        chunks_of_rows: of_rows,
        gets: gets.iter().sum(),
        most_gets_of_a_shard: gets.into_iter().max().unwrap(),
        longest_answer,
        longest_features_task: of_shards.into_iter().map(task_of).max().unwrap(),
        log_entry: done.encoded_len(),
    }
}

/// 64 MB of a million orders.
fn orders(count: u64) -> Files {
    Files { name: "orders", count, rows: 1_000_000, bytes: 64 * MB, row_groups: 8 }
}

#[test]
fn two_billion_rows() {
    let scale = scale(&[orders(1_900), Files { name: "customers", ..orders(100) }]);
    // Neither depends on workers: ten have 25 tasks each, a thousand have work for a quarter of them, for some ten seconds.
    assert_eq!((scale.shards, scale.tasks), (4_096, 250), "{scale:?}");
    assert!(scale.chunks_of_rows < 2_000_000_000 / 1_900, "{scale:?}");
    assert!(scale.gets <= scale.tasks * 4_096, "one request a task, whatever lies in it: {scale:?}");
    assert!(scale.most_gets_of_a_shard <= scale.tasks, "{scale:?}");
    for message in [scale.longest_task, scale.longest_answer, scale.longest_features_task] {
        assert!(message < MESSAGE_LIMIT / 8, "{scale:?}");
    }
    // A third of them of the quarantine, which found its way to every shard in every task.
    assert!(scale.chunks < 3_200_000 && scale.log_entry < 100 << 20, "{scale:?}");
    // What the coordinator holds of the chunks while the partition is under way.
    assert!(scale.chunks * 56 < 192 << 20, "{scale:?}");
}

/// What a worker costs before it has anything to do: its connections with their buffers, what is known of it, and its place in the scheduler.
const A_WORKER: usize = 256 << 10;
/// A table of the answers that a worker gives for a shard of the features: counts, and the checksums of parts.
const SHORT_ANSWER: usize = 8 << 10;

/// Gives what the coordinator of so many workers with eight threads each holds at most, in the stage that needs most, beside its program.
fn coordinator(scale: &Scale, workers: usize) -> usize {
    let (slots, window, receiving) = (workers * 8, STREAM_WINDOW as usize, (RECEIVING as usize) << 10);
    // A task is there as it is made and as it is sent; an answer as far as the window lets it come before it is its turn.
    let tasks = |count: usize, task: usize, answer: usize| slots.min(count) * (3 * task + answer.min(window));
    let log = 2 * scale.log_entry;
    let partition = scale.chunks * 56 + tasks(scale.tasks, scale.longest_task, scale.longest_answer) + receiving;
    let features = log + tasks(scale.shards as usize, scale.longest_features_task, SHORT_ANSWER);
    let fit = log + workers * window + receiving;
    workers * A_WORKER + partition.max(features).max(fit)
}

#[test]
fn the_coordinator_of_ten_and_of_a_thousand_workers() {
    let scale = scale(&[orders(1_900), Files { name: "customers", ..orders(100) }]);
    let megabytes = [10, 1_000].map(|workers| coordinator(&scale, workers) >> 20);
    assert!(megabytes[0] < 768 && megabytes[1] < 1_536, "{megabytes:?} MB: {scale:?}");
    // Of each worker more, about a megabyte.
    assert!((megabytes[1] - megabytes[0]) * 10 < 990 * 12, "{megabytes:?} MB");
}

#[test]
fn a_thousand_tasks_of_two_billion_rows_would_be_more_than_the_log_holds() {
    let scale = scale(&[orders(1_900), Files { name: "customers", ..orders(100) }]);
    let of_a_task = scale.log_entry / scale.tasks;
    assert!(of_a_task * 1_000 > 256 << 20, "an entry of {} bytes", of_a_task * 1_000);
    // What they would spare: a task reads eight million rows, which takes a worker some ten seconds.
    assert!(2_000_000_000 / scale.tasks <= 8_000_000, "{scale:?}");
}

#[test]
fn chunks_requests_and_the_log_grow_with_the_rows() {
    let [small, large] = [500, 2_000].map(|count| scale(&[orders(count)]));
    assert!(large.chunks < small.chunks * 9 / 2, "{small:?} {large:?}");
    assert!(large.gets < small.gets * 9 / 2, "{small:?} {large:?}");
    assert!(large.log_entry < small.log_entry * 9 / 2, "{small:?} {large:?}");
}

#[test]
fn a_task_is_no_larger_than_it_must_be() {
    for (files, expected) in [(20, 20), (150, 150)] {
        assert_eq!(scale(&[orders(files)]).tasks, expected, "a million rows each");
    }
}

#[test]
fn a_hundred_thousand_files() {
    let small = Files { name: "receipts", count: 100_000, rows: 100, bytes: 8 << 10, row_groups: 0 };
    let found = scale(&[small]);
    assert_eq!((found.shards, found.tasks), (32, 196), "{found:?}");
    assert!(found.longest_task < 2 << 20 && found.log_entry < 100 << 20, "{found:?}");
    let larger = Files { name: "receipts", count: 100_000, rows: 20_000, bytes: MB, row_groups: 1 };
    let found = scale(&[larger]);
    assert_eq!((found.shards, found.tasks), (4_096, 239), "{found:?}");
    assert!(found.longest_task < 2 << 20 && found.log_entry < 100 << 20, "{found:?}");
}

#[test]
fn long_names_of_files_do_not_make_long_messages() {
    let mut inputs = inputs(&Files { name: "receipts", count: 2_000, rows: 10, bytes: 1_000, row_groups: 0 });
    for (file, _) in &mut inputs.files {
        file.key.push_str(&"x".repeat(1_000));
        file.uri.push_str(&"x".repeat(1_000));
    }
    let tasks = tasks(&[inputs], 1);
    assert!(tasks.iter().all(|task| task.encoded_len() < 2 << 20), "{}", tasks.len());
    assert_eq!(tasks.iter().map(|task| task.pieces.len()).sum::<usize>(), 2_000);
}

#[test]
fn text_that_is_compressed_to_a_tenth_has_shards_for_its_rows() {
    // 64 GB of lines in 6.4 GB of files.
    let scale = scale(&[Files { name: "clicks", count: 100, rows: 6_400_000, bytes: 64 * MB, row_groups: 0 }]);
    assert_eq!(scale.shards, 2_000);
    assert!(scale.chunks_of_rows < 640_000_000 / 1_000, "{scale:?}");
}
