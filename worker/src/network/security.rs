//! How connections between the programs are secured, read once at the start.

use super::{
    arguments::SecurityArguments,
    bearer::Bearer,
    channel::{self, Client},
    guard::Guard,
    listener,
    own_token::own_token,
    policy::Policy,
    role::Role,
    tls::Tls,
    token::{Token, TokenDigest},
};
use segmenter_proto::Result;
use std::net::SocketAddr;
use tonic::{
    service::interceptor::InterceptedService,
    transport::{Server, server::TcpIncoming},
};

/// How connections between the programs are secured. Holds secrets and does not show them.
#[derive(Debug, Clone)]
pub struct Security {
    policy: Policy,
    token: Option<Token>,
    tls: Option<Tls>,
}

impl Security {
    /// Reads the files that were typed and checks that they fit together.
    ///
    /// # Errors
    /// A file cannot be read, or is not what it should be: Job, naming it and never its content.
    pub fn load(arguments: &SecurityArguments) -> Result<Self> {
        let token = arguments.token_file.as_deref().map(Token::load).transpose()?;
        let tls = Tls::load(arguments)?;
        let policy = Policy { token: token.is_some(), tls: tls.is_some(), insecure: arguments.insecure };
        Ok(Self { policy, token, tls })
    }

    /// Takes the token that this user's programs share on this machine, where nothing else was given and the other side is here
    /// too. Made where there is none.
    ///
    /// # Errors
    /// It cannot be kept, or others can read it: Job, naming the file.
    pub fn on_this_machine(mut self) -> Result<Self> {
        if self.token.is_none() && self.tls.is_none() && !self.policy.insecure {
            self.token = Some(own_token()?);
        }
        Ok(self)
    }

    /// Refuses to listen off this machine without a token and TLS, unless `--insecure` was typed.
    ///
    /// # Errors
    /// It is refused: Job, saying what to give.
    pub fn check_listen(&self, address: SocketAddr) -> Result<()> {
        self.policy.check_listen(address)
    }

    /// Refuses to connect off this machine without a token and TLS, unless `--insecure` was typed; a URL that is not
    /// `http://HOST:PORT`, or `https://HOST:PORT` with TLS, is refused too.
    ///
    /// # Errors
    /// It is refused: Job, saying what to give or to write.
    pub fn check_url(&self, url: &str) -> Result<()> {
        self.policy.check_url(url).map(drop)
    }

    /// Gives the scheme of every URL between the programs: `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        self.policy.scheme()
    }

    /// Prepares a connection to a program of the given role, in a runtime; it is made at the first request, and again when it broke.
    /// A request has no time limit of its own.
    ///
    /// # Errors
    /// As [`Security::check_url`]: the token never goes where others could read it.
    pub fn connect(&self, url: &str, peer: Role) -> Result<Client> {
        let uri = self.policy.check_url(url)?;
        let channel = channel::prepare(uri, self.tls.as_ref(), peer)?;
        Ok(InterceptedService::new(channel, Bearer::new(self.token.as_ref())))
    }

    /// Gives a server with limits, timeouts and keepalive; with TLS it demands a certificate of every caller. Services are added
    /// behind a [`Guard`], with [`super::MESSAGE_LIMIT`].
    ///
    /// # Errors
    /// The files do not make a server: Job.
    pub fn server(&self) -> Result<Server> {
        listener::server(self.tls.as_ref())
    }

    /// Takes a port for [`Security::server`] (`serve_with_incoming`), in a runtime; port 0 takes any that is free.
    ///
    /// # Errors
    /// As [`Security::check_listen`], or the port is not to be had: Job.
    pub fn bind(&self, address: SocketAddr) -> Result<TcpIncoming> {
        self.check_listen(address)?;
        listener::bind(address, "--listen")
    }

    /// Gives what the token is recognised by; none where none is demanded.
    pub(super) fn token_digest(&self) -> Option<TokenDigest> {
        self.token.as_ref().map(Token::digest)
    }

    /// Gives the certificates; none where nothing is encrypted.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Gives what stands before a service: callers without the token are answered UNAUTHENTICATED, those whose certificate lacks
    /// the role PERMISSION_DENIED.
    pub fn guard(&self, caller: Role) -> Guard {
        Guard::new(self.token_digest(), self.tls.is_some().then_some(caller))
    }
}
