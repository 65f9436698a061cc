//! `TRACEPARENT`: the trace that a run belongs to, as W3C writes it.

/// The trace and the span within which the run is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceParent {
    pub(super) trace: Vec<u8>,
    pub(super) span: Vec<u8>,
}

impl TraceParent {
    /// Reads `00-<32 hex>-<16 hex>-<2 hex>`; none of anything else, which by the standard begins a trace anew.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.trim().split('-').collect();
        let [version, trace, span, flags, ..] = parts.as_slice() else { return None };
        let known = *version != "ff" && bytes_of(version, 1).is_some() && bytes_of(flags, 1).is_some();
        // Version 00 has no more than this.
        let whole = *version != "00" || parts.len() == 4;
        let (trace, span) = (bytes_of(trace, 16)?, bytes_of(span, 8)?);
        let named = |id: &[u8]| id.iter().any(|byte| *byte != 0);
        (known && whole && named(&trace) && named(&span)).then_some(Self { trace, span })
    }
}

fn bytes_of(hex: &str, length: usize) -> Option<Vec<u8>> {
    let plain = hex.len() == 2 * length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let pairs = (0..length).map(|at| u8::from_str_radix(hex.get(2 * at..2 * at + 2)?, 16).ok());
    if plain { pairs.collect() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_whole_is_a_parent() {
        let found = TraceParent::parse("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        assert_eq!((found.trace[0], found.trace.len(), found.span[7], found.span.len()), (0x0a, 16, 0x31, 8));
        for wrong in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
            "00-ż0af7651916cd43dd8448eb211c8031-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceParent::parse(wrong), None, "{wrong}");
        }
    }
}
