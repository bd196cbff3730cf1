//! Text for a terminal: wrapped lines, and colour where it is wanted.

use std::fmt::Write as _;

/// A space at which no line is broken.
pub const KEPT: char = '\u{a0}';

/// How a terminal is written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns.
    pub width: usize,
    /// Whether colours are wanted.
    pub colour: bool,
}

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something to act on.
    Bad,
    /// Something to look at.
    Open,
    /// Nothing to worry about.
    Good,
    /// A heading.
    Strong,
}

impl Look {
    /// The text in the colour of its meaning; as it is where no colour is wanted.
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Bad => "1;31",
            Tone::Open => "1;33",
            Tone::Good => "1;32",
            Tone::Strong => "1",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// Text in lines of at most `width` columns, each behind the margin; a longer word is broken.
pub fn wrap(out: &mut String, margin: &str, text: &str, width: usize) {
    let room = width.saturating_sub(margin.chars().count()).max(20);
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ') {
        let mut word: Vec<char> = word.chars().map(|c| if c == KEPT { ' ' } else { c }).collect();
        if used > 0 && used + 1 + word.len() > room {
            let _ = writeln!(out, "{margin}{line}");
            line.clear();
            used = 0;
        }
        while word.len() > room {
            let rest = word.split_off(room);
            let _ = writeln!(out, "{margin}{}", String::from_iter(&word));
            word = rest;
        }
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        used += word.len();
        line.extend(word);
    }
    let _ = writeln!(out, "{margin}{line}");
}

/// A label, then text that stays to the right of it; nothing where there is no text. `label` is as wide as the margin.
pub fn hanging(out: &mut String, label: &str, text: &str, width: usize) {
    if text.is_empty() {
        return;
    }
    let start = out.len();
    let margin = " ".repeat(label.chars().count());
    wrap(out, &margin, text, width);
    out.replace_range(start..start + margin.len(), label);
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+:@%,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_within_the_width() {
        let mut out = String::new();
        hanging(
            &mut out,
            "    also       ",
            &format!("{} {}", "word ".repeat(40).trim(), "x".repeat(200)),
            80,
        );
        assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
        assert!(out.starts_with("    also       word"));
    }

    #[test]
    fn colour_is_left_out_where_it_is_not_wanted() {
        let plain = Look { width: 80, colour: false };
        assert_eq!(plain.paint(Tone::Bad, "LEAK"), "LEAK");
        assert_eq!(Look { colour: true, ..plain }.paint(Tone::Bad, "LEAK"), "\x1b[1;31mLEAK\x1b[0m");
    }
}
