//! A job with all that a run can hold of a customer, and what is left of somebody below a folder.

use super::{Program, Ran, Table, Workspace};
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Who is forgotten: the id that is known, and another of the same person.
pub const FORGOTTEN: [&str; 2] = ["CUST0003", "CARD0003"];
/// The days of the runs.
pub const DAYS_OF_RUNS: [&str; 2] = ["2026-01-01", "2026-01-02"];

const SECTIONS: &str = r#"quarantine = "full"
@POPULATION@
[quality]
max_quarantined_share = 1
[[source]]
name = "people"
kind = "customers"
uri  = "@IN@/people.csv"
[source.columns]
customer_id = "id"
city        = "city"
[[source]]
name  = "orders"
kind  = "transactions"
uri   = "@IN@/orders.csv"
types = { gross = "decimal(18,2)", at = "date(%Y-%m-%d)" }
[source.columns]
customer_id = "id"
time        = "at"
amount      = "gross"
[[source]]
name = "pairs"
kind = "identities"
uri  = "@IN@/pairs.csv"
[source.columns]
id       = "one"
other_id = "other"
[effectiveness]
outcome = "1d"
[features]
presets = ["rfm"]
[[segmentation]]
name   = "size"
method = "rules"
[[segmentation.rule]]
name = "big"
when = "monetary >= 100"
[[segmentation]]
name   = "audiences"
method = "rules"
match  = "all"
[[segmentation.rule]]
name = "any"
when = "frequency >= 1"
[[export]]
name    = "mail"
columns = { Id = "customer_id", City = "city", Worth = "monetary" }
[[export]]
name    = "crm"
format  = "parquet"
key     = "city"
holdout = { share = 0.2, name = "spring" }
columns = { City = "city", Worth = "monetary" }
"#;

/// The job, with this in `[population]`.
pub fn job_that_holds(workspace: &Workspace, population: &str) -> PathBuf {
    workspace.job(&super::job_of(&SECTIONS.replace("@POPULATION@", population)))
}

/// The line of `[population]` that leaves out who stands in `in/out.csv`.
pub const EXCLUDING: &str = "[population]\nexclude_list = { uri = \"@IN@/out.csv\", customer_id = \"id\" }";

/// Writes 40 people, of whom two of each ten live in the same city and some moved between the days of the runs, with rows that cannot be read.
pub fn write_people(workspace: &Workspace, day: usize) {
    let (mut people, mut orders) = ("id,city\n".to_owned(), "id,at,gross\n".to_owned());
    for number in 0..40 {
        people.push_str(&format!("CUST{number:04},Town {}\n", if number == 13 { 3 } else { number }));
        let gross = if number % 3 == day % 3 { 150 } else { 20 + number };
        orders.push_str(&format!("CUST{number:04},2025-11-{:02},{gross}.00\n", 1 + number % 28));
    }
    orders.push_str("CARD0003,2025-12-01,7.00\n");
    for bad in ["CUST0003,no day,1.00", "CARD0003,no day,1.00", "CUST0005,no day,2.00", "CUST0006,2025-12-01,2.00,more"]
    {
        orders.push_str(&format!("{bad}\n"));
    }
    workspace.write("in/people.csv", people);
    workspace.write("in/orders.csv", orders);
    workspace.write("in/pairs.csv", "one,other\nCUST0003,CARD0003\nCUST0008,CARD0008\n");
}

/// A workspace with a run for each day, a score by the first and an evaluation of it; gives the ids of the runs too.
pub fn with_held() -> (Workspace, Vec<String>) {
    let workspace = Workspace::new();
    let mut runs = Vec::new();
    for (number, day) in DAYS_OF_RUNS.iter().enumerate() {
        write_people(&workspace, number);
        let job = job_that_holds(&workspace, "");
        let ran = workspace.run(&job).args(&["--as-of", day, "--shards", "2"]).go().succeeded();
        runs.push(ran.run_folder().rsplit('/').next().unwrap().to_owned());
    }
    let job = job_that_holds(&workspace, "");
    let job = job.to_str().unwrap();
    let scratch = workspace.uri("scratch");
    Program::segmenter(&["score", job, "--model", &runs[0], "--as-of", DAYS_OF_RUNS[1], "--scratch", &scratch])
        .go()
        .succeeded();
    Program::segmenter(&["evaluate", job, "--run", &runs[0], "--scratch", &scratch]).go().succeeded();
    (workspace, runs)
}

/// Asks to forget these ids.
pub fn forget(workspace: &Workspace, job: &Path, ids: &[&str], words: &[&str]) -> Program {
    let ids = workspace.write("ids.txt", ids.join("\n"));
    Program::segmenter(&["forget", job.to_str().unwrap(), "--ids", ids.to_str().unwrap()])
        .args(&["--scratch", &workspace.uri("scratch")])
        .args(words)
}

/// Verifies a run and says whether it is whole.
pub fn is_whole(job: &Path, run: &str) -> bool {
    let ran: Ran = Program::segmenter(&["verify", job.to_str().unwrap(), "--run", run]).go();
    match ran.code() {
        Some(0) => true,
        Some(3) => false,
        _ => panic!("{ran}"),
    }
}

/// Every file below a folder, by path.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut files = BTreeMap::new();
    if folder.exists() {
        walk(folder, folder, &mut files);
    }
    files
}

/// The files below a folder that have one of these texts: in their bytes, or in a cell of a table.
pub fn files_with(folder: &Path, texts: &[&str]) -> Vec<String> {
    let has = |text: &str| texts.iter().any(|wanted| text.contains(wanted));
    let found = files_below(folder).into_iter().filter(|(path, bytes)| {
        has(&String::from_utf8_lossy(bytes))
            || path.ends_with(".parquet")
                && Table::parquet(&Bytes::from(bytes.clone())).rows.iter().flatten().flatten().any(|cell| has(cell))
    });
    found.map(|(path, _)| path).collect()
}

/// Puts the files below a folder back as they were.
pub fn put_back(folder: &Path, files: &BTreeMap<String, Vec<u8>>) {
    let _ = fs::remove_dir_all(folder);
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
