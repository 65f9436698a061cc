//! How text in other encodings is read.

use super::*;
use proptest::prelude::*;
use std::io::Cursor;

/// Gives a reader that gives `step` bytes at a time.
struct Drops(Vec<u8>, usize, usize);

impl Read for Drops {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.2.min(buffer.len()).min(self.0.len() - self.1);
        buffer[..length].copy_from_slice(&self.0[self.1..self.1 + length]);
        self.1 += length;
        Ok(length)
    }
}

fn decoded(bytes: &[u8], name: &str, step: usize) -> Vec<u8> {
    let mut text = Vec::new();
    Decoded::new(Box::new(Drops(bytes.to_vec(), 0, step)), named(name).unwrap()).read_to_end(&mut text).unwrap();
    text
}

#[test]
fn every_known_name_is_one() {
    for name in KNOWN_ENCODINGS {
        assert!(encoding_name(name).is_some(), "{name}");
    }
    assert_eq!(encoding_name("Latin1").as_deref(), Some("windows-1252"));
    assert_eq!(encoding_name("ISO-8859-1").as_deref(), Some("windows-1252"));
    assert_eq!(encoding_name("latin2").as_deref(), Some("iso-8859-2"));
    assert_eq!(encoding_name("cp1250").as_deref(), Some("windows-1250"));
    for none in ["", "latin", "cp437", "utf-7", "replacement", "iso-2022-kr"] {
        assert_eq!(encoding_name(none), None, "{none}");
    }
}

#[test]
fn letters_by_hand() {
    let text = |bytes: &[u8], name| String::from_utf8(decoded(bytes, name, 1)).unwrap();
    assert_eq!(text(b"Jos\xE9 \x80 \x9Cuvre", "windows-1252"), "José € œuvre");
    assert_eq!(text(b"\xA3\xF3d\x9F", "windows-1250"), "Łódź");
    assert_eq!(text(b"\xA3\xF3d\xBC", "iso-8859-2"), "Łódź");
    assert_eq!(text(b"\xCA\xE8\xE5\xE2", "windows-1251"), "Киев");
    assert_eq!(text(b"\x93\x8C\x8B\x9E", "shift_jis"), "東京");
    assert_eq!(text(b"\xFF\xFEa\0\x42\x01", "utf-16be"), "ał", "a mark decides");
}

#[test]
fn bytes_that_do_not_fit_are_no_text() {
    // A lone half of a pair, a half unit at the end, and a code that windows-1253 lacks.
    assert_eq!(decoded(b"a\0\x00\xD8b\0", "utf-16le", 1), b"a\xFFb");
    assert_eq!(decoded(b"a\0b", "utf-16le", 1), b"a\xFF");
    assert_eq!(decoded(b"a\xAAb", "windows-1253", 1), b"a\xFFb");
}

#[test]
fn guesses_from_bytes() {
    let found = |bytes: &[u8]| {
        let guess = guess(bytes);
        (guess.encoding.name(), guess.certain)
    };
    assert_eq!(found(b"id,city\n"), ("UTF-8", true));
    assert_eq!(found("id,Łódź".as_bytes()), ("UTF-8", true));
    assert_eq!(found(&"id,Łódź".as_bytes()[..9]), ("UTF-8", true), "cut within a letter");
    assert_eq!(found(b"\xEF\xBB\xBFid"), ("UTF-8", true));
    assert_eq!(found(b"\xFF\xFEi\0"), ("UTF-16LE", true));
    assert_eq!(found(b"\0i\0d\0,\0x"), ("UTF-16BE", true));
    assert_eq!(found(b"M\xFCnchen, Jos\xE9, Fran\xE7ois"), ("windows-1252", false));
    assert_eq!(found(b"\xA3\xF3d\x9F, Krak\xF3w, \x8Cwidnica, B\xB9k"), ("windows-1250", false));
    assert_eq!(found(b"\xA3\xF3d\xBC, Krak\xF3w, \xA6widnica, B\xB1k"), ("ISO-8859-2", false));
}

proptest! {
    #[test]
    fn agrees_with_the_library_whatever_the_pieces(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        name in proptest::sample::select(KNOWN_ENCODINGS.to_vec()),
        step in 1_usize..9,
    ) {
        let found = String::from_utf8_lossy(&decoded(&bytes, name, step)).into_owned();
        let (expected, _, _) = named(name).unwrap().decode(&bytes);
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn utf_16_of_any_text_reads_back(text in "\\PC{0,200}") {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let expected = text.strip_prefix('\u{feff}').unwrap_or(&text);
        prop_assert_eq!(String::from_utf8(decoded(&bytes, "utf-16le", 3)).unwrap(), expected);
    }
}

#[test]
fn long_texts_go_through_small_buffers() {
    let text = "Zażółć gęślą jaźń\n".repeat(20_000);
    let (bytes, _, _) = WINDOWS_1250.encode(&text);
    assert_eq!(decoded(&bytes, "windows-1250", 100_000), text.as_bytes());
    let mut one = [0; 1];
    let mut reader = Decoded::new(Box::new(Cursor::new(vec![0xF3])), WINDOWS_1250);
    assert_eq!((reader.read(&mut one).unwrap(), one[0]), (1, 0xC3));
    assert_eq!((reader.read(&mut one).unwrap(), one[0]), (1, 0xB3));
    assert_eq!(reader.read(&mut one).unwrap(), 0);
}
