//! A page in another language: nothing that the program says is left in English.

use super::{
    fixture::{club, in_language},
    html::{assert_page, elements},
};
use crate::page::{compared, gather::page_of, render};
use std::{fs, path::Path};

/// What is the same in both languages: names and values of data, words of the job, and what is spelt alike.
const SAME: [&str; 23] = [
    "2026-02-01-00000000abcd",
    "behaviour",
    "orders",
    "amount",
    "monetary, city",
    "kmeans",
    "transactions",
    "c01",
    "c02",
    "c03",
    "c04",
    "out_of_scope",
    "club",
    "city",
    "limit",
    "EUR",
    "high monetary",
    "lapsed",
    "Big spenders",
    "Gone",
    "Segment",
    "segmenter",
    "algorithm",
];

/// Texts that a page takes as they stand: what was warned of, sentences of tables, the job file.
fn is_data(text: &str) -> bool {
    let plain: String = text.chars().filter(|letter| !"\u{2068}\u{2069}“”".contains(*letter)).collect();
    let is_name = SAME.iter().any(|same| plain.contains(same)) && plain.split(' ').count() <= 4;
    let has_letters = |text: &str| text.chars().any(char::is_alphabetic);
    let is_sentence = [
        "best index",
        "of all",
        "comes back by",
        "They tell more",
        "There are 4",
        "Typically",
        "quarantined",
        "name =",
    ]
    .iter()
    .any(|part| plain.contains(part));
    !has_letters(&plain) || is_name || is_sentence || ["new", "–"].contains(&plain.as_str())
}

fn page(language: &str) -> String {
    String::from_utf8(page_of(&in_language(club(), language)).unwrap().to_vec()).unwrap()
}

#[test]
fn nothing_that_the_program_says_is_left_in_english() {
    let [english, polish] = ["en", "pl"].map(page);
    assert_page(&polish, 60_000);
    assert!(polish.contains("<html lang=\"pl\">"));
    // An element without others in it has a text of its own; names that are attributes are read too.
    let texts = |page: &str| -> Vec<(String, String)> {
        let all = elements(page);
        let holds_none = |at: usize| all.get(at + 1).is_none_or(|next| next.path.len() <= all[at].path.len());
        let own = all.iter().enumerate().filter(|(at, own)| {
            !["style", "script", "code"].contains(&own.name.as_str()) && (holds_none(*at) || own.name == "li")
        });
        own.map(|(_, own)| (own.text.clone(), own.attributes.get("aria-label").cloned().unwrap_or_default())).collect()
    };
    let (english, polish) = (texts(&english), texts(&polish));
    assert_eq!(english.len(), polish.len(), "both pages have the same parts");
    let both = english.iter().zip(&polish).flat_map(|(own, other)| [(&own.0, &other.0), (&own.1, &other.1)]);
    let left: Vec<&String> = both.filter(|(own, other)| own == other && !is_data(own)).map(|(own, _)| own).collect();
    assert_eq!(left, Vec::<&String>::new());
}

#[test]
fn findings_are_told_in_the_language_of_the_run() {
    let text = page("pl").replace('\u{a0}', " ");
    for finding in [
        "1 000 klientów podzielono na 1 sposób: \u{2068}behaviour\u{2069} (5 segmentów).",
        "Z 1 000 wczytanych wierszy wykorzystano 95,0%. Najczęstszy powód pominięcia: „anonimowe” (30 wierszy).",
        "Największy segment to „\u{2068}high monetary\u{2069}” (50,0% wszystkich klientów)",
        "najwyższa wartość w segmencie „\u{2068}high monetary\u{2069}” (41,3 EUR, przedział ufności 95,0%: od 37,5 EUR do 45,1 EUR",
        "Jeden z 2 segmentów różni się od pozostałych bardziej, niż tłumaczyłby to przypadek.",
        "stan na 1 lutego 2026",
    ] {
        assert!(text.contains(finding), "{finding}");
    }
    assert!(!text.contains("{$"), "a variable was not given");
}

#[test]
fn two_runs_are_compared_in_the_language_of_the_later() {
    let page = compared::page([&club(), &in_language(club(), "pl")], &[], &[]);
    let text = render::render(&page).unwrap();
    assert!(text.contains("<html lang=\"pl\">") && text.contains("porównanie dwóch przebiegów"), "{text}");
}

/// What stands in the code between quotes is an id, a name or a sign; sentences are messages.
#[test]
fn no_sentence_stands_in_the_code_of_the_page() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page");
    let mut read = 0;
    for folder in ["sections", "drawing"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                for literal in line.split('"').skip(1).step_by(2) {
                    // What stands between braces is put in.
                    let said = literal.split(' ').filter(|word| !word.starts_with('{'));
                    let words = said.filter(|word| word.chars().filter(|own| own.is_alphabetic()).count() > 2);
                    assert!(
                        words.count() < 2 || literal.contains('<') || literal.contains('='),
                        "{literal:?} in {line}"
                    );
                    read += 1;
                }
            }
        }
    }
    assert!(read > 300, "{read} texts were read");
}
