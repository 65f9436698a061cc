//! The beginning of a text file, without reading the rest.

use super::compression::{compression_of, uncompressed, unreadable};
use super::content::{check_text, other_than_text};
use super::encodings::{guess, is_utf16, utf16_without_mark, utf32};
use super::object::PinnedObject;
use super::pinned::{Compression, PinnedFile};
use crate::storage::Storage;
use segmenter_proto::Result;
use std::io::{self, Cursor, Read};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

/// Bytes of a text file that are read to find its columns.
const GLANCE: u64 = 1 << 20;

/// Bytes of uncompressed text in which columns are looked for.
const UNCOMPRESSED: u64 = 4 << 20;

/// Bytes that are read ahead of what is uncompressed, few, so that it shows how much of the file that took.
const AHEAD: usize = 4096;

/// The beginning of a text file, uncompressed, as its bytes stand there.
pub(super) struct BeginningOfFile {
    pub(super) bytes: Vec<u8>,
    /// Whether that is the whole file.
    pub(super) whole: bool,
    compression: Compression,
    /// Bytes of the file that it took.
    taken: u64,
}

impl BeginningOfFile {
    /// Gives the lines of the whole file, if the rest is like this.
    pub(super) fn lines_of_file(&self, size: u64) -> u64 {
        let lines = self.bytes.iter().filter(|byte| **byte == b'\n').count() as u128;
        let all = if self.whole { lines } else { lines * u128::from(size) / u128::from(self.taken.max(1)) };
        u64::try_from(all).unwrap_or(u64::MAX).max(size.min(1))
    }
}

/// Reads the beginning of a text file.
///
/// # Errors
///
/// The data's fault where the compression is damaged, else as the store says.
pub(super) async fn beginning(object: &PinnedObject) -> Result<BeginningOfFile> {
    let file = &object.file;
    let start = object.read_range(0..file.size.min(GLANCE)).await?;
    let whole = start.len() as u64 == file.size;
    if compression_of(&start) == Compression::None {
        let head = &start[..start.len().min(4096)];
        let binary = head.iter().any(|byte| *byte < 9) && utf16_without_mark(head).is_none() && utf32(head).is_none();
        if file.compression != Compression::None && binary && other_than_text(head).is_none() {
            return Err(file
                .broken("its name says that it is compressed, its first bytes do not, and it is no text either")
                .with_hint("copy or export the file again"));
        }
        let taken = start.len() as u64;
        return Ok(BeginningOfFile { bytes: start.into(), whole, compression: Compression::None, taken });
    }
    let progress = Arc::new(Progress::default());
    let input = Observed { input: Cursor::new(start), progress: Arc::clone(&progress) };
    let found = uncompressed(Box::new(input), file, AHEAD)?;
    let mut bytes = Vec::new();
    let read = found.input.take(UNCOMPRESSED).read_to_end(&mut bytes);
    // A glance ends within a compressed block, which is no fault of the file.
    let cut = !whole && progress.ended.load(Ordering::Relaxed);
    if let (Err(error), false) = (read, cut) {
        return Err(unreadable(file, found.compression, error));
    }
    let whole = whole && (bytes.len() as u64) < UNCOMPRESSED;
    let taken = progress.taken.load(Ordering::Relaxed);
    Ok(BeginningOfFile { bytes, whole, compression: found.compression, taken })
}

/// How far an input was read.
#[derive(Debug, Default)]
struct Progress {
    taken: AtomicU64,
    ended: AtomicBool,
}

/// Notes how far it is read.
struct Observed<R> {
    input: R,
    progress: Arc<Progress>,
}

impl<R: Read> Read for Observed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.progress.taken.fetch_add(read as u64, Ordering::Relaxed);
        if read == 0 && !buffer.is_empty() {
            self.progress.ended.store(true, Ordering::Relaxed);
        }
        Ok(read)
    }
}

/// A look at a text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// Whole lines of about a MiB, or the whole file where it is smaller; bytes that do not fit the encoding are replaced.
    pub text: String,
    /// The encoding that it seems to have, by the standard's name in lower case.
    pub encoding: String,
    /// Whether it can hardly be another.
    pub encoding_is_certain: bool,
}

/// Gives the beginning of a text file, uncompressed, and of one that is not compressed the end as well, for a person or a
/// guess.
///
/// # Errors
///
/// The data's fault where the file is broken, changed or no text, a dependency's where it cannot be read.
pub async fn glance(storage: &Storage, file: &PinnedFile) -> Result<Glance> {
    let object = PinnedObject::open(storage, file)?;
    let BeginningOfFile { mut bytes, whole, compression, .. } = beginning(&object).await?;
    let guess = guess(&bytes);
    let encoding = guess.encoding;
    check_text(&bytes[..bytes.len().min(4096)], encoding, file)?;
    if !whole && !is_utf16(encoding) {
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(bytes.len(), |end| end + 1));
        if compression == Compression::None {
            let end = object.read_range(file.size.saturating_sub(GLANCE / 4).max(GLANCE)..file.size).await?;
            bytes.extend(end.iter().skip_while(|byte| **byte != b'\n').skip(1));
        }
    }
    let (text, _, _) = encoding.decode(&bytes);
    Ok(Glance {
        text: text.into_owned(),
        encoding: encoding.name().to_ascii_lowercase(),
        encoding_is_certain: guess.certain,
    })
}

#[cfg(test)]
mod tests {
    use super::super::reader::samples::Lake;
    use super::*;
    use std::io::Write;

    /// Lines of which ten take about the room of one when they are compressed.
    fn lines(count: usize) -> Vec<u8> {
        let shared = "2026-01-01,a product,EUR,12.50,and a remark that all of these lines have in common";
        let line = |number: usize| format!("customer {:09},{shared}\n", number * 2_654_435_761 % 999_999_937);
        (0..count).flat_map(|number| line(number).into_bytes()).collect()
    }

    fn estimate(name: &str, content: Vec<u8>) -> (u64, u64) {
        let lake = Lake::new(&[(name, &content)]);
        let file = lake.pin(&lake.roots[1]).remove(0);
        let object = PinnedObject::open(&lake.storage, &file).unwrap();
        (lake.runtime.block_on(beginning(&object)).unwrap().lines_of_file(file.size), file.size)
    }

    #[test]
    fn lines_are_estimated_by_the_beginning_compressed_or_not() {
        for count in [0, 1, 1_000, 400_000] {
            let text = lines(count);
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            gzip.write_all(&text).unwrap();
            let zstd = zstd::encode_all(text.as_slice(), 3).unwrap();
            let size = text.len() as u64;
            for (name, content) in [("a.csv", text.clone()), ("a.csv.gz", gzip.finish().unwrap()), ("a.csv.zst", zstd)]
            {
                let (lines, bytes) = estimate(name, content);
                let off = lines.abs_diff(count as u64);
                assert!(off <= 1 + count as u64 / 10, "{name} of {count} lines: {lines}");
                assert!(name == "a.csv" || count < 400_000 || bytes * 10 < size, "{name} has {bytes} of {size} bytes");
            }
        }
    }
}
