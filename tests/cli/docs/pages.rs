//! Pages of documentation as text.

use std::path::{Path, PathBuf};

/// Gives the folder of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Path within the repository.
    pub path: String,
    pub text: String,
}

impl Page {
    pub fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self { path: path.to_owned(), text }
    }

    /// Gives the pages of `docs/`, in the order of their paths.
    pub fn docs() -> Vec<Self> {
        let mut found = Vec::new();
        let mut folders = vec!["docs".to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(root().join(&folder)).unwrap() {
                let entry = entry.unwrap();
                let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
                match entry.path().is_dir() {
                    true => folders.push(path),
                    false if path.ends_with(".md") => found.push(path),
                    false => {}
                }
            }
        }
        found.sort();
        found.iter().map(|path| Self::read(path)).collect()
    }

    /// Gives the lines outside of fences.
    pub fn prose(&self) -> impl Iterator<Item = &str> {
        let mut is_code = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
    }

    /// Gives the page without its generated sections.
    pub fn by_hand(&self) -> Self {
        let mut text = String::new();
        for part in self.text.split("<!-- generated: ") {
            text.push_str(part.split_once("<!-- end -->").map_or(part, |(_, rest)| rest));
        }
        Self { path: self.path.clone(), text }
    }

    /// Gives the contents of the fences that are marked so, in their order.
    pub fn fences(&self, mark: &str) -> String {
        let mut open: Option<&str> = None;
        let mut found = String::new();
        for line in self.text.lines() {
            match (line.trim_start().strip_prefix("```"), open) {
                (Some(_), Some(_)) => open = None,
                (Some(own), None) => open = Some(own),
                (None, Some(own)) if own == mark => found.extend([line, "\n"]),
                (None, _) => {}
            }
        }
        found
    }

    /// Gives what stands below a heading, up to the next one of the same level or a higher one.
    pub fn below(&self, heading: &str) -> Option<String> {
        let level = |line: &str| line.len() - line.trim_start_matches('#').len();
        let mut lines = self.text.lines().skip_while(|line| *line != heading);
        let own = level(lines.next()?);
        let is_next = |line: &&str| (1..=own).contains(&level(line));
        Some(lines.take_while(|line| !is_next(line)).map(|line| format!("{line}\n")).collect())
    }
}

/// Gives the cells of the rows of a table, without its head; code is without its marks.
pub fn rows(text: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|').replace("\\|", "\u{1}");
        line.split('|').map(|cell| cell.trim().trim_matches('`').replace('\u{1}', "|")).collect::<Vec<_>>()
    };
    let mut lines = text.lines().peekable();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let is_head = lines.peek().is_some_and(|next| next.starts_with("|-") || next.starts_with("| -"));
        match line.starts_with('|') {
            true if is_head => drop(lines.next()),
            true => found.push(cells(line)),
            false => {}
        }
    }
    found
}

#[test]
fn the_readme_is_short_and_lines_fit_a_screen() {
    let readme = Page::read("README.md");
    let wide = |page: &Page, most: usize| {
        let is_wide = |line: &&str| !line.starts_with('|') && line.chars().count() > most;
        page.by_hand().prose().filter(is_wide).map(|line| format!("{}: {line}", page.path)).collect::<Vec<_>>()
    };
    assert!(readme.text.lines().count() <= 120, "README.md has more than 120 lines");
    let widest = readme.text.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "README.md has a line of {widest:?} columns, expected at most 100");
    let docs = Page::docs();
    assert_eq!(docs.iter().flat_map(|page| wide(page, 120)).collect::<Vec<_>>(), Vec::<String>::new());
}
