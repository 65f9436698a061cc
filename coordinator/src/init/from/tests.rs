use super::*;
use crate::init::{SampledColumn, sample_csv, sample_ndjson};
use arrow::datatypes::{DataType, TimeUnit};

fn csv(uri: &str, text: &str) -> SampledSource {
    let (csv, columns) = sample_csv(text);
    SampledSource {
        uri: uri.to_owned(),
        format: FileFormat::Csv,
        csv,
        encoding_is_certain: true,
        repeated: Vec::new(),
        columns,
    }
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()
}

/// The job, and its only source.
fn job(source: &SampledSource) -> (toml::Table, toml::Table) {
    let text = job_from(source, today()).text;
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
    assert_eq!(job["name"].as_str(), Some("online-retail"));
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
            ("time", "InvoiceDate"),
        ])
    );
    assert!(job_from(&source, today()).text.contains("# country = \"Country\""));
}

#[test]
fn online_retail_as_parquet_needs_no_types() {
    let column = |name: &str, data_type, sample: &str| SampledColumn {
        name: name.to_owned(),
        data_type: Some(data_type),
        samples: vec![sample.to_owned()],
    };
    let micros = DataType::Timestamp(TimeUnit::Microsecond, None);
    let mut source = SampledSource {
        uri: "s3://lake/retail/2010/".to_owned(),
        format: FileFormat::Parquet,
        csv: CsvOptions::default(),
        encoding_is_certain: true,
        repeated: Vec::new(),
        columns: vec![
            column("Invoice", DataType::Utf8, "489434"),
            column("Quantity", DataType::Int64, "12"),
            column("InvoiceDate", micros, "2009-12-01T07:45:00"),
            column("Price", DataType::Float64, "6.95"),
            column("Customer ID", DataType::Float64, "13085.0"),
        ],
    };
    let (_, block) = job(&source);
    assert_eq!((block["name"].as_str(), block.get("types")), (Some("retail"), None));
    let expected = [
        ("amount", "Quantity * Price"),
        ("customer_id", "\"Customer ID\""),
        ("order_id", "Invoice"),
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
    let text = job_from(&source, today()).text;
    assert!(text.contains("# where = \"status <> 'Cancelled'\"") && text.contains("ltrim(card_no, '0')"), "{text}");
}

#[test]
fn customers_are_a_block_for_a_job() {
    let source = SampledSource {
        uri: "crm/people.ndjson".to_owned(),
        format: FileFormat::Ndjson,
        csv: CsvOptions::default(),
        encoding_is_certain: true,
        repeated: Vec::new(),
        columns: sample_ndjson(
            "{\"client_no\":\"a1\",\"dob\":\"31.12.1980\",\"city\":\"Kraków\",\"email\":\"a@b.pl\",\"created_at\":\"2020-01-01T10:00:00Z\"}\n",
        ),
    };
    let guess = source_block(&source);
    assert_eq!(guess.kind, Some(SourceKind::Customers));
    let block = guess.text.parse::<toml::Table>().unwrap()["source"].as_array().unwrap()[0].as_table().unwrap().clone();
    assert_eq!(block["types"]["dob"].as_str(), Some("date(%d.%m.%Y)"));
    let expected = [("birth_date", "dob"), ("city", "city"), ("customer_id", "client_no")];
    assert_eq!(mapping(&block), pairs(&expected));
    let made = job_from(&source, today());
    assert!(made.text.starts_with("# A block for a job file") && !made.is_whole);
}

#[test]
fn what_is_not_recognised_is_said() {
    let guess = source_block(&csv("x.dat", "alpha,beta\nq,w\n"));
    assert_eq!(guess.kind, None);
    assert!(guess.text.contains("NOT RECOGNISED") && guess.text.contains("# time      = \"…\""), "{}", guess.text);
    assert!(guess.text.contains("format = \"csv\""));
    let visits = source_block(&csv("visits.csv", "date,id\n2014-03-08 00:00:00,0\n2014-05-21 00:00:00,1\n"));
    assert_eq!(visits.kind, Some(SourceKind::Transactions));
    assert!(visits.text.contains("time        = \"\\\"date\\\"\""), "{}", visits.text);
    assert!(visits.text.contains("1 counts rows"));
}

#[test]
fn names_become_sql_toml_and_names_of_their_own() {
    assert_eq!(sql_name("a b\"c"), "\"a b\"\"c\"");
    assert_eq!(sql_name("Order"), "\"Order\"");
    assert_eq!(toml_key("Customer ID"), "\"Customer ID\"");
    assert_eq!(own_name("Customer ID"), "customer_id");
    assert_eq!(own_name("2nd"), "x2nd");
    assert_eq!(source_name("s3://bucket/sales/dt=2024-01-01/*.parquet", None), "sales");
    assert_eq!(source_name("*.csv", Some(SourceKind::Customers)), "customers");
}

#[test]
fn what_was_seen_of_the_text_is_written() {
    let (options, columns) =
        sample_csv("Orders\n\nclient_no;ordered_at;total;total\n1;2026-01-02;1,5;2,5\n2;2026-01-03;1,5;2,5\n");
    let (columns, repeated) = crate::init::sample::without_repeated(columns);
    let mut source = SampledSource {
        uri: "x.csv".to_owned(),
        format: FileFormat::Csv,
        csv: CsvOptions { encoding: "windows-1250".to_owned(), ..options },
        encoding_is_certain: false,
        repeated,
        columns,
    };
    let text = source_block(&source).text;
    let options = r#"csv  = { delimiter = ";", decimal = ",", skip_rows = 2, encoding = "windows-1250" }"#;
    assert!(text.contains(options) && text.contains("CHECK the encoding, it may be windows-1252"), "{text}");
    assert!(text.contains("# Left out, since several columns have the name: total"), "{text}");
    source.format = FileFormat::Ndjson;
    source.csv = CsvOptions { encoding: "utf-16le".to_owned(), comment: Some('#'), ..CsvOptions::default() };
    source.encoding_is_certain = true;
    let text = source_block(&source).text;
    assert!(text.contains(r##"csv  = { comment = "#", encoding = "utf-16le" }"##), "{text}");
}
