//! Frame after frame into totals, devices and evidence.

use super::device::{Devices, Seen, Share, is_home};
use super::dns::Data;
use super::evidence::{Kind, Store};
use super::header::{TcpHeader, arp_packet, ends, is_router_advertisement, tcp_header};
use super::hello::{Flow, PendingHellos};
use super::http::HeadKind;
use super::period::{Beats, Period, Remote, RemoteHost};
use super::protocol::{Application, Protocol};
use super::remote::RemoteNames;
use super::report::{Report, UnknownLink};
use super::tls::{self, Hello};
use super::verdict::{self, Fact};
use super::{arp, dhcp, dns, http, mdns, quic};
use crate::capture::Frame;
use crate::packet::{Device, Network, Transport};
use crate::wire::{Decoded, FrameKind};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// More unknown link types than a file has.
const MAX_UNKNOWN_LINKS: usize = 256;

/// Ports that speakers answer from: counted in the middle of a connection too.
const SPEAKER_PORTS: [u16; 8] = [1400, 4070, 7000, 8008, 8009, 10001, 55442, 55443];

/// The port over which Echos keep time with each other.
const ECHO_TIME_PORT: u16 = 55444;

/// What is in a capture, while it is read.
#[derive(Debug, Default)]
pub struct Inspection {
    totals: Report,
    unknown_links: BTreeMap<u16, u64>,
    clock_ns: Option<i64>,
    devices: Devices,
    evidence: Store,
    hellos: PendingHellos,
    remotes: RemoteNames,
    beats: Beats,
}

/// A packet of TCP or UDP and who sent it.
struct Sent<'a> {
    device: u32,
    time_ns: i64,
    network: Network,
    ports: (u16, u16),
    payload: &'a [u8],
}

impl Sent<'_> {
    fn flow(&self) -> Flow {
        let (source, target) = (self.network.source, self.network.target);
        let tcp = matches!(self.network.transport, Transport::Tcp { .. });
        Flow { source: (source, self.ports.0), target: (target, self.ports.1), tcp }
    }
}

impl Inspection {
    /// Nothing seen yet.
    pub fn new() -> Inspection {
        Inspection::default()
    }

    /// Takes a frame, whatever is in it.
    pub fn take(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>) {
        let time_ns = self.count(frame, decoded);
        let claim = arp_packet(frame, decoded).and_then(arp::read);
        let is_arp = arp_packet(frame, decoded).is_some();
        let share = Share {
            time_ns,
            length_bytes: frame.length_bytes,
            protocol: match decoded.network {
                Some(network) => Protocol::of_transport(network.transport),
                None if is_arp => Protocol::Arp,
                None if decoded.link.kind == FrameKind::Encrypted => Protocol::Encrypted,
                None => Protocol::NonIp,
            },
            application: decoded.network.and_then(|n| Application::of(n.transport, decoded.payload)),
        };
        let Some(sender) = self.count_devices(share, decoded) else { return };
        if let Some(claim) = claim {
            self.take_claim(sender, claim);
        }
        let Some(network) = decoded.network else { return };
        let is_router = is_router_advertisement(frame, decoded, network);
        self.devices.seen(sender).serves_addresses |= is_router;
        let unspecified = network.source.is_unspecified();
        if !unspecified && self.devices.owner_or(network.source, sender) != sender {
            // a frame that is passed on is evidence of its first sender only
            self.devices.seen(sender).passed_on_from(network.source);
            return;
        }
        self.devices.seen(sender).sent_from(network.source);
        let (Transport::Tcp { ports, .. } | Transport::Udp { ports }) = network.transport else { return };
        let Some(ports) = ports else { return };
        let sent = Sent { device: sender, time_ns, network, ports, payload: decoded.payload };
        match network.transport {
            Transport::Tcp { .. } => self.take_tcp(&sent, tcp_header(frame, decoded)),
            _ => self.take_udp(&sent),
        }
        if !self.devices.seen(sender).relays() {
            self.take_beat(&sent);
        }
    }

