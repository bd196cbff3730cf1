//! Measures generated frames straight from their headers, with nothing of the crate's own decoding.

#![allow(dead_code)] // Included by several tests and an example, each of which uses a part.

pub mod knobs;

use std::convert::Infallible;

use overhear_synth::{self as synth, Condition, RoundPlan, Settings};

/// Window lengths with a published count. Unit: s.
pub const WINDOWS_S: [u64; 4] = [2, 5, 15, 50];

/// What the calibration needs of one packet.
#[derive(Debug, Clone, Copy)]
pub struct Packet {
    pub time_ns: i64,
    pub length: usize,
    pub ttl: u8,
    pub protocol: u8,
    pub tcp_window: Option<u16>,
    pub outgoing: bool,
}

/// The IP packet in a frame, if there is one.
pub fn packet(time_ns: i64, frame: &[u8]) -> Option<Packet> {
    let (ttl, protocol, transport) = match frame[12..14] {
        [0x08, 0x00] => (frame[22], frame[23], 34),
        [0x86, 0xdd] => (frame[21], frame[20], 54),
        _ => return None,
    };
    let window = |at: usize| u16::from_be_bytes([frame[at], frame[at + 1]]);
    Some(Packet {
        time_ns,
        length: frame.len(),
        ttl,
        protocol,
        tcp_window: (protocol == 6).then(|| window(transport + 14)),
        outgoing: frame[6..12] == synth::DEVICE_MAC,
    })
}

/// Hands every IP packet of a round to `each`.
pub fn packets(settings: &Settings, round: &RoundPlan, mut each: impl FnMut(Packet)) {
    let done = synth::generate::<Infallible>(settings, round, &mut |frame| {
        if let Some(packet) = packet(frame.time_ns, frame.bytes) {
            each(packet);
        }
        Ok(())
    });
    match done {
        Ok(()) => {}
        Err(never) => match never {},
    }
}

/// Totals of one capture.
#[derive(Debug, Clone)]
pub struct Totals {
    pub condition: Condition,
    pub packets: u64,
    pub bytes: u64,
    pub non_empty: [u64; WINDOWS_S.len()],
    pub mean_length: f64,
    pub mean_tcp_window: f64,
    pub tcp_share: f64,
    pub udp_share: f64,
    pub ttl_length_r: f64,
}

/// Totals of a round.
pub fn totals(settings: &Settings, round: &RoundPlan) -> Totals {
    let (mut first, mut last_window) = (None, [None; WINDOWS_S.len()]);
    let mut non_empty = [0; WINDOWS_S.len()];
    let (mut packets_seen, mut bytes, mut tcp, mut udp, mut windows) = (0u64, 0u64, 0u64, 0u64, 0u64);
    let mut moments = Moments::default();
    packets(settings, round, |packet| {
        let first = *first.get_or_insert(packet.time_ns);
        for (index, seconds) in WINDOWS_S.iter().enumerate() {
            let window = (packet.time_ns - first) / (*seconds as i64 * 1_000_000_000);
            if last_window[index] != Some(window) {
                last_window[index] = Some(window);
                non_empty[index] += 1;
            }
        }
        packets_seen += 1;
        bytes += packet.length as u64;
        udp += u64::from(packet.protocol == 17);
        if let Some(window) = packet.tcp_window {
            tcp += 1;
            windows += u64::from(window);
        }
        moments.add(f64::from(packet.ttl), packet.length as f64);
    });
    Totals {
        condition: round.condition,
        packets: packets_seen,
        bytes,
        non_empty,
        mean_length: bytes as f64 / packets_seen as f64,
        mean_tcp_window: windows as f64 / tcp as f64,
        tcp_share: tcp as f64 / packets_seen as f64,
        udp_share: udp as f64 / packets_seen as f64,
        ttl_length_r: moments.correlation(),
    }
}

/// Totals of every round of the settings.
pub fn campaign(settings: &Settings) -> Vec<Totals> {
    let rounds = synth::plan(settings).expect("the test's settings are in range");
    rounds.iter().map(|round| totals(settings, round)).collect()
}

#[derive(Debug, Default)]
struct Moments {
    count: f64,
    sums: [f64; 5],
}

impl Moments {
    fn add(&mut self, x: f64, y: f64) {
        self.count += 1.0;
        for (sum, term) in self.sums.iter_mut().zip([x, y, x * x, y * y, x * y]) {
            *sum += term;
        }
    }

    fn correlation(&self) -> f64 {
        let [x, y, xx, yy, xy] = self.sums.map(|sum| sum / self.count);
        (xy - x * y) / ((xx - x * x) * (yy - y * y)).sqrt()
    }
}

/// One figure of the calibration.
#[derive(Debug, Clone)]
pub struct Check {
    pub name: String,
    pub target: f64,
    pub achieved: f64,
    /// Smallest and largest value accepted.
    pub accepted: (f64, f64),
    pub tolerance: &'static str,
    pub decimals: usize,
}

impl Check {
    pub fn holds(&self) -> bool {
        self.accepted.0 <= self.achieved && self.achieved <= self.accepted.1
    }
}

/// Every target of METHOD section 6 against the three captures of the paper's scenario.
pub fn checks(captures: &[Totals]) -> Vec<Check> {
    let [off, on, noise] = captures else { panic!("the paper has three captures") };
    let mut checks = Vec::new();
    let mut relative = |name: String, target: f64, achieved: f64, share: f64, tolerance, decimals| {
        let accepted = (target * (1.0 - share), target * (1.0 + share));
        checks.push(Check { name, target, achieved, accepted, tolerance, decimals });
    };
    for (capture, packets) in captures.iter().zip([203_596.0, 216_456.0, 282_656.0]) {
        let name = format!("packets, {}", capture.condition.name());
        relative(name, packets, capture.packets as f64, 0.02, "2 %", 0);
    }
    for (capture, megabytes) in captures.iter().zip([69.0, 74.0, 173.0]) {
        let name = format!("MB, {}", capture.condition.name());
        relative(name, megabytes, capture.bytes as f64 / 1e6, 0.03, "3 %", 1);
    }
    for (index, windows) in [66_000.0, 50_000.0, 26_500.0, 9_800.0].into_iter().enumerate() {
        let name = format!("non-empty windows of {} s, off + on", WINDOWS_S[index]);
        let achieved = (off.non_empty[index] + on.non_empty[index]) as f64;
        relative(name, windows, achieved, 0.15, "15 %", 0);
    }
    relative("mean length, noise ÷ on".into(), 1.79, noise.mean_length / on.mean_length, 0.05, "5 %", 3);
    let mut absolute = |name: &str, target, achieved, accepted, tolerance| {
        checks.push(Check { name: name.into(), target, achieved, accepted, tolerance, decimals: 3 });
    };
    let ratio = noise.mean_tcp_window / on.mean_tcp_window;
    absolute("mean TCP window, noise ÷ on", 0.5, ratio, (0.45, 0.55), "0.45 to 0.55");
    absolute("r(TTL, length), mic_off", 0.0, off.ttl_length_r, (-0.1, 0.1), "−0.1 to 0.1");
    absolute("r(TTL, length), mic_on", 0.0, on.ttl_length_r, (-0.1, 0.1), "−0.1 to 0.1");
    absolute("r(TTL, length), mic_on_noise", 0.3, noise.ttl_length_r, (0.15, 1.0), "above 0.15");
    checks
}
