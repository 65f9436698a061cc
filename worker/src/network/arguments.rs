//! What is typed to secure connections, the same on both programs.

use clap::Args;
use std::path::PathBuf;

/// How connections between coordinator and workers are secured, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Security")]
pub struct SecurityArguments {
    /// File whose first line is the secret that coordinator and workers share, at least 16 characters
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Certificate of this process (PEM), issued to the DNS name segmenter-coordinator or segmenter-worker
    #[arg(long, value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Certificates of the authorities that issued the other side's certificate (PEM)
    #[arg(long, value_name = "FILE")]
    pub tls_ca: Option<PathBuf>,
    /// Allow connections off this machine without a token and TLS: whoever reaches the port reads the customers' data
    #[arg(long)]
    pub insecure: bool,
}
