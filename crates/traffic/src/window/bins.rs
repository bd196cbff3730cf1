//! Traffic second by second: packets and bytes each way, as sequence attackers see it.

use crate::packet::{Direction, Packet};

/// Channels of a bin, in this order: packets out, packets in, bytes out, bytes in.
pub const N_CHANNELS: usize = 4;

/// Width of a bin, ns.
pub const BIN_NS: i64 = 1_000_000_000;

/// One second in which packets lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// When it begins, ns since 1970: whole seconds from the origin.
    pub start_ns: i64,
    /// The stretch of steady clock it lies in.
    pub stretch: u32,
    /// Packets and bytes each way; see [`N_CHANNELS`]. Where directions are not known, everything goes out.
    pub channels: [f64; N_CHANNELS],
}

/// The seconds of a trace in which packets lie, in time order within a stretch. Silent ones take no memory.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bins {
    origin_ns: Option<i64>,
    stretch: u32,
    all: Vec<Bin>,
}

impl Bins {
    /// None yet; they are counted from `origin_ns`, or from each stretch's first packet.
    pub fn from(origin_ns: Option<i64>) -> Bins {
        Bins { origin_ns, ..Bins::default() }
    }

    /// Adds a packet; within a stretch times never fall.
    pub fn push(&mut self, packet: &Packet) {
        let begun = self.all.last().filter(|bin| bin.stretch == self.stretch);
        let origin_ns = self.origin_ns.or(begun.map(|bin| bin.start_ns)).unwrap_or(packet.time_ns);
        let into = packet.time_ns.saturating_sub(origin_ns).rem_euclid(BIN_NS);
        let start_ns = packet.time_ns.saturating_sub(into);
        let channels = match self.all.last_mut() {
            Some(bin) if (bin.stretch, bin.start_ns) == (self.stretch, start_ns) => &mut bin.channels,
            _ => {
                let channels = [0.0; N_CHANNELS];
                self.all.push(Bin { start_ns, stretch: self.stretch, channels });
                let last = self.all.len() - 1;
                &mut self.all[last].channels
            }
        };
        let way = packet.direction.unwrap_or(Direction::Out) as usize;
        channels[way] += 1.0;
        channels[2 + way] += f64::from(packet.length_bytes);
    }

    /// Begins another stretch: the clock was set back.
    pub fn end_stretch(&mut self) {
        self.stretch = self.stretch.saturating_add(1);
    }

    /// Seconds with packets (n_bins).
    pub fn all(&self) -> &[Bin] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(time_ns: i64, length_bytes: u32, direction: Direction) -> Packet {
        Packet { time_ns, length_bytes, direction: Some(direction), network: None }
    }

    #[test]
    fn seconds_are_counted_from_the_origin_each_way() {
        let mut bins = Bins::from(Some(500_000_000));
        bins.push(&packet(600_000_000, 100, Direction::Out));
        bins.push(&packet(1_499_999_999, 60, Direction::In));
        bins.push(&packet(1_500_000_000, 70, Direction::In));
        bins.end_stretch();
        bins.push(&packet(0, 80, Direction::Out));
        let found: Vec<_> = bins.all().iter().map(|bin| (bin.start_ns, bin.stretch, bin.channels)).collect();
        assert_eq!(
            found,
            [
                (500_000_000, 0, [1.0, 1.0, 100.0, 60.0]),
                (1_500_000_000, 0, [0.0, 1.0, 0.0, 70.0]),
                (-500_000_000, 1, [1.0, 0.0, 80.0, 0.0]),
            ]
        );
    }

    #[test]
    fn times_at_the_ends_of_the_clock_do_not_overflow() {
        let mut bins = Bins::from(None);
        for time_ns in [i64::MIN, 0, i64::MAX] {
            bins.push(&packet(time_ns, u32::MAX, Direction::Out));
        }
        assert_eq!(bins.all().len(), 3);
    }
}
