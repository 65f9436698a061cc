//! The messages of a language.

use super::{
    arguments::Arg,
    numbers::Marks,
    registry::FILES,
    retold::{Retelling, patterns},
};
use chrono::{Datelike, NaiveDate};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use intl_memoizer::{Memoizable, concurrent::IntlLangMemoizer};
use segmenter_proto::jobs::Language;
use std::{borrow::Cow, convert::Infallible, fmt, sync::LazyLock};
use unic_langid::LanguageIdentifier;

static ALL: LazyLock<Vec<Words>> =
    LazyLock::new(|| FILES.into_iter().map(|(code, text)| Words::read(code, text)).collect());
static RETELLINGS: LazyLock<Vec<Retelling>> = LazyLock::new(|| patterns(FILES[0].1, Words::english()));

/// The words of a language.
pub struct Words {
    code: &'static str,
    messages: FluentBundle<FluentResource>,
    marks: Marks,
}

impl fmt::Debug for Words {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Words").field(&self.code).finish()
    }
}

impl Words {
    /// Gives the words of a language; of one that has no file those of the first.
    pub fn of(language: &Language) -> &'static Self {
        Self::of_code(language.code())
    }

    /// Gives the words that tables and logs are written in where nobody chose: those of the first language.
    pub fn english() -> &'static Self {
        &ALL[0]
    }

    fn of_code(code: &str) -> &'static Self {
        ALL.iter().find(|words| words.code == code).unwrap_or_else(|| Self::english())
    }

    /// Reads a file; what in it is no message is left out.
    pub(super) fn read(code: &'static str, text: &str) -> Self {
        let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(rest, _)| rest);
        let mut messages = FluentBundle::new_concurrent(code.parse().into_iter().collect());
        messages.add_resource_overriding(resource);
        // Names of data are kept in one piece where they are put in, and nothing else is.
        messages.set_use_isolating(false);
        messages.set_formatter(Some(counted));
        let _ = messages.add_builtins();
        let mut words = Self { code, messages, marks: Marks::default() };
        words.marks = Marks::new(&words.word("number-decimal"), &words.word("number-group"));
        words
    }

    /// Gives the code of the language, as HTML names it.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// Gives the words of a message in which nothing stands.
    pub fn word(&self, id: &str) -> String {
        self.say(id, [])
    }

    /// Gives the word for a name of the program, such as `revenue_per_customer` for the kind `metric`; none where there is no word.
    pub fn named(&self, kind: &str, name: &str) -> Option<String> {
        let id = format!("{kind}-{}", name.replace('_', "-"));
        if self.messages.has_message(&id) {
            return Some(self.word(&id));
        }
        // A feature of a preset over a window is called as without it, such as `monetary_90d`.
        let (base, window) = name.rsplit_once('_')?;
        let days = window.strip_suffix('d').filter(|days| days.parse::<u32>().is_ok())?;
        Some(format!("{} {days}d", self.named(kind, base)?))
    }

    /// Gives the word for a name of the program where tables, which are in English, have the name itself; none in English.
    pub fn translated(&self, kind: &str, name: &str) -> Option<String> {
        if self.is_english() { None } else { self.named(kind, name) }
    }

    fn is_english(&self) -> bool {
        self.code == FILES[0].0
    }

    /// Gives the message for a name of the program, with what stands in it; none where there is no such message.
    pub fn say_named<'a, const N: usize>(
        &self,
        kind: &str,
        name: &str,
        arguments: [(&'a str, Arg<'a>); N],
    ) -> Option<String> {
        let id = format!("{kind}-{}", name.replace('_', "-"));
        self.messages.has_message(&id).then(|| self.say_all(&id, arguments))
    }

    /// Gives a message with what stands in it.
    pub fn say<'a, const N: usize>(&self, id: &str, arguments: [(&'a str, Arg<'a>); N]) -> String {
        self.say_all(id, arguments)
    }

    pub(super) fn say_all<'a>(&self, id: &str, arguments: impl IntoIterator<Item = (&'a str, Arg<'a>)>) -> String {
        // A test holds that every message is there.
        let Some(pattern) = self.messages.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let arguments: FluentArgs<'_> = arguments.into_iter().map(|(name, arg)| (name, arg.value())).collect();
        self.messages.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned()
    }

    /// Says in this language what a table says in English, where it is one of the sentences that are known; else as it is.
    pub fn retold<'a>(&self, english: &'a str) -> Cow<'a, str> {
        if self.is_english() {
            return Cow::Borrowed(english);
        }
        super::retold::retold(self, &RETELLINGS, english).map_or(Cow::Borrowed(english), Cow::Owned)
    }

    /// Gives a whole number with its digits in groups.
    pub fn whole(&self, value: i64) -> String {
        self.marks.whole(value)
    }

    /// Gives a number with three digits that matter.
    pub fn number(&self, value: f64) -> String {
        self.marks.number(value)
    }

    /// Gives a number with so many digits behind the mark.
    pub fn fixed(&self, value: f64, decimals: usize) -> String {
        let text = format!("{value:.decimals$}");
        // What is rounded to nothing is on no side of it.
        let is_nothing = text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
        self.marks.swapped(if is_nothing { text.trim_start_matches('-') } else { &text })
    }

    /// Gives a number as it was written, such as `12.5`, with the marks of the language.
    pub fn written(&self, number: &str) -> String {
        self.marks.swapped(number)
    }

    /// Gives a share as a percentage with one digit behind the mark.
    pub fn percentage(&self, share: f64) -> String {
        self.percent(&self.fixed(share * 100.0, 1))
    }

    /// Gives a number that is told already as one of a hundred.
    pub fn percent(&self, number: &str) -> String {
        self.say("number-percent", [("number", number.into())])
    }

    /// Gives a day with the name of its month.
    pub fn day(&self, day: NaiveDate) -> String {
        let arguments = [
            ("day", day.day().to_string().into()),
            ("month", day.month().into()),
            ("year", day.year().to_string().into()),
        ];
        self.say("date-day", arguments)
    }
}

/// Gives a number that stands in a message.
fn counted(value: &FluentValue<'_>, language: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let whole = number.value as i64;
    let told = |own: &Own| if number.options.use_grouping { own.0.whole(whole) } else { whole.to_string() };
    language.with_try_get((), told).ok()
}

/// The words of the language that a message is of.
struct Own(&'static Words);

impl Memoizable for Own {
    type Args = ();
    type Error = Infallible;

    fn construct(language: LanguageIdentifier, (): ()) -> Result<Self, Infallible> {
        Ok(Self(Words::of_code(language.language.as_str())))
    }
}
