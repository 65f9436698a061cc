//! Rows that are kept for later runs: the bytes of a run that reads all of its files, whatever became of the files, the job and the days.

use crate::harness::*;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const SHARDS: &str = "3";

/// A job over a folder of orders, with a cache and without.
struct Shop {
    workspace: Workspace,
    text: String,
}

impl Shop {
    fn new(sections: &str) -> Self {
        let source = "uri = \"@IN@/orders/\"\nkey = [\"order_id\", \"line_no\"]";
        let text = job(source, sections).replace("[output]\n", "[output]\nprevious = \"none\"\n");
        Self { workspace: Workspace::new(), text }
    }

    fn job(&self, name: &str, text: &str) -> PathBuf {
        self.workspace.job_named(name, text)
    }

    /// Runs the job with its cache, and asserts that it gives the bytes of a run that reads everything; gives what it said of the cache.
    #[track_caller]
    fn same(&self, arguments: &[&str]) -> String {
        self.same_as(&self.text, arguments)
    }

    #[track_caller]
    fn same_as(&self, text: &str, arguments: &[&str]) -> String {
        let cached = self.job("cached.toml", &format!("{text}\n[cache]\nkeep = true\n"));
        let ran = self.workspace.run(&cached).args(arguments).go().succeeded();
        let fresh = self.job("fresh.toml", &text.replace("@OUT@", "@OUT@/fresh"));
        let _ = fs::remove_dir_all(self.workspace.root().join("out/fresh"));
        let expected = self.workspace.run(&fresh).args(arguments).args(&["--shards", SHARDS]).go().succeeded();
        let (run, expected) = (CommittedRun::of(&ran), CommittedRun::of(&expected));
        assert_eq!(run.byte_digest(), expected.byte_digest(), "{ran}");
        told(&ran)
    }

    fn write(&self, file: &str, orders: &[Order]) {
        write_orders_parquet(&self.workspace.path(&format!("in/orders/{file}.parquet")), orders);
    }

    /// Makes the cache, of the shards that all runs are compared in.
    #[track_caller]
    fn first(&self) {
        let job = self.job("first.toml", &format!("{}\n[cache]\n", self.text));
        self.workspace.run(&job).args(&["--shards", SHARDS]).go().succeeded();
    }
}

/// Made-up orders by day, the first day first: 2026-01-01 and one day more are in the future of the job's first day.
fn by_day(customers: u64, seed: u64) -> Vec<(String, Vec<Order>)> {
    let mut days: BTreeMap<String, Vec<Order>> = BTreeMap::new();
    for order in orders_of(customers, seed) {
        days.entry(order.time_text()[..10].to_owned()).or_default().push(order);
    }
    days.into_iter().collect()
}

/// Gives what a run said of the cache.
fn told(ran: &Ran) -> String {
    let events = ran.stderr.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut of_cache = events.filter(|event| event["event"] == "cache");
    of_cache.next().map(|event| event["message"].as_str().unwrap().to_owned()).unwrap_or_default()
}

/// What lies in a folder of the cache.
fn in_cache(workspace: &Workspace, folder: &str) -> usize {
    let folder = workspace.root().join(format!("out/trial/_cache/{SHARDS}/{folder}"));
    fs::read_dir(folder).map_or(0, Iterator::count)
}

#[test]
fn thirty_days_over_a_growing_folder_give_the_bytes_of_fresh_runs() {
    let shop = Shop::new(&format!("{DIGEST_FEATURES}{EVERY_METHOD}"));
    let days = by_day(400, 61);
    let (past, coming) = days.split_at(days.len() - 30);
    for (day, orders) in past {
        shop.write(day, orders);
    }
    shop.first();
    let mut merged = 0;
    for (number, (day, orders)) in coming.iter().enumerate() {
        // Two files a day: many small ones become few before the month is over.
        let (morning, evening) = orders.split_at(orders.len() / 2);
        for (part, orders) in [("a", morning), ("b", evening)] {
            shop.write(&format!("{day}{part}"), orders);
        }
        let as_of = ["--as-of", day.as_str()];
        let before = in_cache(&shop.workspace, "index");
        let files = past.len() + 2 * (number + 1);
        let told = format!("the cache has the rows of {} of {files} files", files - 2);
        // Each is compared where something happens, and now and then.
        if number % 7 == 0 || number > 27 {
            assert_eq!(shop.same(&as_of), told);
        } else {
            let job = shop.job("cached.toml", &format!("{}\n[cache]\n", shop.text));
            let ran = shop.workspace.run(&job).args(&as_of).go().succeeded();
            assert_eq!(self::told(&ran), told);
        }
        let more = in_cache(&shop.workspace, "index") - before;
        merged += more - 2;
        if more > 2 {
            assert_eq!(
                shop.same(&[&as_of[..], &["--new-run"]].concat()),
                format!("the cache has the rows of all {files} files")
            );
        }
    }
    assert!(merged > 0, "small entries were made one");
}

