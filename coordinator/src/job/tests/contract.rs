use super::{SMALL, day, read};
use crate::job::load;
use segmenter_proto::{jobs::*, methods::*};
use std::collections::BTreeMap;

/// The example of the contract, letter by letter.
const CONTRACT: &str = include_str!("contract.toml");

#[test]
fn the_example_of_the_contract_holds() {
    let file = read(CONTRACT).unwrap_or_else(|errors| panic!("{}", errors.render(100, false)));
    assert_eq!(file.text, CONTRACT);
    let job = file.job;
    assert_eq!(
        (job.name.as_str(), job.as_of, job.timezone.as_str()),
        ("club-daily", day(2026, 11, 21), "Europe/Warsaw")
    );
    assert_eq!((job.currency.as_deref(), job.seed), (Some("PLN"), 7));
    assert_eq!(
        job.output,
        Output { uri: "s3://lake/segments".into(), quarantine: QuarantineDetail::Keys, previous: Previous::Latest }
    );
    assert_eq!(job.population.from.as_deref(), Some("customers"));
    assert_eq!(job.population.exclude.as_deref(), Some("is_staff or is_test"));
    let list = job.population.exclude_list.unwrap();
    assert_eq!((list.uri.as_str(), list.id.as_str()), ("s3://lake/gdpr/erased/*.csv", "client_no"));
    assert_eq!((job.quality.max_quarantined_share, job.quality.max_anonymous_share), (Some(0.001), Some(0.35)));
    assert_eq!(job.quality.gates.len(), 1);
    assert_eq!((job.quality.gates[0].max, job.quality.gates[0].action), (Some(36.0), GateAction::Stop));
}

#[test]
fn the_sources_of_the_contract() {
    let [customers, orders, tills] = <[Source; 3]>::try_from(read(CONTRACT).unwrap().job.sources).unwrap();
    assert_eq!((customers.kind, &customers.duplicates), (SourceKind::Customers, &Duplicates::Error));
    assert_eq!(customers.partitions, Some(Partitions { column: "snapshot".into(), take: PartitionRange::Last }));
    let names: Vec<&str> = customers.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["customer_id", "birth_date", "city", "is_staff", "is_test"], "the order of the file");
    assert_eq!(customers.column("is_staff"), Some("employee_flag = 'Y'"));
    assert_eq!(orders.partitions.unwrap().take, PartitionRange::Days(Some(-1095), Some(3)));
    assert_eq!(orders.key, ["order_id", "line_no"]);
    assert_eq!(orders.filter.as_deref(), Some("status <> 'cancelled'"));
    assert_eq!(tills.csv.delimiter, ';');
    assert_eq!(tills.csv.decimal, ',');
    let types = BTreeMap::from([
        ("total".to_owned(), TextType::Decimal(18, 2)),
        ("ts".to_owned(), TextType::Timestamp("%d.%m.%Y %H:%M".into())),
    ]);
    assert_eq!(tills.types, types);
    assert_eq!(tills.column("channel"), Some("'store'"));
}

#[test]
fn the_features_and_segmentations_of_the_contract() {
    let job = read(CONTRACT).unwrap().job;
    let [preset] = <[Preset; 1]>::try_from(job.features.presets).unwrap();
    assert_eq!((preset.window_days, preset.suffix.as_str()), (Some(1095), ""));
    assert_eq!(preset.sources, ["orders", "tills"]);
    let [custom] = <[CustomFeature; 1]>::try_from(job.features.custom).unwrap();
    assert_eq!((custom.name.as_str(), custom.window_days, custom.default), ("store_share", Some(365), Some(0.0)));
    let [value, behaviour, targets] = <[Segmentation; 3]>::try_from(job.segmentations).unwrap();
    let Method::Rfm(rfm) = value.method else { panic!("{value:?}") };
    assert_eq!(rfm.recency_bins, Bins::Cuts(vec![30.0, 90.0, 180.0, 365.0]));
    assert_eq!((rfm.frequency.as_str(), rfm.frequency_bins), ("frequency", Bins::Quantiles(5)));
    let Method::Kmeans(kmeans) = behaviour.method else { panic!("{behaviour:?}") };
    assert_eq!(kmeans.k, ClusterCount::Range { min: 4, max: 9, min_share: 0.02 });
    assert_eq!(kmeans.space.transforms, [Transform::Auto, Transform::Auto, Transform::Auto, Transform::None]);
    assert_eq!((kmeans.space.winsorise, kmeans.space.restarts, kmeans.space.scale), (0.005, 10, Scale::Auto));
    assert_eq!(kmeans.space.names["c01"], "Klubowicze VIP");
    let Method::Rules(rules) = targets.method else { panic!("{targets:?}") };
    assert_eq!(rules.rules[0].title, "Cenni, odchodzący");
}

