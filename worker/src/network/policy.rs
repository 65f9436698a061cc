//! What may be listened on and connected to: off this machine only with a token and TLS, or on the user's word.

use segmenter_proto::{Error, Result};
use std::net::{IpAddr, SocketAddr};
use tonic::transport::Uri;

/// What secures connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Policy {
    /// A token is shown and demanded.
    pub(super) token: bool,
    /// Both sides show certificates.
    pub(super) tls: bool,
    /// The user accepts that neither may be the case.
    pub(super) insecure: bool,
}

impl Policy {
    /// Gives the scheme of every URL between the programs.
    pub(super) fn scheme(self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// Refuses to listen where others could come in unasked.
    pub(super) fn check_listen(self, address: SocketAddr) -> Result<()> {
        if is_loopback(address.ip()) { Ok(()) } else { self.check_secured(&format!("listening on {address}")) }
    }

    /// Refuses to connect where others could listen in, and what is no address of a program.
    pub(super) fn check_url(self, url: &str) -> Result<Uri> {
        let scheme = self.scheme();
        let example = format!("write {scheme}://HOST:PORT, such as {scheme}://10.0.0.7:7070");
        if url.contains('@') {
            // Not repeated: it may hold a password.
            let message = "a URL of a program holds no user and no password: expected a host and a port";
            return Err(Error::job(message).with_hint(example));
        }
        let wrong =
            |what: &str| Error::job(format!("{url:?} is no URL of a program: {what}")).with_hint(example.clone());
        let uri: Uri = url.parse().map_err(|_| wrong("expected a scheme, a host and a port"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(wrong("expected it to begin with http:// or https://"));
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| wrong("expected a host"))?;
        if uri.port_u16().is_none_or(|port| port == 0) {
            return Err(wrong("expected a port"));
        }
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || url.contains('#') {
            return Err(wrong("expected nothing after the port"));
        }
        match (self.tls, uri.scheme_str()) {
            (true, Some("http")) => {
                let message = format!("{url} is not encrypted, but --tls-cert, --tls-key and --tls-ca are given");
                return Err(Error::job(message).with_hint("write https:// instead of http://"));
            }
            (false, Some("https")) => {
                let message = format!("{url} is encrypted, which needs --tls-cert, --tls-key and --tls-ca");
                return Err(Error::job(message).with_hint("give the three files, on both programs"));
            }
            _ => {}
        }
        if !is_loopback_host(host) {
            self.check_secured(&format!("connecting to {url}"))?;
        }
        Ok(uri)
    }

    fn check_secured(self, what: &str) -> Result<()> {
        let missing = match (self.token, self.tls) {
            _ if self.insecure => return Ok(()),
            (true, true) => return Ok(()),
            (true, false) => "--tls-cert, --tls-key and --tls-ca",
            (false, true) => "--token-file",
            (false, false) => "--token-file, --tls-cert, --tls-key and --tls-ca",
        };
        let message = format!("{what} is not secured: it is off this machine and needs {missing}");
        Err(Error::job(message)
            .with_hint(format!("give {missing}, or --insecure on a network that only you can reach")))
    }
}

fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// A name other than `localhost` may lead anywhere.
fn is_loopback_host(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Policy = Policy { token: false, tls: false, insecure: false };
    const SECURED: Policy = Policy { token: true, tls: true, insecure: false };

    fn refused<T: std::fmt::Debug>(result: Result<T>) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.fault.exit_code(), 2);
        format!("{} / {}", error.message, error.hint.unwrap())
    }

    #[test]
    fn loopback_needs_nothing() {
        for address in ["127.0.0.1:0", "127.9.9.9:7070", "[::1]:7070", "[::ffff:127.0.0.1]:1"] {
            PLAIN.check_listen(address.parse().unwrap()).unwrap();
        }
        for url in ["http://127.0.0.1:7070", "http://[::1]:7070/", "http://localhost:80", "http://LOCALHOST:80"] {
            PLAIN.check_url(url).unwrap();
        }
    }

    #[test]
    fn off_this_machine_names_what_is_missing() {
        for (policy, missing) in [
            (PLAIN, "needs --token-file, --tls-cert, --tls-key and --tls-ca"),
            (Policy { token: true, ..PLAIN }, "needs --tls-cert, --tls-key and --tls-ca"),
            (Policy { tls: true, ..PLAIN }, "needs --token-file"),
        ] {
            for address in ["0.0.0.0:7070", "10.0.0.7:7070", "[::]:7070", "[2001:db8::1]:7070"] {
                let said = refused(policy.check_listen(address.parse().unwrap()));
                assert!(said.contains(missing) && said.contains("--insecure") && said.contains(address), "{said}");
            }
            for host in
                ["10.0.0.7", "[2001:db8::1]", "worker-3.workers", "localhost.example.com", "127.0.0.1.example.com"]
            {
                let said = refused(policy.check_url(&format!("{}://{host}:7070", policy.scheme())));
                assert!(said.contains(missing) && said.contains("--insecure") && said.contains(host), "{said}");
            }
        }
    }

    #[test]
    fn secured_or_on_the_users_word_everything_is_reached() {
        for policy in [SECURED, Policy { insecure: true, ..PLAIN }, Policy { insecure: true, tls: true, token: false }]
        {
            policy.check_listen("0.0.0.0:7070".parse().unwrap()).unwrap();
            policy.check_url(&format!("{}://worker-3.workers:7070", policy.scheme())).unwrap();
        }
    }

    #[test]
    fn https_exactly_with_tls() {
        assert!(refused(SECURED.check_url("http://127.0.0.1:7070")).contains("write https://"));
        assert!(refused(PLAIN.check_url("https://127.0.0.1:7070")).contains("--tls-cert"));
        assert_eq!((SECURED.scheme(), PLAIN.scheme()), ("https", "http"));
    }

    #[test]
    fn what_is_no_url_of_a_program_is_refused_with_how_to_write_it() {
        for (url, expected) in [
            ("", "a scheme"),
            ("localhost:7070", "begin with"),
            ("127.0.0.1:7070", "begin with"),
            ("ftp://127.0.0.1:7070", "begin with"),
            ("http://127.0.0.1", "a port"),
            ("http://127.0.0.1:0", "a port"),
            ("http://127.0.0.1:70700", ""),
            ("http://127.0.0.1:7070/v1", "nothing after the port"),
            ("http://127.0.0.1:7070?a=b", "nothing after the port"),
            ("http://127.0.0.1:7070#a", "nothing after the port"),
            ("http://:7070", ""),
        ] {
            let said = refused(PLAIN.check_url(url));
            assert!(said.contains(expected) && said.contains("http://10.0.0.7:7070"), "{url}: {said}");
        }
        let said = refused(PLAIN.check_url("http://me:canary@127.0.0.1:7070"));
        assert!(said.contains("no password") && !said.contains("canary"), "{said}");
    }
}
