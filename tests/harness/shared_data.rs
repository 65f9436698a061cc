//! Real data that stands beside the repository on some machines and is not part of it.

use std::path::{Path, PathBuf};

/// Gives the path of a file of real data, or says on stdout that the test is skipped.
pub fn shared_data(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data").join(file);
    if path.exists() {
        return Some(path.canonicalize().unwrap());
    }
    println!("SKIPPED: the real data {} is not on this machine", path.display());
    None
}
