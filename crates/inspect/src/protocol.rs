//! Which protocol a packet speaks, by transport and by port.

use overhear_traffic::packet::Transport;
use std::collections::BTreeMap;

/// What a frame carries, coarsely: every frame is of exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP or ICMPv6.
    Icmp,
    /// Another IP protocol.
    OtherIp,
    /// ARP.
    Arp,
    /// Encrypted 802.11: what it carries cannot be seen.
    Encrypted,
    /// Any other frame without an IP packet.
    NonIp,
}

impl Protocol {
    const ALL: [(Protocol, &'static str); 7] = [
        (Protocol::Tcp, "tcp"),
        (Protocol::Udp, "udp"),
        (Protocol::Icmp, "icmp"),
        (Protocol::OtherIp, "other_ip"),
        (Protocol::Arp, "arp"),
        (Protocol::Encrypted, "encrypted"),
        (Protocol::NonIp, "non_ip"),
    ];

    /// Of an IP packet.
    pub fn of_transport(transport: Transport) -> Protocol {
        match transport {
            Transport::Tcp { .. } => Protocol::Tcp,
            Transport::Udp { .. } => Protocol::Udp,
            Transport::Icmp => Protocol::Icmp,
            Transport::Other(_) => Protocol::OtherIp,
        }
    }
}

/// What speaks over TCP or UDP, where the port tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Application {
    /// QUIC, Google's or RFC 9000's.
    Quic,
    /// TLS over TCP.
    Tls,
    /// HTTP in the clear.
    Http,
    /// DNS.
    Dns,
    /// DNS over TLS or QUIC.
    EncryptedDns,
    /// Multicast DNS.
    Mdns,
    /// UPnP's discovery.
    Ssdp,
    /// DHCP and DHCPv6.
    Dhcp,
    /// NTP.
    Ntp,
    /// Google Cast's control channel, TCP port 8009.
    Cast,
}

impl Application {
    const ALL: [(Application, &'static str); 10] = [
        (Application::Quic, "quic"),
        (Application::Tls, "tls"),
        (Application::Http, "http"),
        (Application::Dns, "dns"),
        (Application::EncryptedDns, "encrypted_dns"),
        (Application::Mdns, "mdns"),
        (Application::Ssdp, "ssdp"),
        (Application::Dhcp, "dhcp"),
        (Application::Ntp, "ntp"),
        (Application::Cast, "cast"),
    ];

    /// Known by the lower port that is known; what the packet carries decides between QUIC and others.
    pub fn of(transport: Transport, payload: &[u8]) -> Option<Application> {
        match transport {
            Transport::Tcp { ports: Some((a, b)), .. } => of_tcp(a).or_else(|| of_tcp(b)),
            Transport::Udp { ports: Some((a, b)) } => of_udp(a, payload).or_else(|| of_udp(b, payload)),
            _ => None,
        }
    }
}

fn of_tcp(port: u16) -> Option<Application> {
    Some(match port {
        443 | 8443 | 5228..=5230 | 5223 => Application::Tls,
        80 | 8080 => Application::Http,
        53 => Application::Dns,
        853 => Application::EncryptedDns,
        8009 => Application::Cast,
        _ => return None,
    })
}

fn of_udp(port: u16, payload: &[u8]) -> Option<Application> {
    Some(match port {
        443 | 80 if super::quic::is_quic(payload) => Application::Quic,
        53 => Application::Dns,
        853 => Application::EncryptedDns,
        5353 => Application::Mdns,
        1900 => Application::Ssdp,
        67 | 68 | 546 | 547 => Application::Dhcp,
        123 => Application::Ntp,
        _ => return None,
    })
}

/// Packets counted by protocol and application.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    protocols: [u64; Protocol::ALL.len()],
    applications: [u64; Application::ALL.len()],
}

impl Counts {
    /// Counts one frame.
    pub fn add(&mut self, protocol: Protocol, application: Option<Application>) {
        self.protocols[protocol as usize] += 1;
        if let Some(application) = application {
            self.applications[application as usize] += 1;
        }
    }

    /// How many IP packets were counted.
    pub fn ip_packets(&self) -> u64 {
        self.protocols[..Protocol::Arp as usize].iter().sum()
    }

    /// How many of QUIC.
    pub fn quic(&self) -> u64 {
        self.applications[Application::Quic as usize]
    }

    /// Packets by protocol, those that were seen.
    pub fn by_protocol(&self) -> BTreeMap<&'static str, u64> {
        seen(Protocol::ALL.map(|(_, name)| name), &self.protocols)
    }

    /// Packets by application, those that were seen.
    pub fn by_application(&self) -> BTreeMap<&'static str, u64> {
        seen(Application::ALL.map(|(_, name)| name), &self.applications)
    }
}

fn seen<const N: usize>(names: [&'static str; N], counts: &[u64; N]) -> BTreeMap<&'static str, u64> {
    names.into_iter().zip(*counts).filter(|(_, n)| *n > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registers_stand_in_the_order_of_their_variants() {
        assert!(Protocol::ALL.iter().enumerate().all(|(i, (p, _))| *p as usize == i));
        assert!(Application::ALL.iter().enumerate().all(|(i, (a, _))| *a as usize == i));
    }

    #[test]
    fn ports_tell_the_application() {
        let udp = |a, b| Transport::Udp { ports: Some((a, b)) };
        assert_eq!(Application::of(udp(40000, 443), &[0xc0]), Some(Application::Quic));
        assert_eq!(Application::of(udp(40000, 443), &[0x17, 0xfe, 0xfd]), None);
        assert_eq!(Application::of(udp(5353, 5353), &[]), Some(Application::Mdns));
        assert_eq!(Application::of(Transport::Udp { ports: None }, &[]), None);
    }
}
