//! Inputs that went wrong elsewhere, from public reports of people who do this job, with what is right for each. They stand beside the
//! repository on some machines; elsewhere these tests are skipped, with a line that says so.

mod losses;
mod reading;
mod values;
mod words;
