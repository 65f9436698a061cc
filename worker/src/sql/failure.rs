//! Errors of the product on their way through the engine.

use datafusion_common::DataFusionError;
use segmenter_proto::Error;

/// Wraps an error of the product; it comes out again as it went in.
pub(super) fn through_engine(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
