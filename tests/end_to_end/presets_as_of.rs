//! No preset sees what happened at or after `as_of`, or what came to be known only then.

use crate::harness::*;

/// Presets that no window changes.
const WITHOUT_WINDOW: [&str; 3] = ["clv", "demographic", "geographic"];

/// Every preset that the program has, over all history and over a window, and a query over wishes.
fn every_preset() -> String {
    let listed = Program::segmenter(&["features"]).go().succeeded().stdout;
    let names: Vec<&str> =
        listed.lines().step_by(2).filter_map(|line| line.split_once("  ")).map(|(name, _)| name).collect();
    assert!(names.len() >= 21 && names.contains(&"web") && names.contains(&"value"), "{names:?}");
    let windowed = names.iter().filter(|name| !WITHOUT_WINDOW.contains(name));
    let windowed = windowed.map(|name| format!("{{ name = \"{name}\", window = \"60d\", suffix = \"_60d\" }}"));
    let all: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).chain(windowed).collect();
    format!(
        "{EVERY_KIND}[features]\npresets = [{}]\n[[features.sql]]\nname = \"wishes\"\nquery = \"\"\"\n\
         select w.customer_id, count(*) as wished, count(removed_at) as removed, count(distinct g.category) as categories\n\
         from wishes w left join goods g on g.product_id = w.product_id group by w.customer_id\"\"\"\n\
         [[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"all\"\nwhen = \"true\"\n",
        all.join(", ")
    )
}

#[test]
fn no_preset_sees_what_came_later() {
    let text = job_of(&every_preset());
    let workspaces = [Workspace::new(), Workspace::new()];
    write_every_kind(&workspaces[0]);
    write_every_kind_later(&workspaces[1]);
    let [known, later] = workspaces.each_ref().map(|workspace| workspace.committed(&workspace.job(&text)));
    for source in kinds_with_later_rows() {
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
        let ran = workspace.run(&workspace.job(&text)).args(&["--as-of", "2026-05-01"]).go().succeeded();
        CommittedRun::of(&ran).table("features")
    };
    let [known, later] = workspaces.each_ref().map(spring);
    for column in [
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
    ] {
        assert_ne!(known.column(column), later.column(column), "{column}");
    }
}
