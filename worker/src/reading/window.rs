//! A window over a text file: uncompressed, in UTF-8, as much of it as a record needs.

use super::compression::{Input, READ, uncompressed, unreadable};
use super::content::check_text;
use super::encodings::{Decoded, named};
use super::object::{PinnedObject, SequentialRead};
use super::pinned::{Compression, PinnedFile};
use encoding_rs::UTF_8;
use segmenter_proto::Result;
use std::io;
use std::sync::Arc;
use tokio::runtime::Handle;

/// The longest record: past it a quote was left open, or this is not such a file.
const LONGEST_RECORD: usize = 16 << 20;

/// A byte order mark in UTF-8. At the start of any line it is no part of the text: files that were put together have one
/// at each start of a file.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A file's text, as much of it as a record needs.
pub(super) struct Window {
    input: Input,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    ended: bool,
    compression: Compression,
    file: Arc<PinnedFile>,
}

impl Window {
    /// Opens a pinned file in `encoding` for reading from its start.
    pub(super) fn open(object: &PinnedObject, encoding: &str, handle: &Handle) -> Result<Self> {
        let input = SequentialRead::open(object, handle)?;
        Self::over(Box::new(input), Arc::clone(&object.file), encoding)
    }

    /// Reads `input` as the content of `file`, compressed as its first bytes say.
    ///
    /// # Errors
    ///
    /// The data's fault where the content is not text in that encoding.
    pub(super) fn over(input: Input, file: Arc<PinnedFile>, encoding: &str) -> Result<Self> {
        let encoding = named(encoding)?;
        let found = uncompressed(input, &file, READ)?;
        check_text(&found.head, encoding, &file)?;
        let input = if encoding == UTF_8 { found.input } else { Box::new(Decoded::new(found.input, encoding)) };
        let compression = found.compression;
        Ok(Self { input, bytes: Vec::new(), start: 0, end: 0, ended: false, compression, file })
    }

    pub(super) fn file(&self) -> &PinnedFile {
        &self.file
    }

    /// Gives what is there and not consumed.
    pub(super) fn data(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Says whether the data reaches the end of the file.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    pub(super) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Reads on; false at the end of the file.
    ///
    /// # Errors
    ///
    /// The data's fault where the compression is broken or a record is too long, else as the store says.
    pub(super) fn more(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.end - self.start >= LONGEST_RECORD {
            return Err(self
                .file
                .broken(format!("a record is longer than {} MiB", LONGEST_RECORD >> 20))
                .with_hint("a quote may be left open, or csv.quote, csv.delimiter or the format may be wrong"));
        }
        self.bytes.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        // Grows with the record, so that a long one is not looked at again for each small read.
        let room = READ.max(self.end);
        self.bytes.resize(self.end + room, 0);
        loop {
            match self.input.read(&mut self.bytes[self.end..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(false);
                }
                Ok(read) => {
                    self.end += read;
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(unreadable(&self.file, self.compression, error)),
            }
        }
    }
}

/// Finds the next line, which ends with \n: its length, and where the one after begins.
pub(super) fn next_line(window: &mut Window) -> Result<Option<(usize, usize)>> {
    let mut searched = 0;
    loop {
        let data = window.data();
        if let Some(found) = data[searched..].iter().position(|byte| *byte == b'\n') {
            let length = searched + found;
            return Ok(Some((length, length + 1)));
        }
        searched = data.len();
        if !window.more()? {
            return Ok((searched > 0).then_some((searched, searched)));
        }
    }
}

/// Passes over a line that ends with \n, \r or \r\n; false where there is none.
pub(super) fn skip_line(window: &mut Window) -> Result<bool> {
    let mut searched = 0;
    loop {
        let data = window.data();
        let end = data[searched..].iter().position(|byte| matches!(byte, b'\n' | b'\r')).map(|found| searched + found);
        match end {
            // Whether a \n follows shows only when there is more.
            Some(end) if end + 1 == data.len() && data[end] == b'\r' && !window.ended() => {
                searched = end;
                window.more()?;
            }
            Some(end) => {
                let pair = data[end..].starts_with(b"\r\n");
                window.consume(end + 1 + usize::from(pair));
                return Ok(true);
            }
            None => {
                searched = data.len();
                if !window.more()? {
                    window.consume(searched);
                    return Ok(searched > 0);
                }
            }
        }
    }
}
