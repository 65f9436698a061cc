//! Which customers get what: cells by hand, and mistakes at their places.

use crate::harness::*;

const SECTIONS: &str = r#"
[[source]]
name = "club"
kind = "members"
uri  = "@IN@/club.csv"
[source.columns]
customer_id = "id"
tier        = "tier"
[[source]]
name = "perks"
kind = "reference"
uri  = "@IN@/perks.csv"
key  = ["tier", "segment_key", "benefit"]
[source.columns]
tier          = "tier"
segment_key   = "segment"
benefit       = "perk"
service_level = "level"
[features]
presets = ["rfm"]
[[features.sql]]
name  = "club"
query = "select customer_id, min(tier) as loyalty_tier from members group by customer_id"
[[segmentation]]
name   = "worth"
method = "tiers"
by     = "monetary"
cuts   = [100]
names  = ["high", "low"]
[benefits]
source = "perks"
"#;

/// 90 customers: 60 in the club, two thirds of them gold; of all every other one spent 200.
fn prepared(sections: &str) -> (Workspace, std::path::PathBuf) {
    let workspace = Workspace::new();
    let mut club = "id,tier\n".to_owned();
    let orders: Vec<Order> = (0..90)
        .map(|customer| {
            let id = format!("C{customer:02}");
            if customer < 60 {
                club.push_str(&format!("{id},{}\n", if customer < 40 { "gold" } else { "tin" }));
            }
            let amount = if customer % 2 == 0 { "200.00" } else { "10.00" };
            Order::new(&id, &format!("O{customer}"), "2025-12-01 12:00:00", amount)
        })
        .collect();
    write_orders_parquet(&workspace.path("in/orders.parquet"), &orders);
    workspace.write("in/club.csv", club);
    let perks = "tier,segment,perk,level\ngold,*,post free,2\ngold,t01,lounge,1\nsilver,t01,card,3\n*,t07,nothing,\n";
    workspace.write("in/perks.csv", perks);
    let job = workspace.job(&job("uri = \"@IN@/orders.parquet\"", sections));
    (workspace, job)
}

#[test]
fn cells_are_those_by_hand() {
    let (workspace, job) = prepared(SECTIONS);
    let run =
        |shards: &str| CommittedRun::of(&workspace.run(&job).args(&["--shards", shards, "--new-run"]).go().succeeded());
    let (one, four) = (run("1"), run("4"));
    assert_eq!(one.logical_digest(), four.logical_digest());
    let table = one.table("benefits.parquet");
    let told: Vec<String> = table
        .rows
        .iter()
        .map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("-")).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(
        told,
        [
            "gold|worth|out_of_scope|0|post free|2|-",
            "gold|worth|t01|20|post free|2|-",
            "gold|worth|t01|20|lounge|1|-",
            "gold|worth|t02|20|post free|2|-",
            // Ten each of tin are too few to be counted.
            "tin|worth|t01|-|-|-|fewer than 20 customers; the table of benefits has nothing for them",
            "tin|worth|t02|-|-|-|fewer than 20 customers; the table of benefits has nothing for them",
            "silver|worth|t01|0|card|3|-",
            "-|worth|t01|-|-|-|fewer than 20 customers; the table of benefits has nothing for them",
            "-|worth|t02|-|-|-|fewer than 20 customers; the table of benefits has nothing for them",
            "-|worth|t07|0|nothing|-|segmentation worth has no such segment",
        ]
    );
}

#[test]
fn mistakes_are_told_at_their_places() {
    let wrong = |from: &str, to: &str| {
        let sections = SECTIONS.replace(from, to);
        assert_ne!(sections, SECTIONS);
        let (workspace, job) = prepared(&sections);
        workspace.failing(&job, 2).stderr
    };
    let of = |errors: String, words: &[&str]| {
        words.iter().for_each(|word| assert!(errors.contains(word), "{word}\n{errors}"))
    };
    of(wrong("source = \"perks\"", "source = \"perk\""), &["perks", "[benefits]"]);
    of(wrong("source = \"perks\"", "source = \"club\""), &["source `club` is of kind members", "kind reference"]);
    of(wrong("benefit       = \"perk\"", "gift = \"perk\""), &["`benefit`", "does not map benefit"]);
    of(
        wrong("[benefits]", "[benefits]\ntier = \"loyalty_teir\""),
        &["there is no feature `loyalty_teir`", "loyalty_tier"],
    );
    of(wrong("[benefits]", "[benefits]\ntier = \"frequency\""), &["`frequency` is", "a text feature"]);
    of(wrong("[benefits]", "[benefits]\nsegmentation = \"wort\""), &["there is no segmentation `wort`", "worth"]);
}
