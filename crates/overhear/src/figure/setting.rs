//! A windowing as typed (`t=15`, `n=20`), read for an axis.

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

/// The windowing, and how long a row is where it is more than a window: `t=15/5m` is `t=15` and `5 minutes`.
fn row_of(typed: &str) -> Option<(&str, String)> {
    let (base, row) = typed.split_once('/')?;
    let (row, home) = row.strip_suffix("-home").map_or((row, ""), |row| (row, " less the home's level"));
    let row = match row {
        "round" => "a round".to_owned(),
        "1m" => "a minute".to_owned(),
        row => format!("{} minutes", row.trim_end_matches('m')),
    };
    let row = row + home;
    Some((base, row))
}

/// The windowing, and which features of its windows where they are not the paper's: `t=15+full`.
fn features_of(typed: &str) -> Option<(&str, String)> {
    let (base, features) = typed.split_once('+')?;
    Some((base, if features == "full" { "all features".to_owned() } else { format!("features {features}") }))
}

/// A windowing for a reader: `Δt = 15 s`, `N = 20`; `Δt = 15 s, a row for a round`.
pub fn spoken(typed: &str) -> String {
    if let Some((base, row)) = row_of(typed) {
        return format!("{}, a row for {row}", spoken(base));
    }
    if let Some((base, features)) = features_of(typed) {
        return format!("{}, {features}", spoken(base));
    }
    match Setting::read(typed) {
        Some(Setting { grouping: Grouping::Time, size, .. }) => format!("Δt = {size} s"),
        Some(Setting { grouping: Grouping::Count, size, .. }) => format!("N = {size}"),
        None => typed.to_owned(),
    }
}

/// A windowing within a sentence: `15 s windows`, `windows of 20 packets`.
pub fn in_words(typed: &str) -> String {
    if let Some((base, row)) = row_of(typed) {
        return format!("{}, a row for {row}", in_words(base));
    }
    if let Some((base, features)) = features_of(typed) {
        return format!("{}, {features}", in_words(base));
    }
    match Setting::read(typed) {
        Some(Setting { grouping: Grouping::Time, size, .. }) => format!("windows of {size} s"),
        Some(Setting { grouping: Grouping::Count, size, .. }) => format!("windows of {size} packets"),
        None => format!("windows {typed}"),
    }
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
        assert_eq!(spoken("t=15/5m"), "Δt = 15 s, a row for 5 minutes");
        assert_eq!(in_words("n=20/round"), "windows of 20 packets, a row for a round");
        assert_eq!(spoken("t=15+full/5m"), "Δt = 15 s, all features, a row for 5 minutes");
        assert_eq!(spoken("t=15/round-home"), "Δt = 15 s, a row for a round less the home's level");
    }
}
