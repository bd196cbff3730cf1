//! Blocking as a defence: which far ends carry the leak, and what is known of what stops with each.

use super::point::Bench;
use super::result::FarEnd;
use crate::Error;
use crate::assemble::{RoundSource, Source};
use crate::table::packets;
use overhear_inspect::EndpointReport;
use overhear_synth as synth;
use overhear_traffic::packet::Device;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A far end as the recordings show it.
#[derive(Debug, Clone, Default)]
pub(super) struct Exchanged {
    addresses: BTreeSet<IpAddr>,
    packets: u64,
    bytes: u64,
    /// By service what was sent and received, packets, and whether there was a rhythm.
    services: BTreeMap<String, (u64, u64, Option<f64>)>,
    rounds: BTreeSet<usize>,
}

/// Addresses of one far end that are blocked together, at most: as many as the defence takes.
const MOST_ADDRESSES: usize = 64;
/// Names that a message lists at most.
const MOST_NAMED: usize = 12;

impl Bench<'_> {
    /// The leak with each of the busiest far ends blocked, and with those that were named, together.
    ///
    /// # Errors
    /// As [`super::defend`]; [`Error::UnknownFarEnd`].
    pub fn far_ends(&self) -> Result<Vec<FarEnd>, Error> {
        if self.settings.far_ends == 0 && self.settings.block.is_empty() {
            return Ok(Vec::new());
        }
        let sources: Vec<RoundSource> =
            self.gathered.conditions.iter().flat_map(|condition| self.gathered.sources(condition)).collect();
        let device = self.device();
        let ends = exchanged(&sources, device)?;
        let all_packets: u64 = ends.values().map(|end| end.packets).sum();
        let all_bytes: u64 = ends.values().map(|end| end.bytes).sum();
        let mut ends: Vec<(String, Exchanged)> = ends.into_iter().collect();
        ends.sort_by(|(a_name, a), (b_name, b)| b.packets.cmp(&a.packets).then_with(|| a_name.cmp(b_name)));
        let named = self.named(&ends)?;
        let all = Shares { packets: all_packets, bytes: all_bytes, rounds: sources.len() };
        let busiest = ends.into_iter().take(self.settings.far_ends);
        busiest.chain(named).map(|(name, end)| self.blocked(name, &end, &all)).collect()
    }

    /// The far ends that were named, as one that is blocked; none where none was.
    fn named(&self, ends: &[(String, Exchanged)]) -> Result<Option<(String, Exchanged)>, Error> {
        let mut together = Exchanged::default();
        let mut names: Vec<&str> = Vec::new();
        for wanted in &self.settings.block {
            let is_meant = |(name, end): &&(String, Exchanged)| {
                let is_below = name.strip_suffix(wanted.as_str()).is_some_and(|rest| rest.ends_with('.'));
                name == wanted
                    || is_below
                    || end.addresses.iter().any(|address| address.to_string() == *wanted)
            };
            let before = names.len();
            for (name, end) in ends.iter().filter(is_meant) {
                if !names.contains(&name.as_str()) {
                    names.push(name);
                    together.merge(name, end);
                }
            }
            if names.len() == before {
                let known = ends
                    .iter()
                    .map(|(name, _)| name.as_str())
                    .take(MOST_NAMED)
                    .collect::<Vec<_>>()
                    .join(", ");
                return Err(Error::UnknownFarEnd { wanted: wanted.clone(), known });
            }
        }
        Ok((!names.is_empty()).then(|| (names.join(" + "), together)))
    }

    /// What is left without a far end.
    fn blocked(&self, name: String, end: &Exchanged, all: &Shares) -> Result<FarEnd, Error> {
        let addresses: Vec<String> =
            end.addresses.iter().take(MOST_ADDRESSES).map(ToString::to_string).collect();
        let stack = super::parse(&format!("block-endpoint:address={}", addresses.join("+")))?;
        Ok(FarEnd {
            known: end.known(all.rounds),
            name,
            addresses,
            packets_share: end.packets as f64 / all.packets.max(1) as f64,
            bytes_share: end.bytes as f64 / all.bytes.max(1) as f64,
            seen: self.swept(&stack)?.seen,
        })
    }
}

/// What was exchanged with all far ends, and in how many rounds.
struct Shares {
    packets: u64,
    bytes: u64,
    rounds: usize,
}

impl Exchanged {
    /// Adds another far end, its services under its name.
    fn merge(&mut self, name: &str, other: &Exchanged) {
        self.addresses.extend(&other.addresses);
        self.packets += other.packets;
        self.bytes += other.bytes;
        self.rounds.extend(&other.rounds);
        let services = other.services.iter();
        self.services.extend(services.map(|(service, own)| (format!("{name} {service}"), *own)));
    }

    /// What is known of it, a sentence each.
    fn known(&self, n_rounds: usize) -> Vec<String> {
        let service = |(name, &(sent, received, period)): (&String, &(u64, u64, Option<f64>))| {
            let rhythm = period.map_or(String::new(), |s| format!(", every {s:.0} s"));
            let answered = match (sent, received) {
                (_, 0) => ", never answered".to_owned(),
                _ => String::new(),
            };
            format!("{name}: {sent} packets sent, {received} received{rhythm}{answered}")
        };
        let mut known: Vec<String> = self.services.iter().map(service).collect();
        known.push(format!("in {} of {n_rounds} rounds", self.rounds.len()));
        known
    }
}

/// Whom the device exchanged packets with outside of the home, by name where the captures tell one, else by address.
fn exchanged(sources: &[RoundSource], device: Device) -> Result<BTreeMap<String, Exchanged>, Error> {
    let mut ends: BTreeMap<String, Exchanged> = BTreeMap::new();
    for (round, source) in sources.iter().enumerate() {
        let (report, _) = match &source.source {
            Source::Capture(path) => overhear_inspect::read(&mut packets::open(path)?),
            Source::Generated(generated) => {
                let (settings, plan) = (&generated.0, &generated.1);
                overhear_inspect::read(&mut synth::Generated { settings, plan })
            }
        };
        let is_own = |device: &Device, own: &overhear_inspect::DeviceReport| match device {
            Device::Any => own.is_speaker,
            Device::Ip(address) => own.device == Device::Ip(*address) || own.addresses.contains(address),
            mac => own.device == *mac,
        };
        for own in report.devices.iter().filter(|own| is_own(&device, own)) {
            own.endpoints.iter().filter(|end| !end.is_local).for_each(|end| add(&mut ends, end, round));
        }
    }
    Ok(ends)
}

fn add(ends: &mut BTreeMap<String, Exchanged>, end: &EndpointReport, round: usize) {
    let name = end.name.clone().unwrap_or_else(|| end.address.to_string());
    let own = ends.entry(name).or_default();
    own.addresses.insert(end.address);
    own.packets += end.sent_packets + end.received_packets;
    own.bytes += end.sent_bytes + end.received_bytes;
    own.rounds.insert(round);
    let (sent, received, period) = own.services.entry(format!("{} {}", end.carrier, end.port)).or_default();
    *sent += end.sent_packets;
    *received += end.received_packets;
    *period = period.or(end.period_s);
}
