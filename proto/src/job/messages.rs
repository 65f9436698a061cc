//! How messages are judged: what a purchase is credited to, and how many messages are too many.

use serde::{Deserialize, Serialize};

/// Which message a purchase is credited to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// Days, of 24 hours, before the purchase in which the message counts.
    pub window_days: u32,
    /// Which of several.
    pub touch: Touch,
    /// What the customer did with it, or what was done.
    pub of: TouchAction,
}

/// Which of several messages a purchase is credited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Touch {
    /// The first within the window.
    First,
    /// The last before the purchase.
    Last,
}

/// The step of a message that purchases are credited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TouchAction {
    /// It was sent.
    Sent,
    /// It was delivered.
    Delivered,
    /// It was opened.
    Opened,
    /// It was clicked.
    Clicked,
    /// It led to what it was for.
    Converted,
}

impl TouchAction {
    /// Gives the word that messages have for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Opened => "opened",
            Self::Clicked => "clicked",
            Self::Converted => "converted",
        }
    }
}

impl Default for Attribution {
    fn default() -> Self {
        Self { window_days: 7, touch: Touch::Last, of: TouchAction::Clicked }
    }
}

impl Attribution {
    /// Says whether it is the rule of a job that names none.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Gives the rule in words, such as `last clicked within 7 days`.
    pub fn told(&self) -> String {
        let touch = match self.touch {
            Touch::First => "first",
            Touch::Last => "last",
        };
        let days = if self.window_days == 1 { "1 day".to_owned() } else { format!("{} days", self.window_days) };
        format!("{touch} {} within {days}", self.of.name())
    }
}

/// How many messages are too many.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Contacts {
    /// None: nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<ContactCap>,
}

/// More messages in so many days are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCap {
    /// Days.
    pub days: u32,
    /// Messages, at most [`Contacts::MOST`].
    pub messages: u32,
}

impl Contacts {
    /// The largest cap: from one more on, numbers of messages are told together.
    pub const MOST: u32 = 49;

    /// Says whether the job says nothing of it.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Gives the days in which messages are counted: 7 where nobody said.
    pub fn days(&self) -> u32 {
        self.cap.map_or(7, |cap| cap.days)
    }
}
