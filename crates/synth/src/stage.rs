//! What sources act on: holds the frames of exchanges in progress, and hands them over in time order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::IpAddr;

use super::environment::{Conditions, Environment};
use super::home::{DEVICE_LINK_LOCAL, DEVICE_MAC, DEVICE_V4, DEVICE_V6, HOME_TTL, Party};
use super::plan::{RoundPlan, SECOND_NS};
use super::random::Random;
use super::wire::{self, Head};
use super::{GeneratedFrame, Settings};

/// Payloads look encrypted; they are cut from this much random data, since drawing each byte would be slow.
const BLOCK_BYTES: usize = 1 << 16;
/// First port of the ephemeral range (Linux).
const FIRST_PORT: u16 = 32_768;
const LAST_PORT: u16 = 60_999;
/// Ports of that range that Wireshark gives to some protocol: an ephemeral one there would be misread.
const CLAIMED_PORTS: [u16; 35] = [
    34_962, 34_980, 37_008, 41_170, 44_321, 44_322, 44_818, 45_564, 47_000, 47_808, 48_049, 48_898, 49_999,
    54_328, 56_000, 56_001, 56_500, 56_501, 57_000, 57_001, 57_032, 57_033, 57_500, 57_501, 57_532, 57_533,
    59_000, 59_001, 59_032, 59_033, 59_500, 59_501, 59_532, 59_533, 60_001,
];

/// Which way a packet goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the speaker.
    Out,
    /// To the speaker.
    In,
}

/// The addressing of one exchange, with the TTL its packets arrive with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    party: Party,
    device: IpAddr,
    inbound_ttl: u8,
}

/// What sources act on: the clock's frames, the random numbers, the outside world.
pub(super) struct Stage {
    pub random: Random,
    environment: Environment,
    end_ns: i64,
    waiting: BinaryHeap<Reverse<Frame>>,
    spare: Vec<Vec<u8>>,
    serial: u64,
    block: Vec<u8>,
    next_port: u16,
    next_id: u16,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Frame {
    time_ns: i64,
    serial: u64,
    bytes: Vec<u8>,
}

/// What payloads are written with.
pub(super) struct Ink<'a> {
    pub random: &'a mut Random,
    block: &'a [u8],
}

impl Ink<'_> {
    /// Appends `length_bytes` (at most 64 KiB) of what looks encrypted.
    pub fn noise(&mut self, out: &mut Vec<u8>, length_bytes: usize) {
        let length_bytes = length_bytes.min(BLOCK_BYTES);
        let at = self.random.whole(0, (BLOCK_BYTES - length_bytes) as u32) as usize;
        out.extend_from_slice(&self.block[at..at + length_bytes]);
    }
}

/// A duration in nanoseconds.
pub(super) fn ns(seconds: f64) -> i64 {
    (seconds * SECOND_NS as f64) as i64
}

impl Stage {
    pub fn new(settings: &Settings, round: &RoundPlan) -> Stage {
        let mut random = Random::stream(settings.seed, "round", round.index as u64);
        let mut block = vec![0; BLOCK_BYTES];
        random.fill(&mut block);
        let next_port = random.whole(u32::from(FIRST_PORT), u32::from(LAST_PORT)) as u16;
        let next_id = random.bits() as u16;
        Stage {
            random,
            environment: Environment::new(settings, round),
            end_ns: round.start_ns + ns(round.duration_s),
            waiting: BinaryHeap::new(),
            spare: Vec::new(),
            serial: 0,
            block,
            next_port,
            next_id,
        }
    }

    /// When the round ends: no frame is handed over from then on.
    pub fn end_ns(&self) -> i64 {
        self.end_ns
    }

