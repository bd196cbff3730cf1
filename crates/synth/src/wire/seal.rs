//! Protection of QUIC's Initial packets: keys that anybody can derive, so that any dissector opens them.
//!
//! This hides nothing and protects nobody; it makes generated handshakes as readable as real ones, server name
//! included. Source: RFC 9001 §5 and appendix A.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Nonce};
use hkdf::Hkdf;
use sha2::Sha256;

/// RFC 9001 §5.2.
const SALT: [u8; 20] = [
    0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc,
    0xbb, 0x7f, 0x0a,
];
/// Bytes that sealing adds.
pub const TAG_BYTES: usize = 16;
/// Length of the packet number that [`Keys::seal`] expects.
pub const NUMBER_BYTES: usize = 4;

/// Which end sends.
#[derive(Debug, Clone, Copy)]
pub enum Sender {
    Client,
    Server,
}

/// The keys of one direction's Initial packets.
pub struct Keys {
    packet: Aes128Gcm,
    header: Aes128,
    iv: [u8; 12],
}

impl Keys {
    /// Keys of a connection whose client first chose `connection_id` for the server.
    pub fn new(connection_id: &[u8], sender: Sender) -> Keys {
        let secret = secret(connection_id, sender);
        let secret = Hkdf::<Sha256>::from_prk(&secret).expect("a hash's length is long enough");
        Keys {
            packet: Aes128Gcm::new(&Array::from(expand::<16>(&secret, "quic key"))),
            header: Aes128::new(&Array::from(expand::<16>(&secret, "quic hp"))),
            iv: expand(&secret, "quic iv"),
        }
    }

    /// Seals the packet that begins at `start` and ends with the buffer: encrypts everything from `payload` on,
    /// appends the tag, then masks the first byte and the packet number (4 bytes right before the payload).
    pub fn seal(&self, out: &mut Vec<u8>, start: usize, payload: usize, number: u32) {
        let (header, body) = out.split_at_mut(payload);
        let tag = self.encrypt(number, &header[start..], body);
        out.extend_from_slice(&tag);
        let mut sample = [0; 16];
        let number_at = payload - NUMBER_BYTES;
        sample.copy_from_slice(&out[number_at + 4..number_at + 20]);
        let mask = self.mask(sample);
        out[start] ^= mask[0] & 0x0f;
        for (byte, mask) in out[number_at..payload].iter_mut().zip(&mask[1..]) {
            *byte ^= mask;
        }
    }

    /// Encrypts `body` in place and returns the tag over `header` and it.
    fn encrypt(&self, number: u32, header: &[u8], body: &mut [u8]) -> [u8; TAG_BYTES] {
        let mut nonce = self.iv;
        for (byte, number) in nonce[8..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= number;
        }
        let tag = self.packet.encrypt_inout_detached(&Nonce::from(nonce), header, body.into());
        tag.expect("a datagram is shorter than 64 GiB").into()
    }

    /// What hides a header whose encrypted payload shows `sample`.
    fn mask(&self, sample: [u8; 16]) -> [u8; 16] {
        let mut block = Array::from(sample);
        self.header.encrypt_block(&mut block);
        block.into()
    }
}

fn secret(connection_id: &[u8], sender: Sender) -> [u8; 32] {
    let label = match sender {
        Sender::Client => "client in",
        Sender::Server => "server in",
    };
    expand(&Hkdf::<Sha256>::new(Some(&SALT), connection_id), label)
}

/// HKDF-Expand-Label of TLS 1.3 with no context.
fn expand<const N: usize>(secret: &Hkdf<Sha256>, label: &str) -> [u8; N] {
    let mut out = [0; N];
    let lengths = [0, N as u8, label.len() as u8 + 6];
    let info: [&[u8]; 4] = [&lengths, b"tls13 ", label.as_bytes(), &[0]];
    secret.expand_multi_info(&info, &mut out).expect("at most 32 bytes are asked for, of 8,160");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    /// RFC 9001 appendix A.1.
    #[test]
    fn keys_of_appendix_a() {
        let secret = secret(&hex("8394c8f03e515708"), Sender::Client);
        assert_eq!(secret.to_vec(), hex("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"));
        let secret = Hkdf::from_prk(&secret).unwrap();
        assert_eq!(expand::<16>(&secret, "quic key").to_vec(), hex("1f369613dd76d5467730efcbe3b1a22d"));
        assert_eq!(expand::<12>(&secret, "quic iv").to_vec(), hex("fa044b2f42a3fd3b46fb255c"));
        assert_eq!(expand::<16>(&secret, "quic hp").to_vec(), hex("9f50449e04a0e810283a1e9933adedd2"));
    }

    /// RFC 9001 appendix A.2: the mask of the client's first header.
    #[test]
    fn header_mask_of_appendix_a() {
        let keys = Keys::new(&hex("8394c8f03e515708"), Sender::Client);
        let mask = keys.mask(0xd1b1c98dd7689fb8ec11d242b123dc9b_u128.to_be_bytes());
        assert_eq!(mask[..5].to_vec(), hex("437b9aec36"));
    }

    /// RFC 9001 appendix A.3: the server's Initial, sealed, bit for bit (with its 2-byte packet number, so the
    /// encryption and the mask are checked apart).
    #[test]
    fn server_initial_of_appendix_a() {
        let keys = Keys::new(&hex("8394c8f03e515708"), Sender::Server);
        let header = hex("c1000000010008f067a5502a4262b50040750001");
        let mut body = hex(concat!(
            "02000000000600405a020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a12",
            "00130100002e00330024001d00209d3c940d89690b84d08a60993c144eca684d1081287c834d5311bcf32bb9da1a",
            "002b00020304"
        ));
        let tag = keys.encrypt(1, &header, &mut body);
        assert_eq!(body[..16].to_vec(), hex("5a482cd0991cd25b0aac406a5816b639"));
        assert_eq!(tag.to_vec(), hex("3d20398c276456cbc42158407dd074ee"));
    }
}
