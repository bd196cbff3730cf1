//! DNS messages: questions and answers, of DNS and of mDNS.
//!
//! Source: RFC 1035 section 4, RFC 6762 (the top bit of a class is a flag there), RFC 6763 (TXT).

use super::name;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// More records than this in one message are not read: real ones hold a few dozen.
const MAX_RECORDS: usize = 256;

/// A name's compression pointers may jump this often; each must point further back anyway.
const MAX_JUMPS: usize = 32;

/// A name on the wire has at most 255 bytes.
const MAX_NAME_BYTES: usize = 255;

/// A message, as far as evidence needs it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// An answer rather than a question.
    pub is_response: bool,
    /// The names asked for, lower case.
    pub questions: Vec<String>,
    /// Answers, authorities and additional records.
    pub records: Vec<Record>,
}

/// One resource record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose record it is, lower case.
    pub name: String,
    /// What it says.
    pub data: Data,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Data {
    /// A or AAAA.
    Address(IpAddr),
    /// PTR: the name pointed to, lower case.
    Pointer(String),
    /// SRV.
    Service,
    /// TXT: the product it names under `md`, `model`, `am` or `rpMd`, if it does.
    Text(Option<String>),
    /// Another type.
    Other,
}

/// Reads a message; what is cut or damaged ends it, `None` where not even the header is there or it is
/// no standard query.
pub fn read(message: &[u8]) -> Option<Message> {
    let header: &[u8; 12] = message.first_chunk()?;
    // an opcode other than 0, or the bits that must be zero
    if header[2] & 0x78 != 0 || header[3] & 0x40 != 0 {
        return None;
    }
    let count = |at: usize| usize::from(u16::from_be_bytes([header[at], header[at + 1]]));
    let mut out = Message { is_response: header[2] & 0x80 != 0, ..Message::default() };
    let (questions, records) = (count(4), count(6) + count(8) + count(10));
    let mut at = 12;
    for _ in 0..questions.min(MAX_RECORDS) {
        let Some((question, after)) = read_name(message, at) else { return Some(out) };
        if message.len() < after + 4 {
            return Some(out);
        }
        out.questions.push(question);
        at = after + 4;
    }
    for _ in 0..records.min(MAX_RECORDS) {
        let Some((record, after)) = read_record(message, at) else { break };
        out.records.push(record);
        at = after;
    }
    Some(out)
}

fn read_record(message: &[u8], at: usize) -> Option<(Record, usize)> {
    let (name, at) = read_name(message, at)?;
    let fixed: &[u8; 10] = message.get(at..)?.first_chunk()?;
    let length = usize::from(u16::from_be_bytes([fixed[8], fixed[9]]));
    let start = at + 10;
    let data = message.get(start..start + length)?;
    let data = match (u16::from_be_bytes([fixed[0], fixed[1]]), data) {
        (1, &[a, b, c, d]) => Data::Address(Ipv4Addr::new(a, b, c, d).into()),
        (28, data) if data.len() == 16 => {
            let mut octets = [0; 16];
            octets.copy_from_slice(data);
            Data::Address(Ipv6Addr::from(octets).into())
        }
        // its name may be compressed: it is read in the message, not in the record
        (12, _) => Data::Pointer(read_name(message, start)?.0),
        (33, _) => Data::Service,
        (16, data) => Data::Text(product(data)),
        _ => Data::Other,
    };
    Some((Record { name, data }, start + length))
}

/// The product that a TXT record names.
fn product(mut data: &[u8]) -> Option<String> {
    while let Some((&length, rest)) = data.split_first() {
        let (text, after) = rest.split_at_checked(usize::from(length))?;
        let split = text.iter().position(|&b| b == b'=');
        if let Some((key, value)) = split.map(|at| (&text[..at], &text[at + 1..])) {
            let names_it = [&b"md"[..], b"model", b"am", b"rpMd"].iter().any(|k| key.eq_ignore_ascii_case(k));
            if names_it && !value.is_empty() {
                return Some(name::sanitise(value));
            }
        }
        data = after;
    }
    None
}

