//! DNS and multicast DNS messages. Source: RFC 1035, 3596 (AAAA), 6762 (mDNS), 6763 (service discovery).

use std::net::{IpAddr, Ipv4Addr};

const A: u16 = 1;
const PTR: u16 = 12;
const TXT: u16 = 16;
const AAAA: u16 = 28;
const SRV: u16 = 33;
const IN: u16 = 1;
/// mDNS: this record replaces older ones.
const CACHE_FLUSH: u16 = 0x8000;

/// Which address a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Four,
    Six,
}

/// A recursive query for a host's address.
pub fn query(out: &mut Vec<u8>, id: u16, host: &str, kind: Kind) {
    header(out, id, 0x0100, [1, 0, 0, 0]);
    question(out, host, kind);
}

/// The answer to [`query`] with as many of `addresses` as are of its kind; with none it is an empty answer.
pub fn answer(out: &mut Vec<u8>, id: u16, host: &str, kind: Kind, addresses: &[IpAddr], ttl_s: u32) {
    let fits = |address: &&IpAddr| address.is_ipv4() == (kind == Kind::Four);
    let count = addresses.iter().filter(fits).count() as u16;
    header(out, id, 0x8180, [1, count, 0, 0]);
    question(out, host, kind);
    for address in addresses.iter().filter(fits) {
        // A pointer to the question's name, at byte 12.
        out.extend_from_slice(&[0xc0, 12]);
        match address {
            IpAddr::V4(four) => record(out, A, IN, ttl_s, |out| out.extend_from_slice(&four.octets())),
            IpAddr::V6(six) => record(out, AAAA, IN, ttl_s, |out| out.extend_from_slice(&six.octets())),
        }
    }
}

/// mDNS: who offers this service?
pub fn browse(out: &mut Vec<u8>, service: &str) {
    header(out, 0, 0, [1, 0, 0, 0]);
    name(out, service);
    numbers(out, &[PTR, IN]);
}

/// mDNS: this instance offers the service, at this host, port and address (PTR, TXT, SRV and A record).
pub fn announce(
    out: &mut Vec<u8>,
    service: &str,
    instance: &str,
    texts: &[&str],
    port: u16,
    address: Ipv4Addr,
) {
    let full = format!("{instance}.{service}");
    let host = format!("{instance}.local");
    header(out, 0, 0x8400, [0, 1, 0, 3]);
    name(out, service);
    record(out, PTR, IN, 120, |out| name(out, &full));
    name(out, &full);
    record(out, TXT, IN | CACHE_FLUSH, 4500, |out| {
        for text in texts {
            out.push(text.len() as u8);
            out.extend_from_slice(text.as_bytes());
        }
    });
    name(out, &full);
    record(out, SRV, IN | CACHE_FLUSH, 120, |out| {
        numbers(out, &[0, 0, port]);
        name(out, &host);
    });
    name(out, &host);
    record(out, A, IN | CACHE_FLUSH, 120, |out| out.extend_from_slice(&address.octets()));
}

fn header(out: &mut Vec<u8>, id: u16, flags: u16, counts: [u16; 4]) {
    numbers(out, &[id, flags]);
    numbers(out, &counts);
}

fn question(out: &mut Vec<u8>, host: &str, kind: Kind) {
    name(out, host);
    numbers(out, &[if kind == Kind::Four { A } else { AAAA }, IN]);
}

fn record(out: &mut Vec<u8>, kind: u16, class: u16, ttl_s: u32, data: impl FnOnce(&mut Vec<u8>)) {
    numbers(out, &[kind, class]);
    out.extend_from_slice(&ttl_s.to_be_bytes());
    let length_at = out.len();
    numbers(out, &[0]);
    data(out);
    let length = (out.len() - length_at - 2) as u16;
    out[length_at..length_at + 2].copy_from_slice(&length.to_be_bytes());
}

fn name(out: &mut Vec<u8>, name: &str) {
    for label in name.split('.') {
        // Every name here is a constant of the generator with labels below 64 bytes.
        out.push(label.len() as u8);
        out.extend_from_slice(label.as_bytes());
    }
    out.push(0);
}

fn numbers(out: &mut Vec<u8>, numbers: &[u16]) {
    for number in numbers {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_is_byte_for_byte_what_rfc_1035_says() {
        let mut out = Vec::new();
        query(&mut out, 0x1234, "a.bc", Kind::Four);
        assert_eq!(out, [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, b'a', 2, b'b', b'c', 0, 0, 1, 0, 1]);
    }

    #[test]
    fn answer_holds_only_addresses_of_the_kind_asked_for() {
        let addresses = [IpAddr::from([1, 2, 3, 4]), "2001:db8::1".parse().unwrap()];
        let mut out = Vec::new();
        answer(&mut out, 1, "a", Kind::Six, &addresses, 300);
        assert_eq!(out[6..8], [0, 1]);
        assert_eq!(out[out.len() - 18..out.len() - 16], [0, 16]);
    }
}
