//! How compressed files are read: by their content.

use super::super::reader::samples::{gzip, pinned};
use super::*;
use segmenter_proto::Fault;

fn read(name: &str, content: &[u8]) -> Result<Vec<u8>> {
    let file = pinned(name);
    let found = uncompressed(Box::new(Cursor::new(content.to_vec())), &file, READ)?;
    let mut text = Vec::new();
    { found.input }.read_to_end(&mut text).map_err(|error| unreadable(&file, found.compression, error))?;
    Ok(text)
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 1).unwrap()
}

#[test]
fn the_first_bytes_decide() {
    let text = b"id,total\n1,2\n".repeat(1000);
    for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
        for content in [text.clone(), gzip(&text), zstd(&text), gzip(&gzip(&text)), zstd(&gzip(&text))] {
            assert_eq!(read(name, &content).unwrap(), text, "{name}");
        }
        assert_eq!(read(name, b"").unwrap(), b"");
    }
    let skippable = [&[0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 7, 7][..], &zstd(&text)].concat();
    assert_eq!(read("a.csv.zst", &skippable).unwrap(), text);
    let often = (0..5).fold(text, |text, _| gzip(&text));
    assert!(read("a.csv", &often).unwrap_err().message.contains("more than 3 times"));
}

#[test]
fn zeros_between_and_after_members_are_passed_over() {
    let (first, second) = (gzip(b"a\n1\n"), gzip(b"2\n"));
    for zeros in [0, 1, 511, 300_000] {
        let padding = vec![0; zeros];
        let whole = [&first[..], &padding, &second, &padding].concat();
        assert_eq!(read("a.csv.gz", &whole).unwrap(), b"a\n1\n2\n", "{zeros} zeros");
    }
}

#[test]
fn what_is_cut_off_or_damaged_is_refused() {
    let text: Vec<u8> = (0..50_000_u32).flat_map(|number| format!("{}\n", number * 7919).into_bytes()).collect();
    for (kind, whole) in [("gzip", gzip(&text)), ("Zstandard", zstd(&text))] {
        for length in [whole.len() - 1, whole.len() / 2, 40] {
            let error = read("a.csv", &whole[..length]).unwrap_err();
            assert_eq!(error.fault, Fault::Data);
            assert_eq!(error.message, format!("a.csv: it is cut off: its {kind} data have no end"), "{length} bytes");
        }
    }
    // Zstandard has no checksum unless asked for.
    let mut torn = gzip(&text);
    let middle = torn.len() / 2;
    torn[middle] ^= 0x55;
    assert!(read("a.csv", &torn).is_err_and(|error| error.message == "a.csv: its gzip data are damaged"));
    let more = [gzip(&text), b"more\n".to_vec()].concat();
    assert_eq!(read("a.csv.gz", &more).unwrap_err().message, "a.csv.gz: its gzip data are damaged");
}
