//! Padmé: lengths whose binary form ends in zeros, more of them the longer the packet is.

use super::altering::padding;
use super::{Aspect, Entry, Who};

pub(super) const ENTRY: Entry = Entry {
    name: "padme",
    about: "every packet's length up to one with few binary digits, 12 % at most",
    source: "Nikitin, Barman, Lueks, Underwood, Hubaux, Ford: Reducing Metadata Leakage from Encrypted Files and Communication with PURBs, PETS 2019",
    who: Who::FarEndToo,
    parameters: &[],
    drops: None,
    touches: &[Aspect::Length],
    settings: &[""],
    build: |_, _| padding(padme),
};

/// The length that Padmé gives to a length, bytes: with E = ⌊log₂L⌋ and S = ⌊log₂E⌋ + 1 the last E − S bits are zero.
///
/// At most 12 % longer. Lengths below 4 stay as they are; above 2³² − 2²⁷ the last bits would carry over, and they stay
/// too.
pub fn padme(length_bytes: u32) -> u32 {
    let Some(e) = length_bytes.checked_ilog2().filter(|e| *e > 0) else { return length_bytes };
    let zeros = e - (e.ilog2() + 1).min(e);
    let mask = (1_u32 << zeros) - 1;
    length_bytes.checked_add(mask).map_or(length_bytes, |sum| sum & !mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_those_of_the_formula() {
        // 1500: E = 10, S = 4, multiples of 64; 40: E = 5, S = 3, of 4; 9: E = 3, S = 2, of 2
        let found = [0, 1, 2, 3, 8, 9, 40, 41, 1500, 1537].map(padme);
        assert_eq!(found, [0, 1, 2, 3, 8, 10, 40, 44, 1536, 1600]);
        assert_eq!(padme(u32::MAX), u32::MAX);
    }

    #[test]
    fn no_length_grows_by_more_than_12_percent() {
        for length in 1..=200_000_u32 {
            let padded = padme(length);
            assert!(padded >= length && f64::from(padded - length) <= 0.12 * f64::from(length), "{length}");
            assert_eq!(padme(padded), padded, "{length}");
        }
    }
}
