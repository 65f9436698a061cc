//! From a page to the bytes of one file that asks nobody for anything.

use super::model::{Page, Part};
use askama::Template;
use segmenter_proto::{Error, Result};
use sha2::{Digest, Sha256};

/// The style sheet of all pages.
pub(super) const STYLE: &str = include_str!("../../templates/report.css");
/// The script of all pages: they can be read without it.
pub(super) const SCRIPT: &str = include_str!("../../templates/report.js");

/// The script of a page that is served while its run goes on.
const LIVE: &str = include_str!("../../templates/live.js");

#[derive(Debug, Template)]
#[template(path = "report.html")]
struct Document<'a> {
    page: &'a Page,
    policy: String,
    style: &'static str,
    script: &'static str,
}

/// Gives the file of a page.
///
/// # Errors
/// It cannot be written (a bug).
pub(super) fn render(page: &Page) -> Result<String> {
    rendered(page, SCRIPT, "")
}

/// Gives a page that asks who served it how it is now.
///
/// # Errors
/// As [`render`].
pub(super) fn render_live(page: &Page) -> Result<String> {
    rendered(page, LIVE, "; connect-src 'self'")
}

fn rendered(page: &Page, script: &'static str, more: &str) -> Result<String> {
    let document = Document { page, policy: policy(script) + more, style: STYLE, script };
    let text =
        document.render().map_err(|error| Error::bug("the page of a run could not be written").caused_by(error))?;
    Ok(text.chars().map(allowed).collect())
}

/// Names come from data, and some characters may stand in no HTML.
fn allowed(letter: char) -> char {
    match letter {
        '\n' | '\t' => letter,
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    }
}

/// Gives the policy by which a browser loads nothing, and runs and applies only what is written here.
fn policy(script: &str) -> String {
    let [style, script] = [STYLE, script].map(|text| base64(&Sha256::digest(text.as_bytes())));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; form-action 'none'"
    )
}

/// Writes bytes as policies take hashes.
pub(super) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let of = |at: usize| u32::from(three.get(at).copied().unwrap_or_default());
        let bits = of(0) << 16 | of(1) << 8 | of(2);
        for letter in 0..4 {
            match letter <= three.len() {
                true => text.push(char::from(LETTERS[(bits >> (18 - 6 * letter)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}
