//! Linux cooked captures: headers that name the sender only.

use super::*;
use std::net::Ipv4Addr;

const OTHER: Mac = Mac([2, 0, 0, 0, 0, 3]);
const SPEAKER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);
const FAR: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 9);

/// Who sends from which address to which, whether the capturing host does, over which interface.
type Sent = (Mac, Ipv4Addr, Ipv4Addr, bool, u8);

fn ip(source: Ipv4Addr, target: Ipv4Addr) -> Vec<u8> {
    let header = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0];
    [&header[..], &source.octets(), &target.octets()].concat()
}

fn version_1((sender, source, target, outgoing, _): Sent) -> Vec<u8> {
    let head = [0, if outgoing { 4 } else { 0 }, 0, 1, 0, 6];
    [&head[..], &sender.0, &[0, 0, 8, 0], &ip(source, target)].concat()
}

fn version_2((sender, source, target, outgoing, interface): Sent) -> Vec<u8> {
    let head = [8, 0, 0, 0, 0, 0, 0, interface, 0, 1, if outgoing { 4 } else { 0 }, 6];
    [&head[..], &sender.0, &[0, 0], &ip(source, target)].concat()
}

/// Directions of the device's packets, as the gateway sees them, and the summary.
fn directions(link: LinkType, sent: &[Sent], device: Device) -> (Vec<Option<Direction>>, Summary) {
    let build = if link == LinkType::LINUX_SLL { version_1 } else { version_2 };
    let frames: Vec<(u32, Vec<u8>)> = (0..).zip(sent.iter().map(|sent| build(*sent))).collect();
    let (packets, summary) = read_whole(&capture(link, &frames), device);
    (packets.into_iter().map(|packet| packet.1).collect(), summary)
}

const BOTH: [LinkType; 2] = [LinkType::LINUX_SLL, LinkType::LINUX_SLL2];
const OUT: Option<Direction> = Some(Direction::Out);
const IN: Option<Direction> = Some(Direction::In);

#[test]
fn packets_to_an_address_of_the_device_are_its() {
    let (out, back) = ((DEVICE, SPEAKER, FAR, false, 2), (ROUTER, FAR, SPEAKER, true, 2));
    let neighbour = (OTHER, Ipv4Addr::new(192, 168, 1, 51), FAR, false, 2);
    for link in BOTH {
        let (found, summary) = directions(link, &[out, back, neighbour, out, back], Device::Mac(DEVICE));
        assert_eq!(found, [OUT, IN, OUT, IN]);
        assert_eq!((summary.frames, summary.cooked_frames), (5, 5));
        let (found, _) = directions(link, &[out, back, neighbour], Device::Ip(SPEAKER.into()));
        assert_eq!(found, [OUT, IN]);
    }
}

#[test]
fn packets_before_the_devices_first_cannot_be_recognised() {
    let (out, back) = ((DEVICE, SPEAKER, FAR, false, 2), (ROUTER, FAR, SPEAKER, false, 2));
    for link in BOTH {
        assert_eq!(directions(link, &[back, back, out, back], Device::Mac(DEVICE)).0, [OUT, IN]);
    }
}

#[test]
fn an_address_that_another_one_sends_from_is_the_devices_no_longer() {
    let (out, back) = ((DEVICE, SPEAKER, FAR, false, 2), (ROUTER, FAR, SPEAKER, true, 2));
    let others = (OTHER, SPEAKER, FAR, false, 2);
    for link in BOTH {
        let (found, _) = directions(link, &[out, back, others, back, out, back], Device::Mac(DEVICE));
        assert_eq!(found, [OUT, IN, OUT, IN]);
    }
}

#[test]
fn a_packet_that_the_capturing_host_passes_on_leaves_the_address_to_the_device() {
    let out = (DEVICE, SPEAKER, FAR, false, 2);
    let (passed_on, back) = ((ROUTER, SPEAKER, FAR, true, 3), (ROUTER, FAR, SPEAKER, true, 2));
    for link in BOTH {
        assert_eq!(directions(link, &[out, passed_on, back], Device::Mac(DEVICE)).0, [OUT, IN]);
    }
}

#[test]
fn an_answer_counts_on_the_devices_interface_only() {
    // it comes in from outside and goes out to the device
    let (out, back) = ((DEVICE, SPEAKER, FAR, false, 2), (ROUTER, FAR, SPEAKER, true, 2));
    let outside = (OTHER, FAR, SPEAKER, false, 3);
    let (found, _) = directions(LinkType::LINUX_SLL2, &[out, outside, back], Device::Mac(DEVICE));
    assert_eq!(found, [OUT, IN]);
}

#[test]
fn the_latest_sixty_four_addresses_are_remembered() {
    let address = |host: u8| Ipv4Addr::new(10, 0, 0, host);
    let mut sent: Vec<Sent> = (0..65).map(|host| (DEVICE, address(host), FAR, false, 2)).collect();
    // the first one again, so that the second is the oldest
    sent.insert(64, sent[0]);
    sent.extend((0..65).map(|host| (ROUTER, FAR, address(host), false, 2)));
    let (found, _) = directions(LinkType::LINUX_SLL2, &sent, Device::Mac(DEVICE));
    assert_eq!(found.iter().filter(|direction| **direction == IN).count(), 64);
}

#[test]
fn an_address_that_is_none_is_nobodys() {
    let none = Ipv4Addr::UNSPECIFIED;
    let sent = [(DEVICE, none, FAR, false, 2), (ROUTER, FAR, none, false, 2)];
    assert_eq!(directions(LinkType::LINUX_SLL2, &sent, Device::Mac(DEVICE)).0, [OUT]);
}
