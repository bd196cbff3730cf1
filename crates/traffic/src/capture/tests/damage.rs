//! Damage and cuts: what is said, and what was read before.

use super::*;

fn two_records() -> Bytes {
    let file = pcap_record(pcap_header(Bytes::little(), MICROSECONDS), 0, 0, 3, b"abc");
    pcap_record(file, 1, 0, 4, b"defg")
}

#[test]
fn a_packet_above_the_limit_is_named_with_its_place() {
    let file = pcap_header(Bytes::little(), MICROSECONDS).u32(0).u32(0).u32(300_000).u32(300_000);
    let error = CaptureReader::new("rounds/003.pcap".to_owned(), &file.bytes[..]);
    assert_eq!(
        Outcome::of(error).error.unwrap(),
        "rounds/003.pcap, byte 24: packet length 300000 is above the limit of 262144; \
         the file may be damaged (0 packets were read before it)"
    );
}

#[test]
fn packets_before_the_damage_have_been_read() {
    // 24 + (16 + 3) + (16 + 4)
    let outcome = read(&two_records().raw(&[0xff; 16]));
    assert_eq!(outcome.lengths(), [(3, 3), (4, 4)]);
    assert_eq!(
        outcome.error.unwrap(),
        "x.pcap, byte 63: packet length 4294967295 is above the limit of 262144; \
         the file may be damaged (2 packets were read before it)"
    );
}

#[test]
fn wherever_a_pcap_is_cut_the_packets_before_it_count() {
    let whole = two_records();
    for length in 4..=whole.bytes.len() {
        let outcome = read(&Bytes { bytes: whole.bytes[..length].to_vec(), ..whole });
        let (frames, cut_off_at) = match length {
            0..24 => (0, Some(0)),
            24 => (0, None),
            25..43 => (0, Some(24)),
            43 => (1, None),
            44..63 => (1, Some(43)),
            _ => (2, None),
        };
        assert_eq!((outcome.frames.len(), outcome.cut_off_at), (frames, cut_off_at), "{length}");
        assert_eq!(outcome.error, None);
    }
}

#[test]
fn zeros_that_a_power_cut_left_are_a_cut() {
    let n_zeros = [512, 4096, 100_000];
    let whole = two_records();
    for n in n_zeros {
        let outcome = read(&whole.clone().raw(&vec![0; n]));
        assert_eq!((outcome.frames.len(), outcome.cut_off_at, outcome.error), (2, Some(63), None), "{n}");
    }
    let whole = enhanced(pcapng(Bytes::little()), 0, 1, 3, b"abc");
    let at = whole.bytes.len() as u64;
    for n in n_zeros {
        let outcome = read(&whole.clone().raw(&vec![0; n]));
        assert_eq!((outcome.frames.len(), outcome.cut_off_at, outcome.error), (1, Some(at), None), "{n}");
    }
    // an empty record of 1970 is one
    assert_eq!(read(&two_records().raw(&[0; 16])).frames.len(), 3);
    let error = read(&two_records().raw(&[0; 640]).raw(&[0xff; 16])).error;
    assert!(error.is_some_and(|error| error.contains("packet length")));
}

#[test]
fn wherever_a_pcapng_is_cut_the_packets_before_it_count() {
    let head = pcapng(Bytes::big());
    let first = enhanced(head.clone(), 0, 1, 3, b"abc");
    // blocks without a packet between two packets: a cut inside one names that one
    let named = block(first.clone(), 4, |body| body.raw(&[1; 20]));
    let whole = enhanced(named.clone(), 0, 2, 3, b"def");
    let boundaries = [0, 28, head.bytes.len(), first.bytes.len(), named.bytes.len(), whole.bytes.len()];
    for length in 4..=whole.bytes.len() {
        let outcome = read(&Bytes { bytes: whole.bytes[..length].to_vec(), ..whole });
        let begun = boundaries.into_iter().filter(|&at| at <= length).max().unwrap();
        let cut_off_at = (begun < length).then_some(begun as u64);
        let frames = usize::from(length >= boundaries[3]) + usize::from(length >= boundaries[5]);
        assert_eq!((outcome.frames.len(), outcome.cut_off_at), (frames, cut_off_at), "{length}");
        assert_eq!(outcome.error, None);
    }
}

#[test]
fn the_two_lengths_of_a_block_must_agree() {
    let file = enhanced(pcapng(Bytes::little()), 0, 0, 3, b"abc");
    let (at, file) = (file.bytes.len(), enhanced(file, 0, 0, 3, b"abc"));
    let mut damaged = file;
    *damaged.bytes.last_mut().unwrap() = 1;
    let outcome = read(&damaged);
    assert_eq!(outcome.frames.len(), 1);
    assert_eq!(
        outcome.error.unwrap(),
        format!(
            "x.pcap, byte {at}: block length 16777252 at its end is not the 36 of its beginning; \
             the file may be damaged (1 packets were read before it)"
        )
    );
}

