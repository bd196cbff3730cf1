//! Frame after frame into totals, devices and evidence.

use super::address::{self, is_home};
use super::device::{self, Conflict, Devices, Seen, Share};
use super::dns::Data;
use super::endpoint::{Carrier, Endpoint, Endpoints, Exchange, RemoteHost};
use super::evidence::{Kind, Sender, Store};
use super::header::{TcpHeader, arp_packet, ends, is_router_advertisement, tcp_header};
use super::hello::{Flow, PendingHellos};
use super::http::HeadKind;
use super::period::Period;
use super::protocol::{Application, Protocol};
use super::remote::RemoteNames;
use super::report::{EndpointReport, Report, UnknownLink};
use super::tls::{self, Hello};
use super::verdict::{self, Fact};
use super::{arp, dhcp, dns, http, mdns, quic};
use overhear_traffic::capture::Frame;
use overhear_traffic::packet::{Device, Network, Transport};
use overhear_traffic::trace::Copies;
use overhear_traffic::wire::{self, Decoded, FrameKind};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

/// More unknown link types than a file has.
const MAX_UNKNOWN_LINKS: usize = 256;

/// Ports that speakers answer from: counted in the middle of a connection too.
const SPEAKER_PORTS: [u16; 8] = [1400, 4070, 7000, 8008, 8009, 10001, 55442, 55443];

/// Whether a device answers from a speaker's port in the middle of a connection, as far as the ports tell: systems give
/// clients ports of the upper range, where some of the speakers' lie as well.
fn is_speaker_port(port: u16, peer: u16) -> bool {
    const UPPER_RANGE: u16 = 32_768;
    SPEAKER_PORTS.contains(&port) && peer > if port < UPPER_RANGE { 1024 } else { UPPER_RANGE }
}

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
    endpoints: Endpoints,
    copies: Copies,
}

