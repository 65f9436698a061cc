//! Folders of this machine that hold customers' rows and that nobody else may look into.

use segmenter_proto::{Error, Result};
use std::{
    fs::{self, DirBuilder},
    io::{self, ErrorKind},
    os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    path::Path,
};

/// Only the owner may read, write and enter.
const OWN: u32 = 0o700;

/// Makes a folder that only this user can enter; one that is there already is closed to others.
///
/// # Errors
/// When it belongs to another user or is a link, which in a folder for everybody's temporary files is how a stranger gets at
/// what is written there: Job. When it cannot be made: Dependency, or Resources where the disk is full.
pub fn private_folder(path: &Path) -> Result<()> {
    let shown = path.display();
    let cannot = |error: io::Error| {
        let error = super::failure::of_io(&format!("cannot make the folder {shown}"), error);
        error.with_hint("give --scratch a folder that can be written to")
    };
    if let Some(above) = path.parent() {
        fs::create_dir_all(above).map_err(cannot)?;
    }
    match DirBuilder::new().mode(OWN).create(path) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(cannot(error)),
    }
    let found = fs::symlink_metadata(path).map_err(cannot)?;
    let strange = if !found.is_dir() {
        Some("is no folder")
    } else if !is_own(path, found.uid()).map_err(cannot)? {
        Some("belongs to another user")
    } else {
        None
    };
    if let Some(how) = strange {
        return Err(Error::job(format!("the scratch folder {shown} {how}"))
            .with_hint("give --scratch a folder of your own, or delete that one"));
    }
    if found.mode() & 0o777 != OWN {
        fs::set_permissions(path, fs::Permissions::from_mode(OWN)).map_err(cannot)?;
    }
    Ok(())
}

/// Says whether what belongs to `owner` is this process's own: whether a file that it makes belongs to the same.
fn is_own(folder: &Path, owner: u32) -> io::Result<bool> {
    // A folder of another user may well be closed to this one.
    match tempfile::tempfile_in(folder) {
        Ok(file) => Ok(file.metadata()?.uid() == owner),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_folder_is_closed_to_others_whoever_made_it() {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("a/b");
        private_folder(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700);
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        private_folder(&folder).unwrap();
        assert_eq!((mode(&folder), fs::read_dir(&folder).unwrap().count()), (0o700, 0));
    }

    #[test]
    fn what_a_stranger_could_have_put_there_is_refused() {
        let scratch = tempfile::tempdir().unwrap();
        let link = scratch.path().join("link");
        std::os::unix::fs::symlink(scratch.path(), &link).unwrap();
        let file = scratch.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [link, file] {
            let error = private_folder(&path).unwrap_err();
            assert_eq!(error.fault.exit_code(), 2, "{error}");
            assert!(error.message.contains(path.to_str().unwrap()), "{error}");
        }
        // Only root can give a folder away.
        let other = scratch.path().join("other");
        fs::create_dir(&other).unwrap();
        if std::os::unix::fs::chown(&other, Some(12_345), None).is_ok() {
            assert!(private_folder(&other).unwrap_err().message.contains("another user"));
        }
    }
}
