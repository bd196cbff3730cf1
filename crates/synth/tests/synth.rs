//! What every generated frame promises: checksums, sequence numbers, well-formed DNS, the same bytes for the same
//! seed. Read with a few lines of their own, not with the crate's decoder.

use std::collections::HashMap;
use std::convert::Infallible;

use overhear_synth::{self as synth, DEVICE_MAC, RoundPlan, Scenario, Settings};

/// The paper's noise round, which has every kind of frame, cut to `duration_s`.
fn noise_round(settings: &Settings, duration_s: f64) -> RoundPlan {
    let mut round = synth::plan(settings).expect("in range").pop().expect("three rounds");
    round.duration_s = duration_s;
    round
}

fn frames(settings: &Settings, round: &RoundPlan) -> Vec<(i64, Vec<u8>)> {
    let mut frames = Vec::new();
    synth::generate::<Infallible>(settings, round, &mut |frame| {
        frames.push((frame.time_ns, frame.bytes.to_vec()));
        Ok(())
    })
    .expect("nothing fails");
    frames
}

fn stirred() -> Settings {
    Settings { day_effect: 0.5, drift: 0.5, ..Settings::default() }
}

fn ones_complement(parts: &[&[u8]]) -> u16 {
    let bytes: Vec<u8> = parts.concat();
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        sum += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// Where the transport header begins and its protocol.
fn transport(frame: &[u8]) -> Option<(usize, u8)> {
    match frame[12..14] {
        [8, 0] => Some((34, frame[23])),
        [0x86, 0xdd] => Some((54, frame[20])),
        _ => None,
    }
}

fn number(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[test]
fn every_checksum_and_length_is_right() {
    let settings = stirred();
    let mut seen = HashMap::new();
    for (_, frame) in frames(&settings, &noise_round(&settings, 20_000.0)) {
        let Some((at, protocol)) = transport(&frame) else { continue };
        *seen.entry((at, protocol)).or_insert(0) += 1;
        let body = &frame[at..];
        let length = (body.len() as u16).to_be_bytes();
        let pseudo = [&[0, protocol], &length[..]].concat();
        if at == 34 {
            assert_eq!(number(&frame, 16) as usize, frame.len() - 14);
            assert_eq!(ones_complement(&[&frame[14..34]]), 0xffff);
        } else {
            assert_eq!(number(&frame, 18) as usize, frame.len() - 54);
        }
        let addresses = if at == 34 { &frame[26..34] } else { &frame[22..54] };
        if protocol == 1 {
            assert_eq!(ones_complement(&[body]), 0xffff);
        } else {
            assert_eq!(ones_complement(&[addresses, &pseudo, body]), 0xffff);
        }
        if protocol == 17 {
            assert_eq!(number(body, 4) as usize, body.len());
            assert_ne!(number(body, 6), 0);
        }
    }
    for kind in [(34, 1), (34, 6), (34, 17), (54, 58), (54, 17), (54, 6)] {
        assert!(seen.contains_key(&kind), "no frame of protocol {} behind byte {}", kind.1, kind.0);
    }
}

#[test]
fn frames_are_in_order_within_the_round_and_the_devices() {
    let settings = stirred();
    let round = noise_round(&settings, 20_000.0);
    let mut last = round.start_ns;
    for (time_ns, frame) in frames(&settings, &round) {
        assert!(time_ns >= last && time_ns < round.start_ns + 20_000_000_000_000);
        assert!(frame[0..6] == DEVICE_MAC || frame[6..12] == DEVICE_MAC);
        assert!(frame.len() <= 1514);
        last = time_ns;
    }
}

#[test]
fn tcp_numbers_continue_and_acknowledge_what_was_sent() {
    let settings = stirred();
    let mut next: HashMap<(Vec<u8>, u16, u16), u32> = HashMap::new();
    let (mut segments, mut probes) = (0, 0);
    for (_, frame) in frames(&settings, &noise_round(&settings, 20_000.0)) {
        let Some((at, 6)) = transport(&frame) else { continue };
        let body = &frame[at..];
        let addresses = if at == 34 { &frame[26..34] } else { &frame[22..54] };
        let (from, to) = addresses.split_at(addresses.len() / 2);
        let (source, target) = (number(body, 0), number(body, 2));
        let (sequence, acknowledged) = (long(body, 4), long(body, 8));
        let (header, flags) = (usize::from(body[12] >> 4) * 4, body[13]);
        let length = (body.len() - header) as u32 + u32::from(flags & 3 != 0);
        let forward = ([from, to].concat(), source, target);
        let backward = ([to, from].concat(), target, source);
        let syn_alone = flags & 0x12 == 2;
        match next.get(&forward) {
            Some(&expected) if !syn_alone => {
                if length == 0 && sequence == expected.wrapping_sub(1) {
                    probes += 1;
                    continue;
                }
                assert_eq!(sequence, expected, "ports {source} to {target}");
            }
            _ => {}
        }
        if let Some(&sent) = next.get(&backward).filter(|_| flags & 0x10 != 0) {
            assert_eq!(acknowledged, sent, "ports {source} to {target}");
        }
        next.insert(forward, sequence.wrapping_add(length));
        segments += 1;
    }
    assert!(segments > 5_000 && probes > 100, "{segments} segments, {probes} keep-alive probes");
}

/// Walks a DNS message; panics where it ends early or late. Returns the numbers of questions and records.
fn walk_dns(message: &[u8]) -> (u16, u16) {
    let skip_name = |mut at: usize| loop {
        match message[at] {
            0 => return at + 1,
            length if length >= 0xc0 => return at + 2,
            length => at += 1 + usize::from(length),
        }
    };
    let questions = number(message, 4);
    let records = number(message, 6) + number(message, 8) + number(message, 10);
    let mut at = 12;
    for _ in 0..questions {
        at = skip_name(at) + 4;
    }
    for _ in 0..records {
        at = skip_name(at) + 10;
        at += usize::from(number(message, at - 2));
    }
    assert_eq!(at, message.len());
    (questions, records)
}

#[test]
fn every_dns_message_parses_and_every_query_is_answered() {
    let settings = stirred();
    let mut open = HashMap::new();
    let (mut answered, mut announced) = (0, 0);
    for (_, frame) in frames(&settings, &noise_round(&settings, 20_000.0)) {
        let Some((at, 17)) = transport(&frame) else { continue };
        let (source, target) = (number(&frame, at), number(&frame, at + 2));
        let message = &frame[at + 8..];
        if target == 53 {
            assert_eq!(walk_dns(message), (1, 0));
            open.insert((source, number(message, 0)), message[12..].to_vec());
        } else if source == 53 {
            let question = open.remove(&(target, number(message, 0))).expect("an answer has its query");
            assert!(message[12..].starts_with(&question));
            walk_dns(message);
            answered += 1;
        } else if target == 5353 {
            announced += u16::from(walk_dns(message).1 == 4);
        }
    }
    assert!(open.len() <= 2, "only the round's end may leave queries open");
    assert!(answered > 500 && announced >= 1);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let settings = stirred();
    let round = noise_round(&settings, 3_000.0);
    assert_eq!(frames(&settings, &round), frames(&settings, &round));
    let other = Settings { seed: 2, ..settings.clone() };
    assert_ne!(frames(&settings, &round), frames(&other, &round));
}

#[test]
fn a_stopped_sink_stops_the_generator() {
    let settings = Settings { scenario: Scenario::Crossover, ..Settings::default() };
    let round = &synth::plan(&settings).expect("in range")[0];
    let mut left = 10;
    let stopped = synth::generate(&settings, round, &mut |_| {
        left -= 1;
        if left == 0 { Err("full") } else { Ok(()) }
    });
    assert_eq!((stopped, left), (Err("full"), 0));
}
