//! A page as a strict reader takes it: every tag is closed, every reference leads somewhere, nothing is loaded.

use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Elements that have no end.
const VOID: [&str; 2] = ["meta", "link"];

/// An element of a page, in the order of their beginnings.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Its text and that of all in it.
    pub text: String,
    /// Where it stands within others, as positions among the elements; the last is its own.
    pub path: Vec<usize>,
}

/// Reads a page.
///
/// # Panics
/// It is not well formed.
#[track_caller]
pub fn elements(html: &str) -> Vec<Element> {
    let body = html.strip_prefix("<!doctype html>").expect("a page begins with its doctype");
    let (mut found, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut rest = body;
    while let Some(at) = rest.find('<') {
        add_text(&mut found, &open, &rest[..at]);
        rest = &rest[at + 1..];
        if let Some(ends) = rest.strip_prefix('/') {
            let (name, behind) = ends.split_once('>').expect("a tag ends");
            let last = open.pop().unwrap_or_else(|| panic!("</{name}> closes nothing"));
            assert_eq!(found[last].name, name, "what is open last is closed first");
            rest = behind;
            continue;
        }
        let (name, attributes, is_closed, behind) = tag(rest);
        rest = behind;
        let path = open.iter().copied().chain([found.len()]).collect();
        found.push(Element { name: name.clone(), attributes, text: String::new(), path });
        if ["style", "script"].contains(&name.as_str()) {
            let (text, behind) = rest.split_once(&format!("</{name}>")).expect("raw text ends");
            found.last_mut().unwrap().text = text.to_owned();
            rest = behind;
        } else if !is_closed && !VOID.contains(&name.as_str()) {
            open.push(found.len() - 1);
        }
    }
    assert!(open.is_empty(), "{:?} are not closed", open.iter().map(|at| &found[*at].name).collect::<Vec<_>>());
    found
}

fn add_text(found: &mut [Element], open: &[usize], text: &str) {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    let text = text.replace("&#39;", "'").replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"");
    let text = text.replace("&#38;", "&").replace("&amp;", "&");
    open.iter().for_each(|at| found[*at].text.push_str(&text));
}

fn tag(text: &str) -> (String, BTreeMap<String, String>, bool, &str) {
    let end = text.find([' ', '>', '/']).expect("a tag has a name");
    let (name, mut rest) = text.split_at(end);
    assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric()), "<{name} is no tag");
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix("/>") {
            return (name.to_owned(), attributes, true, behind);
        }
        if let Some(behind) = rest.strip_prefix('>') {
            return (name.to_owned(), attributes, false, behind);
        }
        let (key, behind) = rest.split_once("=\"").expect("an attribute has a value in quotes");
        let (value, behind) = behind.split_once('"').expect("a value ends");
        assert!(key.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'), "{key} is no attribute");
        assert!(!value.contains('<'), "{key} has markup: {value}");
        assert!(attributes.insert(key.to_owned(), value.replace("&#39;", "'")).is_none(), "{key} stands twice");
        rest = behind;
    }
}

/// Asserts what holds of every page: it is well formed, accessible as far as its text tells, asks nobody for anything, and is small.
///
/// # Panics
/// It is none of that.
#[track_caller]
pub fn assert_page(html: &str, largest: usize) {
    assert!(html.len() <= largest, "{} bytes", html.len());
    let all = elements(html);
    let named = |name: &str| all.iter().filter(|element| element.name == name).collect::<Vec<_>>();
    assert_eq!(named("html")[0].attributes["lang"].len(), 2);
    assert_eq!((named("h1").len(), named("main").len(), named("header").len(), named("footer").len()), (1, 1, 1, 1));
    let ids: Vec<&String> = all.iter().filter_map(|element| element.attributes.get("id")).collect();
    let unique: BTreeSet<&str> = ids.iter().map(|id| id.as_str()).collect();
    assert_eq!(unique.len(), ids.len(), "ids are unique");
    for element in &all {
        for (name, value) in &element.attributes {
            assert!(name != "style" && !name.starts_with("on"), "{name} on {}", element.name);
            assert!(
                !["src", "srcset", "action", "data", "poster"].contains(&name.as_str()),
                "{name} on {}",
                element.name
            );
            if name == "aria-labelledby" {
                value.split(' ').for_each(|id| assert!(unique.contains(id), "{id} of {}", element.name));
            }
            if name == "href" {
                let id = value.strip_prefix('#').unwrap_or_else(|| panic!("{value} leads away"));
                assert!(unique.contains(id), "{value} leads nowhere");
            }
        }
    }
    assert_no_request(html, &all);
    for (at, svg) in all.iter().enumerate().filter(|(_, element)| element.name == "svg") {
        assert_eq!(svg.attributes["role"], "img");
        let own = |name: &str| all[at..].iter().find(|element| element.name == name).unwrap();
        assert!(!own("title").text.is_empty() && !own("desc").text.is_empty(), "a picture says what it shows");
        let figure = svg.path.iter().rev().find(|at| all[**at].name == "figure").expect("a picture is in a figure");
        let next = all.iter().find(|element| element.path.last() > svg.path.last() && !element.path.contains(figure));
        assert_eq!(next.map(|element| element.name.as_str()), Some("details"), "the table of a picture follows it");
    }
    for table in named("table") {
        let within =
            |name: &str| all.iter().filter(|own| own.path.starts_with(&table.path) && own.name == name).count();
        assert_eq!(within("caption"), 1, "a table has a caption");
        let heads = all.iter().filter(|own| {
            own.path.starts_with(&table.path) && own.attributes.get("scope").is_some_and(|of| of == "col")
        });
        let heads = heads.count();
        assert_eq!(
            within("td"),
            within("tr").saturating_sub(1) * (heads - 1),
            "rows are as long as their heads: {}",
            table.text
        );
    }
}

fn assert_no_request(html: &str, all: &[Element]) {
    let policy =
        all.iter().find(|own| own.attributes.get("http-equiv").is_some_and(|of| of == "Content-Security-Policy"));
    let policy = &policy.expect("a page has a policy").attributes["content"];
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for name in ["style", "script"] {
        let inline: Vec<&Element> = all.iter().filter(|own| own.name == name).collect();
        assert_eq!(inline.len(), 1);
        let hash = base64(&Sha256::digest(inline[0].text.as_bytes()));
        assert!(policy.contains(&format!("{name}-src 'sha256-{hash}'")), "{policy} has no {hash}");
        assert!(!inline[0].text.contains("url(") && !inline[0].text.contains("@import"), "{name} loads something");
    }
    // What a job file says is text.
    let code: usize = all.iter().filter(|own| own.name == "pre").map(|own| own.text.matches("http").count()).sum();
    assert_eq!(html.matches("http").count(), code + "http-equiv".matches("http").count(), "an address");
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let six = bits.chunks(6).map(|six| six.iter().chain([0; 6].iter()).take(6).fold(0, |sum, bit| sum * 2 + bit));
    let text: String = six.map(|at: u8| char::from(LETTERS[usize::from(at)])).collect();
    let padding = (4 - text.len() % 4) % 4;
    text + &"=".repeat(padding)
}
