//! Text in other encodings than UTF-8, by the names of the WHATWG standard (<https://encoding.spec.whatwg.org>), whose
//! `latin1` is windows-1252.

use super::compression::Input;
use encoding_rs::{
    Decoder, DecoderResult, Encoding, ISO_8859_2, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252,
};
use segmenter_proto::{Error, Result};
use std::io::{self, Read};

/// Encodings that people have, for a hint; each label of the standard is taken.
pub const KNOWN_ENCODINGS: [&str; 46] = [
    "utf-8",
    "utf-16le",
    "utf-16be",
    "utf-16",
    "ascii",
    "latin1",
    "latin2",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "cp1250",
    "cp1251",
    "cp1252",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-9",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "macintosh",
    "ibm866",
    "koi8-r",
    "koi8-u",
    "big5",
    "gbk",
    "gb18030",
    "euc-jp",
    "euc-kr",
    "iso-2022-jp",
    "shift_jis",
    "x-mac-cyrillic",
];

/// A byte that no UTF-8 has; stands where bytes do not fit their encoding, so that the row is found broken.
const MISFIT: u8 = 0xFF;

/// Says of a row whose bytes do not fit the encoding, for machines and for people.
pub(super) fn misfit(encoding: &str) -> (&'static str, String) {
    match encoding {
        "utf-8" => {
            ("invalid_utf8", "expected UTF-8: set csv.encoding to the file's own, such as windows-1252".to_owned())
        }
        other => ("invalid_encoding", format!("some bytes are not {other}: check csv.encoding, or mend the row")),
    }
}

/// Gives the standard's name, in lower case, of the encoding that has this label.
pub fn encoding_name(label: &str) -> Option<String> {
    Encoding::for_label_no_replacement(label.as_bytes()).map(|encoding| encoding.name().to_ascii_lowercase())
}

/// Gives the encoding of a name that was checked before.
pub(super) fn named(name: &str) -> Result<&'static Encoding> {
    Encoding::for_label_no_replacement(name.as_bytes())
        .ok_or_else(|| Error::job(format!("csv.encoding: {name:?} is not an encoding")))
}

pub(super) fn is_utf16(encoding: &'static Encoding) -> bool {
    encoding == UTF_16LE || encoding == UTF_16BE
}

/// Tells UTF-16 by the zeros that every second byte of plain letters, digits and separators is.
pub(super) fn utf16_without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, units) = (zeros(0), zeros(1), head.len() / 2);
    let mostly = |many: usize, few: usize| units >= 2 && many * 5 >= units * 2 && few * 20 <= many;
    match (mostly(odd, even), mostly(even, odd)) {
        (true, _) => Some(UTF_16LE),
        (_, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Tells UTF-32, which is no encoding of the standard, by its mark, or by the zeros that three of four bytes are of plain letters; gives
/// the name by which other programs convert it.
pub(super) fn utf32(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xFF, 0xFE, 0, 0, ..] => return Some("UTF-32LE"),
        [0, 0, 0xFE, 0xFF, ..] => return Some("UTF-32BE"),
        _ => {}
    }
    let letters = head.chunks_exact(4).take(1024);
    let all = letters.len();
    let plain = |place: usize| {
        letters.clone().filter(|letter| (0..4).all(|at| (letter[at] == 0) == (at != place) && letter[at] < 128)).count()
    };
    let mostly = |letters: usize| all >= 2 && letters * 5 >= all * 2;
    match (mostly(plain(0)), mostly(plain(3))) {
        (true, _) => Some("UTF-32LE"),
        (_, true) => Some("UTF-32BE"),
        _ => None,
    }
}

/// An encoding that a text seems to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) encoding: &'static Encoding,
    /// Whether it can hardly be another.
    pub(super) certain: bool,
}

/// Guesses the encoding of a text from its beginning, which may be cut off anywhere: a byte order mark, valid UTF-8 and the
/// zeros of UTF-16 tell; else of windows-1252, windows-1250 and ISO 8859-2 the first that makes the most letters.
pub(super) fn guess(text: &[u8]) -> Guess {
    let certain = |encoding| Guess { encoding, certain: true };
    if let Some((encoding, _)) = Encoding::for_bom(text) {
        return certain(encoding);
    }
    if let Some(encoding) = utf16_without_mark(&text[..text.len().min(4096)]) {
        return certain(encoding);
    }
    match std::str::from_utf8(text) {
        Ok(_) => return certain(UTF_8),
        // A letter that is cut off.
        Err(error) if error.error_len().is_none() => return certain(UTF_8),
        Err(_) => {}
    }
    let letters = |encoding: &'static Encoding| {
        let bytes: Vec<u8> = text.iter().copied().filter(|byte| !byte.is_ascii()).collect();
        encoding.decode_without_bom_handling(&bytes).0.chars().filter(|letter| letter.is_alphabetic()).count()
    };
    let mut best = (WINDOWS_1252, letters(WINDOWS_1252));
    for encoding in [WINDOWS_1250, ISO_8859_2] {
        let found = letters(encoding);
        if found > best.1 {
            best = (encoding, found);
        }
    }
    Guess { encoding: best.0, certain: false }
}

/// Text of another encoding on its way, as UTF-8 with a [`MISFIT`] wherever bytes do not fit.
pub(super) struct Decoded {
    input: Input,
    decoder: Decoder,
    bytes: Vec<u8>,
    unread: std::ops::Range<usize>,
    text: Vec<u8>,
    untaken: std::ops::Range<usize>,
    ended: bool,
    finished: bool,
}

/// Bytes that are decoded at a time.
const DECODED: usize = 64 << 10;

impl Decoded {
    /// Decodes `input`; a byte order mark at its start says more than `encoding`.
    pub(super) fn new(input: Input, encoding: &'static Encoding) -> Self {
        Self {
            input,
            decoder: encoding.new_decoder(),
            bytes: vec![0; DECODED],
            unread: 0..0,
            // Room for a letter and a misfit more than the decoder may want.
            text: vec![0; DECODED + 16],
            untaken: 0..0,
            ended: false,
            finished: false,
        }
    }

    fn decode(&mut self) -> io::Result<()> {
        if self.unread.is_empty() && !self.ended {
            let read = self.input.read(&mut self.bytes)?;
            self.unread = 0..read;
            self.ended = read == 0;
        }
        let (from, room) = (&self.bytes[self.unread.clone()], &mut self.text[..DECODED]);
        let (result, read, mut written) = self.decoder.decode_to_utf8_without_replacement(from, room, self.ended);
        self.unread.start += read;
        match result {
            DecoderResult::InputEmpty => self.finished = self.ended,
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(..) => {
                self.text[written] = MISFIT;
                written += 1;
            }
        }
        self.untaken = 0..written;
        Ok(())
    }
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.untaken.is_empty() {
            if self.finished {
                return Ok(0);
            }
            self.decode()?;
        }
        let length = self.untaken.len().min(buffer.len());
        let end = self.untaken.start + length;
        buffer[..length].copy_from_slice(&self.text[self.untaken.start..end]);
        self.untaken.start = end;
        Ok(length)
    }
}

#[cfg(test)]
#[path = "encodings_tests.rs"]
mod tests;
