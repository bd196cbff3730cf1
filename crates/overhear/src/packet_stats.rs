//! Means and correlations over single packets: Figures 4 and 5.

use crate::experiment::paper::Quantity;
use overhear_traffic::packet::{Packet, Transport};

/// Observations in one block of the batch means: long against the bursts that make neighbours alike.
const BLOCK: u64 = 1000;

const N: usize = Quantity::ALL.len();

/// The four quantities of packets, added up.
#[derive(Debug, Clone, Default)]
pub struct PacketStats {
    /// Packets.
    pub packets: u64,
    /// Their lengths on the wire, added up.
    pub bytes: u64,
    last_ns: Option<i64>,
    means: [BatchMeans; N],
    pairs: [[Pair; N]; N],
}

/// Mean of a quantity, and means of blocks of [`BLOCK`] neighbouring observations.
#[derive(Debug, Clone, Default)]
struct BatchMeans {
    n: u64,
    sum: f64,
    block_n: u64,
    block_sum: f64,
    blocks: Vec<f64>,
}

/// Running mean and co-moments of two quantities (Welford; Chan's merge).
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    n: f64,
    means: [f64; 2],
    squares: [f64; 2],
    product: f64,
}

impl PacketStats {
    /// Adds the next packet of the trace.
    pub fn add(&mut self, packet: &Packet) {
        self.packets += 1;
        self.bytes += u64::from(packet.length_bytes);
        let gap_ns = self.last_ns.map(|last| packet.time_ns - last);
        self.last_ns = Some(packet.time_ns);
        let window = packet.network.and_then(|network| match network.transport {
            Transport::Tcp { window, .. } => window,
            _ => None,
        });
        let values = [
            Some(f64::from(packet.length_bytes)),
            window.map(f64::from),
            gap_ns.map(|ns| ns as f64 / 1e9),
            packet.network.map(|network| f64::from(network.ttl)),
        ];
        for (i, value) in values.iter().enumerate() {
            let Some(x) = *value else { continue };
            self.means[i].add(x);
            for (j, other) in values.iter().enumerate().skip(i + 1) {
                if let Some(y) = *other {
                    self.pairs[i][j].add(x, y);
                }
            }
        }
    }

    /// The clock was set: the next packet's gap to the one before is unknown.
    pub fn end_stretch(&mut self) {
        self.last_ns = None;
    }

    /// Puts the statistics of another trace behind these.
    pub fn merge(&mut self, other: &PacketStats) {
        self.packets += other.packets;
        self.bytes += other.bytes;
        for i in 0..N {
            self.means[i].merge(&other.means[i]);
            for j in i + 1..N {
                self.pairs[i][j].merge(&other.pairs[i][j]);
            }
        }
    }

    /// How many packets have a quantity.
    pub fn n(&self, quantity: Quantity) -> u64 {
        self.means[quantity as usize].n
    }

    /// Mean of a quantity; `None` where no packet has it.
    pub fn mean(&self, quantity: Quantity) -> Option<f64> {
        let means = &self.means[quantity as usize];
        (means.n > 0).then(|| means.sum / means.n as f64)
    }

    /// Means of whole blocks of neighbouring packets.
    pub fn block_means(&self, quantity: Quantity) -> &[f64] {
        &self.means[quantity as usize].blocks
    }

    /// Pearson's correlation of two quantities over the packets that have both; `None` where either
    /// does not vary.
    pub fn correlation(&self, a: Quantity, b: Quantity) -> Option<f64> {
        let (i, j) = (a as usize, b as usize);
        if i == j {
            return (self.means[i].n > 0).then_some(1.0);
        }
        self.pairs[i.min(j)][i.max(j)].correlation()
    }
}

impl BatchMeans {
    fn add(&mut self, x: f64) {
        self.n += 1;
        self.sum += x;
        self.block_n += 1;
        self.block_sum += x;
        if self.block_n == BLOCK {
            self.blocks.push(self.block_sum / BLOCK as f64);
            (self.block_n, self.block_sum) = (0, 0.0);
        }
    }

    fn merge(&mut self, other: &BatchMeans) {
        self.n += other.n;
        self.sum += other.sum;
        self.blocks.extend_from_slice(&other.blocks);
    }
}

impl Pair {
    fn add(&mut self, x: f64, y: f64) {
        self.n += 1.0;
        let [dx, dy] = [x - self.means[0], y - self.means[1]];
        self.means[0] += dx / self.n;
        self.means[1] += dy / self.n;
        self.squares[0] += dx * (x - self.means[0]);
        self.squares[1] += dy * (y - self.means[1]);
        self.product += dx * (y - self.means[1]);
    }

    fn merge(&mut self, other: &Pair) {
        let n = self.n + other.n;
        if other.n == 0.0 {
            return;
        }
        let [dx, dy] = [other.means[0] - self.means[0], other.means[1] - self.means[1]];
        let share = self.n * other.n / n;
        self.squares[0] += other.squares[0] + dx * dx * share;
        self.squares[1] += other.squares[1] + dy * dy * share;
        self.product += other.product + dx * dy * share;
        self.means[0] += dx * other.n / n;
        self.means[1] += dy * other.n / n;
        self.n = n;
    }

    fn correlation(&self) -> Option<f64> {
        let scale = (self.squares[0] * self.squares[1]).sqrt();
        (scale > 0.0).then(|| (self.product / scale).clamp(-1.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_points_on_a_falling_line_correlate_at_minus_one_however_they_are_cut() {
        let points = [(1.0, 6.0), (2.0, 4.0), (4.0, 0.0)];
        let mut whole = Pair::default();
        points.iter().for_each(|&(x, y)| whole.add(x, y));
        assert_eq!(whole.correlation(), Some(-1.0));
        let (mut left, mut right) = (Pair::default(), Pair::default());
        left.add(1.0, 6.0);
        points[1..].iter().for_each(|&(x, y)| right.add(x, y));
        left.merge(&right);
        assert!((left.correlation().unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_constant_quantity_has_no_correlation() {
        let mut pair = Pair::default();
        pair.add(1.0, 2.0);
        pair.add(3.0, 2.0);
        assert_eq!(pair.correlation(), None);
    }
}
