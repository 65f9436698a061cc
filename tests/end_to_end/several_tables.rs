//! Customers in several tables: joined by id where the columns differ, one below the other where they are the same; what differs is told.

use crate::harness::*;

const HEAD_OF: &str = "[population]\nfrom = \"@FROM@\"\n[privacy]\nmin_cell = 1\n";

fn people(name: &str, columns: &str) -> String {
    format!(
        "[[source]]\nname = \"{name}\"\nkind = \"customers\"\nuri = \"@IN@/{name}.csv\"\n[source.columns]\n\
         customer_id = \"id\"\n{columns}\n"
    )
}

const REST: &str = "[features]\npresets = [\"demographic\"]\n[[features.sql]]\nname = \"seen\"\nquery = \"\"\"\n\
    select customer_id, city as city_seen, plan as plan_seen, score as score_seen from customers\"\"\"\n\
    [[features.derived]]\nname = \"doubled\"\nexpression = \"score * 2\"\n\
    [[segmentation]]\nname = \"targets\"\nmethod = \"rules\"\n\
    [[segmentation.rule]]\nname = \"paying\"\nwhen = \"plan = 'pro' and score >= 10\"\n\
    [[segmentation.rule]]\nname = \"from_graz\"\nwhen = \"city = 'Graz'\"\n";

/// The CRM knows A to D, the shop B to E; `city` stands in both.
fn write(workspace: &Workspace) {
    workspace.write("in/crm.csv", "id,city,score\nA,Graz,10\nB,Wien,20\nC,,30\nD,Linz,\n");
    workspace.write("in/shop.csv", "id,city,plan\nB,Wien,pro\nC,Graz,free\nD,Graz,pro\nE,Graz,pro\n");
}

fn job_from(from: &str, order: [&str; 2]) -> String {
    let crm = people("crm", "city = \"city\"\neducation = \"city\"\nscore = \"cast(score as int)\"");
    let shop = people("shop", "city = \"city\"\noccupation = \"plan\"\nplan = \"plan\"");
    let sources: String = order.map(|name| if name == "crm" { crm.as_str() } else { shop.as_str() }).concat();
    job_of(&format!("{}{sources}{REST}", HEAD_OF.replace("@FROM@", from)))
}

fn shown(run: &CommittedRun) -> Vec<String> {
    let (features, keys) = (run.table("features"), run.keys("targets"));
    let line = |id: &String| {
        let row = features.only(&[("customer_id", id)]);
        let cell = |name: &str| row[name].clone().unwrap_or_else(|| "-".to_owned());
        let cells = ["city_seen", "plan_seen", "score_seen", "education_level", "occupation_level", "doubled"]
            .map(cell)
            .join(" ");
        format!("{id} {cells} {}", keys[id])
    };
    keys.keys().map(line).collect()
}

#[test]
fn tables_of_different_columns_are_joined_by_id() {
    let workspace = Workspace::new();
    write(&workspace);
    let run = workspace.committed(&workspace.job(&job_from("all", ["crm", "shop"])));
    let expected = [
        "A Graz - 10 Graz - 20 from_graz",
        "B Wien pro 20 Wien pro 40 paying",
        "C Graz free 30 - free 60 from_graz",
        "D Linz pro - Linz pro - other",
        "E Graz pro - - pro - from_graz",
    ];
    assert_eq!(shown(&run), expected);
    assert_eq!(run.noted_of("attribute_differs_share", "city"), (1, 2), "D, of B and D; C is known by one");
    run.warned_of(&["source shop", "city is another one", "1 of 2 customers"]);

    // The first source that knows it has it.
    let run = workspace.committed(&workspace.job_named("other.toml", &job_from("all", ["shop", "crm"])));
    assert_eq!(shown(&run)[3], "D Graz pro - Linz pro - from_graz");

    let run = workspace.committed(&workspace.job_named("crm.toml", &job_from("crm", ["crm", "shop"])));
    assert_eq!(shown(&run), expected[..4]);
    let shop = run.fates("shop");
    assert_eq!((shop.used, shop.unknown_customer), (3, 1), "E is none of the population");
}

#[test]
fn the_same_answer_for_any_number_of_shards_and_threads() {
    let workspace = Workspace::new();
    write(&workspace);
    let job = workspace.job(&job_from("all", ["crm", "shop"]));
    let mut digests = Vec::new();
    for args in [["--shards", "1", "--threads", "1"], ["--shards", "4", "--threads", "2"]] {
        workspace.forget_results();
        let run = CommittedRun::of(&workspace.run(&job).args(&args).go().succeeded());
        digests.push(run.logical_digest());
    }
    assert_eq!(digests[0], digests[1]);
}

#[test]
fn columns_of_one_name_have_one_type() {
    let workspace = Workspace::new();
    write(&workspace);
    let job = job_from("all", ["crm", "shop"]).replace("plan = \"plan\"", "plan = \"plan\"\nscore = \"city\"");
    let told = workspace.failing(&workspace.job(&job), 2);
    told.says(&["`score` is int in one source and text in shop", "another name or type"]);
    // Where no query names it, but a segmentation.
    let (before, rest) = job.split_once("[[features.sql]]").unwrap();
    let (_, after) = rest.split_once("[[features.derived]]").unwrap();
    let told = workspace.failing(&workspace.job(&format!("{before}[[features.derived]]{after}")), 2);
    told.says(&["score is int in source crm and text in source shop", "cast one of them"]);
}
