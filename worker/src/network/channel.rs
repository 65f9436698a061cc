//! Connections to another program.

use super::{bearer::Bearer, role::Role, tls::Tls};
use segmenter_proto::{Error, Result};
use std::time::Duration;
use tonic::{
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint, Uri},
};

/// What generated clients are made of: a connection that is made when it is needed, and the token on every request.
pub type Client = InterceptedService<Channel, Bearer>;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How often the other side is asked whether it lives, also between requests, and how long it may take to say so: a host that
/// went away without a word, or a frozen process, ends the requests that wait for it.
pub(super) const KEEPALIVE: Duration = Duration::from_secs(20);

/// What may be under way of one answer, and of all answers of a connection, in bytes. With the default of 64 KB every round trip moves no
/// more than that; and a coordinator that does not read on yet holds so much of every worker's answer.
pub const STREAM_WINDOW: u32 = 256 << 10;
pub(super) const CONNECTION_WINDOW: u32 = 8 << 20;

/// Prepares a connection; nothing is sent before the first request.
pub(super) fn prepare(uri: Uri, tls: Option<&Tls>, peer: Role) -> Result<Channel> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(Error::bug("a connection is prepared outside the runtime"));
    }
    let mut endpoint = Endpoint::from(uri)
        .user_agent(concat!("segmenter/", env!("CARGO_PKG_VERSION")))
        .map_err(|cause| Error::bug("the name of the program cannot be sent").caused_by(cause))?
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .tcp_keepalive(Some(KEEPALIVE))
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE)
        .keep_alive_while_idle(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW);
    if let Some(tls) = tls {
        let wrong =
            |cause| Error::job("the certificate, key and authorities do not make a connection").caused_by(cause);
        endpoint = endpoint.tls_config(tls.client(peer)).map_err(wrong)?;
    }
    Ok(endpoint.connect_lazy())
}
