//! What is sent over HTTP to whoever listens to runs. It is bounded in time, and nobody's exit code hangs on it.

use reqwest::header::{CONTENT_TYPE, HeaderMap};
use std::{error::Error, time::Duration};

/// Sends a body by POST; an answer that is not of success is an error. What it says is not read: it may be long, and may say the headers again.
///
/// # Errors
/// A sentence without the URL, which may hold a secret.
pub async fn post(
    url: &str,
    headers: HeaderMap,
    content_type: &'static str,
    body: Vec<u8>,
    limit: Duration,
) -> Result<(), String> {
    // Who is sent elsewhere would take the headers along, secrets and all.
    let elsewhere = reqwest::redirect::Policy::none();
    let client = reqwest::Client::builder().timeout(limit).redirect(elsewhere).build().map_err(told)?;
    let request = client.post(url).headers(headers).header(CONTENT_TYPE, content_type).body(body);
    let answer = request.send().await.map_err(told)?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    Err(format!("it answered {status}"))
}

/// Gives a URL as it may be told: without user, password and query.
pub fn shown(url: &str) -> String {
    let Ok(mut parsed) = reqwest::Url::parse(url) else { return "a URL that cannot be read".to_owned() };
    // A URL that cannot have them has none.
    let _ = (parsed.set_username(""), parsed.set_password(None));
    parsed.set_query(None);
    parsed.set_fragment(None);
    parsed.to_string()
}

fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "it did not answer in time".to_owned();
    }
    with_causes(&error.without_url())
}

/// Gives an error with its causes, without those that say again what stands before them.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_a_url_holds_no_secret() {
        assert_eq!(shown("https://me:secret@host.example:1/v1?key=secret#x"), "https://host.example:1/v1");
        assert_eq!(shown("no url"), "a URL that cannot be read");
    }

    #[tokio::test]
    async fn nobody_there_is_told_without_the_url() {
        let url = "http://me:secret@127.0.0.1:9/v1";
        let error = post(url, HeaderMap::new(), "text/plain", Vec::new(), Duration::from_secs(5)).await.unwrap_err();
        assert!(!error.contains("secret") && error.contains("refused"), "{error}");
    }
}
