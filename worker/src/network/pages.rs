//! Pages for people, over HTTP: behind the token where there is one, and encrypted where there is a certificate. Of people no certificate is
//! demanded, since browsers have none.

use super::{listener, security::Security, token::TokenDigest};
use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, StatusCode,
        header::{
            AUTHORIZATION, CACHE_CONTROL, REFERRER_POLICY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
        },
    },
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use segmenter_proto::Result;
use std::net::SocketAddr;

/// What a browser asks its user by.
const ASKED: &str = "Basic realm=\"segmenter: the token, and any name\", charset=\"UTF-8\"";

/// Said with every answer: it is not kept, not guessed at, and shown in no other page.
const SAID: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];

/// Serves pages until the process ends; gives the URL. Who asks shows the token where there is one, as `Bearer` or as the password of
/// whatever user.
///
/// # Errors
/// See [`Security::bind`]; `flag` is what the address was typed with.
pub async fn serve_pages(security: &Security, address: SocketAddr, flag: &str, pages: Router) -> Result<String> {
    security.check_listen(address)?;
    let incoming = listener::bind(address, flag)?;
    let taken = incoming.local_addr().unwrap_or(address);
    let pages = pages.layer(from_fn_with_state(security.token_digest(), guarded));
    let mut server = listener::page_server(security.tls())?;
    let served = server.add_routes(pages.into()).serve_with_incoming(incoming);
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::warn!(%error, "pages are no longer served");
        }
    });
    Ok(format!("{}://{taken}/", security.scheme()))
}

async fn guarded(State(token): State<Option<TokenDigest>>, request: Request, next: Next) -> Response {
    let mut response = match token.is_none_or(|token| shows(request.headers(), token)) {
        true => next.run(request).await,
        false => (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, ASKED)], "the token is needed\n").into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in SAID {
        headers.insert(name, axum::http::HeaderValue::from_static(value));
    }
    response
}

/// Says whether a request shows the token, once.
fn shows(headers: &HeaderMap, token: TokenDigest) -> bool {
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    let (Some(header), None) = (shown.next(), shown.next()) else { return false };
    let password = header.to_str().ok().and_then(password_of);
    let bearer =
        password.map_or_else(|| header.as_bytes().to_vec(), |password| format!("Bearer {password}").into_bytes());
    TokenDigest::of(&bearer) == token
}

/// Gives the password of `Basic …`.
fn password_of(header: &str) -> Option<String> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| BASE64_STANDARD.decode(encoded.trim()).ok())??;
    Some(String::from_utf8(decoded).ok()?.split_once(':')?.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_a_bearer_s_or_a_password() {
        let token = TokenDigest::of(b"Bearer 0123456789abcdef");
        let asked = |values: &[String]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(AUTHORIZATION, value.parse().unwrap());
            }
            shows(&headers, token)
        };
        let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
        let bearer = "Bearer 0123456789abcdef".to_owned();
        assert!(
            asked(std::slice::from_ref(&bearer))
                && asked(&[basic("me:0123456789abcdef")])
                && asked(&[basic(":0123456789abcdef")])
        );
        for wrong in [
            vec![],
            vec![bearer.clone(), bearer],
            vec![basic("0123456789abcdef:")],
            vec![basic("0123456789abcdef")],
            vec!["Basic !".to_owned()],
            vec!["0123456789abcdef".to_owned()],
            vec![basic("me:0123456789abcdeg")],
        ] {
            assert!(!asked(&wrong), "{wrong:?}");
        }
    }
}
