use super::super::{
    job::job_text,
    sample::{SampledColumn, SampledSource, SampledText, sample_csv, sample_ndjson},
    take::of_text,
};
use super::*;
use arrow::datatypes::{DataType, TimeUnit};
use segmenter_proto::jobs::{CsvOptions, FileFormat};

fn text(uri: &str, format: FileFormat, sampled: SampledText) -> SampledSource {
    of_text(uri, format, sampled, String::new())
}

fn csv(uri: &str, lines: &str) -> SampledSource {
    text(uri, FileFormat::Csv, sample_csv(lines))
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

fn job_of(source: &SampledSource) -> String {
    job_text(&[Table::new(source.clone())], "shop", "segments", today()).text
}

/// The job, and its only source.
fn job(source: &SampledSource) -> (toml::Table, toml::Table) {
    let text = job_of(source);
    let job: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let block = job["source"].as_array().unwrap()[0].as_table().unwrap().clone();
    (job, block)
}

fn mapping(block: &toml::Table) -> Vec<(String, String)> {
    let columns = block["columns"].as_table().unwrap();
    let mut pairs: Vec<_> =
        columns.iter().map(|(name, sql)| (name.clone(), sql.as_str().unwrap().to_owned())).collect();
    pairs.sort();
    pairs
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(name, sql)| ((*name).to_owned(), (*sql).to_owned())).collect()
}

