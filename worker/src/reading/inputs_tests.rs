//! How files are found.

use super::*;
use object_store::memory::InMemory;
use segmenter_proto::Fault;
use segmenter_proto::jobs::PartitionRange;
use std::sync::Arc;
use tempfile::TempDir;

/// The same files in a local folder and in memory.
struct Lake {
    storage: Storage,
    roots: [String; 2],
    _directory: TempDir,
}

async fn lake(keys: &[&str]) -> Lake {
    let directory = tempfile::tempdir().unwrap();
    let storage = Storage::with_environment([]);
    storage.mount("s3://lake", Arc::new(InMemory::new()));
    let roots = [directory.path().join("in").to_str().unwrap().to_owned(), "s3://lake/in".to_owned()];
    for root in &roots {
        let folder = storage.open(root).unwrap();
        for key in keys {
            folder.put(key, "x").await.unwrap();
        }
    }
    Lake { storage, roots, _directory: directory }
}

impl Lake {
    /// Lists `below` in both stores, which must agree.
    async fn find(&self, below: &str, partitions: Option<&Partitions>) -> Result<Vec<String>> {
        let as_of = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let options = InputOptions { format: None, partitions, as_of, complete: false };
        let mut answers = Vec::new();
        for root in &self.roots {
            let found = list_inputs(&self.storage, &format!("{root}{below}"), &options).await;
            let relative = |text: &str| text.replace(root.as_str(), "IN");
            answers.push(match found {
                Ok(Listing { files, .. }) => Ok(files.iter().map(|file| relative(&file.uri)).collect::<Vec<_>>()),
                Err(error) => Err((error.fault, relative(&error.message), error.hint)),
            });
        }
        assert_eq!(answers[0], answers[1]);
        answers.remove(0).map_err(|(fault, message, hint)| Error { hint, ..Error::new(fault, message) })
    }

    async fn message(&self, below: &str, partitions: Option<&Partitions>) -> String {
        let error = self.find(below, partitions).await.unwrap_err();
        assert_eq!(error.fault, Fault::Data);
        error.message
    }
}

#[tokio::test]
async fn a_file_a_folder_or_a_glob() {
    let lake =
        lake(&["a.csv", "b/c.csv", "b/d/e.csv", "b/d/f.csv.gz", "_tmp/x.csv", "b/.y.csv", "b/_z.csv", "odd [1].csv"])
            .await;
    let find = async |below: &str| lake.find(below, None).await.unwrap();
    assert_eq!(find("/a.csv").await, ["IN/a.csv"]);
    assert_eq!(find("/b/_z.csv").await, ["IN/b/_z.csv"], "a file that is named is read");
    assert_eq!(find("").await, ["IN/a.csv", "IN/b/c.csv", "IN/b/d/e.csv", "IN/b/d/f.csv.gz", "IN/odd [1].csv"]);
    assert_eq!(find("/").await.len(), 5);
    assert_eq!(find("/b/*.csv").await, ["IN/b/c.csv"]);
    assert_eq!(find("/**/*.csv").await, ["IN/a.csv", "IN/b/c.csv", "IN/b/d/e.csv", "IN/odd [1].csv"]);
    assert_eq!(
        find("/b/{c,d}*").await,
        ["IN/b/c.csv", "IN/b/d/e.csv", "IN/b/d/f.csv.gz"],
        "a folder that matches is read whole"
    );
    assert_eq!(find("/b/d/?.csv.gz").await, ["IN/b/d/f.csv.gz"]);
    let local = format!("{}/odd [1].csv", lake.roots[0]);
    let options = InputOptions { format: None, partitions: None, as_of: NaiveDate::MIN, complete: false };
    assert_eq!(list_inputs(&lake.storage, &local, &options).await.unwrap().files.len(), 1);
}

#[tokio::test]
async fn pins_carry_what_a_worker_needs() {
    let lake = lake(&["shop=Krak%C3%B3w/dt=2026-01-01/a.csv.gz"]).await;
    let options = InputOptions { format: None, partitions: None, as_of: NaiveDate::MIN, complete: false };
    for root in &lake.roots {
        let Listing { files, .. } = list_inputs(&lake.storage, root, &options).await.unwrap();
        let file = &files[0];
        assert_eq!((file.size, file.compression, file.format), (1, Compression::Gzip, FileFormat::Csv));
        assert!(file.etag.is_some());
        let values: Vec<_> =
            file.partition_values.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
        assert_eq!(values, [("shop", Some("Kraków")), ("dt", Some("2026-01-01"))]);
        let text = serde_json::to_string(file).unwrap();
        assert_eq!(&serde_json::from_str::<PinnedFile>(&text).unwrap(), file);
    }
}