#[test]
fn files_that_were_replaced_or_are_gone_are_noticed() {
    let shop = Shop::new(&format!("{DIGEST_FEATURES}{ONLY_VALUE}"));
    let days = by_day(150, 62);
    for (day, orders) in &days[days.len() - 40..] {
        shop.write(day, orders);
    }
    shop.first();
    let replaced = &days[days.len() - 30];
    let other: Vec<Order> =
        replaced.1.iter().map(|order| Order { cents: order.cents + 100, ..order.clone() }).collect();
    shop.write(&replaced.0, &other);
    let told = shop.same(&[]);
    assert!(told.contains("of 40 files"), "{told}");
    fs::remove_file(shop.workspace.path(&format!("in/orders/{}.parquet", days[days.len() - 20].0))).unwrap();
    let told = shop.same(&[]);
    assert!(told.contains("of 39 files"), "{told}");
    // As it was: what was kept of it then is right again.
    shop.write(&replaced.0, &replaced.1);
    shop.same(&[]);
}

#[test]
fn another_definition_of_the_source_is_another_one_and_what_does_not_concern_it_is_none() {
    let shop = Shop::new(&format!("{DIGEST_FEATURES}{ONLY_VALUE}"));
    shop.write("a", &orders_of(120, 63));
    shop.write("b", &orders_of(80, 64));
    shop.first();
    let (all, nothing) = ("the cache has the rows of all 2 files", "the cache has nothing of 2 files yet");
    let seed = shop.text.replace("seed     = 7", "seed     = 8");
    assert_eq!(shop.same_as(&seed, &[]), all);
    // A name that is mapped is kept once somebody asks for it.
    let with_net = shop.text.replace("channel     = ", "net = \"gross / 2\"\nchannel     = ");
    assert_eq!(shop.same_as(&with_net, &[]), all);
    let asked = with_net.replace("\"sum(weight)\"", "\"sum(weight) + cast(sum(net) as double)\"");
    assert_eq!(shop.same_as(&asked, &[]), nothing);
    for (what, with) in [
        ("key = [\"order_id\", \"line_no\"]", "where = \"amount > 0\"\nkey = [\"order_id\", \"line_no\"]"),
        ("weight      = \"weight\"", "weight      = \"weight * 2\""),
        ("currency = \"EUR\"", "currency = \"EUR\"\ntimezone = \"Asia/Tokyo\""),
        ("[output]\n", "[output]\nquarantine = \"full\"\n"),
    ] {
        assert!(shop.text.contains(what), "{what}");
        let other = shop.text.replace(what, with);
        assert_eq!(shop.same_as(&other, &[]), nothing, "{with}");
        assert_eq!(shop.same_as(&other, &["--new-run"]), all, "{with}");
    }
    assert_eq!(shop.same_as(&shop.text, &["--new-run"]), all, "and the first is still there");
}

#[test]
fn days_in_any_order_take_the_same_rows() {
    let shop = Shop::new(&format!("{DIGEST_FEATURES}{EVERY_METHOD}"));
    // With orders of two customers, and rows of the future of each day.
    let mut orders = orders_of(200, 65);
    let shared: Vec<Order> =
        orders.iter().step_by(9).map(|order| Order { client_no: Some("C99999".to_owned()), ..order.clone() }).collect();
    orders.extend(shared);
    shop.write("all", &orders);
    shop.first();
    for day in ["2026-01-01", "2025-11-01", "2026-01-02", "2025-06-15"] {
        assert_eq!(shop.same(&["--as-of", day, "--new-run"]), "the cache has the rows of all 1 files", "{day}");
    }
}

/// A segmentation that costs little.
const ONLY_VALUE: &str = "[[segmentation]]\nname = \"value\"\nmethod = \"rfm\"\n";

#[test]
fn what_was_not_known_yet_on_another_day_is_read_again() {
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    let sections = format!(
        "{EVERY_KIND}[features]\npresets = [{{ name = \"loyalty\" }}, {{ name = \"web\" }}]\n[[features.sql]]\nname = \"wished\"\nquery = \"select customer_id, count(*) as wished, count(removed_at) as removed from wishes group by customer_id\"\n[[segmentation]]\nname = \"all\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"any\"\nwhen = \"true\"\n"
    );
    let text = job_of(&sections).replace("[output]\n", "[output]\nprevious = \"none\"\n");
    let cached = workspace.job_named("cached.toml", &format!("{text}[cache]\n"));
    let fresh = workspace.job_named("fresh.toml", &text.replace("@OUT@", "@OUT@/fresh"));
    for day in ["2026-01-01", "2025-12-01", "2026-01-01", "2025-09-01"] {
        let run = |job: &Path| {
            let ran = workspace.run(job).args(&["--as-of", day, "--new-run"]).go().succeeded();
            CommittedRun::of(&ran).byte_digest()
        };
        assert_eq!(run(&cached), run(&fresh), "{day}");
    }
}

