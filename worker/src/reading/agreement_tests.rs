//! Files of one source that are not of one mind.

use super::super::agreement::{Agreement, agreement};
use super::super::facts::FileFacts;
use super::super::pieces::pieces;
use super::super::pinned::PinnedFile;
use super::super::spec::ReadSpec;
use super::samples::{Lake, parquet_file, spec};
use super::*;
use arrow::array::*;
use arrow::datatypes::{DataType, Field, TimeUnit, i256};
use arrow::util::display::array_value_to_string;
use segmenter_proto::jobs::TextType;
use std::collections::BTreeMap;

/// Files with their facts; names stand for uris.
fn files(lake: &Lake) -> Vec<(PinnedFile, FileFacts)> {
    let files = lake.pin(&lake.roots[1]).into_iter();
    files
        .map(|file| {
            let facts = lake.inspect(&file, &Default::default()).unwrap();
            let path = file.uri.strip_prefix(lake.roots[1].as_str()).unwrap().trim_start_matches('/').to_owned();
            (PinnedFile { uri: path, ..file }, facts)
        })
        .collect()
}

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let columns = columns.into_iter().map(|(name, values)| (name, values, true));
    parquet_file(&RecordBatch::try_from_iter_with_nullable(columns).unwrap(), 100)
}

fn lake(files: &[Vec<u8>]) -> Lake {
    let lake = Lake::new(&[]);
    for (number, content) in files.iter().enumerate() {
        lake.write(&format!("{number}.parquet"), content);
    }
    lake
}

/// Reads `columns` of all files as they agree; gives rows as text, and the errors.
fn read(lake: &Lake, columns: &[&str], types: &[(&str, TextType)]) -> (Vec<String>, Vec<String>, Agreement) {
    let needed: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    let declared: BTreeMap<String, TextType> =
        types.iter().map(|(name, kind)| ((*name).to_owned(), kind.clone())).collect();
    let agreed = agreement(&files(lake), &needed, &declared).unwrap();
    let spec = ReadSpec { agreed: Arc::clone(&agreed.schema), ..spec(columns, types) };
    let (mut rows, mut errors) = (Vec::new(), Vec::new());
    for file in lake.roots.iter().take(1).flat_map(|root| lake.pin(root)) {
        let facts = lake.inspect(&file, &spec.csv).unwrap();
        for piece in pieces(&file, &facts) {
            for batch in lake.read(&piece, &spec, 100).unwrap() {
                for row in 0..batch.batch.num_rows() {
                    let cell = |values: &ArrayRef| match values.is_null(row) {
                        true => "∅".to_owned(),
                        false => array_value_to_string(values, row).unwrap(),
                    };
                    rows.push(batch.batch.columns().iter().map(cell).collect::<Vec<_>>().join("|"));
                }
                let numbers = &batch.row_numbers;
                let said = |error: &super::super::rows::CellError| {
                    format!("{} {} {}", numbers.get(error.row), error.column, error.reason_code)
                };
                errors.extend(batch.errors.iter().map(said));
            }
        }
    }
    (rows, errors, agreed)
}

#[test]
fn null_goes_with_every_type_and_numbers_widen() {
    let decimal = |value, precision, scale| -> ArrayRef {
        Arc::new(Decimal128Array::from(vec![value]).with_precision_and_scale(precision, scale).unwrap())
    };
    let lake = lake(&[
        parquet(vec![
            ("id", Arc::new(Int32Array::from(vec![1]))),
            ("gross", decimal(1000, 9, 2)),
            ("discount", Arc::new(NullArray::new(1))),
            ("at", Arc::new(TimestampMillisecondArray::from(vec![1]))),
            ("coupon", Arc::new(StringArray::from(vec!["x"]))),
        ]),
        parquet(vec![
            ("gross", Arc::new(Int64Array::from(vec![20]))),
            ("id", Arc::new(Int64Array::from(vec![1 << 40]))),
            ("discount", Arc::new(Float64Array::from(vec![0.5]))),
            ("at", Arc::new(TimestampNanosecondArray::from(vec![-1]))),
            ("coupon", Arc::new(Int32Array::from(vec![7]))),
        ]),
        parquet(vec![
            ("id", Arc::new(UInt32Array::from(vec![u32::MAX]))),
            ("gross", decimal(12345, 18, 4)),
            ("discount", Arc::new(Int64Array::from(vec![(1 << 53) + 1]))),
            ("at", Arc::new(Date32Array::from(vec![1]))),
        ]),
    ]);
    let (rows, errors, agreed) = read(&lake, &["id", "gross", "discount", "at", "coupon"], &[]);
    assert_eq!(
        rows,
        [
            "1|10.0000|∅|1970-01-01T00:00:00.001|x",
            "1099511627776|20.0000|0.5|1969-12-31T23:59:59.999999|7",
            "4294967295|1.2345|∅|1970-01-02T00:00:00|∅"
        ]
    );
    assert_eq!(errors, ["1 discount inexact"], "2^53 + 1 is no double");
    assert_eq!(agreed.schema.field_with_name("gross").unwrap().data_type(), &DataType::Decimal128(24, 4));
    let lacking: Vec<_> =
        agreed.lacking.iter().map(|column| (column.name.as_str(), column.files, column.first.as_str())).collect();
    assert_eq!(lacking, [("coupon", 1, "2.parquet")]);
}

