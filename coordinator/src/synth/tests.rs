use super::*;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Decimal128Type, Int32Type, Int64Type, TimestampMicrosecondType};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

fn options(dir: &Path, customers: u64) -> SynthOptions {
    SynthOptions { lines_per_order: 1.6, files: 3, ..SynthOptions::new(dir.join("shop"), customers, 11) }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn read(path: &Path) -> RecordBatch {
    let batches: Vec<RecordBatch> = files(path)
        .into_iter()
        .flat_map(|file| {
            let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(file).unwrap()).unwrap();
            assert!(reader.metadata().row_groups().iter().all(|group| group.num_rows() <= 128 * 1024));
            reader.build().unwrap().map(Result::unwrap).collect::<Vec<_>>()
        })
        .collect();
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

fn contents(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    files(dir).into_iter().map(|path| (path.strip_prefix(dir).unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let made = |threads| {
        let dir = tempfile::tempdir().unwrap();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| write_tables(&options(dir.path(), 3000), |_| {})).unwrap();
        contents(dir.path())
    };
    let one = made(1);
    assert_eq!(one.len(), 3 + 1 + 3 + 1, "{:?}", one.iter().map(|file| &file.0).collect::<Vec<_>>());
    assert!(one == made(5));
}

#[test]
fn another_seed_gives_other_customers() {
    let made = |seed| {
        let dir = tempfile::tempdir().unwrap();
        write_tables(&SynthOptions { seed, ..options(dir.path(), 50) }, |_| {}).unwrap();
        contents(dir.path())
    };
    assert!(made(1) != made(2));
}

#[test]
fn movers_buy_like_another_group_from_a_day_on_and_others_as_ever() {
    let movers = |share: f64, at: &str| Some(Movers { share, at: at.parse().unwrap() });
    let dir = tempfile::tempdir().unwrap();
    let made = |movers: Option<Movers>| {
        let shop = dir.path().join(format!("{}", movers.map_or(0.0, |movers| movers.share)));
        write_tables(&SynthOptions { movers, dir: shop.clone(), ..options(dir.path(), 3000) }, |_| {}).unwrap();
        shop
    };
    let (plain, moving) = (made(None), made(movers(0.2, "2024-07-01")));
    let text = |table: &RecordBatch, column: usize| -> Vec<String> {
        table.column(column).as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect()
    };
    let truth_of = |shop: &Path| {
        let file = File::open(shop.join("truth.parquet")).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
        let batches: Vec<RecordBatch> = reader.map(Result::unwrap).collect();
        concat_batches(&batches[0].schema(), &batches).unwrap()
    };
    let (truth, as_it_was) = (truth_of(&moving), truth_of(&plain));
    assert_eq!(as_it_was.num_columns(), 2, "without movers it is as it was");
    let (ids, before, after) = (text(&truth, 0), text(&truth, 1), text(&truth, 2));
    assert_eq!(before, text(&as_it_was, 1));
    let moved: Vec<&String> = (0..ids.len()).filter(|at| before[*at] != after[*at]).map(|at| &ids[at]).collect();
    let going_on = ["loyal_frequent", "big_spender", "seasonal_gifter", "bargain_hunter"];
    let may = before.iter().filter(|group| going_on.contains(&group.as_str())).count() as f64;
    assert!((moved.len() as f64 / may - 0.2).abs() < 0.03, "{} of {may}", moved.len());
    assert!((0..ids.len()).all(|at| before[at] == after[at] || going_on.contains(&after[at].as_str())));

    // Rows by whether they are of a mover, as text without their order.
    let rows = |shop: &Path| {
        let table = read(&shop.join("orders"));
        let client = table.schema().index_of("client_no").unwrap();
        let time = table.schema().index_of("ordered_at").unwrap();
        let format = arrow::util::display::FormatOptions::new();
        let columns: Vec<_> = table
            .columns()
            .iter()
            .map(|column| arrow::util::display::ArrayFormatter::try_new(column, &format).unwrap())
            .collect();
        let mut of_movers: Vec<(String, String)> = Vec::new();
        let mut of_others: Vec<String> = Vec::new();
        for row in 0..table.num_rows() {
            let id = columns[client].value(row).to_string();
            let line: Vec<String> = columns.iter().map(|column| column.value(row).to_string()).collect();
            match moved.binary_search(&&id) {
                Ok(_) => of_movers.push((columns[time].value(row).to_string(), line.join(";"))),
                Err(_) => of_others.push(line.join(";")),
            }
        }
        of_movers.sort();
        of_others.sort();
        (of_movers, of_others)
    };
    let ((was, others), (is, same_others)) = (rows(&plain), rows(&moving));
    assert!(others == same_others && others.len() > 10_000);
    // Up to that day they are who they were. Lines without a time tell no day.
    let early = |rows: &[(String, String)]| {
        rows.iter().filter(|(time, _)| !time.is_empty() && time.as_str() < "2024-06-15").cloned().collect::<Vec<_>>()
    };
    assert!(early(&was) == early(&is) && was != is && early(&is).len() > 100);

    for (share, at, wrong) in [
        (0.0, "2024-07-01", "share of movers is 0"),
        (1.5, "2024-07-01", "1.5"),
        (0.1, "2022-01-01", "2023-01-02 to 2026-01-02"),
    ] {
        let refused =
            SynthOptions { movers: movers(share, at), dir: dir.path().join("none"), ..options(dir.path(), 10) };
        let error = write_tables(&refused, |_| {}).unwrap_err();
        assert!(error.message.contains(wrong) && error.fault.exit_code() == 2, "{error}");
        assert!(!dir.path().join("none").exists(), "nothing is written");
    }
}

#[test]
fn nothing_is_overwritten_and_options_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let shop = options(dir.path(), 3);
    let summary = write(&shop, |_| {}).unwrap();
    assert_eq!((summary.customers, summary.files), (3, 1 + 3 + 1 + files(&shop.dir.join("tills")).len() as u64));
    let data = files(&shop.dir).into_iter().filter(|path| !path.ends_with("job.toml") && !path.ends_with("README.md"));
    assert_eq!(summary.bytes, data.map(|path| path.metadata().unwrap().len()).sum::<u64>());
    let error = write(&shop, |_| {}).unwrap_err();
    assert_eq!(error.fault, segmenter_proto::Fault::Job);
    assert!(error.message.contains("job.toml") && error.message.contains("README.md"), "{error}");
    assert!(write(&SynthOptions { customers: 0, ..shop }, |_| {}).is_err());
}

#[test]
fn the_smallest_data_set_has_rows_in_every_source() {
    let dir = tempfile::tempdir().unwrap();
    for seed in 0..20 {
        let shop = SynthOptions::new(dir.path().join(seed.to_string()), 20, seed);
        let summary = write_tables(&shop, |_| {}).unwrap();
        assert!(summary.orders > 0 && summary.receipts > 0, "{summary:?}");
    }
}

#[test]
fn orders_look_like_a_shop() {
    let dir = tempfile::tempdir().unwrap();
    let shop = SynthOptions::new(dir.path().join("shop"), 20_000, 1);
    let told = std::sync::atomic::AtomicU64::new(0);
    let summary = write_tables(&shop, |done| told.store(done, std::sync::atomic::Ordering::Relaxed)).unwrap();
    assert_eq!(told.into_inner(), 20_000);
    assert!((190_000..210_000).contains(&summary.orders), "{summary:?}");
    let orders = read(&shop.dir.join("orders"));
    let rows = orders.num_rows() as f64;
    assert_eq!(rows as u64, summary.orders);
    let share = |hits: usize, low: f64, high: f64, what: &str| {
        let share = hits as f64 / rows;
        assert!((low..high).contains(&share), "{what}: {share}");
    };
    let column = |name: &str| orders.column_by_name(name).unwrap();
    let clients = column("client_no").as_primitive::<Int64Type>();
    let numbers = column("order_no").as_primitive::<Int64Type>();
    let lines = column("line_no").as_primitive::<Int32Type>();
    let prices = column("unit_price").as_primitive::<Decimal128Type>();
    let discounts = column("discount").as_primitive::<Decimal128Type>();
    let quantities = column("quantity").as_primitive::<Int32Type>();
    let times = column("ordered_at").as_primitive::<TimestampMicrosecondType>();
    share(clients.null_count(), 0.04, 0.065, "guests");
    share(column("refund_of").len() - column("refund_of").null_count(), 0.02, 0.04, "refunds");
    share(times.null_count(), 0.00005, 0.0005, "no time");
    share(prices.null_count(), 0.00005, 0.0005, "no price");
    let unique: std::collections::BTreeSet<_> = numbers.values().iter().zip(lines.values()).collect();
    share(orders.num_rows() - unique.len(), 0.001, 0.003, "twice");
    let as_of = chrono::DateTime::parse_from_rfc3339("2026-01-01T00:00:00+01:00").unwrap().timestamp_micros();
    let late = times.iter().flatten().filter(|time| *time >= as_of).count();
    share(late, 0.0001, 0.005, "after as_of");

    let mut spent: BTreeMap<i64, (std::collections::BTreeSet<i64>, i128)> = BTreeMap::new();
    for row in 0..orders.num_rows() {
        let value = prices.value(row) * i128::from(quantities.value(row)) - discounts.value(row);
        assert!(prices.is_null(row) || value.signum() == i128::from(quantities.value(row).signum()), "row {row}");
        if clients.is_valid(row) && prices.is_valid(row) && value > 0 {
            let customer = spent.entry(clients.value(row)).or_default();
            customer.0.insert(numbers.value(row));
            customer.1 += value;
        }
    }
    let repeats = spent.values().filter(|customer| customer.0.len() > 1).count() as f64 / spent.len() as f64;
    assert!((0.70..0.85).contains(&repeats), "repeat rate {repeats}");
    let mut values: Vec<i128> = spent.values().map(|customer| customer.1).collect();
    values.sort_unstable();
    let top: i128 = values[values.len() * 4 / 5..].iter().sum();
    let top_share = top as f64 / values.iter().sum::<i128>() as f64;
    assert!((0.5..0.85).contains(&top_share), "the best fifth brings {top_share}");

    let customers = read(&shop.dir.join("customers"));
    let births = customers.column_by_name("birth_date").unwrap();
    let future = births.as_primitive::<arrow::datatypes::Date32Type>().iter().flatten().filter(|day| *day > 20_454);
    assert!((1..40).contains(&future.count()));
    assert!((400..800).contains(&births.null_count()));
}

#[test]
fn truth_has_the_documented_shares() {
    let dir = tempfile::tempdir().unwrap();
    let shop = options(dir.path(), 20_000);
    write_tables(&shop, |_| {}).unwrap();
    let customers = read(&shop.dir.join("customers"));
    assert_eq!(customers.column(0).as_string::<i32>().value(17), "100000017");
    let file = File::open(shop.dir.join("truth.parquet")).unwrap();
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        for group in batch.unwrap().column(1).as_string::<i32>().iter().flatten() {
            *counts.entry(group.to_owned()).or_default() += 1.0 / 20_000.0;
        }
    }
    assert_eq!(counts.len(), GROUP_SHARES.len());
    assert!((GROUP_SHARES.iter().map(|group| group.1).sum::<f64>() - 1.0).abs() < 1e-12);
    for (name, share) in GROUP_SHARES {
        assert!((counts[name] - share).abs() < 0.012, "{name}: {} for {share}", counts[name]);
    }
}

mod recovery;