/// A packet of TCP or UDP and who sent it.
struct Sent<'a> {
    by: Sender,
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

    /// Takes a frame, whatever is in it; of a mirrored one what stands inside.
    pub fn take(&mut self, frame: &Frame<'_>) {
        let decoded = wire::decode(frame);
        match wire::inside(frame, &decoded) {
            Some((mirror, inner)) => {
                *self.totals.mirrored_frames.entry(mirror).or_default() += 1;
                self.take_decoded(&inner, &wire::decode(&inner));
            }
            None => self.take_decoded(frame, &decoded),
        }
    }

    fn take_decoded(&mut self, frame: &Frame<'_>, decoded: &Decoded<'_>) {
        let time_ns = self.count(frame, decoded);
        let arp = arp_packet(frame, decoded);
        let share = Share {
            time_ns,
            after_ns: time_ns.saturating_sub(self.totals.first_ns.unwrap_or(time_ns)),
            length_bytes: frame.length_bytes,
            protocol: match decoded.network {
                Some(network) => Protocol::of_transport(network.transport),
                None if arp.is_some() => Protocol::Arp,
                None if decoded.link.kind == FrameKind::Encrypted => Protocol::Encrypted,
                None => Protocol::NonIp,
            },
            application: decoded.network.and_then(|n| Application::of(n.transport, decoded.payload)),
        };
        let (sender, receiver) = self.count_devices(share, decoded);
        if let (Some(receiver), Some(network)) = (receiver, decoded.network) {
            self.take_exchange(receiver, network, false, share);
        }
        let Some(sender) = sender else { return };
        if let Some(claim) = arp.and_then(arp::read) {
            self.devices.seen(sender).claims(IpAddr::V4(claim.address), time_ns);
        }
        let Some(network) = decoded.network else { return };
        self.take_exchange(sender, network, true, share);
        let is_router = is_router_advertisement(frame, decoded, network);
        let seen = self.devices.seen(sender);
        seen.serves_addresses |= is_router;
        seen.sent_from(network.source, network.ttl, time_ns);
        if seen.relays_so_far && self.devices.latest(network.source).is_some_and(|latest| latest != sender) {
            // what a router passes on is evidence of its first sender only
            return;
        }
        self.devices.sends_from(network.source, sender);
        let (Transport::Tcp { ports, .. } | Transport::Udp { ports }) = network.transport else { return };
        let Some(ports) = ports else { return };
        let by = Sender { device: sender, address: network.source };
        let sent = Sent { by, time_ns, network, ports, payload: decoded.payload };
        match network.transport {
            Transport::Tcp { .. } => self.take_tcp(&sent, tcp_header(frame, decoded)),
            _ => self.take_udp(&sent),
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
        let network_at = decoded.network.map(|_| decoded.link.header_bytes as usize);
        self.copies.leave_out(frame, (Device::Any, None), &decoded.link, network_at);
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

    /// Counts a frame for its two devices; the numbers of the one that sent it and of the one that received it.
    fn count_devices(&mut self, share: Share, decoded: &Decoded<'_>) -> (Option<u32>, Option<u32>) {
        let (source, target) = ends(decoded);
        let sender = source.and_then(|device| self.devices.number(device, share.time_ns));
        let mut receiver = target.and_then(|device| self.devices.number(device, share.time_ns));
        if let (None, Some(Device::Mac(_)), Some(network)) = (target, source, decoded.network) {
            // a cooked capture names the sender only: the receiver is known by its address
            if decoded.link.target.is_none() {
                receiver = self.devices.latest(network.target);
            }
        }
        if let Some(sender) = sender {
            self.devices.seen(sender).count(share, true);
        }
        let receiver = receiver.filter(|receiver| Some(*receiver) != sender);
        if let Some(receiver) = receiver {
            self.devices.seen(receiver).count(share, false);
        }
        (sender, receiver)
    }

    fn take_tcp(&mut self, sent: &Sent<'_>, header: Option<TcpHeader>) {
        let header = header.unwrap_or_default();
        let (port, peer) = sent.ports;
        let answers = header.is_opening_answer()
            || !header.resets() && !sent.payload.is_empty() && is_speaker_port(port, peer);
        if answers {
            self.evidence.add(sent.by, Kind::Port, format!("TCP {port}"));
        }
        if sent.payload.is_empty() {
            return;
        }
        if peer == 53 {
            // over TCP a message follows its length
            self.take_question(sent.by, sent.payload.get(2..).unwrap_or(&[]));
        }
        if let Some(head) = http::read(sent.payload) {
            self.take_head(sent.by, head);
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
            self.evidence.add(sent.by, Kind::TlsName, name);
        }
    }

    fn take_udp(&mut self, sent: &Sent<'_>) {
        match sent.ports {
            (_, 53) => self.take_question(sent.by, sent.payload),
            (53, _) => self.take_answer(sent.payload),
            (5353, _) | (_, 5353) => {
                let message = dns::read(sent.payload);
                for (kind, value) in message.iter().flat_map(mdns::evidence) {
                    self.evidence.add(sent.by, kind, value);
                }
            }
            (67 | 68, 67 | 68) => self.take_dhcp(sent),
            (1900, _) | (_, 1900) => {
                if let Some(head) = http::read(sent.payload) {
                    self.take_head(sent.by, head);
                }
            }
            (ECHO_TIME_PORT, ECHO_TIME_PORT) => {
                self.evidence.add(sent.by, Kind::Port, format!("UDP {ECHO_TIME_PORT}"));
            }
            (port, service @ (80 | 443 | 8443)) if port > service => self.take_quic(sent),
            _ => {}
        }
    }

    fn take_question(&mut self, by: Sender, message: &[u8]) {
        let Some(message) = dns::read(message).filter(|message| !message.is_response) else { return };
        message.questions.into_iter().for_each(|name| self.evidence.add(by, Kind::DnsQuery, name));
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
            self.devices.seen(sent.by.device).serves_addresses = true;
            return;
        }
        let facts = [(Kind::DhcpHost, message.host_name), (Kind::DhcpVendor, message.vendor_class)];
        for (kind, value) in facts {
            self.evidence.add(sent.by, kind, value.unwrap_or_default());
        }
    }

    fn take_head(&mut self, by: Sender, head: http::Head) {
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
            self.evidence.add(by, kind, value.unwrap_or_default());
        }
    }

    fn take_quic(&mut self, sent: &Sent<'_>) {
        if let Some(version) = quic::version_name(sent.payload) {
            self.evidence.add(sent.by, Kind::Quic, version);
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
            self.evidence.add(sent.by, Kind::QuicName, name);
        }
    }

    /// Counts a packet for the exchange of one of its devices with the other end.
    fn take_exchange(&mut self, device: u32, network: Network, sent: bool, share: Share) {
        let seen = self.devices.seen(device);
        let is_far = matches!(seen.device, Device::Ip(ip) if !is_home(ip));
        if seen.relays_so_far || is_far {
            return;
        }
        let address = if sent { network.target } else { network.source };
        let host = self.remotes.number(address).map_or(RemoteHost::Address(address), RemoteHost::Name);
        let (carrier, ports) = match network.transport {
            Transport::Tcp { ports, .. } => (Carrier::Tcp, ports),
            Transport::Udp { ports } => (Carrier::Udp, ports),
            Transport::Icmp | Transport::Other(_) => (Carrier::Other, None),
        };
        let (own, peer) = match ports {
            Some((own, peer)) if sent => (own, peer),
            Some((peer, own)) => (own, peer),
            None => (0, 0),
        };
        // a client's port is given by its system, out of the upper range
        let serves = own < peer && (own < 1024 || peer >= 32_768);
        let port = if serves { own } else { peer };
        let endpoint = Endpoint { device, host, port, serves, carrier };
        self.endpoints.add(endpoint, address, sent, share.time_ns, share.length_bytes);
    }

    /// Judges what was seen.
    pub fn finish(self) -> Report {
        let limits = self.limits();
        let mut report = self.totals;
        report.limits = limits;
        report.copies = self.copies.counts();
        report.last_ns = self.clock_ns;
        let span = report.first_ns.zip(report.last_ns);
        report.span_s = span.map(|(first, last)| last.saturating_sub(first) as f64 / 1e9);
        let of_link = |(link_type, frames)| UnknownLink { link_type, frames };
        report.unknown_links = self.unknown_links.into_iter().map(of_link).collect();
        let mut seen = self.devices.into_all();
        address::mark_passed_on(seen.iter_mut().map(|seen| &mut seen.uses));
        let conflicts = device::conflicts(&seen);
        let mut facts = Facts::of(self.evidence, self.endpoints, &self.remotes, &seen);
        let bin_s = seen.iter().map(|seen| seen.timeline.bin_s).max().unwrap_or(1);
        seen.iter_mut().for_each(|seen| seen.timeline.widen_to(bin_s));
        let has_home = seen.iter().any(|s| matches!(s.device, Device::Ip(ip) if is_home(ip)));
        for (number, one) in (0..).zip(&seen).filter(|(_, s)| !is_remote(s, has_home)) {
            let conflicts = conflicts.get(&number).map_or(&[][..], |found| &found[..]);
            let mut own = facts.of_device.remove(&number).unwrap_or_default();
            own.extend(conflicts.iter().map(|conflict| of_conflict(conflict, &seen)));
            let quic = one.counts.quic();
            if quic > 0 && own.iter().all(|fact| fact.kind != Kind::Quic) {
                let value = "no first packet seen".to_owned();
                own.push(Fact { kind: Kind::Quic, value, count: quic, period_s: None });
            }
            let mut device = verdict::judge(one, own, conflicts);
            if !one.relays() {
                device.endpoints = facts.endpoints_of.remove(&number).unwrap_or_default();
            }
            report.devices.push(device);
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
                "there are more devices than are listed: later ones count in the totals only",
            ),
            (self.evidence.is_full(), "there is more evidence than is kept: later names are left out"),
            (
                self.endpoints.is_full(),
                "there are more far ends than are listed: later ones count in the totals only",
            ),
        ];
        met.into_iter().filter(|(is_met, _)| *is_met).map(|(_, what)| what.to_owned()).collect()
    }
}

