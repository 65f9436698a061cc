//! Whatever a file holds, reading it ends with a job or with errors that can be shown.

use super::read;
use proptest::prelude::*;

const CONTRACT: &str = include_str!("contract.toml");

/// Pieces that change the meaning of a line.
const PIECES: [&str; 12] = ["", "\"", "[", "]]", "{", "=", "${", "ż", "\n", "5", "'", "[[source]]\n"];

fn check(text: &str) {
    let Err(errors) = read(text) else { return };
    assert!(!errors.errors.is_empty());
    for error in &errors.errors {
        let span = error.span.clone().unwrap();
        assert!(text.get(span.clone()).is_some(), "{span:?} of {error:?}");
        assert!(!error.message.contains("cannot be read"), "{error:?} in {text}");
    }
    let beginning: String = errors.errors[0].message.chars().take(8).collect();
    assert!(errors.render(80, false).contains(&beginning));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn changed_at_any_letter(at in 0..CONTRACT.chars().count(), removed in 0..40_usize, piece in 0..PIECES.len()) {
        let before: String = CONTRACT.chars().take(at).collect();
        let after: String = CONTRACT.chars().skip(at + removed).collect();
        check(&format!("{before}{}{after}", PIECES[piece]));
    }

    #[test]
    fn with_any_value_at_any_key(key in 0..80_usize, value in 0..9_usize) {
        let values = ["5", "-1.5", "true", "\"\"", "\"x\"", "[]", "[1, \"a\", {}]", "{ a = 1 }", "2026-01-01T00:00:00Z"];
        let keyed: Vec<usize> = (0..).zip(CONTRACT.lines()).filter(|(_, line)| line.contains(" = ")).map(|(at, _)| at).collect();
        let chosen = keyed[key % keyed.len()];
        let line = |(at, line): (usize, &str)| match line.split_once('=') {
            Some((name, _)) if at == chosen => format!("{name}= {}\n", values[value]),
            _ => format!("{line}\n"),
        };
        check(&CONTRACT.lines().enumerate().map(line).collect::<String>());
    }
}
