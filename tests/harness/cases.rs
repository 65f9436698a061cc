//! Small inputs that went wrong elsewhere, which stand beside the repository on some machines and are not part of it.

use super::{CommittedRun, Program, Ran, Workspace};
use std::fs;
use std::path::Path;

/// A copy of a case's folder, in which its jobs are run.
#[derive(Debug)]
pub struct Case {
    workspace: Workspace,
}

impl Case {
    /// Copies a case, or says on stdout that the test is skipped.
    pub fn of(name: &str) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/cases").join(name);
        if !folder.exists() {
            println!("SKIPPED: the case {} is not on this machine", folder.display());
            return None;
        }
        let workspace = Workspace::new();
        copy(&folder, workspace.root());
        Some(Self { workspace })
    }

    /// Prepares a command on one of its jobs.
    pub fn command(&self, command: &str, job: &str) -> Program {
        let program = Program::segmenter(&[command, job]).within(self.workspace.root());
        let scratches = ["run", "score"].contains(&command);
        if scratches { program.args(&["--scratch", &self.scratch()]) } else { program }
    }

    /// Runs a job, however that ends.
    pub fn run(&self, job: &str) -> Ran {
        self.command("run", job).go()
    }

    /// Runs a job that must succeed, and reads the committed run back.
    #[track_caller]
    pub fn committed(&self, job: &str) -> (CommittedRun, Ran) {
        let ran = self.run(job).succeeded();
        (self.read(&ran), ran)
    }

    /// Reads the run that a command printed.
    #[track_caller]
    pub fn read(&self, ran: &Ran) -> CommittedRun {
        let folder = self.workspace.root().join(ran.run_folder().trim_start_matches("file://"));
        CommittedRun::local(folder.to_str().unwrap())
    }

    /// Writes a job like another, with one text for another in it, and gives its name.
    #[track_caller]
    pub fn changed(&self, job: &str, from: &str, to: &str) -> String {
        let text = fs::read_to_string(self.workspace.root().join(job)).unwrap();
        assert!(text.contains(from), "{job} has no {from}");
        let name = format!("changed-{job}");
        fs::write(self.workspace.root().join(&name), text.replacen(from, to, 1)).unwrap();
        name
    }

    /// Gives the bytes of one of its files.
    pub fn file(&self, name: &str) -> Vec<u8> {
        fs::read(self.workspace.root().join(name)).unwrap()
    }

    fn scratch(&self) -> String {
        let scratch = self.workspace.root().join("scratch");
        fs::create_dir_all(&scratch).unwrap();
        scratch.to_str().unwrap().to_owned()
    }
}

/// Copies contents alone: what is there may be read only.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => fs::write(to.join(name), fs::read(&path).unwrap()).unwrap(),
        }
    }
}
