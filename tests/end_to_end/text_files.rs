//! Text as other systems write it.

use crate::harness::*;

fn tills_job(uri: &str) -> String {
    let source = format!(
        "uri = \"{uri}\"\n\
         csv = {{ delimiter = \";\", decimal = \",\", header = true, quote = '\"', encoding = \"utf-8\" }}\n\
         types = {{ total = \"decimal(18,2)\", ts = \"timestamp(%d.%m.%Y %H:%M)\" }}\n\
         columns = {{ customer_id = \"ltrim(card_no, '0')\", order_id = \"receipt\", time = \"ts\", amount = \"total\", channel = \"'store'\" }}"
    );
    let text = job(&source, ONLY_RFM);
    let (before, after) = text.split_once("[source.columns]").unwrap();
    format!("{before}\n{}", &after[after.find("[features]").unwrap()..])
}

const TILLS: &str = "card_no;receipt;ts;total\r\n\
    00042;R1;31.12.2025 23:59;1234,50\r\n\
    00042;\"R;2\";01.12.2025 08:00;-0,50\r\n\
    ;R3;01.12.2025 08:00;5,00\r\n";

#[test]
fn semicolons_decimal_commas_and_local_dates() {
    let workspace = Workspace::new();
    workspace.write("in/tills.csv", TILLS);
    let run = workspace.committed(&workspace.job(&tills_job("@IN@/tills.csv")));
    let row = run.table("features").only(&[("customer_id", "42")]);
    assert_eq!((row["monetary"].as_deref(), row["frequency"].as_deref()), (Some("1234.0000"), Some("1")));
    assert_eq!(run.fates("orders").anonymous, 1);
}

#[test]
fn compressed_files_are_read_through_a_glob() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;
    let workspace = Workspace::new();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(TILLS.as_bytes()).unwrap();
    workspace.write("in/tills/1.csv.gz", gzip.finish().unwrap());
    workspace.write("in/tills/2.csv.zst", zstd::encode_all(TILLS.replace("00042", "43").as_bytes(), 0).unwrap());
    workspace.write("in/tills/notes.txt", "not a table");
    let run = workspace.committed(&workspace.job(&tills_job("@IN@/tills/*.csv.*")));
    assert_eq!(run.keys("value").into_keys().collect::<Vec<_>>(), ["42", "43"]);
}
