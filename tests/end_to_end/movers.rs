//! Customers who were planted to change their group are those whom `changes/` tells of.

use crate::harness::*;
use std::{collections::BTreeMap, fs};

/// From this day on movers buy like another group; the runs look at 18 months before it, and at 18 months from it on.
const MOVED_AT: &str = "2024-07-01";
const AFTER: &str = "2026-01-01";

/// What a job of a generated shop has behind its sources, in the place of its own features and segmentations.
const SECTIONS: &str = r#"
[features]
presets = [{ name = "rfm", window = "548d" }]
[[features.custom]]
name       = "promo_share"
window     = "548d"
expression = "avg(case when is_promoted then 1 else 0 end)"
[[features.custom]]
name       = "gift_share"
window     = "548d"
expression = "avg(case when is_gift then 1 else 0 end)"
[[segmentation]]
name   = "habits"
method = "rules"
[[segmentation.rule]]
name = "too_few"
when = "coalesce(frequency, 0) < 3"
[[segmentation.rule]]
name = "seasonal_gifter"
when = "gift_share > 0.5"
[[segmentation.rule]]
name = "big_spender"
when = "average_order_value > 130"
[[segmentation.rule]]
name = "bargain_hunter"
when = "promo_share > 0.4"
[[segmentation.rule]]
name = "loyal_frequent"
when = "true"
"#;

#[test]
fn who_was_planted_to_move_is_told_of_and_hardly_anybody_else() {
    let workspace = Workspace::new();
    let shop = workspace.path("shop");
    let shop_text = shop.to_str().unwrap();
    let synth = ["synth", shop_text, "--customers", "20000", "--movers", "0.15", "--moved-at", MOVED_AT];
    Program::segmenter(&synth).go().succeeded();
    let truth = Table::parquet(&fs::read(shop.join("truth.parquet")).unwrap().into());
    let before = truth.lookup("customer_id", "planted_group");
    let after = truth.lookup("customer_id", "planted_group_after");
    let text = fs::read_to_string(shop.join("job.toml")).unwrap();
    let (sources, _) = text.split_once("\n[features]").unwrap();
    let job = workspace.write("job.toml", format!("{sources}{SECTIONS}"));
    let on = |day: &str| CommittedRun::of(&workspace.run(&job).args(&["--as-of", day]).go().succeeded());
    let (first, second) = (on(MOVED_AT), on(AFTER));

    // Who buys too little in one of the two to tell its habits is neither found nor missed.
    let (then, now) = (first.keys("habits"), second.keys("habits"));
    let is_told = |id: &String| [&then, &now].iter().all(|keys| keys.get(id).is_some_and(|key| key != "too_few"));
    let changes = second.table("changes");
    let (id, segmentation, change) =
        (changes.column("customer_id"), changes.column("segmentation"), changes.column("change"));
    let mut moved: BTreeMap<String, bool> = BTreeMap::new();
    for row in 0..changes.rows.len() {
        if segmentation[row] == Some("habits") && change[row] == Some("moved") {
            let id = id[row].unwrap().to_owned();
            if is_told(&id) {
                moved.insert(id.clone(), before[&id] != after[&id]);
            }
        }
    }
    let planted: Vec<&String> = before.keys().filter(|id| before[*id] != after[*id] && is_told(id)).collect();
    let others = before.keys().filter(|id| before[*id] == after[*id] && is_told(id)).count();
    let right = moved.values().filter(|planted| **planted).count();
    let (precision, recall) = (right as f64 / moved.len() as f64, right as f64 / planted.len() as f64);
    println!(
        "{} planted of {}, {} moved, precision {precision:.4}, recall {recall:.4}",
        planted.len(),
        planted.len() + others,
        moved.len()
    );
    assert!(planted.len() > 300, "{}", planted.len());
    assert!(precision >= 0.95 && recall >= 0.95, "precision {precision}, recall {recall}");
    // Of those who stay what they are, as many as chance has: habits of a few orders are not always seen.
    let wrong = (moved.len() - right) as f64 / others as f64;
    assert!(wrong < 0.01, "{wrong}");
}
