//! Who listens to runs: an HTTP server that keeps what it is sent, or behaves badly.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How a listener behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manners {
    /// It thanks.
    Polite,
    /// It answers with an error of its own.
    Broken,
    /// It takes what it is sent and never answers.
    Silent,
}

/// A request that was sent.
#[derive(Debug, Clone)]
pub struct Heard {
    /// The method and the path, as in `POST /v1/traces`.
    pub what: String,
    /// Headers with names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Heard {
    /// Gives a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// A server on this machine that lives as long as the test.
#[derive(Debug)]
pub struct Listener {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Listener {
    /// Listens from now on.
    pub fn new(manners: Manners) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let keeps = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                let keeps = Arc::clone(&keeps);
                thread::spawn(move || serve(stream, manners, &keeps));
            }
        });
        Self { url, heard }
    }

    /// Gives what was sent so far, in its order.
    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }
}

/// Answers the requests of a connection, one after the other.
fn serve(stream: TcpStream, manners: Manners, keeps: &Mutex<Vec<Heard>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while let Some(heard) = read(&mut reader) {
        keeps.lock().unwrap().push(heard);
        let answer: &[u8] = match manners {
            Manners::Polite => b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            Manners::Broken => b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 9\r\n\r\nout today",
            Manners::Silent => {
                thread::sleep(Duration::from_secs(60));
                return;
            }
        };
        if writer.write_all(answer).is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Heard> {
    let mut line = || {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        Some(line.trim_end().to_owned())
    };
    let first = line()?;
    let mut headers = Vec::new();
    while let Some((name, value)) = line()?.split_once(':') {
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut heard = Heard { what: first.rsplit_once(' ')?.0.to_owned(), headers, body: Vec::new() };
    heard.body = vec![0; heard.header("content-length")?.parse().ok()?];
    reader.read_exact(&mut heard.body).ok()?;
    Some(heard)
}