/// Whether a device known by its IP address alone is out in the internet, seen from a home.
fn is_remote(seen: &Seen, has_home: bool) -> bool {
    matches!(seen.device, Device::Ip(ip) if has_home && !is_home(ip))
}

fn of_conflict(conflict: &Conflict, seen: &[Seen]) -> Fact {
    let Conflict { claimed, other } = conflict;
    let value = format!("{}, seen with {}", claimed.address, seen[*other as usize].device);
    Fact { kind: Kind::AddressConflict, value, count: claimed.count, period_s: None }
}

/// What is known of each device, by its number.
struct Facts {
    of_device: BTreeMap<u32, Vec<Fact>>,
    endpoints_of: BTreeMap<u32, Vec<EndpointReport>>,
}

impl Facts {
    /// Evidence, rhythms and far ends of each device.
    fn of(evidence: Store, endpoints: Endpoints, remotes: &RemoteNames, seen: &[Seen]) -> Facts {
        let passed_on: HashSet<Sender> = (0..)
            .zip(seen)
            .flat_map(|(device, seen)| {
                let uses = seen.uses.all().iter().filter(|own| own.is_passed_on);
                uses.map(move |own| Sender { device, address: own.address })
            })
            .collect();
        let mut of_device: BTreeMap<u32, Vec<Fact>> = BTreeMap::new();
        for (device, found) in evidence.into_devices(&passed_on) {
            let of = |((kind, value), count)| Fact { kind, value, count, period_s: None };
            of_device.insert(device, found.into_iter().map(of).collect());
        }
        let mut together: HashMap<Endpoint, Exchange> = HashMap::new();
        for (mut endpoint, exchange) in endpoints.into_all() {
            if exchange.commands() > 0 {
                let fact = of_upload(endpoint, &exchange, remotes);
                of_device.entry(endpoint.device).or_default().push(fact);
            }
            if let Some(period) = exchange.period() {
                of_device.entry(endpoint.device).or_default().push(of_period(endpoint, period, remotes));
            }
            // a name may have been learnt after the first packets
            if let RemoteHost::Address(address) = endpoint.host {
                endpoint.host = remotes.number(address).map_or(endpoint.host, RemoteHost::Name);
            }
            together.entry(endpoint).and_modify(|known| known.add(&exchange)).or_insert(exchange);
        }
        let mut endpoints_of: BTreeMap<u32, Vec<EndpointReport>> = BTreeMap::new();
        for (endpoint, exchange) in together {
            let name = match endpoint.host {
                RemoteHost::Name(number) => Some(remotes.name(number).to_owned()),
                RemoteHost::Address(_) => None,
            };
            let report = EndpointReport::of(&endpoint, name, &exchange);
            endpoints_of.entry(endpoint.device).or_default().push(report);
        }
        for endpoints in endpoints_of.values_mut() {
            endpoints.sort_by(|a, b| a.order().cmp(&b.order()));
        }
        Facts { of_device, endpoints_of }
    }
}

fn host_of(endpoint: &Endpoint, remotes: &RemoteNames) -> String {
    match endpoint.host {
        RemoteHost::Name(number) => remotes.name(number).to_owned(),
        RemoteHost::Address(IpAddr::V6(address)) => format!("[{address}]"),
        RemoteHost::Address(address) => address.to_string(),
    }
}

fn of_upload(endpoint: Endpoint, exchange: &Exchange, remotes: &RemoteNames) -> Fact {
    let value =
        format!("some seconds at the pace of speech to {}:{}", host_of(&endpoint, remotes), endpoint.port);
    Fact { kind: Kind::Upload, value, count: exchange.commands(), period_s: None }
}

fn of_period(endpoint: Endpoint, Period { seconds, bursts }: Period, remotes: &RemoteNames) -> Fact {
    let host = host_of(&endpoint, remotes);
    let (carrier, port) = (endpoint.carrier.name(), endpoint.port);
    let from_to = if endpoint.serves { format!("{port} to {host}") } else { format!("{host}:{port}") };
    let value = format!("{carrier} {from_to} every {seconds:.0} s");
    Fact { kind: Kind::Period, value, count: bursts, period_s: Some(seconds) }
}
