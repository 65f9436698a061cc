//! The program `segmenter-worker`.
fn main() {}
