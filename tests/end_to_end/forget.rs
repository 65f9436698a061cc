//! Customers who are forgotten: nothing of them is left in any file, and all else is as it was.

use crate::harness::*;
use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path};

/// The job with both ids in its list.
fn excluding(workspace: &Workspace) -> std::path::PathBuf {
    workspace.write("in/out.csv", "id\nCARD0003 \nCUST0003\n");
    job_that_holds(workspace, EXCLUDING)
}

fn answer(ran: &Ran) -> Value {
    serde_json::from_str(ran.stdout.lines().last().unwrap()).unwrap()
}

fn job_folder(workspace: &Workspace) -> std::path::PathBuf {
    workspace.root().join("out/trial")
}

/// All tables of a run, and its scores and evaluations, as rows by path, without those that name one of the forgotten.
fn rows_of_others(folder: &Path) -> BTreeMap<String, Vec<Vec<Option<String>>>> {
    let tables = files_below(folder)
        .into_iter()
        .filter(|(path, _)| path.ends_with(".parquet") && !path.contains("/exports/crm/"));
    let rows = tables.map(|(path, bytes)| {
        let table = Table::parquet(&bytes.into());
        let names =
            |row: &[Option<String>]| row.iter().flatten().any(|cell| FORGOTTEN.iter().any(|id| cell.contains(id)));
        (path, table.rows.into_iter().filter(|row| !names(row)).collect())
    });
    rows.collect()
}

