use super::sources::Sources;
use super::text::window_days;
use crate::checks::Findings;
use crate::job::raw::{RawAttribution, RawContacts, RawTouch, RawTouchAction};
use segmenter_proto::jobs::{Attribution, ContactCap, Contacts, SourceKind, Touch, TouchAction};

/// Checks which message purchases are credited to.
pub(super) fn attribution(
    raw: Option<RawAttribution>,
    sources: &Sources,
    findings: &mut Findings,
) -> Option<Attribution> {
    const PATH: &str = "effectiveness.attribution";
    let default = Attribution::default();
    let Some(raw) = raw else { return Some(default) };
    needs_messages(PATH, sources, findings);
    let window_days = match raw.window {
        None => Some(default.window_days),
        Some(window) => {
            let days = window_days(&window);
            if days.is_none() {
                findings
                    .wrong(&format!("{PATH}.window"), format!("\"{window}\" is not a window"))
                    .expect("days such as \"7d\"");
            }
            days
        }
    };
    let touch = raw.touch.map_or(default.touch, |touch| match touch {
        RawTouch::First => Touch::First,
        RawTouch::Last => Touch::Last,
    });
    let of = raw.of.map_or(default.of, |of| match of {
        RawTouchAction::Sent => TouchAction::Sent,
        RawTouchAction::Delivered => TouchAction::Delivered,
        RawTouchAction::Opened => TouchAction::Opened,
        RawTouchAction::Clicked => TouchAction::Clicked,
        RawTouchAction::Converted => TouchAction::Converted,
    });
    Some(Attribution { window_days: window_days?, touch, of })
}

/// Checks how many messages are too many.
pub(super) fn contacts(raw: Option<RawContacts>, sources: &Sources, findings: &mut Findings) -> Option<Contacts> {
    let Some(raw) = raw else { return Some(Contacts::default()) };
    needs_messages("contacts", sources, findings);
    match raw.cap {
        None => Some(Contacts::default()),
        Some(cap) => Some(Contacts { cap: Some(ContactCap { days: cap.days?, messages: cap.messages? }) }),
    }
}

fn needs_messages(path: &str, sources: &Sources, findings: &mut Findings) {
    if !sources.may_have(SourceKind::Messages) {
        findings
            .wrong(path, "the job has no source of kind messages")
            .expect("rows with what was sent to customers, and what they did with it")
            .help("add a [[source]] of kind messages, or remove this");
    }
}
