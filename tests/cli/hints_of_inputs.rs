//! Every hint of the readers, followed: the run then works.

use crate::harness::*;
use arrow::array::{ArrayRef, StringArray};
use parquet::basic::Compression;
use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What somebody does who follows a hint.
enum Next<'a> {
    /// Writes the file in another way.
    Content(Vec<u8>),
    /// Gives the source these keys in place of those that it had.
    Keys(&'a str),
    /// Writes another file in place of it.
    File(&'a str, Vec<u8>),
}
use Next::{Content, File, Keys};

fn text(text: &str) -> Next<'_> {
    Content(text.into())
}

/// Asserts that a job is refused with this hint, word for word, and nothing is committed.
#[track_caller]
fn hinted(workspace: &Workspace, job: &str, hint: &str) -> Ran {
    let ran = workspace.run(&workspace.job(job)).go();
    assert!(matches!(ran.code(), Some(2 | 3)), "{hint}: {ran}");
    let said = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines = [format!("hint: {hint}"), format!("help: {hint}")];
    assert!(lines.iter().any(|line| said.contains(line)), "no {hint:?} from {ran}");
    assert!(!workspace.has_commit());
    ran
}

/// Asserts that a file of [`ROWS`], read with these keys of the source, is refused with a hint, and that each way to follow it gives its
/// two orders.
#[track_caller]
fn follow<'a>(file: &str, content: impl AsRef<[u8]>, keys: &str, hint: &str, ways: impl IntoIterator<Item = Next<'a>>) {
    for (number, way) in ways.into_iter().enumerate() {
        let workspace = Workspace::new();
        let path = workspace.write(&format!("in/{file}"), &content);
        hinted(&workspace, &job_over(file, keys), hint).says(&[file]);
        let job = match way {
            Content(content) => {
                workspace.write(&format!("in/{file}"), content);
                job_over(file, keys)
            }
            Keys(keys) => job_over(file, keys),
            File(other, content) => {
                fs::remove_file(path).unwrap();
                workspace.write(&format!("in/{other}"), content);
                job_over(other, keys)
            }
        };
        assert_rows(&workspace, &job, &format!("way {number} to follow: {hint}"));
    }
}

/// The two orders of [`ROWS`] as Parquet, all of text.
fn parquet() -> Vec<u8> {
    let workspace = Workspace::new();
    let path = workspace.path("rows.parquet");
    let lines: Vec<Vec<&str>> = ROWS.lines().map(|line| line.split(',').collect()).collect();
    let columns = lines[0].iter().enumerate().map(|(at, name)| {
        let values: ArrayRef = Arc::new(StringArray::from_iter_values(lines[1..].iter().map(|line| line[at])));
        (*name, values)
    });
    write_columns(&path, columns.collect());
    fs::read(path).unwrap()
}

fn ndjson() -> String {
    let lines = ROWS.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, order_no, day, total] = cells[..] else { panic!("{line}") };
        serde_json::json!({ "id": id, "order_no": order_no, "day": day, "total": total }).to_string() + "\n"
    });
    lines.collect()
}

/// Gives what a command writes of an input; none where this machine does not have it.
fn piped(words: &[&str], input: &str) -> Option<Vec<u8>> {
    let command = Command::new(words[0]).args(&words[1..]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut running) = command else {
        eprintln!("skipped: there is no {} here", words[0]);
        return None;
    };
    running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success(), "{words:?}");
    Some(output.stdout)
}

/// The hints that a module of the readers or of the storage writes out, as far as their first variable.
fn written_hints(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worker/src").join(folder);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with("_tests.rs") {
            continue;
        }
        for after in fs::read_to_string(&path).unwrap().split("with_hint(").skip(1) {
            // A hint that is made elsewhere is no text here.
            let Some((before, text)) = after.split_once('"') else { continue };
            if before.trim().is_empty() || before.trim() == "format!(" {
                let end = text.find(['{', '\\', '"', '\n']).unwrap();
                found.push((name.clone(), text[..end.min(28)].to_owned()));
            }
        }
    }
    found
}

#[test]
fn every_hint_of_readers_and_of_the_storage_is_followed() {
    let tests = [
        include_str!("hints.rs"),
        include_str!("hints_of_inputs.rs"),
        include_str!("hints_of_stores.rs"),
        include_str!("../faults/changed_input.rs"),
        include_str!("../end_to_end/opt_outs.rs"),
    ];
    // A job file is refused before it comes to the first two, and a disk that keeps nothing is not at hand.
    let unreachable = ["at most 38 digits, and a sca", "a path, file://, s3://, gs:/", "look at the disk, then run a"];
    let mut hints = 0;
    for (file, hint) in written_hints("reading").into_iter().chain(written_hints("storage")) {
        hints += 1;
        let is_followed = tests.iter().any(|test| test.contains(&hint));
        assert!(
            is_followed || unreachable.contains(&hint.as_str()),
            "the hint {hint:?} of {file} is followed by no test"
        );
    }
    assert!(hints > 40, "{hints} hints");
}

