//! Google Analytics 4, nested and flattened: the same features and segments, which a plain program computes too; cells that go wrong.

use crate::harness::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const DAY: i64 = 86_400_000_000;
/// 2026-01-01 00:00 UTC.
const START: i64 = 1_767_225_600_000_000;
/// 2026-02-01 00:00 in Warsaw.
const AS_OF: i64 = START + 31 * DAY - 3_600_000_000;

fn event(browser: &str, micros: i64, name: &'static str, session: Option<i64>) -> WebEvent {
    let parameters = session.map(|session| ("ga_session_id", Parameter::Whole(session))).into_iter().collect();
    let (user_id, revenue) = (None, None);
    WebEvent { user_id, browser: browser.to_owned(), micros, name, parameters, device: None, medium: None, revenue }
}

/// Visits of 400 browsers over two months, some of them of one person; sessions are numbered alike in every browser.
fn visits() -> Vec<WebEvent> {
    let mut events = Vec::new();
    for visitor in 0..400_i64 {
        let browser = format!("{}.{}", 100_000 + visitor, 1_700_000_000 + visitor);
        let first = events.len();
        for visit in 0..=visitor % 4 {
            // Some in the hour that is another day in Warsaw than in UTC.
            let start = START + (visitor * 7 + visit * 11) % 59 * DAY + 84_000_000_000 + visitor * 1_000_000;
            let session = Some(1_000 + visit);
            events.push(event(&browser, start, "session_start", session));
            for view in 0..=visitor % 3 {
                let mut viewed = event(&browser, start + (view + 1) * 1_000_000, "page_view", session);
                let page = format!("https://shop.example/{}", (visitor + view) % 20);
                viewed.parameters.insert(0, ("page_location", Parameter::Text(page)));
                viewed.parameters.push(("engagement_time_msec", Parameter::Whole(500 * (visitor % 50))));
                events.push(viewed);
            }
            if visitor % 10 == visit {
                let mut bought = event(&browser, start + 9_000_000, "purchase", session);
                bought.revenue = Some(0.25 * (visitor + 1) as f64);
                bought.parameters.push(("value", Parameter::Double(0.25)));
                events.push(bought);
            }
        }
        if visitor % 17 == 0 {
            events.push(event(&browser, START + visitor % 28 * DAY, "page_view", None));
        }
        for event in &mut events[first..] {
            event.user_id = (visitor % 6 < 2).then(|| format!("U{}", visitor / 6));
            event.device = [Some("mobile"), Some("desktop"), None][(visitor % 3) as usize];
            event.medium = [Some("organic"), None][(visitor % 2) as usize];
        }
    }
    events
}

/// What a customer did in a window.
#[derive(Debug, Default)]
struct Did {
    sessions: BTreeSet<String>,
    without: u32,
    engagement: f64,
    converted: bool,
    value: f64,
}

fn did<'a>(events: impl Iterator<Item = &'a WebEvent>) -> BTreeMap<String, Did> {
    let mut all: BTreeMap<String, Did> = BTreeMap::new();
    for event in events {
        let did = all.entry(event.user_id.clone().unwrap_or_else(|| event.browser.clone())).or_default();
        let whole = |wanted: &str| {
            event.parameters.iter().find_map(|(key, value)| match value {
                Parameter::Whole(whole) if *key == wanted => Some(*whole),
                _ => None,
            })
        };
        match whole("ga_session_id") {
            Some(session) => drop(did.sessions.insert(format!("{}.{session}", event.browser))),
            None => did.without += 1,
        }
        did.engagement += whole("engagement_time_msec").unwrap_or_default() as f64 / 1000.0;
        if event.name == "purchase" {
            did.converted = true;
            did.value += event.revenue.unwrap_or_default();
        }
    }
    all
}

fn example(name: &str, workspace: &Workspace) -> CommittedRun {
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples").join(name);
    let (data, out) = (workspace.uri("data"), workspace.uri(&format!("out-{name}")));
    CommittedRun::of(&workspace.run(&job).env("DATA", &data).env("OUT", &out).go().succeeded())
}