#[test]
fn nothing_of_a_person_is_left_in_any_file_and_all_else_is_as_it_was() {
    let (workspace, runs) = with_held();
    let (out, job) = (job_folder(&workspace), excluding(&workspace));
    let before = files_with(&out, &FORGOTTEN);
    for table in
        ["features", "assignments/size", "membership/audiences", "changes", "identity", "quarantine", "exports/mail"]
    {
        assert!(before.iter().any(|path| path.contains(&format!("runs/{}/{table}/", runs[1]))), "{table}: {before:#?}");
    }
    for place in ["scores/", "arms/spring/", &format!("exports/mail/{}/full", runs[0])] {
        assert!(before.iter().any(|path| path.contains(place)), "{place}: {before:#?}");
    }
    let (as_it_was, others) = (files_below(&out), rows_of_others(&out.join("runs")));

    // Asked without --yes, it tells and changes nothing.
    let listed = answer(&forget(&workspace, &job, &["CUST0003"], &["--output", "json"]).go().succeeded());
    assert_eq!((&listed["done"], &listed["ids"]), (&false.into(), &2.into()), "{listed:#}");
    assert_eq!(files_below(&out), as_it_was);
    let text = forget(&workspace, &job, &["CUST0003"], &[]).go().succeeded().stdout;
    assert!(text.contains("would be forgotten: 2 ids") && text.contains("out of reach:"), "{text}");

    let told = answer(&forget(&workspace, &job, &["CUST0003"], &["--output", "json", "--yes"]).go().succeeded());
    assert_eq!((&told["done"], &told["runs"]), (&true.into(), &listed["runs"]), "{told:#}");
    // Whoever was handed the lists is told of it: the one thing that still names the person.
    let removals: Vec<&str> =
        told["to_be_imported"].as_array().unwrap().iter().map(|own| own.as_str().unwrap()).collect();
    assert_eq!(removals.len(), 2, "{told:#}");
    let manifest: Value =
        serde_json::from_slice(&fs::read(out.join("exports/mail/forget-1/manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["rows"]["removed"], &manifest["rows"]["changed"]), (&1.into(), &0.into()));
    let removed = fs::read_to_string(out.join("exports/mail/forget-1/removed/part-00001.csv")).unwrap();
    assert!(removed.starts_with("Id,City,Worth\nCARD0003,") && removed.lines().count() == 2, "{removed}");
    assert!(!out.join("exports/mail/forget-1/full").exists(), "a full list would be taken for the whole");
    let left = files_with(&out, &FORGOTTEN);
    assert!(left.iter().all(|path| path.contains("/forget-1/")), "{left:#?}");
    let waiting = Program::segmenter(&["forget", job.to_str().unwrap(), "--imported"]).go().succeeded().stdout;
    assert!(waiting.contains("would be deleted: 2 folders of removals"), "{waiting}");
    Program::segmenter(&["forget", job.to_str().unwrap(), "--imported", "--yes"]).go().succeeded();
    assert_eq!(files_with(&out, &FORGOTTEN), Vec::<String>::new());

    // Runs are whole, their commits say what they were, and name nobody.
    for run in &runs {
        assert!(is_whole(&job, run));
        let now = CommittedRun::local(out.join("runs").join(run).to_str().unwrap());
        let forgotten = &now.json("commit.json")["forgotten"];
        let was = sha256_of(&as_it_was[&format!("runs/{run}/commit.json")]);
        assert_eq!(forgotten, &serde_json::json!([{ "was": was, "ids": 2 }]));
        assert_eq!(
            now.json("run.json"),
            serde_json::from_slice::<Value>(&as_it_was[&format!("runs/{run}/run.json")]).unwrap()
        );
    }
    let now = rows_of_others(&out.join("runs"));
    assert_eq!(now.keys().collect::<Vec<_>>(), others.keys().collect::<Vec<_>>());
    for (path, rows) in &others {
        // What a broken row says of whom is not known: it stays without its text.
        if !path.contains("/quarantine/") {
            assert_eq!(&now[path], rows, "{path}");
        }
    }
    let texts: Vec<_> =
        now.iter().filter(|(path, _)| path.contains("/quarantine/")).flat_map(|(_, rows)| rows).collect();
    let text_of = |id: &str| texts.iter().any(|row| row.iter().flatten().any(|cell| cell.starts_with(id)));
    assert!(text_of("CUST0005") && !text_of("CUST0006"), "{texts:?}");
    // What has none of their rows keeps its bytes.
    let changed: Vec<String> = files_below(&out)
        .into_iter()
        .filter(|(path, bytes)| path.starts_with("runs/") && as_it_was.get(path) != Some(bytes))
        .map(|(path, _)| path)
        .collect();
    let expected = listed["runs"].as_array().unwrap().iter().filter(|run| !run["run"].as_str().unwrap().contains('/'));
    let mut expected: Vec<String> = expected
        .flat_map(|run| {
            let id = run["run"].as_str().unwrap().to_owned();
            let files: Vec<String> =
                run["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap().to_owned()).collect();
            files.into_iter().chain(["commit.json".to_owned()]).map(move |file| format!("runs/{id}/{file}"))
        })
        .collect();
    expected.sort();
    assert_eq!(changed, expected);

    let again = forget(&workspace, &job, &["CUST0003"], &["--yes"]).go().succeeded().stdout;
    assert!(again.starts_with("nothing is held of 1 id"), "{again}");
    let person =
        ["person", job.to_str().unwrap(), "--ids", &workspace.uri("ids.txt"), "--run", &runs[0], "--output", "json"];
    let person = Program::segmenter(&person).go().succeeded().stdout;
    assert!(person.contains("\"is_in_run\":false"), "{person}");
}

fn sha256_of(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn lists_are_as_if_the_person_had_never_been_there_and_who_shares_the_key_stays() {
    let (workspace, runs) = with_held();
    let (out, job) = (job_folder(&workspace), excluding(&workspace));
    forget(&workspace, &job, &["CARD0003"], &["--yes"]).go().succeeded();
    // CUST0013 lives in the same town, which is the key of this list: it takes the place of CUST0003, or was held back.
    let arm = CommittedRun::local(out.join("runs").join(&runs[1]).to_str().unwrap()).table("arms/spring");
    let arms = arm.lookup("customer_id", "arm");
    let stays = arms["CUST0013"].as_deref() == Some("export");
    let manifest = |folder: &str| -> Value {
        serde_json::from_slice(&fs::read(out.join("exports").join(folder).join("manifest.json")).unwrap()).unwrap()
    };
    let removal = manifest("crm/forget-1");
    let rows = |of: &Value, what: &str| of["rows"][what].as_u64().unwrap();
    assert_eq!(
        (rows(&removal, "removed"), rows(&removal, "changed")),
        if stays { (0, 1) } else { (1, 0) },
        "{removal:#}"
    );
    for export in ["mail", "crm"] {
        let mut before: Option<std::collections::BTreeSet<String>> = None;
        for run in &runs {
            let manifest = manifest(&format!("{export}/{run}"));
            let customers = &manifest["customers"];
            let left_out: u64 =
                ["without_key", "held_out", "same_key"].iter().map(|why| customers[why].as_u64().unwrap()).sum();
            assert_eq!(customers["selected"].as_u64().unwrap(), left_out + rows(&manifest, "full"), "{manifest:#}");
            for file in manifest["files"].as_array().unwrap() {
                let bytes =
                    fs::read(out.join("exports").join(export).join(run).join(file["path"].as_str().unwrap())).unwrap();
                assert_eq!(file["sha256"].as_str().unwrap(), sha256_of(&bytes), "{file}");
            }
            if export == "mail" {
                let keys = |folder: &str| -> std::collections::BTreeSet<String> {
                    let text =
                        fs::read_to_string(out.join(format!("exports/mail/{run}/{folder}/part-00001.csv"))).unwrap();
                    text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
                };
                let now = keys("full");
                assert_eq!(now.len(), 39);
                if let Some(before) = before {
                    assert_eq!(keys("removed"), before.difference(&now).cloned().collect());
                }
                before = Some(now);
            }
        }
    }
    // Written anew in another form, it still adds up.
    let text = fs::read_to_string(&job).unwrap().replace("format  = \"parquet\"", "format = \"ndjson\"");
    let other = workspace.write("other.toml", text);
    Program::segmenter(&["export", other.to_str().unwrap(), "--run", &runs[1], "--name", "crm"]).go().succeeded();
    let anew = manifest(&format!("crm/{}", runs[1]));
    let customers = &anew["customers"];
    let left_out: u64 = ["held_out", "same_key"].iter().map(|why| customers[why].as_u64().unwrap()).sum();
    assert_eq!(customers["selected"].as_u64().unwrap(), left_out + rows(&anew, "full"), "{anew:#}");
    Program::segmenter(&["export", job.to_str().unwrap(), "--run", &runs[1], "--name", "crm"]).go().succeeded();
    // Asked again it is what is there.
    let export = Program::segmenter(&["export", job.to_str().unwrap(), "--run", &runs[1], "--output", "json"]).go();
    assert!(export.succeeded().stdout.matches("written_before").count() == 2);
}

#[test]
fn the_next_run_is_compared_with_the_one_before_as_ever() {
    let (workspace, runs) = with_held();
    let (out, job) = (job_folder(&workspace), excluding(&workspace));
    fs::create_dir_all(out.join("_cache/orders")).unwrap();
    fs::write(out.join("_cache/orders/rows"), "CUST0003").unwrap();
    let told = answer(&forget(&workspace, &job, &["CUST0003"], &["--yes", "--output", "json"]).go().succeeded());
    assert_eq!(told["cached_files"], 1);
    assert!(!out.join("_cache").exists());
    write_people(&workspace, 2);
    // Pairs bring ids back into identity/, which is told.
    assert!(told["out_of_reach"].to_string().contains("identity/ of the next run"), "{told:#}");
    workspace.write("in/pairs.csv", "one,other\nCUST0008,CARD0008\n");
    let run = CommittedRun::of(&workspace.run(&job).args(&["--as-of", "2026-01-03", "--shards", "2"]).go().succeeded());
    assert_eq!(run.json("commit.json")["previous"], runs[1].as_str());
    let changes = run.table("changes");
    assert!(changes.rows.len() > 10, "{changes:?}");
    for table in ["changes", "features", "assignments/size", "identity", "exports/mail", "arms/spring"] {
        let named =
            run.table(table).rows.into_iter().flatten().flatten().any(|cell| FORGOTTEN.contains(&cell.as_str()));
        assert!(!named, "{table}");
    }
    let list = out.join(format!("exports/mail/{}", run.folder.rsplit('/').next().unwrap()));
    assert_eq!(files_with(&list, &FORGOTTEN), Vec::<String>::new(), "nobody is told again who goes");
}

#[test]
fn it_stops_before_anything_is_changed_where_the_next_run_would_have_them_again() {
    let (workspace, _) = with_held();
    let out = job_folder(&workspace);
    let before = files_below(&out);
    let job = job_that_holds(&workspace, "");
    forget(&workspace, &job, &["CUST0003"], &["--yes"])
        .go()
        .failed_with(2)
        .says(&["has no exclude_list", "exclude_list = {"]);
    workspace.write("in/out.csv", "id\nCUST0003\n");
    let job = job_that_holds(&workspace, EXCLUDING);
    forget(&workspace, &job, &["CUST0003"], &["--yes"])
        .go()
        .failed_with(3)
        .says(&["of 2 ids 1 are not in the exclude_list of job trial: CARD0003", "out.csv"]);
    forget(&workspace, &job, &[], &["--yes"]).go().failed_with(2).says(&["there is no id in"]);
    Program::segmenter(&["forget", job.to_str().unwrap(), "--yes"]).go().failed_with(2).says(&["--ids"]);
    assert_eq!(files_below(&out), before);
    // Whoever it is, a row of which nobody can say whose it is may be theirs.
    workspace.write("in/out.csv", "id\nnobody\n");
    let told = forget(&workspace, &job, &["nobody"], &["--yes"]).go().succeeded().stdout;
    assert!(told.contains("1 quarantined row loses its text") && told.contains("forgotten: 1 id, 0 rows"), "{told}");
    let changed: Vec<String> = files_below(&out)
        .into_iter()
        .filter(|(path, bytes)| before.get(path) != Some(bytes))
        .map(|(path, _)| path)
        .collect();
    assert!(changed.iter().all(|path| path.contains("/quarantine/") || path.ends_with("commit.json")), "{changed:?}");
    let told = forget(&workspace, &job, &["nobody"], &["--yes"]).go().succeeded().stdout;
    assert!(told.starts_with("nothing is held of 1 id\n"), "{told}");
}

#[test]
fn on_s3_it_is_as_on_a_disk() {
    let (s3, workspace) = (S3::shared(), Workspace::new());
    write_people(&workspace, 0);
    workspace.write("in/out.csv", "id\nCARD0003\nCUST0003\n");
    let on_s3 = |population: &str| {
        let job = job_that_holds(&workspace, population);
        let text = fs::read_to_string(&job).unwrap().replace(&workspace.uri("out"), &s3.uri("out"));
        workspace.write("s3.toml", text)
    };
    let job = on_s3("");
    workspace.run(&job).args(&["--shards", "2"]).envs(&s3.environment).go().succeeded();
    let with_them = || -> Vec<String> {
        let has = |text: &str| FORGOTTEN.iter().any(|id| text.contains(id));
        let objects = s3.list("out").into_iter().map(|key| {
            let bytes = s3.get(&format!("out/{key}"), None).unwrap().0;
            (key, bytes)
        });
        let found = objects.filter(|(key, bytes)| {
            has(&String::from_utf8_lossy(bytes))
                || key.ends_with(".parquet")
                    && Table::parquet(bytes).rows.iter().flatten().flatten().any(|cell| has(cell))
        });
        found.map(|(key, _)| key).collect()
    };
    assert!(with_them().len() > 8, "{:?}", with_them());
    let job = on_s3(EXCLUDING);
    let point = "forget.file:2=error";
    let forgetting = || forget(&workspace, &job, &["CUST0003"], &["--yes"]).envs(&s3.environment);
    forgetting().failpoint(point).go().failed_with(4);
    let verify = || Program::segmenter(&["verify", job.to_str().unwrap()]).envs(&s3.environment).go();
    verify().failed_with(3).says(&["a forgetting was cut off"]);
    forgetting().go().succeeded();
    verify().succeeded();
    assert!(with_them().iter().all(|key| key.contains("/forget-1/")), "{:?}", with_them());
    let imported = ["forget", job.to_str().unwrap(), "--imported", "--yes"];
    Program::segmenter(&imported).envs(&s3.environment).go().succeeded();
    assert_eq!(with_them(), Vec::<String>::new());
}
