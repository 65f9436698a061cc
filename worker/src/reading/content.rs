//! Tells a file that is not the text it should be by its first bytes, with what to do.

use super::encodings::{is_utf16, utf16_without_mark, utf32};
use super::pinned::PinnedFile;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use segmenter_proto::{Error, Result};

const UNPACK: &str = "unpack it, or compress it with gzip or Zstandard instead";
const EXPORT: &str = "export it as CSV in UTF-8";
const REWRITE: &str = "write it as Parquet, CSV or NDJSON";

/// First bytes, what has them, and what to do with it.
const KNOWN: [(&[u8], &str, &str); 13] = [
    (b"PAR1", "Parquet", "set format = \"parquet\" in the source"),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", "pack it again, or leave it out"),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a workbook or document of an old Office", EXPORT),
    (b"BZh", "compressed with bzip2", UNPACK),
    (b"\xFD7zXZ\0", "compressed with xz", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive", UNPACK),
    (b"Obj\x01", "Avro", REWRITE),
    (b"ORC", "ORC", REWRITE),
    (b"ARROW1", "an Arrow file", REWRITE),
    (b"SQLite format 3\0", "an SQLite database", REWRITE),
    (b"%PDF-", "a PDF", EXPORT),
    (b"{\\rtf", "a document in RTF", EXPORT),
];

/// Checks that what begins with `head` can be text in `encoding`.
///
/// # Errors
///
/// The data's fault, saying what it is and what to do.
pub(super) fn check_text(head: &[u8], encoding: &'static Encoding, file: &PinnedFile) -> Result<()> {
    if let Some((what, hint)) = other_than_text(head) {
        return Err(file.broken(format!("it is {what}, not text")).with_hint(hint));
    }
    if let Some(found) = utf32(head) {
        return Err(file
            .broken(format!("it is {found}, which is not read"))
            .with_hint(format!("convert it to UTF-8, as iconv -f {found} -t UTF-8 does, and leave csv.encoding out")));
    }
    let marked = match head {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        _ => None,
    };
    match marked.or_else(|| utf16_without_mark(head)) {
        // Between the two, a mark at the start of the file decides.
        Some(found) if is_utf16(encoding) && (marked.is_some() || found == encoding) => Ok(()),
        Some(found) => Err(utf16(found, file)),
        None if is_utf16(encoding) && head.len() >= 2 && head.is_ascii() && !head.contains(&0) => Err(file
            .broken(format!("it is not {}: its beginning is plain ASCII", encoding.name()))
            .with_hint("leave csv.encoding out, or set it to what the file is in")),
        None => Ok(()),
    }
}

fn utf16(found: &'static Encoding, file: &PinnedFile) -> Error {
    let name = found.name().to_ascii_lowercase();
    file.broken(format!("it is UTF-16 ({})", if found == UTF_16LE { "little-endian" } else { "big-endian" }))
        .with_hint(format!("set csv = {{ encoding = \"{name}\" }}, or convert the file to UTF-8"))
}

/// Tells what is no text at all, with what to do.
pub(super) fn other_than_text(head: &[u8]) -> Option<(&'static str, &'static str)> {
    // A header may begin with the same letters; what is no text has other bytes soon.
    let binary = |first: &[u8]| matches!(first[0], b'%' | b'{') || head.iter().any(|byte| *byte < 9);
    let known = KNOWN.iter().find(|(first, ..)| head.starts_with(first) && binary(first));
    if let Some((first, what, hint)) = known {
        // The parts of a workbook are packed as a zip archive.
        let workbook =
            first.starts_with(b"PK") && [&b"[Content_Types].xml"[..], b"xl/"].iter().any(|part| holds(head, part));
        return Some(if workbook { ("an Excel workbook", EXPORT) } else { (*what, *hint) });
    }
    let page = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let begins = |with: &str| page.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with.as_bytes()));
    if ["<!doctype html", "<html", "<head", "<body", "<script"].iter().any(|with| begins(with)) {
        return Some(("a page of HTML", "it may be a page of a login or a failure: download the file again"));
    }
    begins("<?xml").then_some(("XML", REWRITE))
}

