//! Where an answer goes: stdout, or a file that appears when it is whole.

use segmenter_proto::{Error, Result};
use std::{
    fs::{self, File},
    io::{BufWriter, ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Where an answer goes.
pub struct Target {
    writer: BufWriter<Box<dyn Write>>,
    file: Option<Unfinished>,
}

/// A file under another name, which goes away unless it gets its own.
#[derive(Debug)]
struct Unfinished {
    aside: PathBuf,
    path: PathBuf,
    is_done: bool,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Target").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Target {
    /// Writes to stdout.
    pub fn stdout() -> Self {
        Self::of(Box::new(std::io::stdout()))
    }

    /// Writes to `writer`.
    pub fn of(writer: Box<dyn Write>) -> Self {
        Self { writer: BufWriter::new(writer), file: None }
    }

    /// Writes to a file of this machine; an older one stays until the new one is whole.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn file(path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let aside = path.with_file_name(format!(".{name}.{}", std::process::id()));
        let file = File::create(&aside).map_err(|error| failed(path, error))?;
        let unfinished = Unfinished { aside, path: path.to_owned(), is_done: false };
        Ok(Self { writer: BufWriter::new(Box::new(file)), file: Some(unfinished) })
    }

    /// Writes all that there is to write.
    ///
    /// # Errors
    /// A full disk, such as.
    pub fn write(mut self, bytes: &[u8]) -> Result<()> {
        if self.put(bytes)? { self.finish() } else { Ok(()) }
    }

    /// Writes bytes; says whether anybody reads on (`| head` does not for long).
    ///
    /// # Errors
    /// A full disk, such as.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<bool> {
        let written = self.writer.write_all(bytes);
        self.told(written)
    }

    /// Ends what is written.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub(super) fn finish(mut self) -> Result<()> {
        let flushed = self.writer.flush();
        self.told(flushed)?;
        match &mut self.file {
            None => Ok(()),
            Some(file) => {
                fs::rename(&file.aside, &file.path).map_err(|error| failed(&file.path, error))?;
                file.is_done = true;
                Ok(())
            }
        }
    }

    fn told(&self, written: std::io::Result<()>) -> Result<bool> {
        match (written, &self.file) {
            (Ok(()), _) => Ok(true),
            (Err(error), None) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            (Err(error), None) => Err(Error::dependency("stdout cannot be written").caused_by(error)),
            (Err(error), Some(file)) => Err(failed(&file.path, error)),
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_done {
            // It has no use, and whoever ends early has said why.
            let _ = fs::remove_file(&self.aside);
        }
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    let what = format!("{} cannot be written: {error}", path.display());
    match error.kind() {
        ErrorKind::StorageFull => {
            Error::resources(what).with_hint("make room on the disk, or give --out another place")
        }
        _ => Error::dependency(what).with_hint("give --out a file in a folder that is there and can be written to"),
    }
    .caused_by(error)
}