#[test]
fn online_retail_as_csv_becomes_a_whole_job() {
    let source = csv(
        "data/online retail.csv",
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
         536365,85123A,WHITE HANGING HEART,6,12/1/2010 8:26,2.55,17850,United Kingdom\n\
         C536379,D,Discount,-1,12/1/2010 9:41,27.5,14527,United Kingdom\n\
         581587,22138,\"BAKING SET, 9 PIECE\",3,12/9/2011 12:50,4.95,12680,France\n",
    );
    let (job, block) = job(&source);
    assert_eq!(job["as_of"].as_str(), Some("2011-12-10"));
    assert_eq!(block["kind"].as_str(), Some("transactions"));
    let types = block["types"].as_table().unwrap();
    assert_eq!(types["InvoiceDate"].as_str(), Some("timestamp(%m/%d/%Y %H:%M)"));
    assert_eq!((types["Quantity"].as_str(), types["UnitPrice"].as_str()), (Some("int"), Some("decimal(18,4)")));
    assert_eq!(types.len(), 3);
    assert_eq!(
        mapping(&block),
        pairs(&[
            ("amount", "Quantity * UnitPrice"),
            ("customer_id", "CustomerID"),
            ("order_id", "InvoiceNo"),
            ("product_id", "StockCode"),
            ("quantity", "Quantity"),
            ("time", "InvoiceDate"),
        ])
    );
    assert!(job_of(&source).contains("# country = \"Country\""));
    let presets: Vec<&str> =
        job["features"]["presets"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(presets[0], "rfm");
    assert!(presets.contains(&"products") && !presets.contains(&"sales_channels"), "{presets:?}");
}

#[test]
fn online_retail_as_parquet_needs_no_types() {
    let column = |name: &str, data_type, sample: &str| {
        let mut column = SampledColumn::new(name.to_owned(), Some(data_type));
        column.push(0, sample.to_owned());
        column
    };
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let mut source = csv("s3://lake/retail/2010/", "");
    source.format = FileFormat::Parquet;
    source.rows = 1;
    source.columns = vec![
        column("Invoice", DataType::Utf8, "489434"),
        column("Quantity", DataType::Int64, "12"),
        column("InvoiceDate", micros, "2009-12-01T07:45:00"),
        column("Price", DataType::Float64, "6.95"),
        column("Customer ID", DataType::Float64, "13085.0"),
    ];
    let (_, block) = job(&source);
    assert_eq!((block["name"].as_str(), block.get("types")), (Some("retail"), None));
    let expected = [
        ("amount", "Quantity * Price"),
        ("customer_id", "\"Customer ID\""),
        ("order_id", "Invoice"),
        ("quantity", "Quantity"),
        ("time", "InvoiceDate"),
    ];
    assert_eq!(mapping(&block), pairs(&expected));
    source.columns[2] = column("InvoiceDate", DataType::Utf8, "2009-12-01 07:45:00");
    let (job, block) = job(&source);
    assert_eq!(block["columns"]["time"].as_str(), Some("InvoiceDate"));
    assert!(block["types"]["InvoiceDate"].as_str().is_some_and(|kind| kind.starts_with("timestamp(%Y-%m-%d")));
    assert_eq!(job["as_of"].as_str(), Some("2009-12-02"));
    for (sample, expected) in [
        ("31/12/2009", "date(%d/%m/%Y)"),
        ("31.12.2009 07:45", "timestamp(%d.%m.%Y %H:%M)"),
        ("12/31/2009 7:45", "timestamp(%m/%d/%Y %H:%M)"),
    ] {
        source.columns[2] = column("InvoiceDate", DataType::Utf8, sample);
        let (_, block) = self::job(&source);
        assert_eq!(block["columns"]["time"].as_str(), Some("InvoiceDate"));
        assert_eq!(block["types"]["InvoiceDate"].as_str(), Some(expected));
    }
}

#[test]
fn cdnow_without_a_header_is_told_by_its_values() {
    let source = csv("cdnow.csv", "00001,19970101,1,11.77\n00002,19970112,1,12.00\n00002,19970112,5,77.00\n");
    let (job, block) = job(&source);
    assert_eq!(block["csv"]["header"].as_bool(), Some(false));
    assert_eq!(block["types"]["column_2"].as_str(), Some("date(%Y%m%d)"));
    assert_eq!(block["types"]["column_4"].as_str(), Some("decimal(18,4)"));
    let expected = [("amount", "column_4"), ("customer_id", "column_1"), ("time", "column_2")];
    assert_eq!(mapping(&block), pairs(&expected));
    assert_eq!(job["as_of"].as_str(), Some("1997-01-13"));
}

#[test]
fn another_systems_csv_keeps_its_decimal_comma_and_leading_zeros() {
    let source = csv(
        "tills/*.csv.gz",
        "receipt;card_no;ts;total;status;currency\n\
         1;000100000017;03.05.2026 09:07;12,05;paid;PLN\n2;000100000018;14.11.2026 19:55;-0,50;Cancelled;PLN\n",
    );
    let (job, block) = job(&source);
    assert_eq!(block["csv"]["delimiter"].as_str(), Some(";"));
    assert_eq!(block["csv"]["decimal"].as_str(), Some(","));
    assert_eq!(block["types"]["ts"].as_str(), Some("timestamp(%d.%m.%Y %H:%M)"));
    assert_eq!(block["types"].as_table().unwrap().len(), 2);
    assert_eq!((job["as_of"].as_str(), job["currency"].as_str()), (Some("today"), Some("PLN")));
    assert_eq!(block["name"].as_str(), Some("tills"));
    let text = job_of(&source);
    assert!(
        text.contains("# where = \"lower(status) not like '%cancel%'\"") && text.contains("ltrim(card_no, '0')"),
        "{text}"
    );
    assert!(!text.contains("Cancelled"), "a value of the file: {text}");
}

#[test]
fn customers_keep_what_is_said_of_them_and_groups_are_not_made_by_what_is_personal() {
    let mut lines = "client_no,dob,city,plan,visits,email,churned\n".to_owned();
    for row in 0..60 {
        let (city, plan) = if row % 2 == 0 { ("Wien", "gold") } else { ("Graz", "basic") };
        lines.push_str(&format!(
            "{row},31.12.19{},{city},{plan},{},x{row}@example.org,{}\n",
            40 + row,
            row % 2 * 4 + row % 7,
            row % 5 / 4
        ));
    }
    let source = csv("crm/people.csv", &lines);
    let (job, block) = job(&source);
    assert_eq!(block["kind"].as_str(), Some("customers"));
    assert_eq!(block["types"]["dob"].as_str(), Some("date(%d.%m.%Y)"));
    let names: Vec<String> = mapping(&block).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["birth_date", "churned", "city", "customer_id", "email", "plan", "visits"]);
    assert_eq!(block["columns"]["churned"].as_str(), Some("churned = 1"));
    let groups =
        job["segmentation"].as_array().unwrap().iter().find(|of| of["name"].as_str() == Some("groups")).unwrap();
    let mut features: Vec<&str> =
        groups["features"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
    features.sort_unstable();
    // City and plan say the same, and one of them is enough.
    assert_eq!(features.len(), 2, "{features:?}");
    assert!(features.contains(&"visits"), "{features:?}");
    let text = job_of(&source);
    for value in ["Wien", "gold", "example.org", "1940"] {
        assert!(!text.contains(value), "a value of a customer: {text}");
    }
}

#[test]
fn a_table_in_ndjson_is_looked_at_too() {
    let line = "{\"client_no\":\"a1\",\"dob\":\"31.12.1980\",\"city\":\"Kraków\",\"email\":\"a@b.pl\",\"created_at\":\"2020-01-01T10:00:00Z\"}\n";
    let source = text("crm/people.ndjson", FileFormat::Ndjson, sample_ndjson(line));
    let (job, block) = job(&source);
    assert_eq!((block["kind"].as_str(), job["as_of"].as_str()), (Some("customers"), Some("2020-01-02")));
    let expected = [
        ("birth_date", "dob"),
        ("city", "city"),
        ("customer_id", "client_no"),
        ("email", "email"),
        ("signed_up", "created_at"),
    ];
    assert_eq!(mapping(&block), pairs(&expected));
}

#[test]
fn what_is_not_recognised_is_said() {
    let made = job_text(&[Table::new(csv("x.dat", "alpha,beta\nq,w\n"))], "x", "segments", today());
    assert_eq!(made.lacks.as_deref(), Some("no table has customers"));
    assert!(made.text.contains("# x.dat: no column of it looks like a customer's id"), "{}", made.text);
    let (_, visits) = job(&csv("visits.csv", "date,id\n2014-03-08 00:00:00,0\n2014-05-21 00:00:00,1\n"));
    assert_eq!(visits["kind"].as_str(), Some("transactions"));
    assert_eq!(
        (visits["columns"]["time"].as_str(), visits["columns"]["amount"].as_str()),
        (Some("\"date\""), Some("1"))
    );
}

#[test]
fn an_export_of_web_events_has_times_in_microseconds() {
    let mut lines =
        "event_date,event_timestamp,event_name,user_pseudo_id,ga_session_id,engagement_time_msec,device_category\n"
            .to_owned();
    for row in 0..40_u64 {
        let micros = 1_706_700_000_000_000 + row * 1_000_000;
        lines.push_str(&format!("20240131,{micros},page_view,{}.{},{},1200,mobile\n", row % 7, row % 7, row / 2));
    }
    let (job, block) = job(&csv("ga4_events.csv", &lines));
    assert_eq!((block["kind"].as_str(), job["as_of"].as_str()), (Some("events"), Some("2024-02-01")));
    let columns = block["columns"].as_table().unwrap();
    assert_eq!(columns["time"].as_str(), Some("to_timestamp_micros(event_timestamp)"));
    assert_eq!(columns["engagement_seconds"].as_str(), Some("engagement_time_msec / 1000"));
    assert_eq!(
        (columns["session_id"].as_str(), columns["device"].as_str()),
        (Some("ga_session_id"), Some("device_category"))
    );
}

#[test]
fn another_date_of_the_table_decides_between_day_and_month() {
    let lines =
        "client_no,order_no,ordered_at,paid_on,total\n1,1,05/03/2024,25/03/2024,1.5\n2,2,04/02/2024,28/02/2024,2.5\n";
    let (_, block) = job(&csv("orders.csv", lines));
    assert_eq!(block["types"]["ordered_at"].as_str(), Some("date(%d/%m/%Y)"));
    assert!(!job_of(&csv("orders.csv", lines)).contains("day and month"));
    let lines = lines.replace("25/03/2024", "05/03/2024").replace("28/02/2024", "02/02/2024");
    assert!(job_of(&csv("orders.csv", &lines)).contains("CHECK: day and month"));
}

#[test]
fn tables_are_told_apart_by_keys_that_others_refer_to() {
    let orders =
        "client_no,order_no,ordered_at,sku,total\n1,1,2024-03-25,a,1.5\n2,2,2024-03-26,b,2.5\n2,3,2024-03-27,a,3.5\n";
    let tables = [
        csv("orders.csv", orders),
        csv("products.csv", "sku,title\na,Tea\nb,Cup\n"),
        csv("customers.csv", "client_no,city\n1,Wien\n2,Graz\n"),
        csv("shops.csv", "shop,city\nx,Linz\ny,Enns\n"),
    ];
    let made = job_text(&tables.map(Table::new), "shop", "segments", today());
    assert_eq!(made.found, ["customers (customers.csv)", "transactions (orders.csv)", "reference (products.csv)"]);
    assert_eq!(made.unused.len(), 1, "{:?}", made.unused);
    assert!(made.text.contains("# Its key is what these hold: sku of orders."), "{}", made.text);
}

#[test]
fn what_was_seen_of_the_text_is_written() {
    let SampledText { csv: options, columns, rows } =
        sample_csv("Orders\n\nclient_no;ordered_at;total;total\n1;2026-01-02;1,5;2,5\n2;2026-01-03;1,5;2,5\n");
    let (columns, repeated) = super::super::sample::without_repeated(columns);
    let csv = CsvOptions { encoding: "windows-1250".to_owned(), ..options };
    let mut source = text("x.csv", FileFormat::Csv, SampledText { csv, columns, rows });
    source.encoding_is_certain = false;
    source.repeated = repeated;
    let written = job_of(&source);
    let options = r#"csv  = { delimiter = ";", decimal = ",", skip_rows = 2, encoding = "windows-1250" }"#;
    assert!(written.contains(options) && written.contains("CHECK the encoding, it may be windows-1252"), "{written}");
    assert!(written.contains("# Left out, since several columns have the name: total"), "{written}");
    source.format = FileFormat::Ndjson;
    source.csv = CsvOptions { encoding: "utf-16le".to_owned(), comment: Some('#'), ..CsvOptions::default() };
    source.encoding_is_certain = true;
    let written = job_of(&source);
    assert!(written.contains(r##"csv  = { comment = "#", encoding = "utf-16le" }"##), "{written}");
}