#[test]
fn a_long_unknown_block_with_a_wrong_end_is_named_by_its_beginning() {
    // far longer than the buffer, so that it is skipped in pieces
    let file = block(pcapng(Bytes::little()), 0x0bad, |body| body.raw(&vec![5; 2_000_000]));
    let mut damaged = file;
    *damaged.bytes.last_mut().unwrap() = 1;
    let error = read(&damaged).error.unwrap();
    assert!(error.starts_with("x.pcap, byte 48: block length "), "{error}");
}

#[test]
fn a_block_length_that_no_block_has_is_damage() {
    let damage = |block_type: u32, total: u32| {
        let file = pcapng(Bytes::little()).u32(block_type).u32(total).raw(&[0; 32]);
        read(&file).error.unwrap_or_default()
    };
    for (block_type, total) in [(5, 0), (5, 8), (5, 13), (6, 28), (1, 16), (3, 12), (2, 28), (6, 0xffff_fff0)]
    {
        let expected = format!(
            "x.pcap, byte 48: block length {total} is impossible for a block of type {block_type:#x}; \
             the file may be damaged (0 packets were read before it)"
        );
        assert_eq!(damage(block_type, total), expected);
    }
}

#[test]
fn a_packet_that_its_block_does_not_hold_is_damage() {
    let file = block(pcapng(Bytes::little()), 6, |body| body.u32(0).u64(0).u32(5).u32(5).raw(b"abcd"));
    let error = read(&file).error.unwrap();
    assert!(error.contains("block length 36 is impossible for a block of type 0x6"), "{error}");
}

#[test]
fn a_long_packet_in_pcapng_is_named() {
    let file = block(pcapng(Bytes::little()), 6, |body| body.u32(0).u64(0).u32(300_000).u32(300_000));
    let error = read(&file).error.unwrap();
    assert!(
        error.starts_with("x.pcap, byte 48: packet length 300000 is above the limit of 262144"),
        "{error}"
    );
}

#[test]
fn a_packet_of_an_interface_never_described_is_damage() {
    let error = read(&enhanced(pcapng(Bytes::little()), 1, 0, 3, b"abc")).error.unwrap();
    assert!(error.contains("byte 48: interface 1 was never described; the section has 1;"), "{error}");
}

#[test]
fn interfaces_are_forgotten_at_the_next_section() {
    let error = read(&enhanced(section(pcapng(Bytes::little())), 0, 0, 3, b"abc")).error.unwrap();
    assert!(error.contains("byte 76: interface 0 was never described; the section has 0;"), "{error}");
}

#[test]
fn a_section_needs_its_magic_and_a_version() {
    let file = block(Bytes::little(), 0x0a0d_0d0a, |body| body.u32(0x1111_1111).u16(1).u16(0).u64(0));
    assert!(read(&file).error.unwrap().contains("byte 0: byte-order magic 0x11111111 is none"));
    let file = block(Bytes::little(), 0x0a0d_0d0a, |body| body.u32(0x1a2b_3c4d).u16(2).u16(0).u64(0));
    assert!(read(&file).error.unwrap().contains("byte 0: version 2.0 is not one that is read here"));
    let file = Bytes::little().u32(MICROSECONDS).u16(3).u16(0).raw(&[0; 16]);
    assert!(read(&file).error.unwrap().contains("byte 0: version 3.0 is not one that is read here"));
}

#[test]
fn what_is_no_capture_is_refused_with_its_first_bytes() {
    let refused = |bytes: &[u8]| read(&Bytes::little().raw(bytes)).error.unwrap();
    assert_eq!(
        refused(b"PK\x03\x04abc"),
        "x.pcap: not a capture: it begins with [50, 4b, 03, 04]; \
         pcap, pcapng and packet tables (CSV with the columns time_s, size_bytes, direction) are read, plain or as gz, \
         zst or lz4"
    );
    assert!(refused(b"").contains("not a capture"));
    assert!(refused(&[0xd4, 0xc3, 0xb2]).contains("[d4, c3, b2]"));
}

/// Fails where a real device would.
struct Failing(Option<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.take() {
            Some(bytes) => {
                out[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            None => Err(io::Error::from_raw_os_error(22)),
        }
    }
}

#[test]
fn a_failing_device_is_not_damage() {
    let reader = CaptureReader::new("x.pcap".to_owned(), Failing(Some(two_records().bytes)));
    let outcome = Outcome::of(reader);
    assert_eq!(outcome.frames.len(), 2);
    let error = outcome.error.unwrap();
    assert!(error.starts_with("x.pcap, byte 63: cannot be read: Invalid argument"), "{error}");
}

#[test]
fn an_interrupted_read_is_tried_again() {
    struct Interrupted<R>(R, bool);
    impl<R: Read> Read for Interrupted<R> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 { Err(io::ErrorKind::Interrupted.into()) } else { self.0.read(out) }
        }
    }
    let file = two_records().bytes;
    let reader = CaptureReader::new("x.pcap".to_owned(), Interrupted(&file[..], false));
    assert_eq!(Outcome::of(reader).clean().frames.len(), 2);
}
