//! One seam to every store: local folders, S3, Google Cloud Storage and Azure, by URI.
//!
//! Local folders and S3 are proven by tests; `gs://` and `az://` go through the same code and are not.
//!
//! - Credentials come from the environment, never from a job file.
//! - Nothing half-written is ever visible: local files are written aside and renamed, objects appear when complete.
//! - What is written outlives a power cut, but for work files, which have checksums, and results, which are waited for before the commit.
//! - Retries are bounded, and every error names the object.

mod failure;
mod folder;
mod local;
mod location;
mod private;
mod room;
mod stores;
mod uploads;
mod writer;

pub use folder::{Folder, ObjectInfo, PutNew};
pub use private::private_folder;
pub use stores::Storage;
pub use writer::{BlockingWriter, Writer};

pub(crate) use failure::failure;
pub(crate) use local::dangling_links;
pub(crate) use location::{Location, join_uri};
pub(crate) use room::{Held, Room};
