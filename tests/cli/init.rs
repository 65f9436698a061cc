//! The first minutes: `init` and what it wrote.

use crate::harness::*;

#[test]
fn the_first_command_of_the_readme() {
    let workspace = Workspace::new();
    Program::segmenter(&["init", "demo"]).within(workspace.root()).go().succeeded();
    let ran = Program::segmenter(&["run", "demo/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let folder = workspace.root().join(ran.run_folder().trim_start_matches("file://"));
    let run = CommittedRun::local(folder.to_str().unwrap());
    assert_eq!(run.segmentations(), ["behaviour", "targets", "value"]);
    for source in ["customers", "orders", "tills"] {
        assert!(run.fates(source).used > 0, "{source}");
    }
    // The data has some of everything that real data has.
    let orders = run.fates("orders");
    for (fate, rows) in [
        ("filtered", orders.filtered),
        ("anonymous", orders.anonymous),
        ("not_before_as_of", orders.not_before_as_of),
        ("unknown_customer", orders.unknown_customer),
        ("excluded", orders.excluded),
        ("duplicate", orders.duplicate),
        ("quarantined", orders.quarantined),
    ] {
        assert!(rows > 0, "no row is {fate}: {orders:?}");
    }
}

#[test]
fn what_stands_in_its_comments_works() {
    let workspace = Workspace::new();
    Program::segmenter(&["init", "demo"]).within(workspace.root()).go().succeeded();
    let job = workspace.path("demo/segmenter.toml");
    let mut text = std::fs::read_to_string(&job).unwrap();
    for block in ["# [[features.sql]]", "# [[features.constant]]", "# [[features.derived]]"] {
        let start = text.find(block).unwrap();
        let end = start + text[start..].find("\n\n").unwrap();
        let written: String =
            text[start..end].lines().map(|line| line.trim_start_matches("# ").to_owned() + "\n").collect();
        text.replace_range(start..end, &written);
    }
    std::fs::write(&job, text).unwrap();
    let ran = Program::segmenter(&["run", "demo/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let folder = workspace.root().join(ran.run_folder().trim_start_matches("file://"));
    let run = CommittedRun::local(folder.to_str().unwrap());
    let features = run.table("features");
    assert!(features.counts("last_channel").len() > 2, "{:?}", features.counts("last_channel"));
    assert!(features.counts("value_decile").len() > 5, "{:?}", features.counts("value_decile"));
    assert_eq!(run.json("model.json")["population"]["constants"][0]["name"], "mean_amount");
}

#[test]
fn init_overwrites_nothing() {
    let workspace = Workspace::new();
    workspace.write("demo/segmenter.toml", "mine");
    let ran = Program::segmenter(&["init", &workspace.uri("demo")]).go().failed_with(2).says(&["segmenter.toml"]);
    assert_eq!(std::fs::read_to_string(workspace.path("demo/segmenter.toml")).unwrap(), "mine");
    assert_golden("init_overwrites_nothing", &workspace, &ran);
}

#[test]
fn a_job_from_existing_files_runs() {
    for text in [false, true] {
        let workspace = Workspace::new();
        let orders = orders_of(200, 1);
        let uri = if text { workspace.uri("in/orders.csv") } else { workspace.uri("in/orders.parquet") };
        match text {
            true => write_orders_csv(uri.as_ref(), &orders),
            false => write_orders_parquet(uri.as_ref(), &orders),
        }
        Program::segmenter(&["init", "job", "--from", &uri]).within(workspace.root()).go().succeeded();
        let job = workspace.root().join("job/segmenter.toml");
        let written = std::fs::read_to_string(&job).unwrap();
        for column in ["client_no", "order_no", "ordered_at", "gross"] {
            assert!(written.contains(column), "{column} in {written}");
        }
        if text {
            assert!(written.contains("timestamp(") && written.contains("decimal("), "types in {written}");
        }
        Program::segmenter(&["validate", "job/segmenter.toml"]).within(workspace.root()).go().succeeded();
    }
}

/// Makes a job of a file, which must run untouched; gives its run.
fn made_of(name: &str, text: impl AsRef<[u8]>) -> (Ran, String, CommittedRun) {
    let workspace = Workspace::new();
    workspace.write(&format!("in/{name}"), text);
    let from = format!("in/{name}");
    let told = Program::segmenter(&["init", "mine", "--from", &from]).within(workspace.root()).go().succeeded();
    assert_eq!(told.stdout, "segmenter plan mine/segmenter.toml\nsegmenter run mine/segmenter.toml\n");
    let job = std::fs::read_to_string(workspace.root().join("mine/segmenter.toml")).unwrap();
    let ran = Program::segmenter(&["run", "mine/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let run =
        CommittedRun::local(workspace.root().join(ran.run_folder().trim_start_matches("file://")).to_str().unwrap());
    (told, job, run)
}

/// Asserts that a segmentation is no lump, and that no customer is lost.
fn in_groups(run: &CommittedRun, segmentation: &str, customers: usize) {
    let counts = run.assignments(segmentation).counts("segment_key");
    let largest = counts.values().max().copied().unwrap_or_default();
    assert_eq!(counts.values().sum::<usize>(), customers, "{counts:?}");
    assert!(counts.len() >= 3 && largest * 10 < customers * 9, "{segmentation}: {counts:?}");
}

/// Asserts that no value of a customer is in what was written or said.
fn says_no_value(told: &Ran, job: &str, values: &[&str]) {
    for value in values {
        assert!(!job.contains(value) && !told.stderr.contains(value), "{value}: {job}\n{told}");
    }
}

/// Orders of customers who come in three ways, by `line`: customer, order, day from 2024-01-01, cents.
fn orders_by(line: impl Fn(u64, u64, i64, u64) -> String) -> String {
    let (mut text, mut order) = (String::new(), 0);
    for customer in 0..120_u64 {
        let (orders, cents) = [(1, 1_500), (4, 2_500), (12, 9_000)][(customer % 3) as usize];
        for number in 0..orders {
            order += 1;
            let day = (customer * 37 + number * 29) % 330;
            text.push_str(&line(customer, order, day as i64, cents + 10 * (order % 50)));
        }
    }
    text
}

fn day(days: i64) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + chrono::Duration::days(days)
}

#[test]
fn semicolons_and_decimal_commas() {
    let lines = orders_by(|customer, order, days, cents| {
        format!("K{customer:04};B{order};{};{},{:02}\n", day(days).format("%d.%m.%Y"), cents / 100, cents % 100)
    });
    let (told, job, run) =
        made_of("bestellungen.csv", format!("Kundennummer;Bestellnummer;Bestelldatum;Betrag\n{lines}"));
    assert!(job.contains("date(%d.%m.%Y)") && job.contains(r#"delimiter = ";", decimal = ",""#), "{job}");
    in_groups(&run, "value", 120);
    in_groups(&run, "behaviour", 120);
    says_no_value(&told, &job, &["K0001", "K0119"]);
    assert_eq!(told.stderr.lines().count(), 3, "three lines: {told}");
    drop(told.says(&["found: transactions (bestellungen.csv)", "which ran on all of 680 rows: value ", "check: "]));
}

#[test]
fn dates_with_the_day_first() {
    // Of 12 and less nobody can tell, and 31 has but one place.
    let lines = orders_by(|customer, order, days, cents| {
        format!("{customer},{order},{} 10:30,{}.{:02}\n", day(days).format("%d/%m/%Y"), cents / 100, cents % 100)
    });
    let (_, job, run) = made_of("sales.csv", format!("customer,receipt,date,total\n{lines}"));
    assert!(job.contains("timestamp(%d/%m/%Y %H:%M)") && !job.contains("day and month"), "{job}");
    assert!(job.contains(r#"as_of    = "2024-11-26""#), "{job}");
    assert_eq!(run.fates("sales").quarantined, 0);
    in_groups(&run, "behaviour", 120);
}

#[test]
fn an_export_of_a_spreadsheet() {
    let lines = orders_by(|customer, order, days, cents| {
        format!("{customer};\"Order {order}\";{};1;{},{:02};\"Tea; green\"\r\n", day(days), cents / 100, cents % 100)
    });
    let text = format!("\u{feff}sep=;\r\nCustomer No;Order No;Order Date;Qty;Unit Price;Product\r\n{lines}");
    let (_, job, run) = made_of("Export 2024.csv", text);
    assert!(job.contains(r#"amount      = "Qty * \"Unit Price\"""#) && job.contains("skip_rows = 1"), "{job}");
    assert_eq!(run.table("features").rows.len(), 120);
    in_groups(&run, "value", 120);
}

/// A table of customers alone: twenty columns, groups by contract and use, and what is personal, constant or a number of a row.
fn churn() -> String {
    let mut text =
        "RowNumber,CustomerId,Surname,gender,EmailAddress,BirthDate,Zip,SignupDate,Contract,Payment,Internet,Support,\
                    Paperless,Tenure,MonthlyCharges,TotalCharges,Calls,SeniorCitizen,Currency,Churn\n"
            .to_owned();
    for row in 0..300_u64 {
        let group = row % 3;
        let noise = row * 7_919 % 13;
        let contract = ["Month-to-month", "One year", "Two year"][if noise == 0 { 1 } else { group as usize }];
        let tenure = [3, 20, 55][group as usize] + noise;
        let charges = [80, 55, 25][group as usize] + noise;
        let total = if row == 5 { " ".to_owned() } else { format!("{}.5", tenure * charges) };
        text.push_str(&format!(
            "{row},{},Smith{row},{},s{row}@example.org,19{}-01-0{},{},2021-0{}-11,{contract},{},{},{},{},{tenure},{charges}.25,{total},{},{},EUR,{}\n",
            15_600_000 + row * 17,
            ["Female", "Male"][(noise % 2) as usize],
            50 + noise * 3,
            1 + group,
            10_000 + row % 90,
            1 + noise % 9,
            ["card", "transfer", "cheque"][((group + noise / 9) % 3) as usize],
            ["Fiber", "DSL", "No"][((group + noise / 10) % 3) as usize],
            ["yes", "no"][(noise % 2) as usize],
            ["Yes", "No"][(row % 2) as usize],
            noise % 5,
            u8::from(noise == 3),
            u8::from(group == 0 && noise > 5),
        ));
    }
    text
}

#[test]
fn a_table_of_customers_alone() {
    let (told, job, run) = made_of("churn.csv", churn());
    in_groups(&run, "groups", 300);
    in_groups(&run, "value", 300);
    let written: toml::Table = job.parse().unwrap();
    let groups =
        written["segmentation"].as_array().unwrap().iter().find(|of| of["name"].as_str() == Some("groups")).unwrap();
    let features: Vec<&str> = groups["features"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
    for personal in ["sex", "email", "birth_date", "postal_code", "surname", "churn", "row_number"] {
        assert!(!features.contains(&personal), "{features:?}");
    }
    assert!(
        features.len() >= 3
            && features.iter().any(|name| ["tenure", "monthly_charges", "total_charges"].contains(name)),
        "{features:?}"
    );
    says_no_value(&told, &job, &["Month-to-month", "Fiber", "Smith", "example.org", "15600017", "cheque"]);
    assert!(job.contains("when = \"value = 't01' and churn\""), "{job}");
    drop(told.says(&["found: customers (churn.csv)", "groups "]));
}

#[test]
fn a_flattened_export_of_web_events() {
    let mut text =
        "event_date,event_timestamp,event_name,user_pseudo_id,ga_session_id,page_location,engagement_time_msec,\
                    traffic_source_medium,device_category,purchase_revenue\n"
            .to_owned();
    for visitor in 0..150_u64 {
        for visit in 0..[1, 5, 20][(visitor % 3) as usize] {
            let days = ((visitor * 31 + visit * 13) % 60) as i64;
            let micros =
                (day(days).and_hms_opt(9, 0, 0).unwrap().and_utc().timestamp_micros() as u64) + visit * 60_000_000;
            for (number, event) in ["session_start", "page_view", "scroll"].iter().enumerate() {
                text.push_str(&format!(
                    "{},{},{event},{}.{},{},https://shop.example/{number},{},organic,mobile,\n",
                    day(days).format("%Y%m%d"),
                    micros + number as u64,
                    1_000_000 + visitor,
                    1_700_000_000 + visitor,
                    visitor * 100 + visit,
                    500 * number,
                ));
            }
        }
    }
    let (_, job, run) = made_of("ga4_export.csv", text);
    assert!(job.contains("kind = \"events\"") && job.contains("to_timestamp_micros(event_timestamp)"), "{job}");
    in_groups(&run, "behaviour", 150);
}

/// The same visits as the export to BigQuery has them: 150 browsers that come 1, 5 and 20 times.
fn nested_visits() -> Vec<WebEvent> {
    let mut events = Vec::new();
    for visitor in 0..150_i64 {
        for visit in 0..[1, 5, 20][(visitor % 3) as usize] {
            let start = day((visitor * 31 + visit * 13) % 60).and_hms_opt(9, 0, 0).unwrap().and_utc();
            for (number, name) in [(0, "session_start"), (1, "page_view"), (2, "scroll")] {
                let page = Parameter::Text(format!("https://shop.example/{number}"));
                events.push(WebEvent {
                    user_id: None,
                    browser: format!("{}.{}", 1_000_000 + visitor, 1_700_000_000 + visitor),
                    micros: start.timestamp_micros() + visit * 60_000_000 + number,
                    name,
                    parameters: vec![
                        ("ga_session_id", Parameter::Whole(visitor * 100 + visit)),
                        ("page_location", page),
                        ("engagement_time_msec", Parameter::Whole(500 * number)),
                    ],
                    device: Some("mobile"),
                    medium: Some("organic"),
                    revenue: None,
                });
            }
        }
    }
    events
}

#[test]
fn a_nested_export_of_web_events() {
    let file = Workspace::new();
    let path = file.path("events.parquet");
    write_ga4_parquet(&path, &nested_visits());
    let (told, job, run) = made_of("events_20240101.parquet", std::fs::read(&path).unwrap());
    for line in [
        "kind = \"events\"",
        "to_timestamp_micros(event_timestamp)",
        "session_id  = \"ga4_param(event_params, 'ga_session_id')\"",
        "page        = \"ga4_param(event_params, 'page_location')\"",
        "engagement_seconds = \"cast(ga4_param(event_params, 'engagement_time_msec') as bigint) / 1000\"",
        "device      = \"\\\"device.category\\\"\"",
    ] {
        assert!(job.contains(line), "{line}: {job}");
    }
    says_no_value(&told, &job, &["shop.example", "1000001", "organic"]);
    in_groups(&run, "behaviour", 150);
}

#[test]
fn a_folder_with_several_tables_and_what_is_none() {
    let workspace = Workspace::new();
    let lines = orders_by(|customer, order, days, cents| {
        format!("{customer},{order},{},p{},{}.{:02}\n", day(days), order % 4, cents / 100, cents % 100)
    });
    let half = lines.len() / 2 + lines[lines.len() / 2..].find('\n').unwrap() + 1;
    for (part, lines) in [(1, &lines[..half]), (2, &lines[half..])] {
        workspace.write(
            &format!("in/orders_{part}.csv"),
            format!("customer_id,order_id,ordered_at,product_id,total\n{lines}"),
        );
    }
    let customers: String =
        (0..120).map(|customer| format!("{customer},{}\n", ["Wien", "Graz"][customer % 2])).collect();
    workspace.write("in/customers.csv", format!("customer_id,city\n{customers}"));
    workspace.write("in/products.csv", "product_id,title\np0,Tea\np1,Cup\np2,Pot\np3,Tin\n");
    workspace.write("in/README.md", "# Orders, and more\n");
    workspace.write("in/notes.pdf", [0x25, 0x50, 0x44, 0x46, 0x00]);
    workspace.write("in/licence.txt", "Do what you like with this,\nbut do not sell it.\nThank you\n");
    let told = Program::segmenter(&["init", "--from", "in", "job"]).within(workspace.root()).go().succeeded();
    let told = told.says(&[
        "transactions ({orders_1.csv,orders_2.csv})",
        "customers (customers.csv)",
        "reference (products.csv)",
    ]);
    let told = told.says(&["README.md (it is no table)", "notes.pdf (", "licence.txt (it is no table of lines)"]);
    assert_eq!(told.stdout, "segmenter plan job/segmenter.toml\nsegmenter run job/segmenter.toml\n");
    let ran = Program::segmenter(&["run", "job/segmenter.toml"]).within(workspace.root()).go().succeeded();
    let run =
        CommittedRun::local(workspace.root().join(ran.run_folder().trim_start_matches("file://")).to_str().unwrap());
    assert_eq!(run.segmentations(), ["behaviour", "targets", "value"]);
    in_groups(&run, "behaviour", 120);
    assert_eq!(run.fates("orders").used, 680);
}

#[test]
fn so_few_customers_that_there_are_no_groups() {
    let lines = "customer_id,order_id,ordered_at,total\n1,1,2024-03-25,1.5\n2,2,2024-03-26,2.5\n2,3,2024-03-27,3.5\n";
    let (told, job, run) = made_of("orders.csv", lines);
    assert_eq!(run.segmentations(), ["targets", "value"]);
    assert!(!job.contains("kmeans"), "{job}");
    drop(told.says(&["no groups by kmeans: ", "only 2 different customers"]));
}

#[test]
fn what_no_job_can_be_made_of_is_written_and_fails() {
    let workspace = Workspace::new();
    workspace.write("in/rates.csv", "code,rate\nPLN,4.3\nUSD,1.1\n");
    let init = || Program::segmenter(&["init", "--from", "in/rates.csv"]).within(workspace.root()).go();
    let ran = init().failed_with(3).says(&["no job that runs can be made of this: no table has customers", "hint: "]);
    assert_eq!(ran.stdout, "");
    let written = std::fs::read_to_string(workspace.root().join("segmenter.toml")).unwrap();
    assert!(written.contains("# in/rates.csv: no column of it looks like a customer's id"), "{written}");
    // Nothing is overwritten.
    drop(init().failed_with(2).says(&["would overwrite"]));
    let empty = Program::segmenter(&["init", "b", "--from", "nowhere"]).within(workspace.root()).go();
    drop(empty.failed_with(3).says(&["nowhere does not exist"]));
}
