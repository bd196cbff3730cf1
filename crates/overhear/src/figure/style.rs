//! Colours, markers and names: one look for a condition or a learner, everywhere.
//!
//! Colours are written as concrete values per class and scheme, not as CSS variables, so that a
//! figure file also reads in viewers that know neither variables nor media queries. Learners have the
//! colours that their register gives them, after Okabe and Ito, "Color Universal Design" (2008), lightened for the dark scheme.

use overhear_learn::learner::{self, LEARNERS};
use std::borrow::Cow;
use std::fmt::Write as _;

pub use overhear_learn::learner::Marker;

/// A colour by meaning: a class `f-NAME` fills with it, `s-NAME` strokes, and `--NAME` is its
/// variable on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colour {
    /// Name of the classes.
    pub name: Cow<'static, str>,
    /// `#rrggbb` on a light ground.
    pub light: &'static str,
    /// `#rrggbb` on a dark ground.
    pub dark: &'static str,
}

const fn colour(name: &'static str, light: &'static str, dark: &'static str) -> Colour {
    Colour { name: Cow::Borrowed(name), light, dark }
}

/// Every colour of the report but the learners' own.
pub const PALETTE: &[Colour] = &[
    colour("paper", "#ffffff", "#15181c"),
    colour("ink", "#1b1f24", "#e6e8ea"),
    colour("muted", "#5a636d", "#a3adb8"),
    colour("grid", "#e7eaed", "#2b3138"),
    colour("rule", "#c3c9cf", "#454d56"),
    colour("soft", "#f4f6f8", "#1d2126"),
    colour("link", "#0b5a94", "#7cc0f2"),
    colour("warn", "#7a4b00", "#f5c66b"),
    colour("warnsoft", "#fdf3df", "#33290f"),
    colour("pos", "#ee8a5e", "#a8431a"),
    colour("neg", "#6fa8dc", "#1f619c"),
    colour("share", "#8fb6c9", "#2b6480"),
    colour("base", "#868e96", "#8b949e"),
    colour("c-off", "#5f7f9c", "#86a9c9"),
    colour("c-on", "#e0a106", "#f0b93a"),
    colour("c-noise", "#d5481e", "#f47650"),
    colour("c-3", "#00806a", "#3fc1a5"),
    colour("c-4", "#8d5fa8", "#c49be0"),
    colour("c-5", "#6b6f2a", "#c3c76a"),
    colour("yes", "#0b6b4c", "#4fd1a1"),
];

/// How a learner is drawn and called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// What a reader calls it.
    pub label: String,
    /// The paper's abbreviation, or the label.
    pub short: String,
    /// Name of its colour: a class and a variable of the page.
    pub colour: Cow<'static, str>,
    /// Its marker.
    pub marker: Marker,
    /// Whether it is a baseline: drawn grey, never the best.
    pub baseline: bool,
}

/// The look of a learner by its permanent name; one not known is drawn grey under its own name.
pub fn learner(name: &str) -> Look {
    let Ok(entry) = learner::find(name) else {
        let (label, short) = (name.to_owned(), name.to_owned());
        return Look { label, short, colour: "muted".into(), marker: Marker::Circle, baseline: false };
    };
    Look {
        label: entry.label.to_owned(),
        short: entry.short.to_owned(),
        colour: learner_class(entry.name).into(),
        marker: entry.drawn.marker,
        baseline: entry.is_baseline,
    }
}

fn learner_class(name: &str) -> String {
    format!("l-{name}")
}

/// Every colour of the report: [`PALETTE`] and each learner's.
fn colours() -> impl Iterator<Item = Colour> {
    let learners = LEARNERS.iter().map(|entry| Colour {
        name: learner_class(entry.name).into(),
        light: entry.drawn.light,
        dark: entry.drawn.dark,
    });
    PALETTE.iter().cloned().chain(learners)
}

/// A label within a sentence: `random forest`, but `AdaBoost`, `kNN` and `SVM`.
pub fn in_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match letters.next() {
        Some(first) if !letters.as_str().contains(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => label.to_owned(),
    }
}

