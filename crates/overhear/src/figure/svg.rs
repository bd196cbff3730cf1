//! A small SVG layer: shapes and text as strings, every text escaped, every number short.

use std::fmt::Write as _;

use super::style::Marker;

/// A point in a panel, in its own units (about CSS pixels at full width).
pub type Point = (f64, f64);

/// Where a text stands relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The text starts at the point.
    Start,
    /// The text is centred on the point.
    Middle,
    /// The text ends at the point.
    End,
}

/// A rectangle by its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width; negative widths are drawn as 0.
    pub width: f64,
    /// Height; negative heights are drawn as 0.
    pub height: f64,
}

/// What a panel is drawn on.
#[derive(Debug, Clone, Default)]
pub struct Canvas {
    body: String,
}

impl Canvas {
    /// A straight line.
    pub fn line(&mut self, class: &str, (x1, y1): Point, (x2, y2): Point) {
        let _ = write!(
            self.body,
            r#"<line class="{class}" x1="{}" y1="{}" x2="{}" y2="{}"/>"#,
            number(x1),
            number(y1),
            number(x2),
            number(y2)
        );
    }

    /// A filled or stroked rectangle with rounded corners of radius `round`.
    pub fn rect(&mut self, class: &str, rect: Rect, round: f64) {
        self.rect_with(class, rect, round, 1.0);
    }