#[test]
fn what_no_type_holds_is_refused_with_words_for_both() {
    let ids: [ArrayRef; 2] = [Arc::new(Float64Array::from(vec![1.0])), Arc::new(StringArray::from(vec!["1"]))];
    let times: [ArrayRef; 2] = [
        Arc::new(TimestampMicrosecondArray::from(vec![1])),
        Arc::new(TimestampMicrosecondArray::from(vec![1]).with_timezone("UTC")),
    ];
    let file = |at: usize| {
        parquet(vec![("id", Arc::clone(&ids[at])), ("at", Arc::clone(&times[at])), ("n", Arc::clone(&ids[0]))])
    };
    let lake = lake(&[file(0), file(1)]);
    let said =
        |needed: &str| agreement(&files(&lake), &[needed.to_owned()], &BTreeMap::new()).map_err(|error| error.message);
    assert_eq!(said("id").unwrap_err(), "column id is double in 0.parquet and text in 1.parquet");
    assert_eq!(
        said("at").unwrap_err(),
        "column at is timestamp in 0.parquet and timestamp with time zone in 1.parquet"
    );
    assert_eq!(said("n").unwrap().schema.fields().len(), 3, "what nobody uses does no harm");
}

#[test]
fn bytes_are_text_and_wide_decimals_are_read_where_they_fit() {
    let totals = Decimal256Array::from(vec![i256::from_i128(1050), i256::from_i128(10_i128.pow(38))]);
    let lake = lake(&[parquet(vec![
        ("id", Arc::new(BinaryArray::from(vec![&b"C1"[..], b"\xFF\xFE"]))),
        ("total", Arc::new(totals.with_precision_and_scale(50, 2).unwrap())),
    ])]);
    let (rows, errors, agreed) = read(&lake, &["id", "total"], &[]);
    assert_eq!(rows, ["C1|10.50", "∅|∅"]);
    assert_eq!(errors, ["2 id invalid_utf8", "2 total out_of_range"]);
    assert_eq!(agreed.schema.field(0), &Field::new("id", DataType::Utf8, true));
}

#[test]
fn declared_types_are_for_text_in_parquet_too() {
    let days: ArrayRef = Arc::new(Date32Array::from(vec![20_454]));
    let text = |values: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringArray::from(values)) };
    let lake = lake(&[
        parquet(vec![
            ("day", text(vec![Some("01.01.2026"), Some("?"), None])),
            ("total", text(vec![Some("1.50"), Some(""), Some("x")])),
        ]),
        parquet(vec![("day", days), ("total", Arc::new(Int32Array::from(vec![7])))]),
    ]);
    let types = [("day", TextType::Date("%d.%m.%Y".into())), ("total", TextType::Decimal(18, 2))];
    let (rows, errors, agreed) = read(&lake, &["day", "total"], &types);
    assert_eq!(rows, ["2026-01-01|1.50", "∅|∅", "∅|∅", "2026-01-01|7.00"]);
    assert_eq!(errors, ["2 day not_a_date", "3 total not_a_decimal"]);
    assert_eq!(agreed.schema.field(0).data_type(), &DataType::Date32);
    // What is parsed as declared is widened as other numbers are.
    let whole: ArrayRef = Arc::new(Int64Array::from(vec![7]));
    let lake = self::lake(&[
        parquet(vec![("total", text(vec![Some("1.005"), Some("2.5")]))]),
        parquet(vec![("total", whole)]),
    ]);
    let (rows, _, _) = read(&lake, &["total"], &[("total", TextType::Decimal(18, 3))]);
    assert_eq!(rows, ["1.005", "2.500", "7.000"]);
}