/// The colour of a condition: the paper's three have their own, others take the next by `index`.
pub fn condition(name: &str, index: usize) -> &'static str {
    match name {
        "mic_off" => "c-off",
        "mic_on" => "c-on",
        "mic_on_noise" => "c-noise",
        _ => ["c-3", "c-4", "c-5"][index % 3],
    }
}

/// The style sheet of every figure: alone in a file or many on a page.
pub fn css() -> String {
    let mut css = String::from(SHAPES);
    for c in colours() {
        let _ = write!(css, ".oh .f-{0}{{fill:{1}}}.oh .s-{0}{{stroke:{1}}}", c.name, c.light);
    }
    css.push_str(HALO_LIGHT);
    css.push_str("@media screen and (prefers-color-scheme:dark){");
    for c in colours() {
        let _ = write!(css, ".oh .f-{0}{{fill:{1}}}.oh .s-{0}{{stroke:{1}}}", c.name, c.dark);
    }
    css.push_str(HALO_DARK);
    css.push('}');
    css
}

/// The same colours as variables of a page.
pub fn variables() -> String {
    let list = |pick: fn(&Colour) -> &'static str| {
        colours().fold(String::new(), |mut text, c| {
            let _ = write!(text, "--{}:{};", c.name, pick(&c));
            text
        })
    };
    format!(
        ":root{{{}}}@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}",
        list(|c| c.light),
        list(|c| c.dark)
    )
}

/// Sizes and weights. `.oh` scopes every rule, so that nothing else on the page is touched.
const SHAPES: &str = "\
.oh{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:14px;\
font-variant-numeric:tabular-nums}\
.oh text{fill-opacity:1}.oh .h{font-size:15px;font-weight:600}.oh .t{font-size:14px}.oh .n{font-size:12.5px}\
.oh .b{font-weight:600}.oh .g{stroke-width:1;fill:none}.oh .w{stroke-width:1.6;fill:none}\
.oh .l{stroke-width:2;fill:none;stroke-linejoin:round;stroke-linecap:round}\
.oh .d{stroke-width:1.6;fill:none;stroke-dasharray:5 4}.oh .dot{stroke-width:1.6;fill:none;stroke-dasharray:1.5 3}\
.oh .a{fill-opacity:.12;stroke:none}.oh .m{stroke-width:1.2}.oh .k{stroke-width:2.4;fill:none}\
.oh .halo{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}";

const HALO_LIGHT: &str = ".oh .halo{stroke:#ffffff}";
const HALO_DARK: &str = ".oh .halo{stroke:#15181c}";

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(hex: &str, k: usize) -> f64 {
        let value = u8::from_str_radix(&hex[1 + 2 * k..3 + 2 * k], 16).expect("the palette is hexadecimal");
        let s = f64::from(value) / 255.0;
        if s <= 0.040_45 { s / 12.92 } else { ((s + 0.055) / 1.055).powf(2.4) }
    }

    /// Source: WCAG 2.2, relative luminance and contrast ratio.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |h: &str| 0.2126 * linear(h, 0) + 0.7152 * linear(h, 1) + 0.0722 * linear(h, 2);
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn named(name: &str) -> Colour {
        colours().find(|c| c.name == name).expect("a colour of the palette")
    }

    #[test]
    fn text_has_contrast_in_both_schemes() {
        let grounds = ["paper", "soft"];
        let pairs = ["ink", "muted", "link", "warn", "yes"].iter().flat_map(|t| grounds.map(|g| (*t, g)));
        let cells = ["pos", "neg", "share", "warnsoft"].map(|g| ("ink", g));
        for (text, ground) in pairs.chain(cells).chain([("warn", "warnsoft")]) {
            let (t, g) = (named(text), named(ground));
            for (scheme, ratio) in [("light", contrast(t.light, g.light)), ("dark", contrast(t.dark, g.dark))]
            {
                assert!(ratio >= 4.5, "{text} on {ground}, {scheme}: {ratio:.2}");
            }
        }
    }

    #[test]
    fn marks_are_seen_in_both_schemes() {
        let paper = named("paper");
        for c in colours().filter(|c| c.name.starts_with("l-") || c.name.starts_with("c-")) {
            assert!(contrast(c.light, paper.light) >= 2.0, "{} light", c.name);
            assert!(contrast(c.dark, paper.dark) >= 4.5, "{} dark", c.name);
        }
    }
}
