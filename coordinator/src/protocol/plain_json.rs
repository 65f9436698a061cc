//! JSON for people, in which zero has no sign.

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};

/// Writes JSON with an indent and a last line end; −0.0 is written as 0.0.
pub(crate) fn to_pretty_json(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    // Measured first: of a hundred thousand files it is so long that a text which grows would take twice its memory.
    let mut length = Length(1);
    value.serialize(&mut Serializer::with_formatter(&mut length, Plain(PrettyFormatter::new())))?;
    let mut text = Vec::with_capacity(length.0);
    value.serialize(&mut Serializer::with_formatter(&mut text, Plain(PrettyFormatter::new())))?;
    text.push(b'\n');
    Ok(text)
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Plain<'a>(PrettyFormatter<'a>);

impl Formatter for Plain<'_> {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        self.0.write_f64(writer, value + 0.0)
    }

    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        self.0.write_f32(writer, value + 0.0)
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_is_as_the_library_writes_it_but_for_the_sign_of_zero() {
        let plain = json!({ "a": [1, 2.5, -3e-300], "b": {}, "c": [], "d": { "e": null, "f": "−0.0" } });
        let mut expected = serde_json::to_vec_pretty(&plain).unwrap();
        expected.push(b'\n');
        assert_eq!(to_pretty_json(&plain).unwrap(), expected);
        let text = String::from_utf8(to_pretty_json(&json!({ "a": -0.0, "b": [-0.0_f32, -1.0] })).unwrap()).unwrap();
        assert!(!text.contains("-0") && text.contains("-1.0"), "{text}");
        assert_eq!(to_pretty_json(&-0.0_f32).unwrap(), b"0.0\n");
    }
}