#[test]
fn both_exports_say_what_a_plain_program_does() {
    let (workspace, events) = (Workspace::new(), visits());
    let half = events.len() / 2;
    write_ga4_parquet(&workspace.path("data/ga4/events_1.parquet"), &events[..half]);
    write_ga4_parquet(&workspace.path("data/ga4/events_2.parquet"), &events[half..]);
    workspace.write("data/ga4_flat/events_1.csv", ga4_csv(&events[half..]));
    workspace.write("data/ga4_flat/events_2.csv", ga4_csv(&events[..half]));
    let run = example("ga4.toml", &workspace);
    let flat = example("ga4_flat.toml", &workspace);
    for table in ["features", "assignments/visitors", "effectiveness.parquet", "profiles.parquet"] {
        assert_eq!(run.table(table), flat.table(table), "{table}");
    }
    let fates = run.fates("web");
    assert_eq!((fates.read, fates.quarantined), (events.len() as u64, 0));

    let before = did(events.iter().filter(|event| event.micros < AS_OF));
    let after = did(events.iter().filter(|event| (AS_OF..AS_OF + 28 * DAY).contains(&event.micros)));
    let features = run.table("features");
    assert_eq!(features.rows.len(), before.len());
    let keys = run.keys("visitors");
    let mut segments: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (id, did) in &before {
        let row = features.only(&[("customer_id", id)]);
        let number = |name: &str| row[name].as_ref().map_or(0.0, |text| text.parse::<f64>().unwrap());
        let visits = did.sessions.len() as u32 + did.without.min(1);
        assert_eq!(number("web_visits"), f64::from(visits), "{id}: {did:?}");
        assert_eq!(number("web_engagement_seconds"), did.engagement, "{id}: {did:?}");
        assert_eq!(number("web_value"), did.value, "{id}");
        let segment = match did {
            Did { converted: true, .. } => "converted",
            Did { engagement: 60.0.., .. } => "reads",
            _ if visits > 1 => "returns",
            _ => "other",
        };
        assert_eq!(keys[id], segment, "{id}: {did:?}");
        segments.entry(segment).or_default().push(id);
    }
    assert!(segments.len() == 4 && segments.values().all(|ids| ids.len() >= 20), "{segments:?}");

    let effectiveness = run.table("effectiveness.parquet");
    for (segment, ids) in segments {
        let mean = |of: fn(&Did) -> f64| {
            let later = ids.iter().filter_map(|id| after.get(*id)).map(of).sum::<f64>();
            later / ids.len() as f64
        };
        for (metric, expected) in [
            ("visits", mean(|did| did.sessions.len() as f64)),
            ("engagement", mean(|did| did.engagement)),
            ("web_conversion", mean(|did| f64::from(u8::from(did.converted)))),
        ] {
            let row = effectiveness.only(&[
                ("segmentation", "visitors"),
                ("segment_key", segment),
                ("metric", metric),
                ("basis", "outcome"),
            ]);
            let value: f64 = row["value"].as_ref().unwrap().parse().unwrap();
            assert!((value - expected).abs() <= 1e-12 * expected.abs(), "{metric} of {segment}: {value}, {expected}");
        }
    }
}

#[test]
fn a_parameter_that_is_not_there_is_null_and_two_values_of_one_are_an_error_of_the_row() {
    let workspace = Workspace::new();
    let with = |key: &'static str, values: Vec<Parameter>| {
        let mut event = event("b1", START, "page_view", Some(1));
        event.parameters.extend(values.into_iter().map(|value| (key, value)));
        event
    };
    let msec = "engagement_time_msec";
    let text = |text: &str| Parameter::Text(text.to_owned());
    let events = [
        with(msec, vec![Parameter::Whole(1_500)]),
        with(msec, vec![]),
        with(msec, vec![Parameter::Nothing]),
        with(msec, vec![text("2500")]),
        with(msec, vec![Parameter::Double(0.5)]),
        with(msec, vec![Parameter::Whole(1_000), Parameter::Whole(1_000)]),
        with(msec, vec![Parameter::Nothing, Parameter::Whole(4_000)]),
        with(msec, vec![text("soon")]),
        with(msec, vec![Parameter::Whole(1_000), Parameter::Whole(2_000)]),
        with("ga_session_id", vec![Parameter::Whole(2)]),
        with("page_location", vec![text("/a"), text("/b")]),
    ];
    write_ga4_parquet(&workspace.path("data/ga4/events.parquet"), &events);
    let run = example("ga4.toml", &workspace);
    let fates = run.fates("web");
    assert_eq!((fates.read, fates.used, fates.quarantined), (11, 7, 4));
    let quarantine = run.table("quarantine");
    let expected = [("expression_failed", 1), ("repeated_key", 3)].map(|(code, rows)| (code.to_owned(), rows));
    assert_eq!(quarantine.counts("reason_code"), expected.into());
    let of = ["engagement_seconds", "session_id", "page"].map(|name| quarantine.counts("column_name")[name]);
    assert_eq!(of, [2, 1, 1]);
    assert!(quarantine.rows.iter().flatten().flatten().all(|cell| !cell.contains("soon") && !cell.contains("/a")));
    assert_eq!(run.feature("web_engagement_seconds")["b1"].as_deref(), Some("9.0005"));
}
