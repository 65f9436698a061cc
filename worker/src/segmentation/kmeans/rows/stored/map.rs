//! Files of the scratch folder, mapped to memory; `unsafe` code, as the kernel's and the allocator's settings are.
//!
//! Why a mapping stands: the file has no name (it is unlinked before it is written), so that no other process can open, change or cut it; this process keeps no handle that
//! could write to it; and its pages are made by ordinary writes, so that a full disk is an error of the write and never a fault of a later access.
#![allow(unsafe_code)]

use crate::failpoint::failpoint;
use crate::segmentation::kmeans::rows::matrix::Lanes;
use memmap2::Mmap;
use segmenter_proto::{Error, NO_ROOM, Result, checksum_of};
use std::{
    fs::File,
    io::{BufWriter, ErrorKind, Write},
    os::unix::fs::FileExt,
    path::Path,
};
use xxhash_rust::xxh3::Xxh3;

/// Bytes of a write.
const BUFFER: usize = 1 << 20;

/// A file of a scratch folder, to be read through memory; gone when dropped, or when the process ends in whatever way.
#[derive(Debug)]
pub(in crate::segmentation::kmeans) struct Mapped {
    map: Mmap,
    /// Of what was written.
    checksum: u64,
}

impl Mapped {
    /// Writes a file to `folder` and maps it.
    ///
    /// # Errors
    /// The disk is full: Resources, saying how much is needed. The folder cannot be written to: Dependency.
    pub(super) fn write(
        folder: &Path,
        bytes: u64,
        fill: impl FnOnce(&mut BufWriter<Summed>) -> std::io::Result<()>,
    ) -> Result<Self> {
        let failed = |error: std::io::Error| {
            let full =
                matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge);
            let (folder, megabytes) = (folder.display(), bytes.div_ceil(1 << 20));
            match full {
                true => Error::resources(format!("scratch folder {folder} has {NO_ROOM} {megabytes} MB of rows"))
                    .with_hint("give --scratch a folder on a larger disk, or more --memory"),
                false => Error::dependency(format!("scratch folder {folder} cannot hold {megabytes} MB of rows"))
                    .with_hint("give --scratch a folder that can be written to"),
            }
            .caused_by(error)
        };
        std::fs::create_dir_all(folder).map_err(failed)?;
        let file = tempfile::tempfile_in(folder).map_err(failed)?;
        let mut writer = BufWriter::with_capacity(BUFFER, Summed { file, sum: Xxh3::new() });
        fill(&mut writer).map_err(failed)?;
        let Summed { file, sum } = writer.into_inner().map_err(|error| failed(error.into_error()))?;
        // A test's way to a disk that does not keep what it is given.
        if failpoint("rows.stored").is_err() {
            harm(&file).map_err(failed)?;
        }
        // SAFETY: the file has no name and this is its only handle, which is closed below: nobody can change or cut it while it is mapped.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        Ok(Self { map, checksum: sum.digest() })
    }

    /// Says whether the file is what was written. It is read whole, so this is for the first look and the last, and not for every pass.
    pub(super) fn is_whole(&self) -> bool {
        checksum_of(&self.map) == self.checksum
    }

    /// Lets go of the pages that were looked at, so that they count as the system's and not as the process's; the next look brings
    /// them back from the file. A system that does not keeps them until it wants the memory.
    pub(super) fn let_pages_go(&self) {
        #[cfg(unix)]
        // SAFETY: the mapping is of a file and was never written to, so that what is dropped is read again as it was.
        drop(unsafe { self.map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) });
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Gives the file as lanes, as [`write_lanes`] wrote them.
    pub(super) fn lanes(&self) -> &[Lanes] {
        // SAFETY: lanes are sixteen f32 without padding, and any bits are an f32. `align_to` itself takes only what is aligned; a mapping begins at a page, so that it is all.
        let (before, lanes, _) = unsafe { self.map.align_to::<Lanes>() };
        debug_assert!(before.is_empty());
        lanes
    }
}

/// A file that sums up what is written to it.
pub(super) struct Summed {
    file: File,
    sum: Xxh3,
}

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.sum.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Flips a bit in the middle.
fn harm(file: &File) -> std::io::Result<()> {
    let (mut byte, middle) = ([0], file.metadata()?.len() / 2);
    file.read_exact_at(&mut byte, middle)?;
    file.write_all_at(&[byte[0] ^ 0x10], middle)
}

/// Writes lanes as they lie in memory.
pub(super) fn write_lanes(writer: &mut impl Write, lanes: &[Lanes]) -> std::io::Result<()> {
    let mut bytes = [0; size_of::<Lanes>()];
    for lanes in lanes {
        for (bytes, value) in bytes.chunks_exact_mut(size_of::<f32>()).zip(lanes.0) {
            bytes.copy_from_slice(&value.to_ne_bytes());
        }
        writer.write_all(&bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_name_holds_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let lanes: Vec<Lanes> = (0..100).map(|at| Lanes([at as f32; 16])).collect();
        let mapped = Mapped::write(&folder.path().join("new"), 6400, |file| write_lanes(file, &lanes)).unwrap();
        assert!(mapped.lanes().iter().map(|lanes| lanes.0).eq(lanes.iter().map(|lanes| lanes.0)));
        assert_eq!(std::fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
        mapped.let_pages_go();
        assert!(mapped.lanes().iter().map(|lanes| lanes.0).eq(lanes.iter().map(|lanes| lanes.0)));
        assert!(mapped.is_whole());
        let empty = Mapped::write(folder.path(), 0, |_| Ok(())).unwrap();
        assert!(empty.lanes().is_empty() && empty.bytes().is_empty() && empty.is_whole());
    }

    #[test]
    fn a_file_that_is_not_what_was_written_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        // As long as several writes, and then harmed behind the back of what sums up.
        let bytes = vec![7; 3 << 20];
        let mapped = Mapped::write(folder.path(), 0, |file| {
            file.write_all(&bytes)?;
            file.flush()?;
            harm(&file.get_ref().file)
        });
        let mapped = mapped.unwrap();
        assert!(!mapped.is_whole() && mapped.bytes().iter().filter(|byte| **byte != 7).count() == 1);
    }

    #[test]
    fn a_disk_without_room_and_a_folder_that_is_none_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let full = |_: &mut BufWriter<Summed>| Err(std::io::Error::from(ErrorKind::StorageFull));
        let error = Mapped::write(folder.path(), 5 << 20, full).unwrap_err();
        assert!(error.fault.exit_code() == 6 && error.message.contains("no room for 5 MB"), "{error}");
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = Mapped::write(&file, 1, |_| Ok(())).unwrap_err();
        assert_eq!(error.fault.exit_code(), 4);
    }
}
