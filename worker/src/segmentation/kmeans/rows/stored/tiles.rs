//! The lanes of a matrix.

use super::map::{Mapped, write_lanes};
use crate::segmentation::kmeans::rows::matrix::Lanes;
use segmenter_proto::Result;
use std::{ops::Deref, path::Path, sync::Arc};

/// Lanes in memory, where they can be set, or in a mapped file.
#[derive(Debug, Clone)]
pub(in crate::segmentation::kmeans) enum Tiles {
    Memory(Vec<Lanes>),
    Mapped(Arc<Mapped>),
}

impl Tiles {
    /// Moves lanes to a file in `folder`; those that lie in one stay there.
    pub(in crate::segmentation::kmeans) fn stored(self, folder: &Path) -> Result<Self> {
        let Self::Memory(lanes) = &self else { return Ok(self) };
        let mapped = Mapped::write(folder, size_of_val(lanes.as_slice()) as u64, |file| write_lanes(file, lanes))?;
        Ok(Self::Mapped(Arc::new(mapped)))
    }

    /// Lets go of the memory of lanes that lie in a file, until they are looked at again.
    pub(in crate::segmentation::kmeans) fn let_pages_go(&self) {
        if let Self::Mapped(mapped) = self {
            mapped.let_pages_go();
        }
    }

    /// Says whether lanes that lie in a file are what was written there.
    pub(in crate::segmentation::kmeans) fn is_whole(&self) -> bool {
        match self {
            Self::Memory(_) => true,
            Self::Mapped(mapped) => mapped.is_whole(),
        }
    }

    /// Gives lanes to be set.
    pub(in crate::segmentation::kmeans) fn in_memory(&mut self) -> &mut [Lanes] {
        match self {
            Self::Memory(lanes) => lanes,
            // A matrix is stored when it is whole.
            Self::Mapped(_) => &mut [],
        }
    }
}

impl Deref for Tiles {
    type Target = [Lanes];

    fn deref(&self) -> &[Lanes] {
        match self {
            Self::Memory(lanes) => lanes,
            Self::Mapped(mapped) => mapped.lanes(),
        }
    }
}
