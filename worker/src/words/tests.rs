use super::{
    LANGUAGES, Words,
    registry::FILES,
    retold::{TOLD, messages, variables},
};
use crate::families::families;
use segmenter_proto::jobs::Language;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// Messages that are said by a name that is part of data: `named("metric", …)` says those that begin with `metric-`.
const NAMED: [&str; 3] = ["named(", "called(", "translated("];

fn words(code: &str) -> &'static Words {
    Words::of(&Language::new(code))
}

/// All code of the worker and the coordinator, tests aside.
fn code() -> Vec<String> {
    fn read(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "tests" {
                read(&path, found);
            } else if [".rs", ".html"].iter().any(|end| name.ends_with(end)) && !name.ends_with("tests.rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push(text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    ["worker/src", "coordinator/src", "coordinator/templates"]
        .iter()
        .for_each(|part| read(&root.join(part), &mut found));
    found
}

/// What is said somewhere: the id, the names of what stands in it as far as they are written there, and whether all are.
fn said(code: &[String]) -> Vec<(String, BTreeSet<String>, bool)> {
    let mut found = Vec::new();
    for (call, has_arguments) in [(".say(", true), (".word(", false)] {
        for rest in code.iter().flat_map(|text| text.split(call).skip(1)) {
            let Some(rest) = rest.trim_start().strip_prefix('"') else { continue };
            let (id, rest) = rest.split_once('"').unwrap();
            let list = rest.trim_start_matches([',', ' ', '\n']);
            let (names, are_all) = match (has_arguments, list.strip_prefix('[')) {
                (false, _) => (BTreeSet::new(), true),
                (true, Some(list)) => first_of_pairs(list),
                (true, None) => (BTreeSet::new(), false),
            };
            found.push((id.to_owned(), names, are_all));
        }
    }
    found
}

/// Gives `a` and `b` of `("a", …), ("b", …)]…`, and whether nothing else stands there.
fn first_of_pairs(list: &str) -> (BTreeSet<String>, bool) {
    let (mut depth, mut names, mut others) = (0, BTreeSet::new(), false);
    for (at, letter) in list.char_indices() {
        match letter {
            '(' | '[' | '{' => {
                let name = list[at + 1..].trim_start().strip_prefix('"').filter(|_| depth == 0);
                names.extend(name.map(|name| name.split('"').next().unwrap().to_owned()));
                depth += 1;
            }
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            letter => others |= depth == 0 && letter.is_alphabetic(),
        }
    }
    (names, !others)
}

fn catalogue(file: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    messages(file).into_iter().map(|(id, text)| (id, variables(text).into_iter().collect())).collect()
}

#[test]
fn every_language_has_the_same_messages_with_the_same_variables() {
    let all = catalogue(FILES[0].1);
    for (code, text) in FILES {
        let parsed = fluent_bundle::FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| errors);
        assert_eq!(parsed.map(|_| ()), Ok(()), "{code}");
        assert_eq!(messages(text).len(), catalogue(text).len(), "{code}: an id stands there twice");
        assert_eq!(catalogue(text), all, "{code}");
    }
}

#[test]
fn what_is_said_is_in_the_files_and_what_is_in_them_is_said() {
    let (all, code) = (catalogue(FILES[0].1), code());
    let said = said(&code);
    assert!(said.len() > 2, "{}", said.len());
    for (id, names, are_all) in &said {
        let known = all.get(id.as_str()).unwrap_or_else(|| panic!("{id} is said, and no message"));
        let known: BTreeSet<String> = known.iter().map(|name| (*name).to_owned()).collect();
        let fit = if *are_all { *names == known } else { names.is_subset(&known) };
        assert!(fit, "{id} has {known:?}, and is given {names:?}");
    }
    let by_name: BTreeSet<&str> = code
        .iter()
        .flat_map(|text| NAMED.iter().flat_map(move |call| text.split(call).skip(1)))
        .filter_map(|rest| {
            let first = rest.trim_start();
            first.strip_prefix("words, ").unwrap_or(first).strip_prefix('"')?.split('"').next()
        })
        .collect();
    // What stands between quotes, lists of the heads of tables among it.
    let written = code.iter().flat_map(|text| text.split('"')).map(|text| text.trim_start_matches('#'));
    let written: BTreeSet<&str> = written.collect();
    for id in written.iter().filter(|text| text.starts_with("head-")) {
        assert!(all.contains_key(id), "{id} is the head of a column, and no message");
    }
    for id in all.keys() {
        let is_named = by_name.iter().any(|kind| id.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-')));
        assert!(id.starts_with(TOLD) || is_named || written.contains(id), "{id} is said nowhere");
    }
}

#[test]
fn what_tables_say_in_english_is_known_again() {
    let (polish, english) = (words("pl"), Words::english());
    for (text, told) in [
        ("fewer than 30 customers", "mniej niż 30 klientów"),
        ("fewer than two segments have customers", "mniej niż dwa segmenty mają klientów"),
        ("no segment has customers; fewer than 1 customers", "żaden segment nie ma klientów; mniej niż 1 klient"),
        (
            "k = 3: the best Calinski–Harabasz index, 1234.5, among those with no share below 0.02, of which none is stable; its \
             mean bootstrap Jaccard is 0.512 and its smallest share 0.110",
            "k = 3: najlepszy indeks Calińskiego–Harabasza, 1234,5, wśród podziałów bez udziału poniżej 0,02, z których żaden nie \
             jest stabilny; średni indeks Jaccarda z ponownego losowania wynosi 0,512, a najmniejszy udział 0,110",
        ),
        (
            "no useful groups: no number of clusters has a mean bootstrap Jaccard of at least 0.6 (best 0.512 at k = 2); the gap \
             statistic prefers one cluster (gap 0.500) to 3 (gap 0.300, standard error 0.010); k = 3 is what the job asks for and \
             is written all the same",
            "brak użytecznych grup: przy żadnej liczbie grup średni indeks Jaccarda nie wynosi co najmniej 0,6 (najlepszy 0,512 dla \
             k = 2); statystyka gap wskazuje raczej na jedną grupę (gap 0,500) niż na 3 (gap 0,300, błąd standardowy 0,010); o k = \
             3 prosi zadanie i mimo to je zapisano",
        ),
        (
            "value, ci_low: the window ends before 2026-05-02, and no row has a time",
            "value, ci_low: okno kończy się przed dniem 2026-05-02, a żaden wiersz nie ma czasu",
        ),
        ("somebody wrote this", "somebody wrote this"),
        ("", ""),
    ] {
        assert_eq!((polish.retold(text).as_ref(), english.retold(text).as_ref()), (told, text));
    }
}

#[test]
fn every_feature_of_a_preset_has_a_name() {
    for family in families() {
        let own = family.columns.iter().chain(&family.fitted).map(|column| column.name);
        let own = own.chain(family.derived.iter().map(|derived| derived.name));
        for column in own.filter(|column| !column.starts_with("__")) {
            let told = words("pl").named("feature", column).unwrap_or_else(|| panic!("{column} has no name"));
            assert_ne!(told, column.replace('_', " "));
            assert_eq!(Words::english().named("feature", column), Some(column.replace('_', " ")));
        }
    }
    let polish = words("pl");
    let over_a_window = polish.named("feature", "monetary_90d");
    assert_eq!((over_a_window.as_deref(), polish.named("feature", "own")), (Some("wartość zakupów 90d"), None));
}

#[test]
fn numbers_and_dates_are_as_the_language_has_them() {
    let day = "2011-12-10".parse().unwrap();
    let told = |words: &Words| {
        [words.whole(1_234_567), words.number(1234.5), words.number(0.25), words.percentage(0.27754), words.day(day)]
    };
    assert_eq!(told(words("en")), ["1,234,567", "1,234", "0.25", "27.8 %", "10 December 2011"]);
    assert_eq!(told(words("pl")), ["1\u{a0}234\u{a0}567", "1\u{a0}234", "0,25", "27,8%", "10 grudnia 2011"]);
    assert_eq!(words("en").percentage(-0.0001), "0.0 %");
    assert_eq!(words("tlh").code(), "en", "a language without a file");
    assert_eq!(LANGUAGES[0], Language::default().code());
}

#[test]
fn numbers_choose_the_form_of_their_language() {
    let counted = "things = { $count ->\n    [one] { $count } klient\n    [few] { $count } klienci\n   *[many] { $count } klientów\n}\n";
    let polish = Words::read("pl", counted);
    let told = |count: u64| polish.say("things", [("count", count.into())]);
    let all = [0, 1, 2, 5, 12, 22, 25, 1000].map(told);
    let expected = ["0 klientów", "1 klient", "2 klienci", "5 klientów", "12 klientów", "22 klienci", "25 klientów"];
    assert_eq!(all[..7], expected);
    assert_eq!(all[7], "1\u{a0}000 klientów");
}
