//! Packets that an observer takes for cover, from what it saw of packets of which it was known.

use super::{RoundSource, Source};
use crate::Error;
use crate::engine::Engine;
use crate::table::packets;
use overhear_synth as synth;
use overhear_traffic::capture::Frames;
use overhear_traffic::change::{Change, Changes, Out};
use overhear_traffic::event::Event;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::{Device, Direction, Packet, Transport};
use overhear_traffic::trace::{self, Seen, View};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Packets of a kind of which at least this share is cover are taken for cover.
const MOSTLY: f64 = 0.9;
/// Of a kind of which fewer packets were seen nothing is known.
const LEAST_SEEN: u64 = 20;

/// What tells packets apart, as far as an observer sees it: all of the header that is the same from flow to flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    is_out: bool,
    length_bytes: u32,
    header: Option<Header>,
}

/// What its headers say, to an observer who sees them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Header {
    ttl: u8,
    far: IpAddr,
    /// By IP protocol number.
    protocol: u8,
    far_port: Option<u16>,
    window: Option<u16>,
}

impl Kind {
    fn of(packet: &Packet) -> Kind {
        let is_out = packet.direction == Some(Direction::Out);
        let of_far =
            |ports: Option<(u16, u16)>| ports.map(|(source, target)| if is_out { target } else { source });
        let header = packet.network.map(|network| {
            let far = if is_out { network.target } else { network.source };
            let (protocol, far_port, window) = match network.transport {
                Transport::Tcp { ports, window } => (6, of_far(ports), window),
                Transport::Udp { ports } => (17, of_far(ports), None),
                Transport::Icmp => (1, None, None),
                Transport::Other(protocol) => (protocol, None, None),
            };
            Header { ttl: network.ttl, far, protocol, far_port, window }
        });
        Kind { is_out, length_bytes: packet.length_bytes, header }
    }
}

/// What an observer learnt of cover in a home of its own, where it knew which packets were cover.
#[derive(Debug, Clone, Default)]
pub struct Recogniser {
    /// Real packets and cover of each kind.
    seen: BTreeMap<Kind, [u64; 2]>,
}

impl Recogniser {
    fn add(&mut self, packet: &Packet, is_cover: bool) {
        self.seen.entry(Kind::of(packet)).or_default()[usize::from(is_cover)] += 1;
    }

    fn merge(&mut self, other: Recogniser) {
        for (kind, [real, cover]) in other.seen {
            let own = self.seen.entry(kind).or_default();
            own[0] += real;
            own[1] += cover;
        }
    }

    /// Whether a packet is of a kind that was nearly always cover.
    pub fn is_cover(&self, packet: &Packet) -> bool {
        self.seen.get(&Kind::of(packet)).is_some_and(is_cover)
    }

    /// Share of the cover that was seen whose kinds are taken for cover; 0 where there was none.
    pub fn recognised(&self) -> f64 {
        let all: u64 = self.seen.values().map(|[_, cover]| cover).sum();
        let recognised: u64 = self.seen.values().filter(|seen| is_cover(seen)).map(|[_, cover]| cover).sum();
        recognised as f64 / all.max(1) as f64
    }
}

fn is_cover(&[real, cover]: &[u64; 2]) -> bool {
    let all = real + cover;
    all >= LEAST_SEEN && cover as f64 >= MOSTLY * all as f64
}

/// Behind all changes: says of each event whether it was added.
struct Marked(Arc<AtomicBool>);

impl Change for Marked {
    fn take(&mut self, event: &Event, _direction: Option<Direction>, out: &mut Out<'_>) {
        self.0.store(event.number.is_none(), Ordering::Relaxed);
        out(event);
    }
}

/// Watches rounds whose cover is known, as each of the observers sees them.
///
/// # Errors
/// [`Error::Traffic`], [`Error::Stopped`].
pub fn recognisers(
    rounds: &[RoundSource],
    device: Device,
    observers: &[Observer],
    engine: &Engine<'_>,
) -> Result<Vec<Recogniser>, Error> {
    let of_rounds = engine.in_steps(rounds, |round| {
        let view = View { device, observers, span: round.span(), dedup: round.dedup };
        match &round.source {
            Source::Capture(path) => watched(&mut packets::open(path)?, &view, round),
            Source::Generated(generated) => {
                let (settings, plan) = (&generated.0, &generated.1);
                watched(&mut synth::Generated { settings, plan }, &view, round)
            }
        }
    })?;
    let mut all = vec![Recogniser::default(); observers.len()];
    for round in of_rounds {
        all.iter_mut().zip(round).for_each(|(all, round)| all.merge(round));
    }
    Ok(all)
}

fn watched(frames: &mut impl Frames, view: &View<'_>, round: &RoundSource) -> Result<Vec<Recogniser>, Error> {
    let is_cover = Arc::new(AtomicBool::new(false));
    let mut list: Vec<Box<dyn Change>> = Vec::new();
    list.extend(round.change(view.device).map(|change| Box::new(change) as Box<dyn Change>));
    list.push(Box::new(Marked(Arc::clone(&is_cover))));
    let mut change = Changes::new(view.device, list);
    let mut found = vec![Recogniser::default(); view.observers.len()];
    trace::read_changed(frames, view, &mut change, |seen| {
        if let Seen::Packet { observer, packet } = seen {
            found[observer].add(packet, is_cover.load(Ordering::Relaxed));
        }
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(length_bytes: u32) -> Packet {
        Packet { time_ns: 0, length_bytes, direction: Some(Direction::Out), network: None }
    }

    #[test]
    fn what_was_nearly_always_cover_is_taken_for_it() {
        let mut seen = Recogniser::default();
        (0..100).for_each(|_| seen.add(&packet(1514), true));
        (0..10).for_each(|_| seen.add(&packet(1514), false));
        (0..100).for_each(|n| seen.add(&packet(90), n % 2 == 0));
        (0..LEAST_SEEN - 1).for_each(|_| seen.add(&packet(70), true));
        assert!(seen.is_cover(&packet(1514)));
        assert!(!seen.is_cover(&packet(90)), "half of them are the device's");
        assert!(!seen.is_cover(&packet(70)), "too few were seen");
        assert!((seen.recognised() - 100.0 / 169.0).abs() < 1e-12);
    }
}
