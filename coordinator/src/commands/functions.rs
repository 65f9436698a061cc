//! `segmenter functions`: what expressions may use.

use super::{connect, stdout};
use segmenter_proto::Result;

/// Prints the allowed functions.
pub(super) fn functions() -> Result<()> {
    stdout::print(&connect::functions()?)
}
