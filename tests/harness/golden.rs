//! Messages compared word for word with a file beside the tests.

use super::{Ran, Workspace};
use std::path::Path;

/// Asserts that stderr, with the workspace's path replaced and progress lines left out, is what stands in
/// `tests/cli/golden/<case>.txt`. With `SEGMENTER_BLESS=1` the file is written instead; read it before committing it.
#[track_caller]
pub fn assert_golden(case: &str, workspace: &Workspace, ran: &Ran) {
    assert_golden_text(case, &normalised(&ran.stderr, workspace.root().to_str().unwrap()));
}

/// Asserts that a text is what stands in `tests/cli/golden/<case>.txt`.
#[track_caller]
pub fn assert_golden_text(case: &str, printed: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/cli/golden/{case}.txt"));
    if std::env::var_os("SEGMENTER_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, printed).unwrap();
    }
    let expected = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; write it with SEGMENTER_BLESS=1", file.display()));
    assert_eq!(printed, expected, "message of {case}; if the new one is better, write it with SEGMENTER_BLESS=1");
}

/// Leaves out JSON lines (progress) and replaces what differs from run to run.
fn normalised(stderr: &str, root: &str) -> String {
    let kept = stderr.lines().filter(|line| !line.trim_start().starts_with('{')).map(str::trim_end);
    let text = kept.collect::<Vec<_>>().join("\n").replace(root, "WORKSPACE");
    format!("{}\n", text.trim())
}

#[test]
fn progress_and_paths_are_not_part_of_a_message() {
    let stderr = "{\"event\":\"stage\"}\nerror: no file /tmp/x/in/a.parquet  \n  hint: look\n";
    assert_eq!(normalised(stderr, "/tmp/x"), "error: no file WORKSPACE/in/a.parquet\n  hint: look\n");
}
