//! No folder of a crate needs a folder that needs it, so that each can be read with those below it alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Which of the folders (and files) right below `src` name which others, tests aside.
fn needs(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let names: BTreeSet<String> = fs::read_dir(source)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .filter(|name| !["lib", "main"].contains(&name.as_str()))
        .collect();
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in rust_files(source) {
        let below = path.strip_prefix(source).unwrap();
        let own = Path::new(below.iter().next().unwrap()).file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let used = roots_of(&without_tests(&text));
        let others = used.into_iter().filter(|name| *name != own && names.contains(name));
        needs.entry(own.clone()).or_default().extend(others);
    }
    needs
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "tests" {
            found.extend(rust_files(&path));
        } else if name.ends_with(".rs") && !name.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found
}

/// A file's own tests stand at its end.
fn without_tests(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Gives `a` and `b` of `crate::a::…` and `crate::{a::…, b}`.
fn roots_of(text: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
    let mut roots = BTreeSet::new();
    for rest in text.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            roots.insert(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                letter if begins && letter.is_alphabetic() => {
                    roots.insert(word(&group[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    roots
}

/// Gives a way from a folder back to itself.
fn circle(needs: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut ways: Vec<Vec<String>> = needs.keys().map(|name| vec![name.clone()]).collect();
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        let (first, last) = (way.first()?.clone(), way.last()?.clone());
        for next in needs.get(&last).into_iter().flatten() {
            let longer: Vec<String> = way.iter().cloned().chain([next.clone()]).collect();
            if *next == first {
                return Some(longer);
            }
            if seen.insert((first.clone(), next.clone())) {
                ways.push(longer);
            }
        }
    }
    None
}

#[test]
fn no_folder_needs_one_that_needs_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for name in ["proto", "worker", "coordinator"] {
        let needs = needs(&root.join(name).join("src"));
        assert!(name == "proto" || needs.values().map(BTreeSet::len).sum::<usize>() > 20, "{name}: {needs:?}");
        if let Some(circle) = circle(&needs) {
            panic!("{name}/src: {}", circle.join(" needs "));
        }
    }
}

#[test]
fn a_circle_is_found() {
    let used =
        roots_of(&without_tests("use crate::{\n    a::{b, c::d},\n    e,\n};\nfn f() { crate::g::h() }\n// crate::i"));
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["a", "e", "g"]);
    let of = |pairs: &[(&str, &str)]| {
        let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in pairs {
            needs.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        circle(&needs)
    };
    assert_eq!(of(&[("a", "b"), ("a", "c"), ("b", "c")]), None);
    assert!(of(&[("a", "b"), ("b", "c"), ("c", "b")]).is_some());
}
