//! What each observer sees of packets that a reader can check by hand.

use super::isp::HOME;
use super::*;
use crate::packet::{Mac, Transport};
use crate::wire::{Air, Link};
use crate::wire::{Captured, FrameKind};

const DEVICE: Mac = Mac([2, 0, 0, 0, 0, 1]);
const ROUTER: Mac = Mac([2, 0, 0, 0, 0, 2]);
const UDP: Transport = Transport::Udp { ports: Some((5353, 443)) };

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// A frame of 100 bytes.
fn frame(source: Mac, target: Mac, network: Option<Network>) -> Event {
    let link = Link { source: Some(source), target: Some(target), header_bytes: 14, ..Link::default() };
    Event { time_ns: 7, length_bytes: 100, link, network, number: None }
}

fn network(source: &str, target: &str) -> Network {
    Network { source: ip(source), target: ip(target), ttl: 64, ip_length_bytes: 86, transport: UDP }
}

/// A frame of 100 bytes from the device.
fn out(source: &str, target: &str) -> Event {
    frame(DEVICE, ROUTER, Some(network(source, target)))
}

/// A frame of 100 bytes to the device.
fn into(source: &str, target: &str) -> Event {
    frame(ROUTER, DEVICE, Some(network(source, target)))
}

fn seen(observer: Observer, event: &Event) -> Option<Packet> {
    observer.view(Device::Mac(DEVICE), event)
}

#[test]
fn the_gateway_sees_a_packet_as_it_is() {
    let packet = seen(Observer::Gateway, &out("192.168.0.2", "192.0.2.9")).unwrap();
    assert_eq!((packet.time_ns, packet.length_bytes), (7, 100));
    assert_eq!(packet.direction, Some(Direction::Out));
    assert_eq!(packet.network, Some(network("192.168.0.2", "192.0.2.9")));
    let packet = seen(Observer::Gateway, &into("192.0.2.9", "192.168.0.2")).unwrap();
    assert_eq!(packet.direction, Some(Direction::In));
}

#[test]
fn another_devices_frames_are_seen_by_no_one() {
    let other = Device::Mac(Mac([2, 0, 0, 0, 0, 9]));
    let address = Device::Ip(ip("192.168.0.9"));
    for observer in Observer::ALL {
        for device in [other, address] {
            let event = out("192.168.0.2", "192.0.2.9");
            assert_eq!(observer.view(device, &event), None);
        }
    }
}

#[test]
fn a_device_may_be_an_ip_address() {
    let device = Device::Ip(ip("192.168.0.2"));
    let direction = |event: &Event| {
        let packet = Observer::Gateway.view(device, event);
        packet.and_then(|packet| packet.direction)
    };
    assert_eq!(direction(&out("192.168.0.2", "192.0.2.9")), Some(Direction::Out));
    assert_eq!(direction(&into("192.0.2.9", "192.168.0.2")), Some(Direction::In));
    assert_eq!(direction(&frame(DEVICE, ROUTER, None)), None);
}

#[test]
fn any_device_has_no_direction() {
    let packet = Observer::Gateway.view(Device::Any, &out("192.168.0.2", "192.0.2.9"));
    assert_eq!(packet.unwrap().direction, None);
}

#[test]
fn behind_the_router_a_packet_has_come_one_hop_further() {
    let packet = seen(Observer::Isp, &out("192.168.0.2", "192.0.2.9")).unwrap().network.unwrap();
    assert_eq!((packet.ttl, packet.source, packet.target), (63, HOME, ip("192.0.2.9")));
    let packet = seen(Observer::Isp, &into("192.0.2.9", "192.168.0.2")).unwrap().network.unwrap();
    assert_eq!((packet.ttl, packet.source, packet.target), (65, ip("192.0.2.9"), HOME));
}

#[test]
fn the_homes_addresses_become_one_of_either_family() {
    let four = seen(Observer::Isp, &out("192.168.0.2", "192.0.2.9")).unwrap().network.unwrap();
    let six = seen(Observer::Isp, &out("2001:db8:1::2", "2001:db8:2::9")).unwrap().network.unwrap();
    assert_eq!(four.source, six.source);
}

#[test]
fn a_packet_without_a_hop_left_does_not_cross() {
    let mut event = out("192.168.0.2", "192.0.2.9");
    for (ttl, expected) in [(0, None), (1, None), (2, Some(1))] {
        event.network.as_mut().unwrap().ttl = ttl;
        let packet = seen(Observer::Isp, &event);
        assert_eq!(packet.map(|packet| packet.network.unwrap().ttl), expected);
    }
    let mut event = into("192.0.2.9", "192.168.0.2");
    event.network.as_mut().unwrap().ttl = 255;
    assert_eq!(seen(Observer::Isp, &event).unwrap().network.unwrap().ttl, 255);
}