#[test]
fn the_layout_of_csv() {
    follow(
        "a.csv",
        format!("Orders of 2025\n\n{ROWS}"),
        "",
        "set csv.skip_rows = 2, the lines before the header",
        [Keys("csv.skip_rows = 2"), text(ROWS)],
    );
    follow(
        "a.csv",
        format!("sep=;\n{}", ROWS.replace(',', ";")),
        "",
        "set csv.skip_rows = 1 and csv.delimiter = \";\"",
        [Keys("csv.skip_rows = 1\ncsv.delimiter = \";\"")],
    );
    follow(
        "a.csv",
        ROWS.replace(',', "|"),
        "",
        "set csv = { delimiter = \"|\" }",
        [Keys("csv = { delimiter = \"|\" }")],
    );
    let too_many = ROWS.replace("0\n", "0,x\n");
    follow(
        "a.csv",
        &too_many,
        "",
        "give the header a name for each field, or set csv.header = false and csv.skip_rows = 1, and use the columns as column_1, \
         column_2 and so on",
        [Content(too_many.replace("total\n", "total,more\n").into())],
    );
    follow(
        "a.csv",
        ROWS,
        "csv.skip_rows = 9",
        "set csv.skip_rows to the number of lines before the header, or leave it out",
        [Keys("csv.skip_rows = 0"), Keys("")],
    );
    follow(
        "a.csv",
        "",
        "",
        "export the file again, or leave it out; without a header, set csv.header = false",
        [text(ROWS), File("b.csv", ROWS.into())],
    );
}

#[test]
fn an_empty_file_among_others_may_be_said_to_have_no_header() {
    let workspace = Workspace::new();
    workspace.write("in/all/1.csv", ROWS.split_once('\n').unwrap().1);
    workspace.write("in/all/2.csv", "");
    let keys = "types = { column_3 = \"date(%Y-%m-%d)\", column_4 = \"decimal(18,2)\" }";
    let by_place = with_columns(
        &job(&format!("uri = \"@IN@/all/\"\ncsv.header = false\n{keys}"), ONLY_RFM),
        ["column_1", "column_2", "column_3", "column_4"],
    );
    assert_rows(&workspace, &by_place, "an empty file has no rows");
}

#[test]
fn quotes_that_stay_open() {
    let open = ROWS.replace("C2", "\"C2");
    let quote = "correct the row, or set csv.quote to a character that the file does not use";
    follow("a.csv", &open, "", quote, [text(ROWS), text(&ROWS.replace("C2", "\"C2\""))]);
    follow("a.csv", ROWS.replace("O2", "\"O2"), "", quote, [Keys("csv.quote = \"'\"")]);
    let long = open + &format!("C9,O9,2025-12-01,{}\n", "1".repeat(1_000)).repeat(17 << 10);
    follow(
        "a.csv",
        &long,
        "",
        "a quote may be left open, or csv.quote, csv.delimiter or the format may be wrong",
        [text(&ROWS.replace("C2", "\"C2\""))],
    );
}

#[test]
fn names_that_come_twice() {
    let twice = ROWS.replace("total\n", "total,total\n").replace("0\n", "0,7.00\n");
    let workspace = Workspace::new();
    workspace.write("in/a.csv", &twice);
    let hint = "give them different names; or set csv.header = false and csv.skip_rows = 1 (the line of the header), and use the \
                columns by their place, as column_4 and column_5";
    hinted(&workspace, &job_over("a.csv", ""), hint);
    let source = "uri = \"@IN@/a.csv\"\ncsv = { header = false, skip_rows = 1 }\n\
                  types = { column_3 = \"date(%Y-%m-%d)\", column_4 = \"decimal(18,2)\" }";
    let by_place = with_columns(&job(source, ONLY_RFM), ["column_1", "column_2", "column_3", "column_4"]);
    assert_rows(&workspace, &by_place, "by place");
    follow("a.csv", &twice, "", hint, [Content(twice.replace("total,total", "total,paid").into())]);

    let path = workspace.path("in/a.parquet");
    let column: ArrayRef = Arc::new(StringArray::from(vec!["C1"]));
    let names = ["id", "order_no", "day", "total", "total"].map(|name| (name, column.clone()));
    write_columns(&path, names.to_vec());
    follow("a.parquet", fs::read(&path).unwrap(), "", "write the file with different names", [Content(parquet())]);
}

