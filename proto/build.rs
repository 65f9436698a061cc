//! Generates the messages and services of `segmenter.v1` without `protoc`: protox parses the files, tonic and prost write the Rust.

use prost::Message as _;
use std::{error::Error, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from("segmenter/v1");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&root)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    files.sort();
    println!("cargo::rerun-if-changed=segmenter/v1");
    let descriptors = protox::compile(&files, ["."])?;
    // For the test that no field changes its number unnoticed.
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    std::fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    // What is long is shared and not copied.
    let shared = [".segmenter.v1.StageDone", ".segmenter.v1.CommitDecision"];
    let config = tonic_prost_build::configure().build_transport(false);
    shared.into_iter().fold(config, |config, message| config.bytes(message)).compile_fds(descriptors)?;
    Ok(())
}