#[test]
fn what_stays_at_home_crosses_no_gateway() {
    let pairs = [
        ("192.168.0.2", "192.168.0.3"),
        ("192.168.0.2", "224.0.0.251"),
        ("192.168.0.2", "255.255.255.255"),
        ("0.0.0.0", "255.255.255.255"),
        ("169.254.1.1", "169.254.1.2"),
        ("fe80::1", "fe80::2"),
        ("fe80::1", "ff02::fb"),
        ("fd00::1", "fd00::2"),
        // two public addresses of one network of the home
        ("2001:db8:1:2::1", "2001:db8:1:2::2"),
    ];
    for (source, target) in pairs {
        for observer in [Observer::Isp, Observer::Tunnel] {
            for device in [Device::Mac(DEVICE), Device::Any] {
                let packet = observer.view(device, &out(source, target));
                assert_eq!(packet, None, "{observer}, {source} to {target}");
            }
        }
        assert!(seen(Observer::Gateway, &out(source, target)).is_some());
        assert!(seen(Observer::Wifi, &out(source, target)).is_some());
    }
}

#[test]
fn without_a_device_the_addresses_tell_which_end_is_the_home() {
    let ends = |event: &Event| {
        let packet = Observer::Isp.view(Device::Any, event).unwrap();
        assert_eq!(packet.direction, None);
        packet.network.map(|network| (network.source, network.target, network.ttl)).unwrap()
    };
    assert_eq!(ends(&out("10.0.0.2", "192.0.2.9")), (HOME, ip("192.0.2.9"), 63));
    assert_eq!(ends(&out("192.0.2.9", "10.0.0.2")), (ip("192.0.2.9"), HOME, 65));
}

#[test]
fn in_the_air_a_frame_is_36_bytes_longer_than_on_ethernet() {
    let packet = seen(Observer::Wifi, &out("192.168.0.2", "192.168.0.3")).unwrap();
    assert_eq!((packet.length_bytes, packet.network), (136, None));
    assert_eq!(packet.direction, Some(Direction::Out));
}

#[test]
fn a_tag_is_not_sent_in_the_air() {
    let mut event = out("192.168.0.2", "192.0.2.9");
    event.link.header_bytes = 18;
    assert_eq!(seen(Observer::Wifi, &event).unwrap().length_bytes, 132);
}

#[test]
fn frames_that_carry_no_ip_are_seen_in_the_air_alone() {
    let arp = frame(DEVICE, ROUTER, None);
    assert!(seen(Observer::Wifi, &arp).is_some());
    for observer in [Observer::Gateway, Observer::Isp, Observer::Tunnel] {
        assert_eq!(seen(observer, &arp), None);
    }
}

#[test]
fn a_frame_caught_in_the_air_has_the_length_it_had_there() {
    let mut caught = frame(DEVICE, ROUTER, None);
    caught.link.foreign_bytes = 22;
    caught.link.captured = Captured::InAir(Air::default());
    let mut length = |kind| {
        caught.link.kind = kind;
        seen(Observer::Wifi, &caught).map(|packet| packet.length_bytes)
    };
    assert_eq!(length(FrameKind::Encrypted), Some(78));
    assert_eq!(length(FrameKind::Data), Some(78));
    for kind in [FrameKind::NoData, FrameKind::Damaged, FrameKind::UnknownLink] {
        assert_eq!(length(kind), None);
    }
}

#[test]
fn a_packet_whose_header_is_cut_is_a_frame_in_the_air_all_the_same() {
    let mut cut = frame(DEVICE, ROUTER, None);
    cut.link.kind = FrameKind::DamagedPacket;
    assert_eq!(seen(Observer::Wifi, &cut).map(|packet| packet.length_bytes), Some(136));
    assert_eq!(seen(Observer::Gateway, &cut), None);
}

#[test]
fn a_tunnel_pads_to_sixteen_bytes_and_adds_sixty() {
    let length = |ip_length_bytes: u32| {
        let mut event = out("192.168.0.2", "192.0.2.9");
        event.network.as_mut().unwrap().ip_length_bytes = ip_length_bytes;
        let packet = seen(Observer::Tunnel, &event).unwrap();
        assert_eq!((packet.network, packet.direction), (None, Some(Direction::Out)));
        packet.length_bytes
    };
    assert_eq!((length(0), length(1), length(16), length(17), length(1420)), (60, 76, 76, 92, 1484));
}

#[test]
fn a_packet_table_shows_everybody_what_it_lists() {
    for direction in [Direction::Out, Direction::In] {
        let link = Link { captured: Captured::Listed(direction), ..Link::default() };
        let event = Event { time_ns: 7, length_bytes: 40, link, network: None, number: None };
        for observer in Observer::ALL {
            for device in [Device::Any, Device::Mac(DEVICE), Device::Ip(ip("192.168.0.2"))] {
                let packet =
                    Packet { time_ns: 7, length_bytes: 40, direction: Some(direction), network: None };
                assert_eq!(observer.view(device, &event), Some(packet));
            }
        }
        assert_eq!(event.reversed().link.captured, Captured::Listed(direction.opposite()));
    }
}

#[test]
fn observers_are_written_as_they_are_read() {
    for observer in Observer::ALL {
        assert_eq!(observer.name().parse::<Observer>().unwrap(), observer);
    }
    let error = "router".parse::<Observer>().unwrap_err().to_string();
    assert!(
        error.starts_with("no observer is called \"router\"; there are: gateway, isp, wifi, tunnel"),
        "{error}"
    );
}
