//! The command line of `segmenter-worker`.
