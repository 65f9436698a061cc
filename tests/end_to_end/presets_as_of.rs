//! No preset sees what happened at or after `as_of`, or what came to be known only then.

use crate::harness::*;

/// Presets that no window changes.
const WITHOUT_WINDOW: [&str; 3] = ["clv", "demographic", "geographic"];

/// Presets of companies, in a job of their own.
const OF_ACCOUNTS: [&str; 1] = ["firmographic"];

const RULES: &str = "[[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n";

/// Every preset that the program has, over all history and over a window: those of customers with a query over wishes, and those of companies
/// with one over their deals.
fn every_preset() -> [String; 2] {
    let listed = Program::segmenter(&["features"]).go().succeeded().stdout;
    let names: Vec<&str> =
        listed.lines().step_by(2).filter_map(|line| line.split_once("  ")).map(|(name, _)| name).collect();
    assert!(names.len() >= 22 && names.contains(&"web") && names.contains(&"value"), "{names:?}");
    let (of_accounts, of_customers): (Vec<&str>, Vec<&str>) =
        names.into_iter().partition(|name| OF_ACCOUNTS.contains(name));
    assert_eq!(of_accounts, OF_ACCOUNTS);
    let presets = |names: &[&str]| {
        let windowed = names.iter().filter(|name| !WITHOUT_WINDOW.contains(name));
        let windowed = windowed.map(|name| format!("{{ name = \"{name}\", window = \"60d\", suffix = \"_60d\" }}"));
        let all: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).chain(windowed).collect();
        format!("[features]\npresets = [{}]\n", all.join(", "))
    };
    let wishes = "[[features.sql]]\nname = \"wishes\"\nquery = \"\"\"\n\
         select w.customer_id, count(*) as wished, count(removed_at) as removed, count(distinct g.category) as categories\n\
         from wishes w left join goods g on g.product_id = w.product_id group by w.customer_id\"\"\"\n";
    let deals = "[[features.sql]]\nname = \"deals\"\nquery = \"\"\"\n\
         select account_id, count(*) as deals, count(closed) as closed, count(won) as judged, max(stage) as stage, sum(amount) as amount\n\
         from opportunities group by account_id\"\"\"\n";
    let unit = |text: String| text.replacen("seed ", "unit = \"account\"\nseed ", 1);
    [
        job_of(&format!("{EVERY_KIND}{}{wishes}{RULES}", presets(&of_customers))),
        unit(job_of(&format!("{EVERY_KIND_OF_ACCOUNTS}{}{deals}{RULES}", presets(&of_accounts)))),
    ]
}

#[test]
fn no_preset_sees_what_came_later() {
    let columns: [&[&str]; 2] = [
        &[
            "web_visits",
            "message_channel",
            "loyalty_tier",
            "loyalty_balance",
            "survey_answered",
            "nps_last",
            "monetary",
            "channel_last",
            "removed",
            "consented_channels",
        ],
        &["deals_open", "deals_won", "win_rate", "sales_cycle_days", "closed", "judged", "stage", "amount"],
    ];
    for (text, columns) in every_preset().iter().zip(columns) {
        assert_later_changes_nothing(text, columns);
    }
}

/// Runs a job over rows as they were known and as they are in spring: not a bit differs as of the day till which both are the same, and these
/// columns do as of spring.
fn assert_later_changes_nothing(text: &str, columns: &[&str]) {
    let workspaces = [Workspace::new(), Workspace::new()];
    write_every_kind(&workspaces[0]);
    write_every_kind_later(&workspaces[1]);
    let [known, later] = workspaces.each_ref().map(|workspace| workspace.committed(&workspace.job(text)));
    for source in kinds_with_later_rows().filter(|source| text.contains(&format!("name = \"{source}\"\n"))) {
        let counted = [known.fates(source), later.fates(source)].map(|fates| (fates.used, fates.not_before_as_of));
        assert_eq!((counted[0].0, counted[0].1), (counted[1].0, 0), "{source}");
        assert!(counted[1].1 > 0, "{source} has rows of later days");
    }
    let bytes = |run: &CommittedRun| {
        let features = run.files.iter().filter(|(path, _)| path.starts_with("features/"));
        features.map(|(path, bytes)| (path.clone(), bytes.clone())).collect::<Vec<_>>()
    };
    assert!(!bytes(&known).is_empty());
    assert_eq!(known.table("features"), later.table("features"));
    assert_eq!(bytes(&known), bytes(&later), "not a bit changes");

    // The same rows change features of a later day.
    let spring = |workspace: &Workspace| {
        let ran = workspace.run(&workspace.job(text)).args(&["--as-of", "2026-05-01"]).go().succeeded();
        CommittedRun::of(&ran).table("features")
    };
    let [known, later] = workspaces.each_ref().map(spring);
    for column in columns {
        assert_ne!(known.column(column), later.column(column), "{column}");
    }
}
