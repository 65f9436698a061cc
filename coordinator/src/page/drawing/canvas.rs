//! What pictures are drawn with.

use std::fmt::Write;

/// Width of a letter of the style sheet's size, where nothing else is known.
const LETTER: f64 = 8.4;

/// An SVG picture that is not closed yet; its units are pixels where it is not scaled.
#[derive(Debug, Clone)]
pub struct Drawing {
    width: u32,
    height: u32,
    body: String,
}

impl Drawing {
    /// Gives an empty picture.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, body: String::new() }
    }

    /// Its width.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Its height.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// What stands in it.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Draws a rectangle; one without a width is a line that can be seen.
    pub fn rect(&mut self, class: &str, [x, y]: [f64; 2], [width, height]: [f64; 2]) {
        let (x, y, width, height) = (at(x), at(y), at(width.max(0.5)), at(height));
        let _ = write!(self.body, r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}"/>"#);
    }

    /// Draws a line.
    pub fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let (x1, y1, x2, y2) = (at(x1), at(y1), at(x2), at(y2));
        let _ = write!(self.body, r#"<line class="{class}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"/>"#);
    }

    /// Draws a circle.
    pub fn circle(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) {
        let (x, y, radius) = (at(x), at(y), at(radius));
        let _ = write!(self.body, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#);
    }

    /// Draws a path through corners; closed where it is an area.
    pub fn polyline(&mut self, class: &str, corners: &[[f64; 2]]) {
        let corners: Vec<String> = corners.iter().map(|[x, y]| format!("{},{}", at(*x), at(*y))).collect();
        let _ = write!(self.body, r#"<polyline class="{class}" points="{}"/>"#, corners.join(" "));
    }

    /// Draws a band from the left to the right that is `height` high and bends.
    pub fn band(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2], height: f64) {
        let middle = at((x1 + x2) / 2.0);
        let (below1, below2) = (at(y1 + height), at(y2 + height));
        let (x1, y1, x2, y2) = (at(x1), at(y1), at(x2), at(y2));
        let _ = write!(
            self.body,
            r#"<path class="{class}" d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}L{x2} {below2}C{middle} {below2} {middle} {below1} {x1} {below1}Z"/>"#
        );
    }

    /// Draws many rectangles of one class, each by its corner and its size.
    pub fn rectangles(&mut self, class: &str, all: &[([f64; 2], [f64; 2])]) {
        let corners = all.iter().map(|([x, y], [width, height])| {
            let [x, y, right, low] = [*x, *y, x + width, y + height].map(tenths);
            format!("M{x} {y}H{right}V{low}H{x}z")
        });
        self.tenths_of(class, &corners.collect::<String>());
    }

    /// Draws many hexagons of one class with a corner on top, each by its centre and how far it is to a corner.
    pub fn hexagons(&mut self, class: &str, all: &[([f64; 2], f64)]) {
        let corners = all.iter().map(|([x, y], size)| {
            let (half, high) = (tenths(size * 0.866), tenths(size / 2.0).max(1));
            let (x, top) = (tenths(*x), tenths(*y) - 2 * high);
            format!("M{x} {top}l{half} {high}v{}l-{half} {high}-{half}-{high}v-{}z", 2 * high, 2 * high)
        });
        self.tenths_of(class, &corners.collect::<String>());
    }

    /// Whole tenths take fewer letters than decimals.
    fn tenths_of(&mut self, class: &str, path: &str) {
        if !path.is_empty() {
            let _ = write!(self.body, r#"<path class="{class}" transform="scale(.1)" d="{path}"/>"#);
        }
    }

    /// Writes text; `class` is empty for what begins at the place.
    pub fn text(&mut self, class: &str, [x, y]: [f64; 2], text: &str) {
        let class = if class.is_empty() { String::new() } else { format!(r#" class="{class}""#) };
        let _ = write!(self.body, r#"<text{class} x="{}" y="{}">{}</text>"#, at(x), at(y), escaped(text));
    }
}

/// Gives a coordinate with at most one decimal.
fn at(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn tenths(value: f64) -> i32 {
    (value * 10.0).round() as i32
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Gives about how wide a text will be.
pub(super) fn width_of(text: &str) -> f64 {
    text.chars().map(letter_width).sum()
}

fn letter_width(letter: char) -> f64 {
    match letter {
        // Marks on other letters, and what joins and directs them.
        '\u{300}'..='\u{36f}'
        | '\u{64b}'..='\u{65f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' => 0.0,
        'i' | 'j' | 'l' | '.' | ',' | ' ' | '\u{a0}' | '\'' | '|' | ':' | ';' => LETTER * 0.55,
        'm' | 'w' | 'M' | 'W' => LETTER * 1.4,
        'A'..='Z' => LETTER * 1.15,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{ffff}' | '\u{1f000}'.. => LETTER * 2.0,
        _ => LETTER,
    }
}

/// Gives a text that is at most so wide, cut if it must be.
pub(super) fn fitted(text: &str, width: f64) -> String {
    if width_of(text) <= width {
        return text.to_owned();
    }
    let (mut kept, mut used) = (String::new(), LETTER);
    for letter in text.chars() {
        used += letter_width(letter);
        if used > width {
            break;
        }
        kept.push(letter);
    }
    // What joined two letters joins nothing now.
    let kept = kept.trim_end().trim_end_matches('\u{200d}');
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_are_short() {
        assert_eq!([at(3.0), at(2.26), at(-0.01), at(-1.5)], ["3", "2.3", "0", "-1.5"]);
    }

    #[test]
    fn what_is_too_long_is_cut_and_nothing_is_markup() {
        assert_eq!(fitted("short", 100.0), "short");
        let long = fitted(&"Ł".repeat(80), 100.0);
        assert!(long.ends_with('…') && width_of(&long) <= 100.0, "{long}");
        let mut drawing = Drawing::new(10, 10);
        drawing.text("e", [1.0, 2.0], "<script>&\"");
        assert_eq!(drawing.body(), r#"<text class="e" x="1" y="2">&lt;script&gt;&amp;&quot;</text>"#);
    }
}
