//! What answers other programs.

use super::{
    channel::{CONNECTION_WINDOW, KEEPALIVE, STREAM_WINDOW},
    tls::Tls,
};
use segmenter_proto::{Error, Result};
use std::net::SocketAddr;
use tonic::transport::{Server, server::TcpIncoming};

/// Requests at the same time on one connection: far above what the other program sends.
const STREAMS: u32 = 1024;

/// Bytes of a request's headers.
const HEADERS: u32 = 16 << 10;

/// Gives a server with limits, timeouts and keepalive, that demands certificates where there is TLS.
pub(super) fn server(tls: Option<&Tls>) -> Result<Server> {
    let server = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(HEADERS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    let Some(tls) = tls else { return Ok(server) };
    let wrong = |cause| Error::job("the certificate, key and authorities do not make a server").caused_by(cause);
    server.tls_config(tls.server()).map_err(wrong)
}

/// Gives a server that browsers can ask, and that asks them for no certificate.
pub(super) fn page_server(tls: Option<&Tls>) -> Result<Server> {
    let server = Server::builder()
        .accept_http1(true)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(HEADERS);
    let Some(tls) = tls else { return Ok(server) };
    let wrong = |cause| Error::job("the certificate and key do not make a server").caused_by(cause);
    server.tls_config(tls.page_server()).map_err(wrong)
}

/// Takes the port, so that it is known to be free, and which one it is, before work starts.
pub(super) fn bind(address: SocketAddr, flag: &str) -> Result<TcpIncoming> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(Error::bug("a port is taken outside the runtime"));
    }
    let incoming = TcpIncoming::bind(address).map_err(|cause| {
        Error::job(format!("cannot listen on {address}"))
            .with_hint(format!("give an address of this machine and a port that is free ({flag})"))
            .caused_by(cause)
    })?;
    Ok(incoming.with_nodelay(Some(true)).with_keepalive(Some(KEEPALIVE)))
}