    /// Counts a frame in the totals; its time, not before the one before.
    fn count(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>) -> i64 {
        let totals = &mut self.totals;
        totals.frames += 1;
        totals.bytes += u64::from(frame.length_bytes);
        totals.first_ns.get_or_insert(frame.time_ns);
        let before = self.clock_ns.unwrap_or(frame.time_ns);
        totals.clock_regressions += u64::from(frame.time_ns < before);
        let time_ns = frame.time_ns.max(before);
        self.clock_ns = Some(time_ns);
        if decoded.network.is_some() {
            totals.ip_packets += 1;
            return time_ns;
        }
        totals.non_ip_frames += 1;
        match decoded.link.kind {
            FrameKind::Damaged | FrameKind::DamagedPacket => totals.damaged_frames += 1,
            FrameKind::Encrypted => totals.encrypted_frames += 1,
            FrameKind::UnknownLink => {
                let link_type = frame.link.0;
                let known = self.unknown_links.contains_key(&link_type);
                if known || self.unknown_links.len() < MAX_UNKNOWN_LINKS {
                    *self.unknown_links.entry(link_type).or_default() += 1;
                }
            }
            FrameKind::Data | FrameKind::NoData => {}
        }
        time_ns
    }

    /// Counts a frame for its two devices; the number of the one that sent it.
    fn count_devices(&mut self, share: Share, decoded: &Decoded<'_>) -> Option<u32> {
        let (source, target) = ends(decoded);
        let sender = source.and_then(|device| self.devices.number(device, share.time_ns));
        let mut receiver = target.and_then(|device| self.devices.number(device, share.time_ns));
        if let (None, Some(Device::Mac(_)), Some(network)) = (target, source, decoded.network) {
            // a cooked capture names the sender only: the receiver is known by its address
            if decoded.link.target.is_none() {
                receiver = self.devices.owner(network.target);
            }
        }
        if let Some(sender) = sender {
            self.devices.seen(sender).count(share, true);
        }
        if let Some(receiver) = receiver.filter(|receiver| Some(*receiver) != sender) {
            self.devices.seen(receiver).count(share, false);
        }
        sender
    }

    fn take_claim(&mut self, sender: u32, claim: arp::Claim) {
        let address = IpAddr::V4(claim.address);
        let owner = self.devices.owner_or(address, sender);
        if owner == sender {
            self.devices.seen(sender).claims(address);
        } else {
            let other = self.devices.seen(owner).device;
            self.evidence.add(sender, Kind::AddressConflict, format!("{address}, seen with {other}"));
        }
    }

    fn take_tcp(&mut self, sent: &Sent<'_>, header: Option<TcpHeader>) {
        let header = header.unwrap_or_default();
        let (port, peer) = sent.ports;
        let answers = header.is_opening_answer()
            || !header.resets() && !sent.payload.is_empty() && SPEAKER_PORTS.contains(&port) && peer > 1024;
        if answers {
            self.evidence.add(sent.device, Kind::Port, format!("TCP {port}"));
        }
        if sent.payload.is_empty() {
            return;
        }
        if peer == 53 {
            // over TCP a message follows its length
            self.take_question(sent.device, sent.payload.get(2..).unwrap_or(&[]));
        }
        if let Some(head) = http::read(sent.payload) {
            self.take_head(sent.device, head);
        }
        let flow = sent.flow();
        let hello = match tls::read_record(sent.payload) {
            Hello::Incomplete => {
                let after_record_header = header.sequence.wrapping_add(5);
                let first = sent.payload.get(5..).unwrap_or(&[]);
                self.hellos.begin_segments(flow, sent.time_ns, after_record_header, first);
                Hello::Incomplete
            }
            Hello::None => self.hellos.add_segment(flow, sent.time_ns, header.sequence, sent.payload),
            hello => hello,
        };
        if let Hello::Name(name) = hello {
            self.remotes.learn(sent.network.target, &name);
            self.evidence.add(sent.device, Kind::TlsName, name);
        }
    }

