//! Named points at which a test makes the program die, wait or fail.
//!
//! `SEGMENTER_FAILPOINT` holds rules separated by `;`, each `name=action` or `name:N=action` for the N-th time only. The actions are
//! `abort`, `error` and `sleep(MILLISECONDS)`. A point that fires says `failpoint fired: NAME` on stderr first, so that a test can
//! assert that it did. Unset, a point costs one atomic load.

use segmenter_proto::{Error, Result};
use std::{
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// The environment variable that holds the rules.
pub const FAILPOINT_VARIABLE: &str = "SEGMENTER_FAILPOINT";

static RULES: OnceLock<Rules> = OnceLock::new();

/// Dies, waits or fails if a rule of `SEGMENTER_FAILPOINT` names this point, else does nothing.
///
/// # Errors
/// The rule's action is `error`, or the variable cannot be understood.
pub fn failpoint(name: &str) -> Result<()> {
    let rules = RULES.get_or_init(|| Rules::parse(&std::env::var(FAILPOINT_VARIABLE).unwrap_or_default()));
    let Some(action) = rules.hit(name)? else { return Ok(()) };
    // Straight to the descriptor: nothing may be lost in a buffer when the process dies.
    let _ = writeln!(std::io::stderr(), "failpoint fired: {name}");
    match action {
        Action::Abort => std::process::abort(),
        Action::Error => Err(Error::dependency(format!("failpoint {name} was told to fail"))),
        Action::Sleep(pause) => {
            std::thread::sleep(pause);
            Ok(())
        }
    }
}

/// Gives what a program says when it starts with failpoints set, which nobody wants outside of tests; none where there are none.
pub fn failpoint_warning() -> Option<String> {
    let set = std::env::var(FAILPOINT_VARIABLE).ok().filter(|rules| !rules.trim().is_empty())?;
    Some(format!(
        "{FAILPOINT_VARIABLE} is set, which is for tests: this program will die, wait or fail at {}",
        set.escape_debug()
    ))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Abort,
    Error,
    Sleep(Duration),
}

#[derive(Debug)]
struct Rule {
    name: String,
    /// Fires at this hit only, from 1; none: at every hit.
    only: Option<u64>,
    action: Action,
    hits: AtomicU64,
}

#[derive(Debug)]
struct Rules {
    rules: Vec<Rule>,
    /// The rule that could not be understood.
    wrong: Option<String>,
}

impl Rules {
    fn parse(text: &str) -> Self {
        let mut parsed = Self { rules: Vec::new(), wrong: None };
        for part in text.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            match parse_rule(part) {
                Some(rule) => parsed.rules.push(rule),
                None => parsed.wrong = Some(part.to_owned()),
            }
        }
        parsed
    }

    fn hit(&self, name: &str) -> Result<Option<Action>> {
        if let Some(wrong) = &self.wrong {
            return Err(Error::job(format!("{FAILPOINT_VARIABLE}: {wrong:?} is not a rule"))
                .with_hint("write name=abort, name=error or name=sleep(500); name:3=abort for the third time only"));
        }
        let mut action = None;
        for rule in self.rules.iter().filter(|rule| rule.name == name) {
            let hit = rule.hits.fetch_add(1, Ordering::Relaxed) + 1;
            if rule.only.is_none_or(|only| only == hit) {
                action = action.or(Some(rule.action));
            }
        }
        Ok(action)
    }
}

fn parse_rule(text: &str) -> Option<Rule> {
    let (point, action) = text.split_once('=')?;
    let action = match action.trim() {
        "abort" => Action::Abort,
        "error" => Action::Error,
        other => {
            let milliseconds = other.strip_prefix("sleep(")?.strip_suffix(')')?;
            Action::Sleep(Duration::from_millis(milliseconds.trim().parse().ok()?))
        }
    };
    let (name, only) = match point.trim().rsplit_once(':') {
        Some((name, count)) => (name, Some(count.parse().ok().filter(|count| *count > 0)?)),
        None => (point.trim(), None),
    };
    (!name.is_empty()).then(|| Rule { name: name.to_owned(), only, action, hits: AtomicU64::new(0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fires_only_where_it_is_named() {
        let rules = Rules::parse("partition.middle=abort; fit/value.done = sleep(20)");
        assert_eq!(rules.hit("partition.middle").unwrap(), Some(Action::Abort));
        assert_eq!(rules.hit("fit/value.done").unwrap(), Some(Action::Sleep(Duration::from_millis(20))));
        assert_eq!(rules.hit("partition").unwrap(), None);
    }

    #[test]
    fn fires_at_the_nth_hit_only() {
        let rules = Rules::parse("scan:3=error");
        let fired: Vec<bool> = (0..5).map(|_| rules.hit("scan").unwrap().is_some()).collect();
        assert_eq!(fired, [false, false, true, false, false]);
    }

    #[test]
    fn a_rule_that_is_not_understood_is_an_error_and_not_silence() {
        for text in ["scan", "scan=die", "scan:0=abort", "scan=sleep(x)", "=abort"] {
            assert!(Rules::parse(text).hit("anything").is_err(), "{text}");
        }
    }

    #[test]
    fn an_unset_variable_does_nothing() {
        assert_eq!(Rules::parse("").hit("scan").unwrap(), None);
    }
}
