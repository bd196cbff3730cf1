//! gz, zst and lz4: recognised by content, from any stream, whole or not.

use super::*;
use flate2::write::GzEncoder;
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Write;

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = FrameInfo::new().content_checksum(true).block_checksums(true);
    lz4_with(info, bytes)
}

fn lz4_with(info: FrameInfo, bytes: &[u8]) -> Vec<u8> {
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

type Compress = fn(&[u8]) -> Vec<u8>;

const FORMATS: [(&str, Compress); 3] = [("gz", gz), ("zst", zst), ("lz4", lz4)];

/// A capture of 2,000 packets, none like another.
fn plain() -> Bytes {
    (0..2000).fold(pcap_header(Bytes::little(), MICROSECONDS), |file, i: u32| {
        let bytes: Vec<u8> = (0..i % 97).map(|j| (i.wrapping_mul(2_654_435_761) >> (j % 24)) as u8).collect();
        pcap_record(file, i, 0, 1500, &bytes)
    })
}

fn read_stream(bytes: Vec<u8>) -> Outcome {
    let slow = InPieces(io::Cursor::new(bytes.clone()), 1);
    let slow = Outcome::of(CaptureReader::from_stream("x".to_owned(), slow));
    let whole = Outcome::of(CaptureReader::from_stream("x".to_owned(), io::Cursor::new(bytes)));
    assert!(whole == slow, "{:?} {:?}", whole.error, slow.error);
    whole
}

#[test]
fn compressed_captures_are_told_by_content() {
    let plain = plain();
    let expected = read(&plain).clean();
    assert_eq!(read_stream(plain.bytes.clone()), expected);
    for (format, compress) in FORMATS {
        assert!(read_stream(compress(&plain.bytes)) == expected, "{format}");
    }
}

#[test]
fn members_one_after_another_are_one_capture() {
    let plain = plain();
    let expected = read(&plain).clean();
    for (format, compress) in FORMATS {
        let mut file = Vec::new();
        for part in plain.bytes.chunks(20_000) {
            file.extend(compress(part));
            // an empty member adds nothing
            file.extend(compress(b""));
        }
        assert!(read_stream(file) == expected, "{format}");
    }
}

#[test]
fn zeros_behind_the_last_member_are_padding() {
    let plain = plain();
    let expected = read(&plain).clean();
    for (format, compress) in FORMATS {
        for n in [1, 3, 4, 512, 300_000] {
            let file = [compress(&plain.bytes), vec![0; n]].concat();
            assert!(read_stream(file) == expected, "{format}, {n} zeros");
        }
        let file = [compress(&plain.bytes), vec![0; 512], compress(&plain.bytes)].concat();
        assert!(read_stream(file).error.is_some(), "{format}");
    }
}

#[test]
fn skippable_frames_are_passed_over() {
    let plain = plain();
    let expected = read(&plain).clean();
    let skippable = |file: &mut Vec<u8>, length: u32| {
        file.extend([0x5a, 0x2a, 0x4d, 0x18]);
        file.extend(length.to_le_bytes());
        file.extend(vec![0xaa; length as usize]);
    };
    for (format, compress) in [FORMATS[1], FORMATS[2]] {
        let mut file = Vec::new();
        for (i, part) in (0..).zip(plain.bytes.chunks(50_000)) {
            skippable(&mut file, 300_000 * (i % 2));
            file.extend(compress(part));
        }
        skippable(&mut file, 5);
        assert!(read_stream(file) == expected, "{format}");
    }
}

#[test]
fn lz4_frames_of_different_forms_follow_each_other() {
    let plain = plain();
    let forms = [
        (BlockSize::Max64KB, BlockMode::Linked),
        (BlockSize::Max64KB, BlockMode::Independent),
        (BlockSize::Max4MB, BlockMode::Linked),
        (BlockSize::Max256KB, BlockMode::Independent),
    ];
    let mut file = Vec::new();
    for (part, (size, mode)) in plain.bytes.chunks(9_000).zip(forms.into_iter().cycle()) {
        file.extend(lz4_with(FrameInfo::new().block_size(size).block_mode(mode), part));
    }
    assert_eq!(read_stream(file), read(&plain));
}

#[test]
fn a_compressed_capture_cut_off_gives_the_packets_before_the_cut() {
    let plain = plain();
    let expected = read(&plain).clean();
    for (format, compress) in FORMATS {
        // members, since a cut loses what a decoder has not yet given
        let file: Vec<u8> = plain.bytes.chunks(5_000).flat_map(compress).collect();
        let mut most = 0;
        for percent in [30, 60, 90, 99] {
            let cut = read_stream(file[..file.len() * percent / 100].to_vec());
            assert_eq!(cut.error, None, "{format}, {percent} %");
            assert!(cut.frames.len() > most, "{format}, {percent} %");
            most = cut.frames.len();
            assert_eq!(cut.frames[..], expected.frames[..most]);
        }
    }
}

#[test]
fn a_compressed_capture_that_breaks_off_between_two_records_is_cut_off() {
    let plain = plain();
    for (format, compress) in FORMATS {
        let whole = compress(&plain.bytes);
        // the first bytes of a second member, and none of its data
        for n in [1, 2, 3, 5] {
            let file = [&whole[..], &compress(&plain.bytes)[..n]].concat();
            let outcome = read_stream(file);
            assert_eq!(outcome.frames.len(), 2000, "{format}");
            assert_eq!(
                (outcome.cut_off_at, outcome.error),
                (Some(plain.bytes.len() as u64), None),
                "{format}, {n}"
            );
        }
    }
    // every byte of data is there, the checksum is not
    let file = gz(&plain.bytes);
    let outcome = read_stream(file[..file.len() - 3].to_vec());
    assert_eq!((outcome.frames.len(), outcome.cut_off_at), (2000, Some(plain.bytes.len() as u64)));
}

#[test]
fn a_compressed_capture_that_ends_at_once_is_no_capture() {
    for (format, compress) in FORMATS {
        for length in [4, 5, 8, 12] {
            let mut file = compress(&plain().bytes);
            file.truncate(length);
            let error = read_stream(file).error.unwrap();
            assert!(error.contains("not a capture"), "{format}: {error}");
        }
    }
}

#[test]
fn a_corrupted_checksum_is_damage_after_the_packets() {
    for (format, compress) in FORMATS {
        let mut file = compress(&plain().bytes);
        let place = match format {
            // the last four bytes are the length
            "gz" => file.len() - 8,
            _ => file.len() - 1,
        };
        file[place] ^= 0x55;
        let outcome = read_stream(file);
        let error = outcome.error.unwrap_or_default();
        assert!(error.contains("the compressed data do not decompress: "), "{format}: {error}");
        assert!(error.ends_with("packets were read before it)"), "{error}");
    }
}

#[test]
fn a_flipped_byte_is_damage_or_a_difference_and_never_a_panic() {
    let plain = plain();
    for (format, compress) in FORMATS {
        let file = compress(&plain.bytes);
        let (mut damaged, step) = (0, file.len() / 150);
        for place in (4..file.len()).step_by(step) {
            let mut file = file.clone();
            file[place] ^= 1 << (place % 8);
            let outcome = Outcome::of(CaptureReader::from_stream("x".to_owned(), io::Cursor::new(file)));
            damaged += usize::from(outcome.error.is_some() || outcome.cut_off_at.is_some());
        }
        assert!(damaged > 140, "{format}: only {damaged} of 150 flipped bytes were noticed");
    }
}

#[test]
fn what_follows_the_last_frame_must_be_a_frame() {
    for (format, compress) in FORMATS {
        let mut file = compress(&plain().bytes);
        file.extend(b"something else");
        let outcome = read_stream(file);
        assert_eq!(outcome.frames.len(), 2000, "{format}");
        assert!(outcome.error.unwrap().contains("do not decompress"), "{format}");
    }
}

#[test]
fn a_frame_that_claims_a_huge_window_takes_no_memory_for_it() {
    // a zst frame with a window of 100 MB and one block of 4 raw bytes, the last
    let window = 17 << 3;
    let mut file = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, window];
    file.extend([(4 << 3) | 1, 0, 0]);
    file.extend(b"PK\x03\x04");
    assert!(read_stream(file).error.unwrap().contains("begins with [50, 4b, 03, 04]"));
}