    fn take_udp(&mut self, sent: &Sent<'_>) {
        match sent.ports {
            (_, 53) => self.take_question(sent.device, sent.payload),
            (53, _) => self.take_answer(sent.payload),
            (5353, _) | (_, 5353) => {
                let message = dns::read(sent.payload);
                for (kind, value) in message.iter().flat_map(mdns::evidence) {
                    self.evidence.add(sent.device, kind, value);
                }
            }
            (67 | 68, 67 | 68) => self.take_dhcp(sent),
            (1900, _) | (_, 1900) => {
                if let Some(head) = http::read(sent.payload) {
                    self.take_head(sent.device, head);
                }
            }
            (ECHO_TIME_PORT, ECHO_TIME_PORT) => {
                self.evidence.add(sent.device, Kind::Port, format!("UDP {ECHO_TIME_PORT}"));
            }
            (port, service @ (80 | 443 | 8443)) if port > service => self.take_quic(sent),
            _ => {}
        }
    }

    fn take_question(&mut self, device: u32, message: &[u8]) {
        let Some(message) = dns::read(message).filter(|message| !message.is_response) else { return };
        message.questions.into_iter().for_each(|name| self.evidence.add(device, Kind::DnsQuery, name));
    }

    fn take_answer(&mut self, message: &[u8]) {
        let Some(message) = dns::read(message).filter(|message| message.is_response) else { return };
        let Some(name) = message.questions.first().filter(|name| !name.is_empty()) else { return };
        for record in &message.records {
            if let Data::Address(address) = record.data {
                self.remotes.learn(address, name);
            }
        }
    }

    fn take_dhcp(&mut self, sent: &Sent<'_>) {
        let Some(message) = dhcp::read(sent.payload) else { return };
        if message.is_reply {
            self.devices.seen(sent.device).serves_addresses = true;
            return;
        }
        let facts = [(Kind::DhcpHost, message.host_name), (Kind::DhcpVendor, message.vendor_class)];
        for (kind, value) in facts {
            self.evidence.add(sent.device, kind, value.unwrap_or_default());
        }
    }

    fn take_head(&mut self, device: u32, head: http::Head) {
        let facts = match head.kind {
            HeadKind::Request => [(Kind::HttpHost, head.host), (Kind::HttpAgent, head.agent)],
            HeadKind::Notify => [(Kind::SsdpServer, head.server), (Kind::SsdpService, head.service)],
            // an answer over HTTP names a web server, one to an SSDP question has a service
            HeadKind::Response if head.service.is_some() => {
                [(Kind::SsdpServer, head.server), (Kind::SsdpService, head.service)]
            }
            HeadKind::Response | HeadKind::Search => return,
        };
        for (kind, value) in facts {
            self.evidence.add(device, kind, value.unwrap_or_default());
        }
    }

    fn take_quic(&mut self, sent: &Sent<'_>) {
        if let Some(version) = quic::version_name(sent.payload) {
            self.evidence.add(sent.device, Kind::Quic, version);
        }
        let name = match quic::open(sent.payload) {
            Some(initial) if initial.version == quic::Version::Q050 => quic::read_chlo(&initial.frames),
            Some(initial) => {
                match self.hellos.add(sent.flow(), sent.time_ns, &quic::crypto_pieces(&initial)) {
                    Hello::Name(name) => Some(name),
                    _ => None,
                }
            }
            None => quic::google_server_name(sent.payload),
        };
        if let Some(name) = name {
            self.remotes.learn(sent.network.target, &name);
            self.evidence.add(sent.device, Kind::QuicName, name);
        }
    }