#[test]
fn text_is_read_as_it_is_written() {
    let csv = "uri = \"orders/\"\ncsv = { encoding = 'Latin1', skip_rows = 2, comment = '#' }";
    let job = read(&SMALL.replace("uri = \"orders/\"", csv))
        .unwrap_or_else(|errors| panic!("{}", errors.render(100, false)))
        .job;
    let expected =
        CsvOptions { encoding: "windows-1252".to_owned(), skip_rows: 2, comment: Some('#'), ..CsvOptions::default() };
    assert_eq!(job.sources[1].csv, expected, "latin1 is windows-1252, as in the standard");
}

#[test]
fn what_a_small_job_leaves_out_is_filled_in() {
    let job = read(SMALL).unwrap_or_else(|errors| panic!("{}", errors.render(100, false))).job;
    assert_eq!((job.timezone.as_str(), job.seed, job.population.from), ("UTC", 0, None));
    assert_eq!((job.output.quarantine, job.output.previous), (QuarantineDetail::Keys, Previous::Latest));
    let preset = Preset {
        name: "rfm".into(),
        window_days: None,
        suffix: String::new(),
        sources: vec!["orders".into()],
        lifetime: None,
    };
    assert_eq!(job.features.presets, [preset]);
    assert_eq!(job.sources[0].csv, CsvOptions::default());
    let Method::Kmeans(kmeans) = &job.segmentations[0].method else { panic!() };
    assert_eq!((kmeans.k, kmeans.space.winsorise, kmeans.space.restarts), (ClusterCount::Fixed(3), 0.005, 10));
    assert_eq!(kmeans.space.transforms, [Transform::Auto, Transform::Auto]);
    let Method::Rules(rules) = &job.segmentations[1].method else { panic!() };
    assert_eq!(rules.rules[0].title, "lapsing", "the name unless a title says otherwise");
}

#[test]
fn the_date_of_the_command_line_wins_and_today_is_of_the_zone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job.toml");
    let zoned = SMALL.replace("as_of = 2026-11-21", "as_of = \"today\"\ntimezone = \"Asia/Tokyo\"");
    std::fs::write(&path, zoned).unwrap();
    let today = |zone: chrono_tz::Tz| if zone.name() == "Asia/Tokyo" { day(2026, 1, 2) } else { day(2026, 1, 1) };
    assert_eq!(load(&path, None, today, |_| None).unwrap().job.as_of, day(2026, 1, 2));
    assert_eq!(load(&path, Some(day(2025, 5, 5)), today, |_| None).unwrap().job.as_of, day(2025, 5, 5));
}

#[test]
fn a_later_error_is_shown_within_the_expression() {
    let file = read(SMALL).unwrap();
    let mut error = file.error_at("segmentation[1].rule[0].when", Some(0..12), "there is no name `recency_days`");
    error.expect("a feature").help("did you mean `recency`?");
    let errors = file.errors(vec![error]);
    assert_eq!(errors.position(&errors.errors[0]), Some((33, 9)));
    assert_eq!(&file.text[errors.errors[0].span.clone().unwrap()], "recency_days");
    assert_eq!(errors.to_json()[0]["hint"], "did you mean `recency`?");
}
