//! The languages.

/// Codes of all languages, as ISO 639 has them; the first is that of a job that says none.
pub const LANGUAGES: [&str; FILES.len()] = {
    let (mut codes, mut at) = ([""; FILES.len()], 0);
    while at < FILES.len() {
        codes[at] = FILES[at].0;
        at += 1;
    }
    codes
};

/// The file of each.
pub(super) const FILES: [(&str, &str); 2] = [("en", include_str!("en.ftl")), ("pl", include_str!("pl.ftl"))];