#[test]
fn encodings() {
    let wide = "set csv = { encoding = \"utf-16le\" }, or convert the file to UTF-8";
    follow("a.csv", utf16(ROWS), "", wide, [Keys("csv = { encoding = \"utf-16le\" }"), text(ROWS)]);
    let plain = "leave csv.encoding out, or set it to what the file is in";
    follow("a.csv", ROWS, "csv.encoding = \"utf-16le\"", plain, [Keys(""), Keys("csv.encoding = \"utf-8\"")]);

    let wider: Vec<u8> = ROWS.chars().flat_map(|letter| u32::from(letter).to_le_bytes()).collect();
    let convert = "convert it to UTF-8, as iconv -f UTF-32LE -t UTF-8 does, and leave csv.encoding out";
    let told = String::from_utf8(wider.clone()).unwrap();
    if let Some(converted) = piped(&["iconv", "-f", "UTF-32LE", "-t", "UTF-8"], &told) {
        follow("a.csv", &wider, "", convert, [Content(converted)]);
    }

    let header = ROWS.replace("total\n", "total,Größe\n").replace("0\n", "0,x\n");
    let latin: Vec<u8> = header.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    follow(
        "a.csv",
        &latin,
        "",
        "set csv.encoding to the file's own, such as \"windows-1252\" or \"windows-1250\"; segmenter init --from looks which one fits",
        [Keys("csv.encoding = \"windows-1252\""), text(&header)],
    );
    let (json, set) = (ndjson().replace("\"C", "\"Ö"), "csv.encoding = \"windows-1252\"");
    let latin_json: Vec<u8> = json.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
    let workspace = Workspace::new();
    workspace.write("in/a.ndjson", &latin_json);
    hinted(
        &workspace,
        &job_over("a.ndjson", ""),
        "set csv.encoding to the file's own, such as \"windows-1252\" or \"windows-1250\"; segmenter init --from looks which one fits",
    );
    let run = workspace.committed(&workspace.job(&job_over("a.ndjson", set)));
    assert_eq!(run.feature("monetary").into_keys().collect::<Vec<_>>(), ["Ö1", "Ö2"]);
    let workspace = Workspace::new();
    workspace.write("in/a.csv", &latin);
    Program::segmenter(&["init", &workspace.uri("job"), "--from", &workspace.uri("in/a.csv")]).go().succeeded();
    let written = fs::read_to_string(workspace.path("job/segmenter.toml")).unwrap();
    assert!(written.contains("encoding = \"windows-1252\""), "{written}");
}

