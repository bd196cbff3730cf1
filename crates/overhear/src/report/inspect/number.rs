//! Counts, bytes and times as people read them.

pub(super) use crate::caveat::utc as time;
pub use crate::figure::number::grouped;

/// `4,275 frames`.
pub fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// `2.7 MB`, powers of a thousand.
pub fn bytes(n: u64) -> String {
    let mut value = n as f64;
    if n < 1000 {
        return format!("{n} B");
    }
    for unit in ["kB", "MB", "GB"] {
        value /= 1000.0;
        // what rounds to 1000 belongs to the next unit
        if value < 999.95 {
            return format!("{value:.1} {unit}");
        }
    }
    format!("{:.1} TB", value / 1000.0)
}

/// `2 min 30 s`.
pub fn duration(seconds: f64) -> String {
    if seconds < 60.0 {
        return if seconds < 10.0 { format!("{seconds:.1} s") } else { format!("{seconds:.0} s") };
    }
    let whole = seconds.round() as u64;
    let (days, hours, minutes, seconds) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    let parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")];
    let mut parts = parts.into_iter().skip_while(|(n, _)| *n == 0);
    // the two largest units say enough
    let two: Vec<_> =
        parts.by_ref().take(2).filter(|(n, _)| *n > 0).map(|(n, u)| format!("{n} {u}")).collect();
    two.join(" ")
}

pub fn short(seconds: f64) -> String {
    if seconds == 0.0 { "0 s".to_owned() } else { duration(seconds) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!((counted(1, "frame"), counted(4275, "frame")), ("1 frame".into(), "4,275 frames".into()));
        assert_eq!(
            (bytes(999), bytes(2_697_587), bytes(999_999)),
            ("999 B".into(), "2.7 MB".into(), "1.0 MB".into())
        );
        assert_eq!(duration(149.56), "2 min 30 s");
        assert_eq!(
            (duration(4.21), duration(48.0), duration(3600.0)),
            ("4.2 s".into(), "48 s".into(), "1 h".into())
        );
        assert_eq!(duration(90_061.0), "1 d 1 h");
        assert_eq!((time(0), time(-1)), ("1970-01-01 00:00:00 UTC".into(), "1969-12-31 23:59:59 UTC".into()));
    }
}
