//! pcapng: sections, interfaces, and the three kinds of packet block.

use super::*;
use crate::capture::MAX_PACKET_BYTES;

#[test]
fn sections_may_have_different_byte_orders() {
    let file = enhanced(pcapng(Bytes::little()), 0, 1, 3, b"abc");
    let file = enhanced(pcapng(Bytes { big_endian: true, ..file }), 0, 2, 4, b"defg");
    let file = enhanced(pcapng(Bytes { big_endian: false, ..file }), 0, 3, 5, b"hijkl");
    let outcome = read(&file).clean();
    assert_eq!(outcome.times(), [1000, 2000, 3000]);
    assert_eq!(outcome.lengths(), [(3, 3), (4, 4), (5, 5)]);
}

#[test]
fn a_section_may_have_minor_version_2() {
    let file = block(Bytes::big(), 0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(1).u16(2).u64(0));
    let file = enhanced(interface(file, 1, 0, &[]), 0, 1, 3, b"abc");
    assert_eq!(read(&file).clean().frames.len(), 1);
}

#[test]
fn each_interface_has_its_link_type_and_resolution() {
    for order in [Bytes::little(), Bytes::big()] {
        let resolutions: [(u16, &[u8], u64); 8] = [
            (1, &[3], 5_000),
            (101, &[9], 5_000_000_000),
            (113, &[0x80 | 20], 5 << 20),
            (0, &[6], 5_000_000),
            (276, &[0], 5),
            (108, &[12], 5_000_000_000_000),
            (105, &[0x80], 5),
            (127, &[0x80 | 10], 5 << 10),
        ];
        let file = resolutions.iter().fold(section(order), |file, (link, resolution, _)| {
            interface(file, *link, 0, &[(2, b"eth0"), (9, resolution)])
        });
        let file =
            (0..8).rev().fold(file, |file, i: u32| enhanced(file, i, resolutions[i as usize].2, 3, b"abc"));
        let outcome = read(&file).clean();
        assert_eq!(outcome.times(), [5_000_000_000; 8]);
        let links: Vec<u16> = outcome.frames.iter().map(|frame| frame.link.0).collect();
        assert_eq!(links, [127, 105, 108, 276, 0, 113, 101, 1]);
    }
}

#[test]
fn without_a_resolution_ticks_are_microseconds() {
    let file = enhanced(pcapng(Bytes::big()), 0, (1 << 32) + 7, 3, b"abc");
    assert_eq!(read(&file).clean().times(), [((1 << 32) + 7) * 1000]);
}

#[test]
fn fractions_of_a_nanosecond_are_cut() {
    let file = interface(section(Bytes::little()), 1, 0, &[(9, &[12])]);
    let file = enhanced(enhanced(file, 0, 1_999, 3, b"abc"), 0, 2_000, 3, b"abc");
    assert_eq!(read(&file).clean().times(), [1, 2]);
}

#[test]
fn an_interface_may_have_a_time_offset() {
    for order in [Bytes::little(), Bytes::big()] {
        let of = |seconds: i64| {
            let value = Bytes { bytes: Vec::new(), ..order }.u64(seconds as u64).bytes;
            let file = interface(section(order.clone()), 1, 0, &[(9, &[9]), (14, &value)]);
            read(&enhanced(file, 0, 7, 3, b"abc")).clean().times()
        };
        assert_eq!(of(1_700_000_000), [1_700_000_000_000_000_007]);
        assert_eq!(of(-2), [-1_999_999_993]);
    }
}

#[test]
fn a_time_out_of_range_stays_in_range() {
    let limit = 1 << 62;
    let far = i64::MAX.to_le_bytes();
    let file = interface(section(Bytes::little()), 1, 0, &[(9, &[0]), (14, &far)]);
    let file = interface(file, 1, 0, &[(9, &[0xff]), (14, &i64::MIN.to_le_bytes())]);
    let file = interface(file, 1, 0, &[(9, &[0x7f])]);
    let file =
        enhanced(enhanced(enhanced(file, 0, u64::MAX, 0, b""), 1, u64::MAX, 0, b""), 2, u64::MAX, 0, b"");
    assert_eq!(read(&file).clean().times(), [limit, -limit, 0]);
}

