//! Keys of NDJSON that come late: a line may have keys that none of the first lines has.

use super::json_object::for_each_value;
use super::ndjson::without_marks;
use super::object::PinnedObject;
use super::pinned::PinnedFile;
use super::window::{Window, next_line};
use crate::storage::Storage;
use segmenter_proto::Result;
use segmenter_proto::jobs::CsvOptions;
use tokio::runtime::Handle;

/// Reads through `files` of NDJSON until each of the keys `missing` was seen, and gives those that were, in their order. On a
/// plain thread; `handle` is the runtime that does the requests.
///
/// # Errors
///
/// The data's fault where a file is broken or changed, a dependency's where it cannot be read.
pub fn late_keys(
    storage: &Storage,
    handle: &Handle,
    files: &[PinnedFile],
    csv: &CsvOptions,
    missing: Vec<String>,
) -> Result<Vec<String>> {
    let mut open = missing.clone();
    for file in files {
        let mut window = Window::open(&PinnedObject::open(storage, file)?, &csv.encoding, handle)?;
        while !open.is_empty() {
            let Some((length, next)) = next_line(&mut window)? else { break };
            if let Ok(line) = std::str::from_utf8(without_marks(&window.data()[..length]))
                && open.iter().any(|key| line.contains(key.as_str()) || line.contains("\\u"))
            {
                let mut seen: Vec<String> = Vec::new();
                let parsed = for_each_value(line, |key, _| seen.extend(open.iter().find(|open| *open == key).cloned()));
                if parsed.is_ok() {
                    open.retain(|key| !seen.contains(key));
                }
            }
            window.consume(next);
        }
    }
    Ok(missing.into_iter().filter(|key| !open.contains(key)).collect())
}
