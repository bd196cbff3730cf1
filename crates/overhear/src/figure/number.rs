//! Numbers as a reader sees them: rounded to what their interval supports.

/// What stands where there is no number.
pub const NONE: &str = "–";

/// A whole number with commas, `203,596`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A whole number in few characters: `104`, `9.8k`, `66k`.
pub fn brief(n: u64) -> String {
    match n {
        0..1_000 => n.to_string(),
        1_000..10_000 => format!("{:.1}k", n as f64 / 1e3).replace(".0k", "k"),
        10_000..1_000_000 => format!("{:.0}k", n as f64 / 1e3),
        _ => format!("{:.1}M", n as f64 / 1e6),
    }
}

/// With that many decimals and a real minus sign; `–` for what is not finite.
pub fn fixed(x: f64, decimals: usize) -> String {
    if !x.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{x:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().all(|c| c == '0' || c == '.') => rest.to_owned(),
        Some(rest) => format!("−{rest}"),
        None => text,
    }
}

/// Decimals that an interval of this half width supports: two of its digits where the first is 1
/// or 2, else one; three where there is no interval.
pub fn decimals(half_width: f64) -> usize {
    if !half_width.is_finite() || half_width <= 0.0 {
        return 3;
    }
    let exponent = half_width.log10().floor();
    let leading = half_width / 10f64.powf(exponent);
    let more = if leading < 2.95 { 1.0 } else { 0.0 };
    (more - exponent).clamp(0.0, 6.0) as usize
}

/// A mean with its interval, `339.2 (337.1 to 341.4)`.
pub fn with_interval(mean: f64, interval: Option<(f64, f64)>) -> String {
    match interval {
        Some((low, high)) => {
            let d = decimals((high - low) / 2.0);
            format!("{} ({} to {})", fixed(mean, d), fixed(low, d), fixed(high, d))
        }
        None => significant(mean),
    }
}

/// A share as percent with its interval, `96.2 % (95.1 to 97.3)`.
pub fn percent_with_interval(share: f64, (low, high): (f64, f64)) -> String {
    let d = decimals(50.0 * (high - low)).min(2);
    // An interval of a share ends at 0 and 1, whatever Student's t says.
    let (low, high) = (low.max(0.0), high.min(1.0));
    format!("{} % ({} to {})", fixed(100.0 * share, d), fixed(100.0 * low, d), fixed(100.0 * high, d))
}

/// A share as percent, rounded to what its interval supports, for a heading: one decimal at most.
pub fn percent(share: f64, (low, high): (f64, f64)) -> String {
    format!("{} %", fixed(100.0 * share, decimals(50.0 * (high - low)).min(1)))
}

/// Three significant digits without an exponent.
pub fn significant(x: f64) -> String {
    if !x.is_finite() || x == 0.0 {
        return fixed(x, 0);
    }
    fixed(x, (2.0 - x.abs().log10().floor()).clamp(0.0, 6.0) as usize)
}

/// Seconds of a training time: as many decimals as a reader compares by.
pub fn seconds(s: f64) -> String {
    match s {
        s if !s.is_finite() => NONE.to_owned(),
        s if s >= 100.0 => fixed(s, 0),
        s if s >= 10.0 => fixed(s, 1),
        s if s >= 0.1 => fixed(s, 2),
        s if s >= 0.0001 => fixed(s, 4),
        _ => "<0.0001".to_owned(),
    }
}

/// Seconds of a capture or a run in a reader's unit: `3.0 days`, `4.2 h`, `38 s`, `4.2 s`.
pub fn span(s: f64) -> String {
    match s {
        s if !s.is_finite() => NONE.to_owned(),
        s if s >= 2.0 * 86_400.0 => format!("{} days", fixed(s / 86_400.0, 1)),
        s if s >= 7_200.0 => format!("{} h", fixed(s / 3_600.0, 1)),
        s if s >= 120.0 => format!("{} min", fixed(s / 60.0, 1)),
        s if s >= 10.0 => format!("{} s", fixed(s, 0)),
        _ => format!("{} s", fixed(s, 1)),
    }
}

/// Pads numbers on the right with spaces as wide as a digit, so that a right-aligned column stands
/// on its decimal points; texts stay as they are.
pub fn align_decimals(column: &mut [&mut String]) {
    let after = |s: &str| {
        s.split_once('.').map_or(0, |(_, rest)| rest.chars().take_while(char::is_ascii_digit).count())
    };
    let is_number = |s: &str| s.trim_start_matches(['−', '<', '×']).starts_with(|c: char| c.is_ascii_digit());
    let most = column.iter().filter(|s| is_number(s)).map(|s| after(s)).max().unwrap_or(0);
    for cell in column.iter_mut().filter(|s| is_number(s)) {
        let has = after(cell);
        if has == 0 && most > 0 {
            cell.push('\u{2008}');
        }
        cell.extend(std::iter::repeat_n('\u{2007}', most - has));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_follows_the_interval() {
        assert_eq!(percent_with_interval(0.962_34, (0.951, 0.973)), "96.2 % (95.1 to 97.3)");
        assert_eq!(percent_with_interval(0.96, (0.90, 1.02)), "96 % (90 to 100)");
        assert_eq!(with_interval(339.21, Some((335.0, 343.0))), "339 (335 to 343)");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(grouped(203_596), "203,596");
        assert_eq!(brief(66_000), "66k");
        assert_eq!(fixed(-0.001, 2), "0.00");
        assert_eq!(fixed(-1.5, 1), "−1.5");
        assert_eq!(fixed(f64::NAN, 1), NONE);
        assert_eq!(significant(1.794), "1.79");
    }

    #[test]
    fn a_column_stands_on_its_decimal_points() {
        let (mut a, mut b, mut c) = ("231".to_owned(), "0.47".to_owned(), NONE.to_owned());
        align_decimals(&mut [&mut a, &mut b, &mut c]);
        assert_eq!((a.chars().count(), b.as_str(), c.as_str()), (6, "0.47", NONE));
    }
}
