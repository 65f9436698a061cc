//! What stands in a message.

use fluent_bundle::FluentValue;
use std::borrow::Cow;

/// What stands in a message: a text as it is, or a number of things, by which a message can choose its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg<'a> {
    /// A text as it is.
    Text(Cow<'a, str>),
    /// A number of things.
    Count(u64),
}

impl<'a> Arg<'a> {
    pub(super) fn value(self) -> FluentValue<'a> {
        match self {
            Self::Text(text) => FluentValue::String(text),
            // Beyond it a number has no plural of its own, and no page tells it to the last digit.
            Self::Count(count) => FluentValue::from(count.min(1 << 53)),
        }
    }
}

impl<'a> From<&'a str> for Arg<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Arg<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Arg<'_> {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<u32> for Arg<'_> {
    fn from(count: u32) -> Self {
        Self::Count(count.into())
    }
}

impl From<usize> for Arg<'_> {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}
