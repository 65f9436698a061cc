//! What stands on a page, and what does not.

use super::{
    fixture::{JOB, club, run, segments},
    html::{assert_page, elements},
};
use crate::page::{compared, gather::page_of, model::Page, render, render::base64, sections::Limits, sections::page};

fn text(data: &crate::page::data::RunData) -> String {
    String::from_utf8(page_of(data).unwrap().to_vec()).unwrap()
}

/// A page as it is compared: without the style sheet and the script, a line a tag.
fn compared_text(page: &Page) -> String {
    let text = render::render(page).unwrap().replace(render::STYLE, "").replace(render::SCRIPT, "");
    let text = text.replace("><", ">\n<");
    text.lines().filter(|line| !line.contains("Content-Security-Policy")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_page_of_a_club() {
    let data = club();
    assert_page(&text(&data), 60_000);
    insta::assert_snapshot!(compared_text(&page(&data, Limits::ALL[0])));
}

#[test]
fn the_same_run_gives_the_same_bytes() {
    assert_eq!(page_of(&club()).unwrap(), page_of(&club()).unwrap());
}

#[test]
fn of_few_customers_there_are_no_figures() {
    let text = text(&club());
    // A segment of 11 customers has a size and nothing else; so has a level that three have.
    assert!(text.contains("c04") && text.contains("812"), "what is told");
    for hidden in ["77,777", "77,767", "55,555", "99,999", "Radom", "other levels"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
}

#[test]
fn what_was_not_computed_has_no_box() {
    let text = text(&run(JOB, vec![("segments", segments(&[("behaviour", "c01", "all of them", 100)]))]));
    assert_page(&text, 40_000);
    let heads: Vec<String> = elements(&text)
        .into_iter()
        .filter(|own| ["h2", "h3"].contains(&own.name.as_str()))
        .map(|own| own.text)
        .collect();
    let expected = [
        "Can it be relied on?",
        "What became of the rows",
        "Segments by \u{2068}behaviour\u{2069}",
        "How large the segments are",
        "How it was computed",
    ];
    assert_eq!(heads, expected);
}

#[test]
fn findings_say_what_the_figures_are() {
    let text = text(&club()).replace('\u{a0}', " ");
    for finding in [
        "Of 1,000 rows that were read, 95.0 % were used. The most frequent reason why a row was not is “anonymous” (30 rows).",
        "The newest row of \u{2068}orders\u{2069} that was used is 2 days older than the day of the run.",
        "1 finding speaks for it (✓), 1 speaks against it (!).",
        "The largest segment is “\u{2068}high monetary\u{2069}” with 50.0 % of all customers, the smallest “\u{2068}new\u{2069}” with 1.1 %.",
        "highest in “\u{2068}high monetary\u{2069}” (41.3 EUR, between 37.5 EUR and 45.1 EUR with 95.0 % confidence; all others 20 EUR)",
        "One of 2 segments differs from the others by more than chance explains.",
        "“\u{2068}lapsed\u{2069}” does not come back reliably when customers are drawn again (0.52 of 1).",
        "7.5 % of the customers in both runs moved to another segment. Most of one kind, 50, went from “\u{2068}high monetary\u{2069}” to",
        "The map shows 81.0 % of the differences between customers. To the right lie customers with high \u{2068}monetary\u{2069}, upwards those \
         with \u{2068}city\u{2069}: \u{2068}Kraków\u{2069}. “\u{2068}high monetary\u{2069}” lies apart from all others on it. “\u{2068}lapsed\u{2069}” and \
         “\u{2068}city Kraków\u{2069}” overlap most: 20.0 % of each lie where the other does.",
        "51 of 961 customers are not drawn: they lie in hexagons of fewer than 20 of their segment.",
        "25 customers lie farther to the left or right than the map reaches",
        "Of customers who order for the first time, 40.0 % order again in the month after.",
        "Customers are spread otherwise than in the run before by \u{2068}monetary\u{2069}.",
        "90.0 % ↑↑",
        "Typically monetary is about 810",
    ] {
        assert!(text.contains(finding), "{finding}");
    }
}

#[test]
fn two_runs_stand_side_by_side() {
    let (before, now) = (
        run(JOB, vec![("segments", segments(&[("behaviour", "c01", "one", 60), ("behaviour", "c09", "gone", 40)]))]),
        club(),
    );
    let page = compared::page([&before, &now], &[], &[]);
    let text = render::render(&page).unwrap();
    assert_page(&text, 60_000);
    let text = text.replace('\u{a0}', " ");
    let gone = "The share of “\u{2068}gone\u{2069}” changed most: 40.0 % then, none now.";
    assert!(text.contains(gone), "{text}");
}

#[test]
fn hashes_are_written_as_policies_take_them() {
    let known = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
    known.iter().for_each(|(bytes, text)| assert_eq!(base64(bytes.as_bytes()), *text));
}
