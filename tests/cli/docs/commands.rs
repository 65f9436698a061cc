//! Every command of a ```` ```sh ```` fence works, in the order of the page, in an empty folder.

use super::pages::Page;
use crate::harness::*;
use std::path::Path;
use std::process::Command;

#[test]
fn commands_of_the_pages_work_in_their_order() {
    let pages = std::iter::once(Page::read("README.md")).chain(Page::docs());
    let mut commands = 0;
    for page in pages {
        let script = page.fences("sh");
        commands += script.lines().filter(|line| line.starts_with("segmenter ")).count();
        if !script.is_empty() {
            run(&page.path, &script);
        }
    }
    assert!(commands > 20, "{commands} commands");
}

fn run(page: &str, script: &str) {
    let workspace = Workspace::new();
    let programs = Path::new(env!("CARGO_BIN_EXE_segmenter")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    // -x names each command before what it says.
    shell.args(["-eux", "-c", script]).current_dir(workspace.root());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_") || name.starts_with("SEGMENTER_")) {
        shell.env_remove(name);
    }
    shell.env("PATH", path).env("NO_COLOR", "1").env("TMPDIR", workspace.path("tmp/x").parent().unwrap());
    let ran = shell.output().unwrap();
    let [stdout, stderr] = [&ran.stdout, &ran.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(ran.status.success(), "{page}: {}\n--- stdout\n{stdout}\n--- stderr\n{stderr}", ran.status);
}