#[test]
fn what_a_kept_value_hangs_on_is_part_of_its_definition() {
    let workspace = Workspace::new();
    write_every_kind(&workspace);
    let sections = format!(
        "{EVERY_KIND_OF_ACCOUNTS}[features]\n[[features.sql]]\nname = \"deals\"\nquery = \"select account_id, count(*) filter (where won) as won_deals from opportunities group by account_id\"\n[[segmentation]]\nname = \"all\"\nmethod = \"rules\"\n[[segmentation.rule]]\nname = \"any\"\nwhen = \"true\"\n"
    );
    let text = job_of(&sections)
        .replace("[output]\n", "[output]\nprevious = \"none\"\n")
        .replace("name     = \"trial\"", "name     = \"trial\"\nunit     = \"account\"");
    // Nobody asks for when a deal was closed, but whether it was won hangs on it. The files' own columns are the same.
    let other = text.replace("= \"ended\"", "= \"case when ended is null then ended else began end\"");
    assert_ne!(text, other);
    let run = |job: &str, name: &str| {
        let job = workspace.job_named(name, job);
        let ran = workspace.run(&job).args(&["--as-of", "2025-10-15", "--new-run"]).go().succeeded();
        CommittedRun::of(&ran).byte_digest()
    };
    let won = [&text, &other].map(|job| {
        let kept = run(&format!("{job}[cache]\n"), "cached.toml");
        assert_eq!(kept, run(&job.replace("@OUT@", "@OUT@/fresh"), "fresh.toml"));
        kept
    });
    assert_ne!(won[0], won[1], "it makes a difference");
}

#[test]
fn another_number_of_shards_is_told_and_takes_nothing() {
    let shop = Shop::new(&format!("{DIGEST_FEATURES}{ONLY_VALUE}"));
    shop.write("a", &orders_of(60, 66));
    shop.first();
    let job = shop.job("cached.toml", &format!("{}\n[cache]\n", shop.text));
    let ran = shop.workspace.run(&job).args(&["--shards", "5", "--new-run"]).go().succeeded();
    assert!(ran.stderr.contains("--shards asks for another number than the 3 of the cache"), "{ran}");
    assert_eq!(CommittedRun::of(&ran).parts("features").len(), 5);
    let score = ["score", job.to_str().unwrap(), "--model", "latest", "--scratch", &shop.workspace.uri("scratch")];
    let scored = Program::segmenter(&score).go().succeeded();
    assert_eq!(told(&scored), "", "customers who are scored are others");
}

#[test]
fn gc_deletes_what_no_run_takes_and_what_is_too_old() {
    let shop = Shop::new(&format!("{DIGEST_FEATURES}{ONLY_VALUE}"));
    for (file, seed) in [("a", 1), ("b", 2)] {
        shop.write(file, &orders_of(40, seed));
    }
    shop.first();
    shop.write("a", &orders_of(40, 3));
    let job = shop.job("cached.toml", &format!("{}\n[cache]\n", shop.text));
    for _ in 0..3 {
        shop.workspace.run(&job).args(&["--new-run"]).go().succeeded();
    }
    let cache = shop.workspace.root().join(format!("out/trial/_cache/{SHARDS}"));
    let gc = |arguments: &[&str]| {
        let ran = Program::segmenter(&["gc", job.to_str().unwrap(), "--keep", "9"]).args(arguments).go().succeeded();
        ran.stdout.lines().last().unwrap().to_owned()
    };
    assert!(gc(&[]).starts_with("of the cache nothing is to be deleted"), "{}", gc(&[]));
    for folder in ["index", "kept", "used"] {
        for file in fs::read_dir(cache.join(folder)).unwrap() {
            let file = fs::File::options().write(true).open(file.unwrap().path()).unwrap();
            let before = file.metadata().unwrap().modified().unwrap();
            file.set_modified(before - std::time::Duration::from_secs(3 * 86_400)).unwrap();
        }
    }
    let told = gc(&[]);
    assert!(
        told.starts_with("would be deleted of the cache: 3 files"),
        "the entry, its rows and the list of the first run: {told}"
    );
    let told = gc(&["--yes"]);
    assert!(told.starts_with("deleted of the cache: 3 files"), "{told}");
    assert_eq!(shop.same(&["--new-run"]), "the cache has the rows of all 2 files");
}
