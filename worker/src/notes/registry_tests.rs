use super::*;
use std::collections::BTreeSet;

#[test]
fn every_note_is_found_by_its_name_and_its_check() {
    for note in Note::ALL {
        assert_eq!(Note::named(note.entry().name), Some(note));
        assert_eq!(Note::of_check(&note.check()), Some(note));
    }
    assert_eq!(Note::ALL.iter().collect::<BTreeSet<_>>().len(), Note::ALL.len());
    assert_eq!((Note::named("nonsense"), Note::of_check("null")), (None, None));
}

#[test]
fn sentences_are_parts_of_a_message() {
    let first = Some(super::super::NotedPlace { file: "a.csv".to_owned(), row: 7 });
    for note in Note::ALL {
        let noted = Noted { note, column: Some("x".to_owned()), count: 1_234, checked: 2_000, first: first.clone() };
        let sentence = noted.sentence();
        assert!(sentence.contains("1,234 of 2,000"), "{sentence}");
        assert!(!sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
    }
}