#[test]
fn a_name_that_comes_twice_in_parquet_is_refused_where_it_is_used() {
    let field = |name: &str| Field::new(name, DataType::Int32, true);
    let schema = Arc::new(Schema::new(vec![field("a"), field("b"), field("a")]));
    let column: ArrayRef = Arc::new(Int32Array::from(vec![1]));
    let batch =
        RecordBatch::try_new(schema, vec![column.clone(), Arc::new(Int32Array::from(vec![2])), column]).unwrap();
    let lake = lake(&[parquet_file(&batch, 10)]);
    assert_eq!(read(&lake, &["b"], &[]).0, ["2"]);
    let error = agreement(&files(&lake), &["a".to_owned()], &BTreeMap::new()).unwrap_err();
    assert_eq!(error.message, "0.parquet: columns 1 and 3 are both named a, and the job uses that name");
}

#[test]
fn files_of_text_may_lack_columns() {
    let lake = Lake::new(&[("a.csv", b"id,total\n1,2\n"), ("b.csv", b"total,id,x\n3,4,5\n"), ("c.csv", b"id\n6\n")]);
    let (rows, errors, agreed) = read(&lake, &["id", "total"], &[("total", TextType::Decimal(9, 2))]);
    assert_eq!(rows, ["1|2.00", "4|3.00", "6|∅"]);
    assert!(errors.is_empty());
    let lacking: Vec<_> =
        agreed.lacking.iter().map(|column| (column.name.as_str(), column.files, column.first.as_str())).collect();
    assert_eq!(lacking, [("total", 1, "c.csv")]);
}

#[test]
fn int96_reaches_as_far_as_microseconds() {
    use ::parquet::data_type::{Int96, Int96Type};
    use ::parquet::file::{properties::WriterProperties, writer::SerializedFileWriter};
    use ::parquet::schema::parser::parse_message_type;
    let days = [2_932_896_i64, -354_285, 20_454];
    let int96 = |day: &i64| {
        let mut value = Int96::new();
        // Nanoseconds of the day, then the Julian day.
        value.set_data(3_000, 0, u32::try_from(day + 2_440_588).unwrap());
        value
    };
    let schema = Arc::new(parse_message_type("message m { required int96 at; required int32 n; }").unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(WriterProperties::default())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int96Type>().write_batch(&days.iter().map(int96).collect::<Vec<_>>(), None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<::parquet::data_type::Int32Type>().write_batch(&[1, 2, 3], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let lake = lake(&[writer.into_inner().unwrap()]);
    let (rows, _, agreed) = read(&lake, &["at", "n"], &[]);
    assert_eq!(rows, ["9999-12-31T00:00:00.000003|1", "1000-01-01T00:00:00.000003|2", "2026-01-01T00:00:00.000003|3"]);
    assert_eq!(agreed.schema.field(0).data_type(), &DataType::Timestamp(TimeUnit::Microsecond, None));
}

#[test]
fn keys_of_ndjson_that_come_late_are_found() {
    let mut text: String = (0..2000).map(|number| format!("{{\"id\":{number}}}\n")).collect();
    text += "{\"id\":1,\"late\":\"x\",\"caf\\u00e9\":1}\n";
    let lake = Lake::new(&[("a.ndjson", b"{\"id\":0}\n"), ("b.ndjson", text.as_bytes())]);
    let wanted = ["late", "café", "nowhere"].map(str::to_owned).to_vec();
    for root in &lake.roots {
        let files = lake.pin(root);
        assert!(files.iter().all(|file| lake.inspect(file, &Default::default()).unwrap().schema.fields().len() == 1));
        let found =
            super::super::late_keys(&lake.storage, lake.runtime.handle(), &files, &Default::default(), wanted.clone());
        assert_eq!(found.unwrap(), ["late", "café"]);
    }
}
