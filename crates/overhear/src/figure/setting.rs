//! A windowing as typed (`t=15`, `n=20`), read for an axis.

use overhear_learn::sequence;
use overhear_traffic::window::Windowing;

/// How windows are cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grouping {
    /// Windows of N packets.
    Count,
    /// Windows of Δt seconds.
    Time,
}

impl Grouping {
    /// Both, in the order of the paper's Figures 6 and 7: (a) packets, (b) seconds.
    pub const ALL: [Grouping; 2] = [Grouping::Count, Grouping::Time];
}

/// One windowing.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// As typed.
    pub typed: String,
    /// How.
    pub grouping: Grouping,
    /// Seconds or packets, above 0.
    pub size: f64,
}

impl Setting {
    /// Reads `t=15` or `n=20`; `None` for anything else.
    pub fn read(typed: &str) -> Option<Setting> {
        let windowing: Windowing = typed.parse().ok()?;
        let grouping = match windowing {
            Windowing::Time(_) => Grouping::Time,
            Windowing::Count(_) => Grouping::Count,
        };
        Some(Setting { typed: typed.to_owned(), grouping, size: f64::from(windowing.size()) })
    }

    /// The settings of one grouping among these, smallest first.
    pub fn of(typed: &[String], grouping: Grouping) -> Vec<Setting> {
        let mut found: Vec<Setting> =
            typed.iter().filter_map(|t| Setting::read(t)).filter(|s| s.grouping == grouping).collect();
        found.sort_by(|a, b| a.size.total_cmp(&b.size));
        found.dedup_by(|a, b| a.typed == b.typed);
        found
    }
}

/// What is looked at for a reader, where `windowing` says it of windows alone: with their features where they are not the paper's
/// (`t=15+full`), how long a row is where it is more than a window (`t=15/5m`), what is taken off (`t=15-home`), and a transform of
/// series by its label (`quant/1m`).
fn said(typed: &str, windowing: fn(&str) -> String) -> String {
    if let Some(rest) = typed.strip_suffix("-home") {
        return format!("{} less the home's level", said(rest, windowing));
    }
    if let Some((base, row)) = typed.split_once('/') {
        let row = match row {
            "round" => "a round".to_owned(),
            "1m" => "a minute".to_owned(),
            row => format!("{} minutes", row.trim_end_matches('m')),
        };
        return format!("{}, a row for {row}", said(base, windowing));
    }
    if let Some((base, features)) = typed.split_once('+') {
        let features =
            if features == "full" { "all features".to_owned() } else { format!("features {features}") };
        return format!("{}, {features}", said(base, windowing));
    }
    match sequence::find(typed) {
        Ok(transform) => format!("{} second by second", transform.label),
        Err(_) => windowing(typed),
    }
}

/// A windowing for a reader: `Δt = 15 s`, `N = 20`; `Δt = 15 s, a row for a round`.
pub fn spoken(typed: &str) -> String {
    said(typed, |windowing| match Setting::read(windowing) {
        Some(Setting { grouping: Grouping::Time, size, .. }) => format!("Δt = {size} s"),
        Some(Setting { grouping: Grouping::Count, size, .. }) => format!("N = {size}"),
        None => windowing.to_owned(),
    })
}

/// A windowing within a sentence: `windows of 15 s`, `windows of 20 packets`.
pub fn in_words(typed: &str) -> String {
    said(typed, |windowing| match Setting::read(windowing) {
        Some(Setting { grouping: Grouping::Time, size, .. }) => format!("windows of {size} s"),
        Some(Setting { grouping: Grouping::Count, size, .. }) => format!("windows of {size} packets"),
        None => format!("windows {windowing}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_sorted_and_others_left_out() {
        let typed = ["t=500", "n=2", "t=15", "x=3", "t=-1", "t=nan"].map(str::to_owned);
        let sizes: Vec<f64> = Setting::of(&typed, Grouping::Time).iter().map(|s| s.size).collect();
        assert_eq!(sizes, [15.0, 500.0]);
        assert_eq!(spoken("t=15"), "Δt = 15 s");
        assert_eq!(in_words("n=20"), "windows of 20 packets");
        assert_eq!(in_words("t=15+full-home"), "windows of 15 s, all features less the home's level");
        assert_eq!(spoken("n=20/round-home"), "N = 20, a row for a round less the home's level");
        assert_eq!(in_words("quant/1m"), "QUANT second by second, a row for a minute");
        assert_eq!(spoken("t=15/5m"), "Δt = 15 s, a row for 5 minutes");
        assert_eq!(in_words("n=20/round"), "windows of 20 packets, a row for a round");
        assert_eq!(spoken("t=15+full/5m"), "Δt = 15 s, all features, a row for 5 minutes");
        assert_eq!(spoken("t=15/round-home"), "Δt = 15 s, a row for a round less the home's level");
    }
}
