//! TLS 1.3 records and hellos, in the middlebox-compatible form that every browser and phone sends.
//!
//! Source: RFC 8446 §4.1.2, §4.1.3, §5.1, appendix D.4; RFC 6066 §3 (server name).

use crate::random::Random;

const HANDSHAKE: u8 = 22;
const CHANGE_CIPHER_SPEC: u8 = 20;
const APPLICATION_DATA: u8 = 23;

/// Largest plaintext one record may hold, with its tag and content type.
///
/// Unit: bytes.
pub const LARGEST_RECORD_BYTES: usize = 16_384;

/// The record holding a client hello for `host`: 517 bytes, padded as BoringSSL pads.
pub fn client_hello(out: &mut Vec<u8>, host: &str, session: &[u8; 32], random: &mut Random) {
    let start = out.len();
    record_header(out, HANDSHAKE, 512);
    let body = client_hello_message(host, session, None, 512, random);
    out.extend_from_slice(&body);
    debug_assert_eq!(out.len() - start, 517);
}

/// A client hello without its record, padded to `length_bytes`; `transport` is the QUIC transport parameters.
pub fn client_hello_message(
    host: &str,
    session: &[u8],
    transport: Option<&[u8]>,
    length_bytes: usize,
    random: &mut Random,
) -> Vec<u8> {
    let mut hello = vec![1, 0, 0, 0, 3, 3];
    append_random(&mut hello, 32, random);
    hello.push(session.len() as u8);
    hello.extend_from_slice(session);
    hello.extend_from_slice(&[0, 6, 0x13, 1, 0x13, 2, 0x13, 3, 1, 0]);
    let extensions_at = hello.len();
    hello.extend_from_slice(&[0, 0]);
    extension(&mut hello, 0, |out| {
        let length = host.len() as u16;
        out.extend_from_slice(&(length + 3).to_be_bytes());
        out.push(0);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(host.as_bytes());
    });
    extension(&mut hello, 10, |out| out.extend_from_slice(&[0, 4, 0, 29, 0, 23]));
    extension(&mut hello, 13, |out| out.extend_from_slice(&[0, 6, 4, 3, 8, 4, 4, 1]));
    let protocol: &[u8] = if transport.is_some() { b"\x00\x03\x02h3" } else { b"\x00\x03\x02h2" };
    extension(&mut hello, 16, |out| out.extend_from_slice(protocol));
    extension(&mut hello, 43, |out| out.extend_from_slice(&[2, 3, 4]));
    extension(&mut hello, 45, |out| out.extend_from_slice(&[1, 1]));
    extension(&mut hello, 51, |out| {
        out.extend_from_slice(&[0, 36, 0, 29, 0, 32]);
        append_random(out, 32, random);
    });
    if let Some(parameters) = transport {
        extension(&mut hello, 57, |out| out.extend_from_slice(parameters));
    }
    if hello.len() + 4 <= length_bytes {
        let padding = length_bytes - hello.len() - 4;
        extension(&mut hello, 21, |out| out.resize(out.len() + padding, 0));
    }
    let extensions = (hello.len() - extensions_at - 2) as u16;
    hello[extensions_at..extensions_at + 2].copy_from_slice(&extensions.to_be_bytes());
    set_message_length(&mut hello);
    hello
}

/// The server's first flight: hello (128 bytes of record), change of cipher, then one encrypted record of
/// `encrypted_bytes`.
pub fn server_flight(out: &mut Vec<u8>, session: &[u8; 32], encrypted_bytes: usize, random: &mut Random) {
    let hello = server_hello_message(session, random);
    record_header(out, HANDSHAKE, hello.len());
    out.extend_from_slice(&hello);
    change_cipher_spec(out);
    record_header(out, APPLICATION_DATA, encrypted_bytes);
    append_random(out, encrypted_bytes, random);
}

/// A server hello without its record.
pub fn server_hello_message(session: &[u8], random: &mut Random) -> Vec<u8> {
    let mut hello = vec![2, 0, 0, 0, 3, 3];
    append_random(&mut hello, 32, random);
    hello.push(session.len() as u8);
    hello.extend_from_slice(session);
    hello.extend_from_slice(&[0x13, 1, 0, 0, 46]);
    extension(&mut hello, 51, |out| {
        out.extend_from_slice(&[0, 29, 0, 32]);
        append_random(out, 32, random);
    });
    extension(&mut hello, 43, |out| out.extend_from_slice(&[3, 4]));
    set_message_length(&mut hello);
    hello
}

/// The client's last handshake flight: change of cipher and an encrypted finished.
pub fn client_finished(out: &mut Vec<u8>, random: &mut Random) {
    change_cipher_spec(out);
    record_header(out, APPLICATION_DATA, 53);
    append_random(out, 53, random);
}

/// Unit: bytes.
pub const HEADER_BYTES: usize = 5;

/// Header of an application data record that holds `length_bytes` (at most [`LARGEST_RECORD_BYTES`]) of ciphertext.
pub fn application_header(length_bytes: usize) -> [u8; HEADER_BYTES] {
    let length = (length_bytes.min(LARGEST_RECORD_BYTES) as u16).to_be_bytes();
    [APPLICATION_DATA, 3, 3, length[0], length[1]]
}

fn change_cipher_spec(out: &mut Vec<u8>) {
    record_header(out, CHANGE_CIPHER_SPEC, 1);
    out.push(1);
}

fn record_header(out: &mut Vec<u8>, kind: u8, length_bytes: usize) {
    // A first flight says version 1.0 nowhere any more; 0x0303 is what servers answer with.
    out.extend_from_slice(&[kind, 3, 3]);
    out.extend_from_slice(&(length_bytes as u16).to_be_bytes());
}

fn extension(out: &mut Vec<u8>, kind: u16, data: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(&kind.to_be_bytes());
    let length_at = out.len();
    out.extend_from_slice(&[0, 0]);
    data(out);
    let length = (out.len() - length_at - 2) as u16;
    out[length_at..length_at + 2].copy_from_slice(&length.to_be_bytes());
}

fn set_message_length(message: &mut [u8]) {
    let length = (message.len() - 4) as u32;
    message[1..4].copy_from_slice(&length.to_be_bytes()[1..]);
}

fn append_random(out: &mut Vec<u8>, length_bytes: usize, random: &mut Random) {
    let start = out.len();
    out.resize(start + length_bytes, 0);
    random.fill(&mut out[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_hello_is_512_bytes_and_names_its_host() {
        let mut random = Random::stream(1, "test", 0);
        let mut out = Vec::new();
        client_hello(&mut out, "clients4.google.com", &[7; 32], &mut random);
        assert_eq!(out.len(), 517);
        assert_eq!(out[..6], [22, 3, 3, 2, 0, 1]);
        assert!(out.windows(19).any(|bytes| bytes == b"clients4.google.com"));
    }

    #[test]
    fn server_hello_is_122_bytes() {
        let mut random = Random::stream(1, "test", 0);
        assert_eq!(server_hello_message(&[0; 32], &mut random).len(), 122);
    }
}
