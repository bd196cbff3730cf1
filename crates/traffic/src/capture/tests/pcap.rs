//! pcap in all its forms.

use super::{Bytes, MICROSECONDS, pcap_header, pcap_record, read};
use crate::capture::{LinkType, MAX_PACKET_BYTES};

const NANOSECONDS: u32 = 0xa1b2_3c4d;
const MODIFIED: u32 = 0xa1b2_cd34;

#[test]
fn both_byte_orders_and_both_resolutions_are_read() {
    for order in [Bytes::little(), Bytes::big()] {
        let file = pcap_record(pcap_header(order.clone(), MICROSECONDS), 3, 5, 100, b"abc");
        let outcome = read(&file).clean();
        assert_eq!(outcome.times(), [3_000_005_000]);
        assert_eq!(outcome.lengths(), [(3, 100)]);
        assert_eq!(outcome.frames[0].bytes, b"abc");
        assert_eq!(outcome.frames[0].link, LinkType::ETHERNET);
        let file = pcap_record(pcap_header(order, NANOSECONDS), 3, 5, 100, b"abc");
        assert_eq!(read(&file).clean().times(), [3_000_000_005]);
    }
}

#[test]
fn the_modified_form_has_eight_more_bytes_a_record() {
    for order in [Bytes::little(), Bytes::big()] {
        let record =
            |file: Bytes| file.u32(1).u32(2).u32(3).u32(60).u32(7).u16(0x0800).raw(&[0, 0]).raw(b"abc");
        let outcome = read(&record(record(pcap_header(order, MODIFIED)))).clean();
        assert_eq!(outcome.times(), [1_000_002_000; 2]);
        assert_eq!(outcome.lengths(), [(3, 60); 2]);
        assert_eq!(outcome.frames[1].bytes, b"abc");
    }
}

fn of_version(minor: u16, captured: u32, length: u32) -> Vec<(usize, u32)> {
    let header = Bytes::little().u32(MICROSECONDS).u16(2).u16(minor).raw(&[0; 8]).u32(65_535).u32(1);
    let file = header.u32(0).u32(0).u32(captured).u32(length).raw(&[0; 3]);
    read(&file).clean().lengths()
}

#[test]
fn old_versions_have_the_lengths_the_other_way_round() {
    assert_eq!(of_version(2, 60, 3), [(3, 60)]);
    assert_eq!(of_version(4, 3, 60), [(3, 60)]);
}

#[test]
fn in_version_2_3_the_smaller_length_is_the_captured_one() {
    assert_eq!(of_version(3, 60, 3), [(3, 60)]);
    assert_eq!(of_version(3, 3, 60), [(3, 60)]);
}

#[test]
fn a_length_on_the_wire_is_at_least_the_captured_one() {
    let file = pcap_record(pcap_header(Bytes::little(), MICROSECONDS), 0, 0, 2, b"abc");
    assert_eq!(read(&file).clean().lengths(), [(3, 3)]);
}

#[test]
fn a_record_longer_than_the_snap_length_is_read_as_it_is() {
    let header = Bytes::little().u32(MICROSECONDS).u16(2).u16(4).raw(&[0; 8]).u32(64).u32(1);
    let file = pcap_record(pcap_record(header, 0, 0, 1500, &[7; 1500]), 1, 0, 3, b"abc");
    assert_eq!(read(&file).clean().lengths(), [(1500, 1500), (3, 3)]);
}

#[test]
fn the_longest_packet_is_read() {
    let longest = vec![1; MAX_PACKET_BYTES as usize];
    let mut file = pcap_header(Bytes::little(), MICROSECONDS);
    for _ in 0..3 {
        file = pcap_record(file, 0, 0, MAX_PACKET_BYTES, &longest);
    }
    assert_eq!(read(&file).clean().lengths(), [(longest.len(), MAX_PACKET_BYTES); 3]);
}

#[test]
fn the_upper_half_of_the_link_field_is_not_the_link_type() {
    let header = Bytes::little().u32(MICROSECONDS).u16(2).u16(4).raw(&[0; 8]).u32(0).u32(0x2400_0001);
    let outcome = read(&pcap_record(header, 0, 0, 3, b"abc")).clean();
    assert_eq!(outcome.frames[0].link, LinkType::ETHERNET);
}

#[test]
fn a_time_of_2106_is_later_than_one_of_2038() {
    let file = pcap_record(pcap_header(Bytes::little(), MICROSECONDS), 0x7fff_ffff, 0, 3, b"abc");
    let file = pcap_record(file, 0xffff_ffff, 999_999, 3, b"abc");
    assert_eq!(read(&file).clean().times(), [2_147_483_647_000_000_000, 4_294_967_295_999_999_000]);
}

#[test]
fn a_capture_without_packets_is_no_error() {
    assert!(read(&pcap_header(Bytes::big(), NANOSECONDS)).clean().frames.is_empty());
}

#[test]
fn an_empty_packet_is_a_packet() {
    let file = pcap_record(pcap_header(Bytes::little(), MICROSECONDS), 0, 0, 0, b"");
    assert_eq!(read(&file).clean().lengths(), [(0, 0)]);
}
