//! A proxy in front of an S3 server that harms chosen requests as networks and tired servers do: below HTTP, where
//! [`super::Mood`], which fails requests within the server, cannot reach.
//!
//! - A connection carries one request, so that a reply ends where its connection does.
//! - Requests pass unchanged but for `connection: close`, which is not among the signed headers.

use super::S3Server;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// It is answered with this status, and the server never hears of it.
    Refuse(u16),
    /// The server does it, and the connection is closed in the place of the reply.
    LoseReply,
    /// The server gets half of the body, and both connections are closed.
    CutUpload,
}

/// Which requests are harmed: the first `times` of this method whose path contains `path`.
#[derive(Debug)]
pub struct Rule {
    harm: Harm,
    method: &'static str,
    path: &'static str,
    times: u64,
    met: AtomicU64,
}

impl Rule {
    /// Makes a rule.
    pub fn new(harm: Harm, method: &'static str, path: &'static str, times: u64) -> Self {
        Self { harm, method, path, times, met: AtomicU64::new(0) }
    }
}

/// A running proxy; it takes no more connections when it is dropped.
#[derive(Debug)]
pub struct S3Proxy {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    server: String,
    rules: Vec<Rule>,
    ended: AtomicBool,
}

impl S3Proxy {
    /// Starts a proxy on a free port of the loopback interface.
    pub fn start(server: &S3Server, rules: Vec<Rule>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = server.endpoint().strip_prefix("http://").unwrap().to_owned();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { address, server, rules, ended: AtomicBool::new(false) });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if accepting.ended.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                // Connections that break are what this is for.
                std::thread::spawn(move || client.and_then(|client| shared.pass(client)));
            }
        });
        Self { shared }
    }

    /// Gives the proxy's URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// Asserts that every rule harmed as many requests as it was to.
    #[track_caller]
    pub fn assert_all_fired(&self) {
        for rule in &self.shared.rules {
            let met = rule.met.load(Ordering::Relaxed);
            assert!(met >= rule.times, "only {met} requests met {rule:?}");
        }
    }
}

impl Drop for S3Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // Wakes it.
        let _ = TcpStream::connect(self.shared.address);
    }
}

/// Whether all of a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

impl Shared {
    fn pass(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or_default();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        match self.harm(&head) {
            Some(Harm::Refuse(status)) => {
                let reply = format!("HTTP/1.1 {status} Harmed\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                client.write_all(reply.as_bytes())
            }
            Some(Harm::CutUpload) => {
                assert!(length > 1, "a body that can be cut: {head}");
                self.ask(&head, &body[..length / 2], Whole::No).map(drop)
            }
            Some(Harm::LoseReply) => self.ask(&head, &body, Whole::Yes).map(drop),
            None => client.write_all(&self.ask(&head, &body, Whole::Yes)?),
        }?;
        client.shutdown(Shutdown::Both)
    }

    fn harm(&self, head: &str) -> Option<Harm> {
        let (method, rest) = head.split_once(' ')?;
        let path = rest.split(' ').next()?;
        let matching = self.rules.iter().filter(|rule| rule.method == method && path.contains(rule.path));
        // Every rule counts; the first whose turn it is decides.
        let due: Vec<Harm> = matching
            .filter(|rule| rule.met.fetch_add(1, Ordering::Relaxed) < rule.times)
            .map(|rule| rule.harm)
            .collect();
        due.first().copied()
    }

    /// Sends a request and gives what comes back until the server closes. After one that is not whole nothing more is sent;
    /// after another the connection stays open, for a server that sees its end may think that nobody waits.
    fn ask(&self, head: &str, body: &[u8], whole: Whole) -> std::io::Result<Vec<u8>> {
        let mut server = TcpStream::connect(&self.server)?;
        server.write_all(format!("{head}connection: close\r\n\r\n").as_bytes())?;
        server.write_all(body)?;
        if whole == Whole::No {
            server.shutdown(Shutdown::Write)?;
        }
        let mut reply = Vec::new();
        server.read_to_end(&mut reply)?;
        Ok(reply)
    }
}
