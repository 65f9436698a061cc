//! How customers answer messages: by channel, offer and campaign, by how many they get, and by weekday and hour.
//!
//! ```text
//!  rows of a customer ─► cells: what the customer did with each channel, offer … ─► sums by segment ─► rows of four tables
//! ```

mod campaigns;
mod cells;
mod channels;
mod contacts;
mod figures;
mod fold;
mod offers;
mod scope;
mod statistic;
mod times;

pub use campaigns::campaign_rows;
pub use cells::{About, granted_of, packed_cells, unpacked_cells};
pub use channels::channel_rows;
pub use contacts::contact_rows;
pub use figures::Figures;
pub use fold::{History, Judged, Message, Purchase, cells_of};
pub use offers::offer_rows;
pub use scope::MessagesScope;
pub use statistic::MessagesStatistic;

#[cfg(test)]
mod tests;