    /// Hands over, in time order, what stands before a moment and before the round's end.
    pub fn hand_over<E>(
        &mut self,
        before_ns: i64,
        sink: &mut dyn FnMut(GeneratedFrame<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let before_ns = before_ns.min(self.end_ns);
        while self.waiting.peek().is_some_and(|Reverse(frame)| frame.time_ns < before_ns) {
            if let Some(Reverse(frame)) = self.waiting.pop() {
                sink(GeneratedFrame { time_ns: frame.time_ns, bytes: &frame.bytes })?;
                self.spare.push(frame.bytes);
            }
        }
        Ok(())
    }

    /// Adds a frame that `build` writes into an empty buffer.
    pub fn frame(&mut self, time_ns: i64, build: impl FnOnce(&mut Vec<u8>, &mut Ink)) {
        let mut bytes = self.spare.pop().unwrap_or_else(|| Vec::with_capacity(1600));
        bytes.clear();
        build(&mut bytes, &mut Ink { random: &mut self.random, block: &self.block });
        self.serial += 1;
        self.waiting.push(Reverse(Frame { time_ns, serial: self.serial, bytes }));
    }

    /// Adds a UDP packet on `path`; `ports` are the speaker's and the party's.
    pub fn udp(
        &mut self,
        time_ns: i64,
        path: &Path,
        way: Way,
        ports: (u16, u16),
        payload: impl FnOnce(&mut Vec<u8>, &mut Ink),
    ) {
        let head = self.head(path, way);
        let ports = if way == Way::Out { ports } else { (ports.1, ports.0) };
        self.frame(time_ns, |frame, ink| wire::udp(frame, &head, ports, |out| payload(out, ink)));
    }

    /// Addressing of the next packet on `path`.
    pub fn head(&mut self, path: &Path, way: Way) -> Head {
        self.next_id = self.next_id.wrapping_add(1);
        let (device, party) = ((DEVICE_MAC, path.device), (path.party.mac, path.party.address));
        let (from, to, ttl) = match way {
            Way::Out => (device, party, HOME_TTL),
            Way::In => (party, device, path.inbound_ttl),
        };
        Head { from_mac: from.0, to_mac: to.0, from: from.1, to: to.1, ttl, id: self.next_id }
    }

    /// A path to `party` with the hops of the day.
    pub fn path(&mut self, time_ns: i64, party: &Party) -> Path {
        let hops = if party.remote { self.conditions(time_ns).hops } else { 0.0 };
        let ttl = self.random.rounded(f64::from(party.ttl) + hops).clamp(2, 254) as u8;
        let device = match party.address {
            IpAddr::V4(_) => IpAddr::V4(DEVICE_V4),
            IpAddr::V6(address) if address.is_unicast_link_local() => IpAddr::V6(DEVICE_LINK_LOCAL),
            IpAddr::V6(_) => IpAddr::V6(DEVICE_V6),
        };
        Path { party: *party, device, inbound_ttl: ttl }
    }

    /// Writes a message that is sent in several segments.
    pub fn message(&mut self, write: impl FnOnce(&mut Vec<u8>, &mut Ink)) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, &mut Ink { random: &mut self.random, block: &self.block });
        bytes
    }

    /// The levers at a moment.
    pub fn conditions(&mut self, time_ns: i64) -> Conditions {
        self.environment.at(time_ns)
    }

    /// A payload length under the day's conditions. Unit: bytes; at least 1.
    pub fn sized(&mut self, time_ns: i64, mean_bytes: f64, sigma: f64) -> usize {
        let factor = self.conditions(time_ns).length * self.random.around_one(sigma);
        self.random.rounded(mean_bytes * factor).max(1) as usize
    }

    /// A number of packets or messages under the day's conditions.
    pub fn counted(&mut self, time_ns: i64, mean: f64) -> u32 {
        let factor = self.conditions(time_ns).count;
        self.random.rounded(mean * factor)
    }

    /// The next ephemeral port; used again only after the whole range.
    pub fn port(&mut self) -> u16 {
        loop {
            self.next_port = if self.next_port >= LAST_PORT { FIRST_PORT } else { self.next_port + 1 };
            if CLAIMED_PORTS.binary_search(&self.next_port).is_err() {
                return self.next_port;
            }
        }
    }

    /// A moment within the first `period_s` of the round: sources do not start in step.
    pub fn phase(&mut self, start_ns: i64, period_s: f64) -> i64 {
        start_ns + ns(self.random.uniform(0.0, period_s))
    }
}
