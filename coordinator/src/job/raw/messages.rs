use schemars::JsonSchema;
use serde::Deserialize;

/// How many messages are too many.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Contacts")]
pub(crate) struct RawContacts {
    /// More messages in so many days are too many. Default: nobody says, and messages of 7 days are counted.
    pub(crate) cap: Option<RawContactCap>,
}

/// More messages in so many days are too many.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ContactCap")]
pub(crate) struct RawContactCap {
    /// Calendar days, the last before as_of.
    #[schemars(required, range(min = 1, max = 365))]
    pub(crate) days: Option<u32>,
    /// Messages that are delivered in them: 1 to 49.
    #[schemars(required, range(min = 1, max = 49))]
    pub(crate) messages: Option<u32>,
}

/// Which message a purchase is credited to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Attribution")]
pub(crate) struct RawAttribution {
    /// Days before the purchase in which the message counts, such as "7d". Default: "7d".
    #[schemars(extend("x-expected" = "days such as \"7d\""))]
    pub(crate) window: Option<String>,
    /// Which of several messages. Default: "last".
    pub(crate) touch: Option<RawTouch>,
    /// The step of the message that counts. Default: "clicked".
    pub(crate) of: Option<RawTouchAction>,
}

/// Which of several messages a purchase is credited to.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Touch")]
pub(crate) enum RawTouch {
    /// The first within the window.
    First,
    /// The last before the purchase.
    Last,
}

/// The step of a message that purchases are credited to.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "TouchAction")]
pub(crate) enum RawTouchAction {
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