#[test]
fn what_is_no_text() {
    let unpack = "unpack it, or compress it with gzip or Zstandard instead";
    let export = "export it as CSV in UTF-8";
    let rewrite = "write it as Parquet, CSV or NDJSON";
    for (first, hint) in [
        (&b"PK\x03\x04"[..], unpack),
        (b"PK\x05\x06", "pack it again, or leave it out"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", export),
        (b"BZh", unpack),
        (b"\xFD7zXZ\0", unpack),
        (b"7z\xBC\xAF\x27\x1C", unpack),
        (b"Obj\x01", rewrite),
        (b"ORC", rewrite),
        (b"ARROW1", rewrite),
        (b"SQLite format 3\0", rewrite),
        (b"%PDF-", export),
        (b"{\\rtf", export),
        (b"PK\x03\x04\x14\0\x06\0[Content_Types].xml", export),
    ] {
        let content = [first, b"\x14\0\x06\0\0\x01rows"].concat();
        let packed = if hint == unpack { gzip(ROWS.as_bytes()) } else { ROWS.into() };
        let ways = [text(ROWS), Content(packed), File("a.ndjson", ndjson().into()), File("a.parquet", parquet())];
        follow("a.csv", content, "", hint, ways);
    }
    let page = "it may be a page of a login or a failure: download the file again";
    follow("a.csv", "<!DOCTYPE html>\n<title>Log in</title>", "", page, [text(ROWS)]);
    let format = "set format = \"parquet\" in the source";
    follow("a.csv", parquet(), "", format, [Keys("format = \"parquet\""), File("a.parquet", parquet())]);
}

#[test]
fn what_is_no_parquet() {
    follow(
        "a.parquet",
        "",
        "",
        "write the file again, or leave it out",
        [Content(parquet()), File("b.parquet", parquet())],
    );
    let rewrite = "write it as Parquet, CSV or NDJSON";
    let ways = [Content(parquet()), File("a.csv", ROWS.into()), File("a.ndjson", ndjson().into())];
    follow("a.parquet", b"PK\x03\x04\x14\0\x06\0", "", rewrite, ways);
    let csv = "set format = \"csv\" in the source";
    follow("a.parquet", ROWS, "", csv, [Keys("format = \"csv\""), File("a.csv", ROWS.into())]);
    let json = "set format = \"ndjson\" in the source";
    follow("a.parquet", ndjson(), "", json, [Keys("format = \"ndjson\""), File("a.ndjson", ndjson().into())]);
    let whole = parquet();
    let again = "write the file again; an upload may have been cut off";
    follow("a.parquet", &whole[..whole.len() - 9], "", again, [Content(whole.clone())]);
    follow("a.parquet", gzip(&whole), "", "uncompress the file", [Content(whole.clone())]);
    follow("a.parquet.gz", gzip(&whole), "", "uncompress the file", [File("a.parquet", whole.clone())]);
    let packed = packed_with(&whole, Compression::BROTLI(Default::default()));
    follow("a.parquet", packed, "", "rewrite it with zstd, snappy, lz4 or gzip", [Content(whole)]);
}

/// The same file, saying that its columns are compressed in another way.
fn packed_with(file: &[u8], compression: Compression) -> Vec<u8> {
    let file = bytes::Bytes::copy_from_slice(file);
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
    let mut changed = metadata.into_builder();
    let groups = changed.take_row_groups().into_iter().map(|group| {
        let columns = group.columns().iter().cloned();
        let columns = columns.map(|column| column.into_builder().set_compression(compression).build().unwrap());
        let columns = columns.collect();
        group.into_builder().set_column_metadata(columns).build().unwrap()
    });
    let groups = groups.collect();
    let changed = changed.set_row_groups(groups).build();
    let footer = u32::from_le_bytes(file[file.len() - 8..file.len() - 4].try_into().unwrap()) as usize;
    let mut written = file[..file.len() - 8 - footer].to_vec();
    ParquetMetaDataWriter::new(&mut written, &changed).finish().unwrap();
    written
}

#[test]
fn compressed_files() {
    let again = "copy or export the file again";
    follow(
        "a.csv.zst",
        b"\x01\x02\x03",
        "",
        again,
        [Content(zstd::encode_all(ROWS.as_bytes(), 0).unwrap()), text(ROWS)],
    );
    let packed = gzip(ROWS.as_bytes());
    follow("a.csv.gz", &packed[..packed.len() - 4], "", again, [Content(packed.clone())]);
    let deep = gzip(&gzip(&gzip(&packed)));
    follow("a.csv.gz", deep, "", "uncompress it", [Content(packed), text(ROWS)]);
}

#[test]
fn json_that_is_not_an_object_a_line() {
    let objects: Vec<String> = ndjson().lines().map(str::to_owned).collect();
    let cases = [
        (format!("[{}]", objects.join(",\n")), "jq -c '.[]'", vec!["jq", "-c", ".[]"]),
        (objects.join(",\n") + ",\n", "sed 's/, *$//'", vec!["sed", "s/, *$//"]),
        (ndjson().replace(',', ",\n"), "jq -c .", vec!["jq", "-c", "."]),
    ];
    for (content, command, words) in cases {
        let Some(mended) = piped(&words, &content) else { continue };
        let hint = format!("write one object a line, as {command} does");
        follow("a.ndjson", &content, "", &hint, [Content(mended)]);
    }
}

#[test]
fn formats_of_files() {
    let unnamed = "set format = \"parquet\", \"csv\" or \"ndjson\" in the source, or a glob that leaves it out";
    follow("a.dat", ROWS, "", unnamed, [Keys("format = \"csv\"")]);
    let workspace = Workspace::new();
    workspace.write("in/all/a.csv", ROWS);
    workspace.write("in/all/readme.dat", "x");
    hinted(&workspace, &job_over("all/", ""), unnamed);
    assert_rows(&workspace, &job_over("all/*.csv", ""), "a glob that leaves it out");

    let workspace = Workspace::new();
    let second = ROWS.lines().last().unwrap();
    workspace.write("in/all/a.csv", ROWS.replace(second, "").trim());
    workspace.write("in/all/b.ndjson", ndjson().lines().last().unwrap());
    let hint = "give each format a source of its own, or a glob that matches one of them";
    hinted(&workspace, &job_over("all/", ""), hint);
    let one = workspace.committed(&workspace.job(&job_over("all/*.csv", "")));
    assert_eq!(one.feature("monetary").into_keys().collect::<Vec<_>>(), ["C1"]);
    workspace.forget_results();
    assert_rows(&workspace, &two_sources("all/*.csv", "all/*.ndjson"), "a source for each");
}

/// A job over two sources of the rows of [`ROWS`].
fn two_sources(first: &str, second: &str) -> String {
    let text = job_over(first, "");
    let (from, to) = (text.find("[[source]]").unwrap(), text.find("[features]").unwrap());
    let other =
        text[from..to].replace(&format!("@IN@/{first}"), &format!("@IN@/{second}")).replace("\"orders\"", "\"others\"");
    format!("{}{other}{}", &text[..to], &text[to..])
}

#[test]
fn files_that_do_not_agree() {
    let workspace = Workspace::new();
    let rows: Vec<&str> = ROWS.lines().collect();
    let strings = |value: &str| -> ArrayRef { Arc::new(StringArray::from(vec![value])) };
    let texts = |row: &str| -> Vec<ArrayRef> { row.split(',').map(strings).collect() };
    let names: Vec<&str> = rows[0].split(',').collect();
    let named = |columns: Vec<ArrayRef>| names.iter().copied().zip(columns).collect::<Vec<_>>();
    write_columns(&workspace.path("in/all/1.parquet"), named(texts(rows[1])));
    let mut other = texts(rows[2]);
    other[3] = Arc::new(arrow::array::Float64Array::from(vec![20.5]));
    write_columns(&workspace.path("in/all/2.parquet"), named(other));
    hinted(&workspace, &job_over("all/", ""), "rewrite the files with one type, or read them as two sources");
    assert_rows(&workspace, &two_sources("all/1.parquet", "all/2.parquet"), "two sources");
    workspace.forget_results();
    write_columns(&workspace.path("in/all/2.parquet"), named(texts(rows[2])));
    assert_rows(&workspace, &job_over("all/", ""), "one type");
}

#[test]
fn tables_and_links() {
    let workspace = Workspace::new();
    workspace.write("in/table/a.parquet", parquet());
    workspace.write("in/table/_delta_log/0.json", "{}");
    let hint =
        "its log says which files and rows count; read as plain files, erased rows would come back: export it first";
    hinted(&workspace, &job_over("table/", ""), hint);
    workspace.write("in/exported/a.parquet", parquet());
    assert_rows(&workspace, &job_over("exported/", ""), "exported");

    let workspace = Workspace::new();
    workspace.write("in/all/a.csv", ROWS);
    let link = workspace.path("in/all/b.csv");
    let target = workspace.path("elsewhere/b.csv");
    std::os::unix::fs::symlink(&target, &link).unwrap();
    hinted(&workspace, &job_over("all/", ""), "restore the file, or delete the link");
    fs::write(&target, ROWS.lines().next().unwrap()).unwrap();
    assert_rows(&workspace, &job_over("all/", ""), "restored");
    workspace.forget_results();
    fs::remove_file(link).unwrap();
    assert_rows(&workspace, &job_over("all/", ""), "deleted");
}

#[test]
fn parts_of_the_path() {
    let last = "partitions = { column = \"dt\", take = \"last\" }";
    let dates = "partitions needs dates such as 2026-11-21 or 20261121";
    for right in ["dt=2025-12-31/a.csv", "dt=20251231/a.csv"] {
        let workspace = Workspace::new();
        let wrong = workspace.write("in/all/dt=latest/a.csv", ROWS);
        hinted(&workspace, &job_over("all/", last), dates);
        fs::rename(wrong, workspace.path(&format!("in/all/{right}"))).unwrap();
        fs::remove_dir(workspace.path("in/all/dt=latest")).unwrap();
        assert_rows(&workspace, &job_over("all/", last), right);
    }
    let workspace = Workspace::new();
    workspace.write("in/all/day=2025-12-31/a.csv", ROWS);
    let named = "partitions.column names a k=v part of every file's path";
    hinted(&workspace, &job_over("all/", last), named);
    assert_rows(&workspace, &job_over("all/", &last.replace("dt", "day")), "the part that is there");

    let workspace = Workspace::new();
    workspace.write("in/all/dt=01.12.2025/a.csv", ROWS);
    let typed = |format: &str| {
        let text = job_over("all/", "").replace("types = { day", &format!("types = {{ dt = \"date({format})\", day"));
        text.replace("time = 'day'", "time = 'dt'")
    };
    hinted(&workspace, &typed("%Y-%m-%d"), "types.dt says how the path is read");
    assert_rows(&workspace, &typed("%d.%m.%Y"), "the format of the path");
}