#[tokio::test]
async fn partitions_prune_by_date() {
    let keys =
        ["dt=2026-11-01/a.csv", "dt=20261121/b.csv", "dt=2026-11-22/c.csv", "dt=2026-11-24/d.csv", "dt=20261121/e.csv"];
    let lake = lake(&keys).await;
    let find = async |take| {
        let partitions = Partitions { column: "dt".into(), take };
        lake.find("", Some(&partitions))
            .await
            .map(|files| files.iter().map(|uri| uri[uri.len() - 5..].to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(find(PartitionRange::Last).await.unwrap(), ["b.csv", "e.csv"]);
    assert_eq!(find(PartitionRange::Days(Some(-20), Some(1))).await.unwrap(), ["a.csv", "c.csv", "b.csv", "e.csv"]);
    assert_eq!(find(PartitionRange::Days(Some(-19), None)).await.unwrap().len(), 4);
    let error = find(PartitionRange::Days(None, Some(-400))).await.unwrap_err();
    assert_eq!(error.message, "no files in IN: skipped 5 outside dt from … to 2025-10-17");

    let other = Partitions { column: "day".into(), take: PartitionRange::Last };
    assert_eq!(lake.message("", Some(&other)).await, "IN/dt=2026-11-01/a.csv: its path has no part day=…");
}

#[tokio::test]
async fn a_partition_that_is_no_date_names_its_folder() {
    let partitions = Partitions { column: "dt".into(), take: PartitionRange::Last };
    let wrong = lake(&["dt=2026-13-01/a.csv"]).await;
    assert_eq!(wrong.message("", Some(&partitions)).await, "IN/dt=2026-13-01: dt=2026-13-01 is not a date");
    let null = lake(&["dt=__HIVE_DEFAULT_PARTITION__/a.csv"]).await;
    assert!(null.message("", Some(&partitions)).await.ends_with("dt has no date"));
}

#[tokio::test]
async fn nothing_to_read_says_why() {
    let lake = lake(&["x/_SUCCESS", "x/.part.crc", "y/a.csv"]).await;
    let skipped = "no files in IN/x: skipped 2 whose names start with _ or ., such as .part.crc";
    assert_eq!(lake.message("/x", None).await, skipped);
    assert_eq!(lake.message("/y/*.parquet", None).await, "no files in IN/y/*.parquet");
    let options = InputOptions { format: None, partitions: None, as_of: NaiveDate::MIN, complete: false };
    let missing = format!("{}/nowhere", lake.roots[0]);
    let error = list_inputs(&lake.storage, &missing, &options).await.unwrap_err();
    assert_eq!(error.message, format!("{missing} does not exist"));
}

#[tokio::test]
async fn skipped_files_are_counted_but_for_what_programs_leave() {
    let options = InputOptions { format: None, partitions: None, as_of: NaiveDate::MIN, complete: false };
    let lake = lake(&[
        "a.csv",
        "_b.csv",
        "more/.c.csv",
        "_d/e.csv",
        "_SUCCESS",
        ".a.csv.crc",
        ".DS_Store",
        "._a.csv",
        "_temporary/0/f.csv",
        "table/_delta_log/0.json",
    ])
    .await;
    for root in &lake.roots {
        let found = list_inputs(&lake.storage, root, &options).await.unwrap();
        assert_eq!((found.files.len(), found.skipped.files), (1, 3), "{found:?}");
        assert_eq!(found.skipped.first.as_deref(), Some("_b.csv"));
        let glob = list_inputs(&lake.storage, &format!("{root}/[a-z]*"), &options).await.unwrap();
        assert_eq!(glob.skipped.first.as_deref(), Some("more/.c.csv"), "what the pattern does not mean is not skipped");
    }
}

#[tokio::test]
async fn tables_of_other_kinds_are_refused() {
    for (log, kind) in [
        ("_delta_log/00000000000000000000.json", "a Delta Lake table"),
        ("metadata/v1.metadata.json", "an Iceberg table"),
        (".hoodie/hoodie.properties", "a Hudi table"),
    ] {
        let lake = lake(&[log, "part-0.parquet"]).await;
        assert_eq!(lake.message("", None).await, format!("IN is {kind}"));
        assert_eq!(lake.message("/*.parquet", None).await, format!("IN is {kind}"));
    }
}

#[tokio::test]
async fn a_pattern_beside_a_foreign_table_is_read() {
    for log in ["_delta_log/00000000000000000000.json", "metadata/v1.metadata.json", ".hoodie/hoodie.properties"] {
        let lake = lake(&[
            &format!("table/{log}"),
            "table/part-0.parquet",
            "table/notes.csv",
            "table-2/a.parquet",
            "orders/a.parquet",
        ])
        .await;
        assert_eq!(lake.find("/orders/*", None).await.unwrap(), ["IN/orders/a.parquet"]);
        assert_eq!(lake.find("/{orders,table-2}/**", None).await.unwrap().len(), 2);
        assert_eq!(lake.find("/*/a.parquet", None).await.unwrap().len(), 2);
        assert_eq!(lake.find("/*/*.csv", None).await.unwrap(), ["IN/table/notes.csv"], "no file of the table");
        for whole in ["", "/*/*.parquet", "/table", "/t*/part-*"] {
            let message = lake.message(whole, None).await;
            assert!(message.starts_with("IN/table is ") && message.ends_with(" table"), "{whole}: {message}");
        }
    }
}

#[tokio::test]
async fn formats_must_agree_and_be_known() {
    let mixed = lake(&["a.csv", "b.parquet"]).await;
    assert_eq!(
        mixed.message("", None).await,
        "the files of one source differ in format: IN/a.csv is CSV, IN/b.parquet is Parquet"
    );
    let unknown = lake(&["a.txt"]).await;
    assert_eq!(unknown.message("", None).await, "the format of IN/a.txt does not show in its name");
    let options =
        InputOptions { format: Some(FileFormat::Csv), partitions: None, as_of: NaiveDate::MIN, complete: false };
    let found = list_inputs(&unknown.storage, "s3://lake/in", &options).await.unwrap();
    assert_eq!(found.files[0].format, FileFormat::Csv);
}