#[test]
fn damaged_options_are_passed_over() {
    let file = block(section(Bytes::little()), 1, |body| {
        // an option that claims 200 bytes of a block that has 4
        body.u16(1).u16(0).u32(0).u16(9).u16(200).raw(&[9, 0, 0, 0])
    });
    assert_eq!(read(&enhanced(file, 0, 5, 3, b"abc")).clean().times(), [5000]);
}

#[test]
fn options_after_the_end_of_options_do_not_count() {
    let file = interface(section(Bytes::little()), 1, 0, &[(0, &[]), (9, &[9])]);
    assert_eq!(read(&enhanced(file, 0, 5, 3, b"abc")).clean().times(), [5000]);
}

#[test]
fn a_simple_packet_has_the_time_of_the_one_before_it() {
    let simple = |file, length: u32, bytes: &[u8]| block(file, 3, |body| body.u32(length).raw(bytes));
    let file = enhanced(simple(pcapng(Bytes::big()), 3, b"abc"), 0, 5, 3, b"abc");
    let outcome = read(&simple(file, 4, b"defg")).clean();
    assert_eq!(outcome.times(), [0, 5000, 5000]);
    assert_eq!(outcome.frames[2].bytes, b"defg");
}

#[test]
fn a_simple_packet_ends_at_the_snap_length() {
    let file = interface(section(Bytes::little()), 1, 5, &[]);
    // 100 bytes on the wire, 5 captured, 3 of padding
    let file = block(file, 3, |body| body.u32(100).raw(b"abcde"));
    let outcome = read(&file).clean();
    assert_eq!(outcome.lengths(), [(5, 100)]);
    assert_eq!(outcome.frames[0].bytes, b"abcde");
}

#[test]
fn a_simple_packet_without_a_snap_length_ends_with_its_block() {
    let file = block(pcapng(Bytes::little()), 3, |body| body.u32(100).raw(b"abcdefgh"));
    assert_eq!(read(&file).clean().lengths(), [(8, 100)]);
}

#[test]
fn the_obsolete_packet_block_is_read() {
    for order in [Bytes::little(), Bytes::big()] {
        let file = interface(pcapng(order), 101, 0, &[(9, &[9])]);
        // interface 1, 2 drops, a time, captured, length
        let file = block(file, 2, |body| body.u16(1).u16(2).u32(1).u32(2).u32(3).u32(60).raw(b"abc"));
        let outcome = read(&file).clean();
        assert_eq!(outcome.times(), [(1 << 32) + 2]);
        assert_eq!(outcome.lengths(), [(3, 60)]);
        assert_eq!(outcome.frames[0].link, LinkType::RAW);
    }
}

#[test]
fn unknown_blocks_are_skipped_whatever_their_size() {
    let mut file = pcapng(Bytes::little());
    for (number, size) in [(4, 0), (5, 40), (9, 4_000), (0x0bad, 3_000_000), (0x8000_0001, 8)] {
        file = block(file, number, |body| body.raw(&vec![1; size]));
        file = enhanced(file, 0, 1, 3, b"abc");
    }
    assert_eq!(read(&file).clean().frames.len(), 5);
}

#[test]
fn a_packets_options_are_none_of_its_bytes() {
    let file = block(pcapng(Bytes::little()), 6, |body| {
        let body = body.u32(0).u64(0).u32(3).u32(3).raw(b"abc").padded();
        body.u16(1).u16(5).raw(b"hello").padded().u32(0)
    });
    let file = enhanced(file, 0, 1, 2, b"de");
    let outcome = read(&file).clean();
    assert_eq!(outcome.lengths(), [(3, 3), (2, 2)]);
    assert_eq!(outcome.frames[0].bytes, b"abc");
}

#[test]
fn a_packet_longer_than_the_snap_length_is_read_as_it_is() {
    let file = interface(section(Bytes::little()), 1, 64, &[]);
    assert_eq!(read(&enhanced(file, 0, 0, 1500, &[1; 1500])).clean().lengths(), [(1500, 1500)]);
}

#[test]
fn the_longest_packet_is_read() {
    let longest = vec![1; MAX_PACKET_BYTES as usize];
    let mut file = pcapng(Bytes::little());
    for _ in 0..3 {
        file = enhanced(file, 0, 0, MAX_PACKET_BYTES, &longest);
    }
    assert_eq!(read(&file).clean().frames.len(), 3);
}