fn holds(head: &[u8], part: &[u8]) -> bool {
    head.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::super::encodings::named;
    use super::super::reader::samples::pinned;
    use super::*;

    fn said(head: &[u8], encoding: &str) -> Option<(String, String)> {
        let error = check_text(head, named(encoding).unwrap(), &pinned("a.csv")).err()?;
        Some((error.message, error.hint.unwrap()))
    }

    #[test]
    fn what_is_no_text_is_named() {
        for (head, what) in [
            (&b"PAR1\x15\x04"[..], "it is Parquet, not text"),
            (b"PK\x03\x04\x14\0\x06\0orders.csv", "it is a zip archive, not text"),
            (b"PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml", "it is an Excel workbook, not text"),
            (b"PK\x03\x04\x14\0\x06\0\x08\0xl/workbook.xml", "it is an Excel workbook, not text"),
            (b"\xEF\xBB\xBF \n<!DOCTYPE HTML><title>", "it is a page of HTML, not text"),
            (b"<html lang=en>", "it is a page of HTML, not text"),
            (b"<?xml version='1.0'?>", "it is XML, not text"),
            (b"BZh91AY&SY\x01\x02", "it is compressed with bzip2, not text"),
            (b"Obj\x01\x04", "it is Avro, not text"),
        ] {
            assert_eq!(said(head, "utf-8").unwrap().0, format!("a.csv: {what}"));
        }
        for head in [
            &b"PARTNER,id\n"[..],
            b"id,<html>\n",
            b"",
            b"P",
            b"{\"a\":1}",
            b"\xEF\xBB\xBFid\n",
            b"ORCHID,BZh\n",
            b"PAR1,id\n",
        ] {
            assert_eq!(said(head, "utf-8"), None);
        }
    }

    #[test]
    fn utf_32_is_told_with_and_without_a_mark() {
        for (big, name) in [(false, "UTF-32LE"), (true, "UTF-32BE")] {
            let wide = |text: &str| -> Vec<u8> {
                let bytes = |letter: char| match big {
                    true => u32::from(letter).to_be_bytes(),
                    false => u32::from(letter).to_le_bytes(),
                };
                text.chars().flat_map(bytes).collect()
            };
            for text in ["id,city\n1,Łódź\n", "\u{feff}id,city\n", "\u{feff}北京\n"] {
                for encoding in ["utf-8", "utf-16le", "windows-1252"] {
                    let (message, hint) = said(&wide(text), encoding).unwrap();
                    assert_eq!(message, format!("a.csv: it is {name}, which is not read"));
                    assert!(hint.contains(&format!("iconv -f {name} -t UTF-8")), "{hint}");
                }
            }
        }
    }

    #[test]
    fn utf_16_is_told_with_and_without_a_mark() {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
        };
        for (big, name, end) in [(false, "utf-16le", "little-endian"), (true, "utf-16be", "big-endian")] {
            for text in ["id\tcity\r\n1\tŁódź\r\n", "id,北京\n1,上海\n", "\u{feff}id\n", "\u{feff}北京\n"] {
                let (message, hint) = said(&wide(text, big), "utf-8").unwrap();
                assert_eq!(message, format!("a.csv: it is UTF-16 ({end})"));
                assert!(hint.contains(&format!("encoding = \"{name}\"")), "{hint}");
                assert!(said(&wide(text, big), "windows-1252").is_some());
                assert_eq!(said(&wide(text, big), name), None);
            }
            let other = if big { "utf-16le" } else { "utf-16be" };
            assert!(said(&wide("id,city\n", big), other).is_some(), "the other end without a mark");
            assert_eq!(said(&wide("\u{feff}id,city\n", big), other), None, "a mark decides");
        }
        assert_eq!(
            said(b"id,city\n", "utf-16le").unwrap().0,
            "a.csv: it is not UTF-16LE: its beginning is plain ASCII"
        );
        assert_eq!(said(b"C1,O1,\0\nC\x002,O2,x\n\0,O5,50\n", "utf-8"), None, "a few zeros are none");
    }
}
