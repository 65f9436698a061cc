//! Links within the repository lead to files and headings that are there.

use super::pages::{Page, root};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn links_lead_somewhere() {
    let others = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "deploy/README.md", "tests/README.md"];
    let pages = others.map(Page::read).into_iter().chain(Page::docs());
    let mut broken = Vec::new();
    let mut seen = 0;
    for page in pages {
        for link in links(&page) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            seen += 1;
            if let Err(why) = follow(&page, &link) {
                broken.push(format!("{}: {link}: {why}", page.path));
            }
        }
    }
    assert!(seen > 50, "{seen} links");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Gives the targets of `[…](target)` outside of code.
fn links(page: &Page) -> Vec<String> {
    let mut found = Vec::new();
    for line in page.prose() {
        // Every second part stands between marks of code.
        let text: String = line.split('`').step_by(2).collect::<Vec<_>>().join("code");
        found.extend(text.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())));
    }
    found
}

fn follow(page: &Page, link: &str) -> Result<(), String> {
    let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
    let folder = Path::new(&page.path).parent().unwrap();
    let path = if file.is_empty() { page.path.clone() } else { folder.join(file).to_str().unwrap().to_owned() };
    if !root().join(&path).exists() {
        return Err("there is no such file".to_owned());
    }
    match anchor {
        Some(anchor) if !anchors(&Page::read(&path)).contains(anchor) => Err("there is no such heading".to_owned()),
        _ => Ok(()),
    }
}

/// Gives the anchors of headings, as GitHub makes them.
fn anchors(page: &Page) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in page.prose().filter(|line| line.starts_with('#')) {
        let text = line.trim_start_matches('#').trim().to_lowercase();
        let kept = text.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let numbered = (1..).map(|number| format!("{anchor}-{number}"));
        let free = std::iter::once(anchor.clone()).chain(numbered).find(|name| !found.contains(name)).unwrap();
        found.insert(free);
    }
    found
}

#[test]
fn anchors_are_those_of_github() {
    let text = "# One `[source.csv]`\n## What *is* meant, and why?\n## One [source.csv]\n```sh\n# no heading\n```\n"
        .to_owned();
    let page = Page { path: "a.md".to_owned(), text };
    let expected = ["one-sourcecsv", "one-sourcecsv-1", "what-is-meant-and-why"].map(str::to_owned);
    assert_eq!(anchors(&page), BTreeSet::from(expected));
}