/// Reads a name, compression pointers followed; where the message goes on after it.
fn read_name(message: &[u8], mut at: usize) -> Option<(String, usize)> {
    let mut labels = Vec::new();
    let mut after = None;
    let mut jumps = 0;
    loop {
        let length = *message.get(at)?;
        match length {
            0 => break,
            0xc0.. => {
                let target = usize::from(u16::from_be_bytes([length & 0x3f, *message.get(at + 1)?]));
                jumps += 1;
                // a pointer that does not point back would loop
                if target >= at || jumps > MAX_JUMPS {
                    return None;
                }
                after.get_or_insert(at + 2);
                at = target;
            }
            0x40.. => return None,
            length => {
                let label = message.get(at + 1..at + 1 + usize::from(length))?;
                if labels.len() + label.len() + 1 > MAX_NAME_BYTES {
                    return None;
                }
                if !labels.is_empty() {
                    labels.push(b'.');
                }
                labels.extend_from_slice(label);
                at += 1 + usize::from(length);
            }
        }
    }
    Some((name::host(&labels), after.unwrap_or(at + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(flags: u8, counts: [u8; 4], rest: &[u8]) -> Vec<u8> {
        let mut out = vec![0, 1, flags, 0];
        counts.iter().for_each(|&n| out.extend([0, n]));
        out.extend_from_slice(rest);
        out
    }

    #[test]
    fn a_question_is_read() {
        let bytes = message(1, [1, 0, 0, 0], b"\x04Time\x06google\x03com\0\0\x01\0\x01");
        let read = read(&bytes).unwrap();
        assert_eq!((read.is_response, &read.questions[..]), (false, &["time.google.com".to_owned()][..]));
    }

    #[test]
    fn an_answer_points_back_to_its_question() {
        let mut rest = b"\x01a\x02bc\0\0\x01\0\x01".to_vec();
        rest.extend_from_slice(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x08\x08\x04\x04");
        let read = read(&message(0x81, [1, 1, 0, 0], &rest)).unwrap();
        let data = Data::Address(IpAddr::from([8, 8, 4, 4]));
        assert_eq!(read.records, [Record { name: "a.bc".into(), data }]);
    }

    #[test]
    fn a_text_record_names_the_product() {
        let mut rest = b"\x01a\0\0\x10\x80\x01\0\0\0\x3c\0\x19".to_vec();
        rest.extend_from_slice(b"\x04id=7\x13md=Google Nest Mini");
        let read = read(&message(0x84, [0, 1, 0, 0], &rest)).unwrap();
        assert_eq!(read.records[0].data, Data::Text(Some("Google Nest Mini".into())));
    }

    #[test]
    fn pointers_that_loop_or_point_ahead_end_the_message() {
        for pointer in [b"\xc0\x0c\0\x01\0\x01", b"\xc0\x0e\0\x01\0\x01", b"\xc0\xff\0\x01\0\x01"] {
            assert_eq!(read(&message(1, [1, 0, 0, 0], pointer)).unwrap().questions.len(), 0);
        }
        // two pointers that point at each other through a label
        let bytes = message(1, [2, 0, 0, 0], b"\x01a\xc0\x0e\0\x01\0\x01\xc0\x0c\0\x01\0\x01");
        assert!(read(&bytes).unwrap().questions.is_empty());
    }

    #[test]
    fn every_cut_is_read_without_a_panic() {
        let mut rest = b"\x01a\x02bc\0\0\x01\0\x01\xc0\x0c\0\x0c\0\x01\0\0\0\x3c\0\x04\x01b\xc0\x0c".to_vec();
        rest.extend_from_slice(b"\xc0\x0c\0\x1c\0\x01\0\0\0\x3c\0\x10");
        let bytes = message(0x80, [1, 255, 255, 255], &rest);
        (0..bytes.len()).for_each(|n| {
            let _ = read(&bytes[..n]);
        });
        assert_eq!(read(&bytes).unwrap().records[0].data, Data::Pointer("b.a.bc".into()));
    }
}