    /// The same with an opacity of its fill, 0 to 1.
    pub fn rect_with(&mut self, class: &str, rect: Rect, round: f64, opacity: f64) {
        let _ = write!(
            self.body,
            r#"<rect class="{class}" x="{}" y="{}" width="{}" height="{}""#,
            number(rect.x),
            number(rect.y),
            number(rect.width.max(0.0)),
            number(rect.height.max(0.0))
        );
        if round > 0.0 {
            let _ = write!(self.body, r#" rx="{}""#, number(round));
        }
        if opacity < 1.0 {
            let _ = write!(self.body, r#" fill-opacity="{}""#, number(opacity.max(0.0)));
        }
        self.body.push_str("/>");
    }

    /// A line through the points; nothing for fewer than two.
    pub fn polyline(&mut self, class: &str, points: &[Point]) {
        self.points("polyline", class, points, 2);
    }

    /// A filled area; nothing for fewer than three points.
    pub fn polygon(&mut self, class: &str, points: &[Point]) {
        self.points("polygon", class, points, 3);
    }

    fn points(&mut self, element: &str, class: &str, points: &[Point], least: usize) {
        if points.len() < least {
            return;
        }
        let list: Vec<String> = points.iter().map(|&(x, y)| format!("{},{}", number(x), number(y))).collect();
        let _ = write!(self.body, r#"<{element} class="{class}" points="{}"/>"#, list.join(" "));
    }

    /// Text with its baseline at the point.
    pub fn text(&mut self, class: &str, (x, y): Point, anchor: Anchor, content: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let _ = write!(
            self.body,
            r#"<text class="{class}" x="{}" y="{}"{anchor}>{}</text>"#,
            number(x),
            number(y),
            escape(content)
        );
    }

    /// Text turned to be read upwards, centred on the point.
    pub fn text_upwards(&mut self, class: &str, (x, y): Point, content: &str) {
        let (x, y) = (number(x), number(y));
        let _ = write!(
            self.body,
            r#"<text class="{class}" text-anchor="middle" transform="translate({x} {y}) rotate(-90)">{}</text>"#,
            escape(content)
        );
    }

    /// A learner's marker of about 2 × `size` across.
    pub fn marker(&mut self, shape: Marker, class: &str, (x, y): Point, size: f64) {
        let s = size;
        match shape {
            Marker::Circle => {
                let _ = write!(
                    self.body,
                    r#"<circle class="{class}" cx="{}" cy="{}" r="{}"/>"#,
                    number(x),
                    number(y),
                    number(s)
                );
            }
            Marker::Square => {
                let side = 1.8 * s;
                self.rect(class, Rect { x: x - 0.9 * s, y: y - 0.9 * s, width: side, height: side }, 0.0);
            }
            Marker::Diamond => {
                let r = 1.3 * s;
                self.polygon(class, &[(x, y - r), (x + r, y), (x, y + r), (x - r, y)]);
            }
            Marker::Up => {
                self.polygon(class, &[(x, y - 1.25 * s), (x + 1.2 * s, y + s), (x - 1.2 * s, y + s)])
            }
            Marker::Down => {
                self.polygon(class, &[(x, y + 1.25 * s), (x + 1.2 * s, y - s), (x - 1.2 * s, y - s)])
            }
            Marker::Plus => self.polygon(class, &plus(x, y, 1.25 * s, 0.45 * s)),
            Marker::Hexagon => {
                let corners: Vec<Point> = (0..6)
                    .map(|k| f64::from(k) * std::f64::consts::FRAC_PI_3)
                    .map(|angle| (x + 1.2 * s * angle.cos(), y + 1.2 * s * angle.sin()))
                    .collect();
                self.polygon(class, &corners);
            }
            Marker::Pentagon => {
                let corners: Vec<Point> = (0..5)
                    .map(|k| std::f64::consts::TAU * (f64::from(k) / 5.0 - 0.25))
                    .map(|angle| (x + 1.25 * s * angle.cos(), y + 1.25 * s * angle.sin()))
                    .collect();
                self.polygon(class, &corners);
            }
            Marker::Cross => {
                let turned = |(a, b): Point| {
                    let r = std::f64::consts::FRAC_1_SQRT_2;
                    (x + r * (a - x - b + y), y + r * (a - x + b - y))
                };
                self.polygon(class, &plus(x, y, 1.3 * s, 0.4 * s).map(turned));
            }
            Marker::Bar => self.line(class, (x - 1.4 * s, y), (x + 1.4 * s, y)),
        }
    }

    /// Draws what `inside` draws under one hover text.
    pub fn titled(&mut self, title: &str, inside: impl FnOnce(&mut Canvas)) {
        let _ = write!(self.body, "<g><title>{}</title>", escape(title));
        inside(self);
        self.body.push_str("</g>");
    }

    /// Draws what `inside` draws, cut off at the edges of `rect`; `id` must be unique on the page.
    pub fn clipped(&mut self, id: &str, rect: Rect, inside: impl FnOnce(&mut Canvas)) {
        let _ = write!(self.body, r#"<clipPath id="{id}">"#);
        self.rect("", rect, 0.0);
        let _ = write!(self.body, r#"</clipPath><g clip-path="url(#{id})">"#);
        inside(self);
        self.body.push_str("</g>");
    }

    /// The drawing so far, as SVG elements.
    pub fn into_body(self) -> String {
        self.body
    }
}

fn plus(x: f64, y: f64, reach: f64, half: f64) -> [Point; 12] {
    let (r, h) = (reach, half);
    [
        (x - h, y - r),
        (x + h, y - r),
        (x + h, y - h),
        (x + r, y - h),
        (x + r, y + h),
        (x + h, y + h),
        (x + h, y + r),
        (x - h, y + r),
        (x - h, y + h),
        (x - r, y + h),
        (x - r, y - h),
        (x - h, y - h),
    ]
}

/// Text made harmless in an element or a quoted attribute.
///
/// Condition names come from users: `<script>` must stay text. Control characters have no place in
/// XML at all and become U+FFFD.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// A coordinate with at most two decimals; what is not finite is drawn at 0 instead of breaking the file.
pub fn number(x: f64) -> String {
    if !x.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text cut to `most` characters, with an ellipsis where something was cut.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// Text broken into lines of at most `most` characters, at spaces; a longer word is cut.
pub fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let word = shortened(word, most);
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(escape("<script>&\"'\u{1b}\0"), "&lt;script&gt;&amp;&quot;&#39;\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn coordinates_are_short_and_always_numbers() {
        assert_eq!(number(12.0), "12");
        assert_eq!(number(-0.001), "0");
        assert_eq!(number(1.234_567), "1.23");
        assert_eq!(number(f64::NAN), "0");
    }

    #[test]
    fn long_text_is_broken_at_spaces() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(shortened("abcdef", 4), "abc…");
    }
}
