//! Segments that are none worth the name are warned of, and others are not.

use crate::harness::*;

/// Orders of customers, one each: the amount and the town of customer number i.
fn orders(customers: usize, of: impl Fn(usize) -> (f64, &'static str)) -> String {
    let mut text = "client,order_no,day,gross,town\n".to_owned();
    for customer in 0..customers {
        let (amount, town) = of(customer);
        text += &format!("C{customer:04},O{customer},2025-{:02}-01,{amount:.2},{town}\n", customer % 12 + 1);
    }
    text
}

/// A job over such orders, with its segmentations.
fn job(segmentations: &str) -> String {
    format!(
        "format_version = 1\nname = \"trial\"\nas_of = \"2026-01-01\"\ncurrency = \"EUR\"\nseed = 3\n[output]\nuri = \"@OUT@\"\n\
         [[source]]\nname = \"orders\"\nkind = \"transactions\"\nuri = \"@IN@/orders.csv\"\n\
         types = {{ gross = \"decimal(18,2)\", day = \"date(%Y-%m-%d)\" }}\n\
         [source.columns]\ncustomer_id = \"client\"\norder_id = \"order_no\"\ntime = \"day\"\namount = \"gross\"\ntown = \"town\"\n\
         [features]\npresets = [{{ name = \"rfm\" }}]\n\
         [[features.custom]]\nname = \"town\"\nexpression = \"max(town)\"\n\
         [[features.custom]]\nname = \"is_big\"\nexpression = \"bool_or(amount > 50)\"\n\
         [[features.custom]]\nname = \"largest\"\nexpression = \"max(case when town <> 'Nowhere' then amount end)\"\n{segmentations}"
    )
}

fn clusters(name: &str, method: &str, more: &str) -> String {
    format!("[[segmentation]]\nname = \"{name}\"\nmethod = \"{method}\"\n{more}\n")
}

const PLAIN: &str = "transform = { default = \"none\" }\nwinsorise = 0\n";

fn run(orders: &str, segmentations: &str) -> CommittedRun {
    let workspace = Workspace::new();
    workspace.write("in/orders.csv", orders);
    workspace.committed(&workspace.job(&job(segmentations)))
}

/// Says whether a segmentation was warned of with these words.
fn warned(run: &CommittedRun, segmentation: &str, words: &str) -> bool {
    let whose = format!("segmentation {segmentation}: ");
    run.warnings().iter().any(|warning| warning.starts_with(&whose) && warning.contains(words))
}

#[test]
fn a_cluster_of_one_customer_is_said_whatever_the_method() {
    let whale = orders(200, |i| (if i == 77 { 1e6 } else { 10.0 + (i % 40) as f64 }, "Nice"));
    let features = format!("features = [\"monetary\"]\n{PLAIN}");
    let segmentations = clusters("near", "kmeans", &format!("{features}k = 2"))
        + &clusters("nested", "bisecting", &format!("{features}k = 2\nmin_share = 0"))
        + &clusters("blends", "mixture", &format!("{features}k = 2"))
        + &clusters("cut", "kmeans", "features = [\"monetary\"]\nk = 2");
    let run = run(&whale, &segmentations);
    for segmentation in ["near", "nested", "blends", "cut"] {
        let sizes = run.assignments(segmentation).counts("segment_key");
        let (alone, nearly_all) = (sizes.values().any(|size| *size == 1), sizes.values().any(|size| *size >= 190));
        assert_eq!(
            warned(&run, segmentation, "is one customer of 200"),
            alone,
            "{segmentation} {sizes:?} {:#?}",
            run.warnings()
        );
        assert_eq!(
            warned(&run, segmentation, "% of the customers ("),
            nearly_all,
            "{segmentation} {sizes:?} {:#?}",
            run.warnings()
        );
    }
    assert!(warned(&run, "near", "is one customer of 200") && warned(&run, "nested", "is one customer of 200"));
    assert!(!warned(&run, "cut", "one customer"), "winsorising cuts it, as the warning says");
}

#[test]
fn a_cluster_of_nearly_all_is_said() {
    let few =
        |share: usize| orders(400, move |i| (if i % 100 < share { 900.0 } else { 10.0 } + (i % 7) as f64, "Nice"));
    let segmentation = clusters("near", "kmeans", &format!("features = [\"monetary\"]\n{PLAIN}k = 2"));
    assert!(warned(&run(&few(3), &segmentation), "near", "97.0 % of the customers (388 of 400)"));
    assert!(!warned(&run(&few(10), &segmentation), "near", "% of the customers"));
}

#[test]
fn nested_groups_of_noise_are_no_groups() {
    let nested = clusters(
        "nested",
        "bisecting",
        "features = [\"recency_days\", \"monetary\"]\nk = 4\nscale = \"zscore\"\ntransform = { default = \"none\" }",
    );
    let mut rng = Rng(5);
    let amounts: Vec<f64> = (0..600).map(|_| 10.0 + rng.below(1_000) as f64 / 10.0).collect();
    let noise = run(&orders(600, |i| (amounts[i], "Nice")), &nested);
    noise.warned_of(&["segmentation nested: no useful groups", "written all the same"]);
    let evidence = &noise.json("run.json")["clustering"]["nested"];
    assert!(evidence["no_useful_groups"].is_string() && evidence["gaps"].as_array().unwrap().len() == 4, "{evidence}");
    // The same noise around four places.
    let planted = orders(600, |i| (amounts[i] / 10.0 + if i % 2 == 0 { 0.0 } else { 900.0 }, "Nice"));
    let planted = planted
        .replace("-03-01", "-01-02")
        .replace("-04-01", "-01-03")
        .replace("-05-01", "-01-02")
        .replace("-06-01", "-01-04");
    let planted = ["-07", "-08", "-09", "-10", "-11"]
        .iter()
        .fold(planted, |text, month| text.replace(&format!("{month}-01"), "-12-02"));
    let found = run(&planted, &nested);
    assert!(!warned(&found, "nested", "no useful groups"), "{:#?}", found.warnings());
    assert!(found.json("run.json")["clustering"]["nested"]["jaccard"].as_f64().unwrap() > 0.6);
}

#[test]
fn rules_without_customers_are_said() {
    let rule = |name: &str, when: &str| format!("[[segmentation.rule]]\nname = \"{name}\"\nwhen = \"{when}\"\n");
    let targets = |rules: &str| clusters("targets", "rules", "") + rules;
    let some = orders(30, |i| (i as f64, "Nice"));
    for (nobody, words) in [
        (rule("rich", "monetary > 1000000"), "`rich` has no customers: nobody meets the condition"),
        (
            rule("small", "monetary >= 0") + &rule("smaller", "monetary < 10"),
            "`smaller` has no customers, and 10 who meet it: rules above take them all",
        ),
        (rule("unknown", "case when monetary < 0 then true end"), "`unknown` has no customers: nobody meets"),
    ] {
        let run = run(&some, &targets(&nobody));
        assert!(warned(&run, "targets", words), "{:#?}", run.warnings());
    }
    let run = run(&some, &targets(&(rule("small", "monetary < 10") + &rule("large", "monetary >= 10"))));
    assert!(run.warnings().is_empty(), "{:#?}", run.warnings());
}

#[test]
fn keys_of_clusters_in_a_job_that_fits_anew_are_said_wherever_they_stand() {
    let workspace = Workspace::new();
    workspace.write(
        "in/orders.csv",
        orders(60, |i| (if i.is_multiple_of(3) { 500.0 } else { 10.0 } + (i % 5) as f64, "Nice")),
    );
    let of =
        |method: &str, more: &str| clusters("groups", method, &format!("features = [\"monetary\"]\nk = 2\n{more}"));
    let rule = |when: &str| {
        clusters("targets", "rules", "") + &format!("[[segmentation.rule]]\nname = \"these\"\nwhen = \"{when}\"\n")
    };
    for (segmentations, words) in [
        (of("kmeans", "") + &rule("groups in ('c01', 'no_purchases') and monetary > 1"), Some("rule `these`")),
        (of("bisecting", "") + &rule("groups like 'c0%'"), Some("rule `these`")),
        (of("mixture", "") + &rule("concat(groups, '!') = concat('c02', '!')"), Some("rule `these`")),
        (of("bisecting", "names = { c01 = \"all\" }"), Some("`names` goes by the keys of clusters (c01)")),
        (of("kmeans", "") + &rule("groups <> 'no_purchases'"), None),
        (of("kmeans", "") + &rule("town = 'c01'"), None),
    ] {
        let job = workspace.job(&job(&segmentations));
        let checked = Program::segmenter(&["validate", job.to_str().unwrap()]).go().succeeded();
        let run = CommittedRun::of(&workspace.run(&job).args(&["--new-run"]).go().succeeded());
        let said: Vec<String> =
            run.warnings().into_iter().filter(|warning| warning.contains("keys are by falling size")).collect();
        match words {
            Some(words) => {
                assert!(said.len() == 1 && said[0].contains(words), "{segmentations}: {said:#?}");
                assert!(checked.stderr.contains(words), "{checked}");
            }
            None => assert!(said.is_empty() && !checked.stderr.contains("falling size"), "{said:#?} {checked}"),
        }
    }
}

#[test]
fn a_score_says_what_its_model_does_not_know() {
    let workspace = Workspace::new();
    let usual = |i: usize| (10.0 + (i % 90) as f64, if i.is_multiple_of(3) { "Lyon" } else { "Nice" });
    let job = workspace.job(&job(&clusters(
        "groups",
        "kmeans",
        "features = [\"monetary\", \"town\", \"is_big\", \"largest\"]\nk = 2",
    )));
    workspace.write("in/orders.csv", orders(400, usual));
    workspace.committed(&job);
    let score = |text: String| {
        workspace.write("in/orders.csv", text);
        let args =
            ["score", job.to_str().unwrap(), "--model", "latest", "--new-run", "--scratch", &workspace.uri("scratch")];
        CommittedRun::of(&Program::segmenter(&args).go().succeeded())
    };
    let beyond = |run: &CommittedRun| -> Vec<String> {
        run.warnings().into_iter().filter(|warning| warning.contains("when it was fitted")).collect()
    };
    let same = score(orders(400, usual));
    assert!(beyond(&same).is_empty(), "{:#?}", same.warnings());
    for (new, feature, words) in [
        (orders(400, |i| if i < 2 { (20.0, "Radom") } else { usual(i) }), "town", "no level of the model for 2 of 400"),
        (orders(400, |i| if i < 3 { (20.0, "Nowhere") } else { usual(i) }), "largest", "is null for 3 of 400"),
        (
            orders(400, |i| if i < 40 { (5000.0, "Nice") } else { usual(i) }),
            "monetary",
            "beyond the cuts of the model for 40 of 400",
        ),
        (
            orders(400, |i| if i < 40 { (0.01, "Nice") } else { usual(i) }),
            "monetary",
            "beyond the cuts of the model for",
        ),
    ] {
        let run = score(new);
        assert!(
            beyond(&run).iter().any(|warning| warning.contains(feature) && warning.contains(words)),
            "{:#?}",
            run.warnings()
        );
    }
    let counted = score(orders(400, |i| if i < 2 { (20.0, "Radom") } else { usual(i) })).table("quality.parquet");
    let row = counted.only(&[("source", "groups"), ("check_name", "no_level_share"), ("column_name", "town")]);
    assert_eq!((row["rows_failed"].as_deref(), row["rows_checked"].as_deref()), (Some("2"), Some("400")));
}
