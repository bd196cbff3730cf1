//! Cells of a packet table: where they lie in a line, and what stands in them.

use crate::packet::Direction;
use std::ops::Range;

/// Finds the cells of a line; false where a quote is not closed.
pub(super) fn split(line: &[u8], separator: u8, cells: &mut Vec<Range<usize>>) -> bool {
    cells.clear();
    let (mut start, mut quoted) = (0, false);
    for (at, &byte) in line.iter().enumerate() {
        if byte == b'"' {
            quoted = !quoted;
        } else if byte == separator && !quoted {
            cells.push(start..at);
            start = at + 1;
        }
    }
    cells.push(start..line.len());
    !quoted
}

/// A cell without blanks and quotes around it.
pub(super) fn trimmed(cell: &[u8]) -> &[u8] {
    let cell = cell.trim_ascii();
    match cell {
        [b'"', inner @ .., b'"'] => inner.trim_ascii(),
        _ => cell,
    }
}

/// A cell as text; two quotes inside quotes are one.
pub(super) fn text(cell: &[u8]) -> String {
    String::from_utf8_lossy(trimmed(cell)).replace("\"\"", "\"")
}

/// Whether a cell is one of the values of a packet table, as in a line that names no columns.
pub(super) fn is_value(cell: &[u8]) -> bool {
    nanoseconds(cell).is_some() || direction(cell).is_some()
}

/// `1`, `+` and `out`, or `-1`, `-` and `in`.
pub(super) fn direction(cell: &[u8]) -> Option<Direction> {
    match cell {
        b"1" | b"+1" | b"+" | b"1.0" => Some(Direction::Out),
        b"-1" | b"-" | b"-1.0" => Some(Direction::In),
        word if word.eq_ignore_ascii_case(b"out") => Some(Direction::Out),
        word if word.eq_ignore_ascii_case(b"in") => Some(Direction::In),
        _ => None,
    }
}

/// A whole number of bytes; zeros may stand behind a point, as where a program keeps all numbers as fractions.
pub(super) fn size_bytes(cell: &[u8]) -> Option<u32> {
    let point = cell.iter().position(|&byte| byte == b'.').unwrap_or(cell.len());
    let (whole, fraction) = cell.split_at(point);
    if !whole.iter().all(u8::is_ascii_digit) || fraction.iter().skip(1).any(|&byte| byte != b'0') {
        return None;
    }
    std::str::from_utf8(whole).ok()?.parse().ok()
}

/// More digits of an exponent than any time needs.
const MAX_EXPONENT_DIGITS: usize = 3;

/// Seconds as a decimal number, perhaps with an exponent, in whole nanoseconds: exactly, but that digits beyond the ninth
/// behind the point are cut off. `None` for what is no number, and where it is more than fits.
pub(super) fn nanoseconds(cell: &[u8]) -> Option<i64> {
    let (is_negative, cell) = signed(cell);
    let exponent_at = cell.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (mantissa, exponent) = match exponent_at {
        Some(at) => (&cell[..at], exponent(&cell[at + 1..])?),
        None => (cell, 0),
    };
    let point = mantissa.iter().position(|&byte| byte == b'.').unwrap_or(mantissa.len());
    let (whole, fraction) = (&mantissa[..point], mantissa.get(point + 1..).unwrap_or_default());
    let mut digits = whole.iter().chain(fraction);
    if mantissa.len() <= usize::from(point < mantissa.len()) || !digits.clone().all(u8::is_ascii_digit) {
        return None;
    }
    // so many digits, or zeros behind them, are of whole nanoseconds
    let wanted = i64::try_from(whole.len()).ok()? + 9 + exponent;
    let mut ns = 0_i64;
    for _ in 0..wanted.max(0) {
        let digit = digits.next();
        if digit.is_none() && ns == 0 {
            break;
        }
        ns = ns.checked_mul(10)?.checked_add(digit.map_or(0, |digit| i64::from(digit - b'0')))?;
    }
    Some(if is_negative { -ns } else { ns })
}

/// Whether a number is negative, and it without its sign.
fn signed(cell: &[u8]) -> (bool, &[u8]) {
    match cell {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, cell),
    }
}

fn exponent(cell: &[u8]) -> Option<i64> {
    let (is_negative, digits) = signed(cell);
    if digits.is_empty() || digits.len() > MAX_EXPONENT_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits.iter().fold(0, |value, digit| 10 * value + i64::from(digit - b'0'));
    Some(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_nanoseconds_exactly() {
        for (text, expected) in [
            ("0", 0),
            ("1628155255.123183999", 1_628_155_255_123_183_999),
            ("0.1", 100_000_000),
            (".5", 500_000_000),
            ("5.", 5_000_000_000),
            ("+1.5", 1_500_000_000),
            ("-0.000000001", -1),
            ("0.0000000019", 1),
            ("1e-05", 10_000),
            ("1.25E+3", 1_250_000_000_000),
            ("123456e-6", 123_456_000),
            ("1e-400", 0),
            ("0e999", 0),
            ("000000000000000000000000000001", 1_000_000_000),
        ] {
            assert_eq!(nanoseconds(text.as_bytes()), Some(expected), "{text}");
        }
        for text in [
            "",
            ".",
            "-",
            "e5",
            "1e",
            "1e-",
            "1,5",
            "0x1",
            "nan",
            "inf",
            "1.2.3",
            "1e9999",
            "9223372036854775808",
            "1e300",
        ] {
            assert_eq!(nanoseconds(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn sizes_are_whole_and_not_negative() {
        for (text, expected) in [("0", 0), ("1500", 1500), ("40.0", 40), ("4294967295", u32::MAX)] {
            assert_eq!(size_bytes(text.as_bytes()), Some(expected), "{text}");
        }
        for text in ["", "-40", "+40", "40.5", "4294967296", ".0", "1e3", "4 0"] {
            assert_eq!(size_bytes(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn quotes_keep_separators_in_a_cell() {
        let mut cells = Vec::new();
        let line = br#" "a,b" ,"say ""no""",3"#;
        assert!(split(line, b',', &mut cells));
        let texts: Vec<String> = cells.iter().map(|cell| text(&line[cell.clone()])).collect();
        assert_eq!(texts, ["a,b", "say \"no\"", "3"]);
        assert!(!split(br#"1,"2"#, b',', &mut cells));
    }
}
