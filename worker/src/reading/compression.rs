//! Uncompresses text files. Their first bytes say how they are compressed, whatever their names say: some programs
//! uncompress on the way and keep the name, others compress and do not tell.

use super::pinned::{Compression, PinnedFile};
use flate2::bufread::GzDecoder;
use segmenter_proto::{Error, Result};
use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

/// Bytes that are read at a time.
pub(super) const READ: usize = 256 << 10;

/// Bytes of a file's beginning that are looked at.
const HEAD: usize = 4096;

/// Layers of compression that are taken off: a file that was compressed on the way, and once more.
const LAYERS: usize = 3;

/// The first byte of gzip data.
const GZIP: u8 = 0x1F;

/// Bytes on their way into memory.
pub(super) type Input = Box<dyn Read + Send>;

/// A file's content, uncompressed.
pub(super) struct Uncompressed {
    /// All of it.
    pub(super) input: Input,
    /// Its first bytes, which `input` gives too.
    pub(super) head: Vec<u8>,
    /// How it was compressed outermost.
    pub(super) compression: Compression,
}

/// Takes the compression off `input`, the content of `file`, of which up to `ahead` bytes are read ahead.
///
/// # Errors
///
/// The data's fault where the compressed data are damaged or cut off, else as reading failed.
pub(super) fn uncompressed(mut input: Input, file: &PinnedFile, ahead: usize) -> Result<Uncompressed> {
    let mut outermost = Compression::None;
    for layer in 0..=LAYERS {
        let head = beginning(&mut input).map_err(|error| unreadable(file, outermost, error))?;
        let all = Cursor::new(head.clone()).chain(input);
        let compression = compression_of(&head);
        if layer == 0 {
            outermost = compression;
        }
        input = match compression {
            Compression::None => return Ok(Uncompressed { input: Box::new(all), head, compression: outermost }),
            Compression::Gzip => Box::new(Members::new(BufReader::with_capacity(ahead, all))),
            Compression::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(ahead, all));
                Box::new(decoder.map_err(|error| unreadable(file, outermost, error))?)
            }
        };
    }
    Err(file.broken(format!("it is compressed more than {LAYERS} times over")).with_hint("uncompress it"))
}

/// Gives the first bytes, as many as there are up to [`HEAD`].
fn beginning(input: &mut Input) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD);
    input.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// Tells how data are compressed by their first bytes.
pub(super) fn compression_of(head: &[u8]) -> Compression {
    match head {
        [GZIP, 0x8B, 8, ..] => Compression::Gzip,
        // The second is a frame to be passed over, with which parallel compressors begin.
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Compression::Zstd,
        _ => Compression::None,
    }
}

/// Gives the error of a read that failed: what our own reads said, or what is wrong with compressed data.
pub(super) fn unreadable(file: &PinnedFile, compression: Compression, error: io::Error) -> Error {
    let error = match error.downcast::<Error>() {
        Ok(error) => return error,
        Err(error) => error,
    };
    let kind = match compression {
        Compression::None => {
            return Error::dependency(format!("cannot read {}: {error}", file.uri)).caused_by(error);
        }
        Compression::Gzip => "gzip",
        Compression::Zstd => "Zstandard",
    };
    let what = match error.kind() {
        ErrorKind::UnexpectedEof => format!("it is cut off: its {kind} data have no end"),
        _ => format!("its {kind} data are damaged"),
    };
    file.broken(what).with_hint("copy or export the file again").caused_by(error)
}

/// Reads the members of a gzip file one after the other; zeros after one, with which tapes and block devices fill up,
/// are passed over.
struct Members<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    fn new(input: R) -> Self {
        Self { member: Some(GzDecoder::new(input)) }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 {
                return Ok(read);
            }
            let Some(ended) = self.member.take() else { break };
            let mut input = ended.into_inner();
            if goes_on(&mut input)? {
                if input.fill_buf()?.first() != Some(&GZIP) {
                    return Err(io::Error::new(ErrorKind::InvalidData, "what stands behind the data is not gzip"));
                }
                self.member = Some(GzDecoder::new(input));
            }
        }
        Ok(0)
    }
}

/// Passes over zeros, and says whether there is anything behind them.
fn goes_on(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let ahead = input.fill_buf()?;
        if ahead.is_empty() {
            return Ok(false);
        }
        match ahead.iter().position(|byte| *byte != 0) {
            Some(zeros) => {
                input.consume(zeros);
                return Ok(true);
            }
            None => {
                let zeros = ahead.len();
                input.consume(zeros);
            }
        }
    }
}

#[cfg(test)]
#[path = "compression_tests.rs"]
mod tests;
