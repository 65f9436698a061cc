//! Somebody who looks at a page that a program serves.

use super::Running;
use std::net::SocketAddr;

/// What came back: the code, the headers that matter, and the text.
#[derive(Debug)]
pub struct Page {
    pub code: u16,
    pub asks_for: Option<String>,
    pub kept: Option<String>,
    pub text: String,
}

/// Somebody who looks at what a program serves with `--status`.
#[derive(Debug)]
pub struct Browser {
    client: reqwest::Client,
    url: String,
    runtime: tokio::runtime::Runtime,
}

impl Browser {
    /// Looks at a coordinator that was started with `--status 127.0.0.1:0`; `authority` (PEM) is trusted, and nobody else.
    #[track_caller]
    pub fn of(coordinator: &mut Running, authority: Option<&[u8]>) -> Self {
        let line = coordinator.until("\"event\":\"status\"");
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        let told: reqwest::Url = event["url"].as_str().unwrap().parse().unwrap();
        let address: SocketAddr = format!("{}:{}", told.host_str().unwrap(), told.port().unwrap()).parse().unwrap();
        let mut client = reqwest::Client::builder().no_proxy();
        let mut url = told.to_string();
        if let Some(authority) = authority {
            let name = "segmenter-coordinator";
            let authority = reqwest::Certificate::from_pem(authority).unwrap();
            client = client.tls_built_in_root_certs(false).add_root_certificate(authority).resolve(name, address);
            url = format!("{}://{name}:{}/", told.scheme(), address.port());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { client: client.build().unwrap(), url, runtime }
    }

    /// Asks for a page, as somebody who shows `password` for any name, or nothing.
    #[track_caller]
    pub fn get(&self, path: &str, password: Option<&str>) -> Page {
        let mut request = self.client.get(format!("{}{path}", self.url));
        if let Some(password) = password {
            request = request.basic_auth("me", Some(password));
        }
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
            let (code, asks_for, kept) =
                (answer.status().as_u16(), header("www-authenticate"), header("cache-control"));
            Page { code, asks_for, kept, text: answer.text().await.unwrap() }
        })
    }
}
