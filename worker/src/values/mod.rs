//! What a text or a number means as a value, and why it may mean none: numbers, dates, points in time, zones.
//!
//! Readers and expressions share these, so that a text is the same value, or refused for the same reason, in both.

mod countries;
mod email;
mod fault;
mod local_time;
mod marks;
mod numbers;
mod parameters;
mod phone;
mod serial;
mod time_format;
mod time_range;
mod time_steps;
mod zones;

pub use countries::{Country, countries, country};
pub use email::normalised_email;
pub(crate) use fault::{Place, ValueFault};
pub(crate) use local_time::DAY;
pub use local_time::{LocalClock, local_to_utc, normalise_time, parse_timezone};
pub(crate) use numbers::{parse_bool, parse_decimal, parse_double, parse_int};
pub use parameters::parameters_type;
pub(crate) use parameters::{VALUES_OF_A_PARAMETER, value_of_key_in_json, values_of_key};
pub use phone::phone_digits;
pub(crate) use serial::from_serial;
pub(crate) use time_format::number_of_time;
pub use time_format::{FormatError, TimeFormat};
pub(crate) use time_range::{TimeUnit, date_in_range, time_in_range};
pub(crate) use zones::instant_in;
