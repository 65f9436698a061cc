//! `begun.json`: what an export is compared with and how it is handed over, decided once before the first file. Whoever goes on writes the same bytes.

use segmenter_proto::{Error, Result, jobs::Delivery};
use segmenter_worker::storage::{Folder, PutNew};
use serde::{Deserialize, Serialize};

/// Its name within the folder of an export's run.
pub(super) const BEGUN: &str = "begun.json";

/// `begun.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pinned {
    /// The run whose export it is compared with.
    pub(super) previous: Option<String>,
    pub(super) delivery: Delivery,
}

impl Pinned {
    /// Reads what was begun; what cannot be understood is as good as nothing.
    pub(super) async fn read(folder: &Folder) -> Result<Option<Self>> {
        Ok(folder.get(BEGUN).await?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Writes it, in the place of one that was begun with another delivery; gives what stands there, which another process may have decided.
    pub(super) async fn decide(self, folder: &Folder) -> Result<Self> {
        let mut text = serde_json::to_vec_pretty(&self)
            .map_err(|cause| Error::bug("begun.json cannot be written").caused_by(cause))?;
        text.push(b'\n');
        if folder.put_new(BEGUN, text.clone()).await? == PutNew::Created {
            return Ok(self);
        }
        match Self::read(folder).await? {
            Some(found) if found.delivery == self.delivery => Ok(found),
            _ => {
                folder.put(BEGUN, text).await?;
                Ok(self)
            }
        }
    }
}
