//! Padmé on bursts: cover behind each burst, so that its bytes are a sum with few binary digits.
//!
//! A burst is packets of one direction with less than a gap between them, each way by itself. What is missing leaves once
//! the gap has passed, in packets of one length or two that differ by a byte. Where it is less than a packet needs, the
//! sum is the next one that leaves room for one.

use super::cells::WAYS;
use super::cover::Cover;
use super::padme::padme;
use super::queue::place;
use super::{Actions, Aspect, Defence, Entry, MTU_BYTES, Packet, Parameter, Who, ns};
use overhear_traffic::packet::Direction;

pub(super) const ENTRY: Entry = Entry {
    name: "padme-bursts",
    about: "cover behind each burst, so that its bytes have few binary digits",
    source: "Nikitin, Barman, Lueks, Underwood, Hubaux, Ford: Reducing Metadata Leakage from Encrypted Files and Communication with PURBs, PETS 2019, on bursts",
    who: Who::FarEndToo,
    parameters: &[Parameter::number("gap", "silence that ends a burst", "ms", 500.0, (1.0, 60_000.0))],
    drops: None,
    touches: &[Aspect::Count],
    settings: &["gap=5000", ""],
    build: |values, random| {
        Box::new(PadmeBursts {
            gap_ns: ns(values.number("gap") / 1e3),
            cover: Cover::new(random),
            bursts: Default::default(),
        })
    },
};

/// Least length of a cover packet: headers of IPv6 and TCP, and room for data.
const LEAST_BYTES: u32 = 128;

struct PadmeBursts {
    gap_ns: i64,
    cover: Cover,
    bursts: [Option<Burst>; 2],
}

/// What came of a burst, each way.
#[derive(Clone, Copy)]
struct Burst {
    bytes: u32,
    until_ns: i64,
}

/// Lengths of the cover packets behind a burst of so many bytes.
fn behind(bytes: u32) -> impl Iterator<Item = u32> {
    let missing = match padme(bytes) - bytes {
        0 => 0,
        1..LEAST_BYTES => padme(bytes.saturating_add(LEAST_BYTES)) - bytes,
        missing => missing,
    };
    let n = missing.div_ceil(MTU_BYTES);
    (0..n).map(move |at| missing / n + u32::from(at < missing % n))
}

impl PadmeBursts {
    fn end(&mut self, way: Direction, out: &mut Actions) {
        let Some(burst) = self.bursts[place(way)].take() else { return };
        for ip_length_bytes in behind(burst.bytes) {
            self.cover.send(way, ip_length_bytes, out);
        }
    }
}

impl Defence for PadmeBursts {
    fn begin(&mut self, _: i64) {
        self.bursts = Default::default();
    }

    fn take(&mut self, now_ns: i64, packet: Packet, out: &mut Actions) {
        self.cover.see(&packet);
        let way = packet.direction();
        let bytes = packet.ip_length_bytes();
        if self.bursts[place(way)].is_some_and(|burst| burst.bytes.checked_add(bytes).is_none()) {
            self.end(way, out);
        }
        let before = self.bursts[place(way)].map_or(0, |burst| burst.bytes);
        let until_ns = now_ns.saturating_add(self.gap_ns);
        self.bursts[place(way)] = Some(Burst { bytes: before + bytes, until_ns });
        out.send(packet);
    }

    fn wake_ns(&self) -> Option<i64> {
        self.bursts.iter().flatten().map(|burst| burst.until_ns).min()
    }

    fn wake(&mut self, now_ns: i64, out: &mut Actions) {
        for way in WAYS {
            if self.bursts[place(way)].is_some_and(|burst| burst.until_ns <= now_ns) {
                self.end(way, out);
            }
        }
    }

    fn finish(&mut self, now_ns: i64, _: &mut Actions) {
        self.begin(now_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_formula_in_packets_that_there_are() {
        // 100,000: E = 16, S = 5, multiples of 2048
        assert_eq!(behind(100_000).collect::<Vec<_>>(), [352]);
        assert_eq!(behind(100_352).collect::<Vec<_>>(), []);
        // 24 bytes are missing from 1000, multiples of 32 below 1024, and of 64 above: 1152
        assert_eq!(behind(1000).collect::<Vec<_>>(), [152]);
        // 1,000,002: E = 19, S = 5, multiples of 16,384: 15,806 are missing
        assert_eq!(behind(1_000_002).collect::<Vec<_>>(), [&[1437; 10][..], &[1436]].concat());
    }

    #[test]
    fn every_sum_is_one_of_padme_and_at_most_12_percent_longer_than_with_one_packet() {
        for bytes in (1..2_000_000_u32).step_by(7) {
            let lengths: Vec<u32> = behind(bytes).collect();
            let sum = bytes + lengths.iter().sum::<u32>();
            assert_eq!(padme(sum), sum);
            assert!(f64::from(sum) <= 1.12 * f64::from(bytes + LEAST_BYTES), "{bytes}");
            assert!(lengths.iter().all(|own| (LEAST_BYTES..=MTU_BYTES).contains(own)), "{lengths:?}");
        }
    }
}