    fn take_beat(&mut self, sent: &Sent<'_>) {
        let address = sent.network.target;
        let host = self.remotes.number(address).map_or(RemoteHost::Address(address), RemoteHost::Name);
        let (own, peer) = sent.ports;
        // a client's port is given by its system, out of the upper range
        let serves = own < peer && (own < 1024 || peer >= 32_768);
        let port = if serves { own } else { peer };
        let remote = Remote { device: sent.device, host, port, serves, tcp: sent.flow().tcp };
        self.beats.add(remote, sent.time_ns);
    }

    /// Judges what was seen.
    pub fn finish(self) -> Report {
        let limits = self.limits();
        let mut report = self.totals;
        report.limits = limits;
        report.last_ns = self.clock_ns;
        let span = report.first_ns.zip(report.last_ns);
        report.span_s = span.map(|(first, last)| last.saturating_sub(first) as f64 / 1e9);
        let of_link = |(link_type, frames)| UnknownLink { link_type, frames };
        report.unknown_links = self.unknown_links.into_iter().map(of_link).collect();
        let mut facts = facts(self.evidence, self.beats, &self.remotes);
        let seen = self.devices.into_all();
        let has_home = seen.iter().any(|s| matches!(s.device, Device::Ip(ip) if is_home(ip)));
        for (number, seen) in seen.iter().enumerate().filter(|(_, s)| !is_remote(s, has_home)) {
            let mut facts = facts.remove(&(number as u32)).unwrap_or_default();
            let quic = seen.counts.quic();
            if quic > 0 && facts.iter().all(|fact| fact.kind != Kind::Quic) {
                let value = "no first packet seen".to_owned();
                facts.push(Fact { kind: Kind::Quic, value, count: quic, period_s: None });
            }
            report.devices.push(verdict::judge(seen, facts));
        }
        report
            .devices
            .sort_by_key(|device| (std::cmp::Reverse((device.sureness, device.packets)), device.first_ns));
        report
    }

    fn limits(&self) -> Vec<String> {
        let met = [
            (
                self.devices.is_full(),
                "there are more devices than are told apart: later ones count in the totals only",
            ),
            (self.evidence.is_full(), "there is more evidence than is kept: later names are left out"),
            (
                self.beats.is_full(),
                "there are more hosts than are listened to for periods: later ones are left out",
            ),
        ];
        met.into_iter().filter(|(is_met, _)| *is_met).map(|(_, what)| what.to_owned()).collect()
    }
}

/// Whether a device known by its IP address alone is out in the internet, seen from a home.
fn is_remote(seen: &Seen, has_home: bool) -> bool {
    matches!(seen.device, Device::Ip(ip) if has_home && !is_home(ip))
}

/// Evidence and rhythms of each device.
fn facts(evidence: Store, beats: Beats, remotes: &RemoteNames) -> BTreeMap<u32, Vec<Fact>> {
    let mut facts: BTreeMap<u32, Vec<Fact>> = BTreeMap::new();
    for (device, found) in evidence.into_devices() {
        let of = |(kind, value, count)| Fact { kind, value, count, period_s: None };
        facts.insert(device, found.into_iter().map(of).collect());
    }
    for (remote, Period { seconds, bursts }) in beats.into_periods() {
        let host = match remote.host {
            RemoteHost::Name(number) => remotes.name(number).to_owned(),
            RemoteHost::Address(IpAddr::V6(address)) => format!("[{address}]"),
            RemoteHost::Address(address) => address.to_string(),
        };
        let (protocol, port) = (if remote.tcp { "TCP" } else { "UDP" }, remote.port);
        let from_to = if remote.serves { format!("{port} to {host}") } else { format!("{host}:{port}") };
        let value = format!("{protocol} {from_to} every {seconds:.0} s");
        let fact = Fact { kind: Kind::Period, value, count: bursts, period_s: Some(seconds) };
        facts.entry(remote.device).or_default().push(fact);
    }
    facts
}
