//! Protection of QUIC's Initial packets: keys that anybody can derive, so that any dissector opens them.
//!
//! This hides nothing and protects nobody; it makes generated handshakes as readable as real ones, server name
//! included. Source: RFC 9001 §5 and appendix A, RFC 5869 (HKDF), 2104 (HMAC).

mod aes;
mod sha256;

use aes::Aes;
use sha256::sha256;

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
    packet: Aes,
    header: Aes,
    iv: [u8; 12],
}

impl Keys {
    /// Keys of a connection whose client first chose `connection_id` for the server.
    pub fn new(connection_id: &[u8], sender: Sender) -> Keys {
        let label: &[u8] = match sender {
            Sender::Client => b"client in",
            Sender::Server => b"server in",
        };
        let initial = hmac(&SALT, &[connection_id]);
        let secret: [u8; 32] = expand(&initial, label);
        Keys {
            packet: Aes::new(expand(&secret, b"quic key")),
            header: Aes::new(expand(&secret, b"quic hp")),
            iv: expand(&secret, b"quic iv"),
        }
    }

    /// Seals the packet that begins at `start` and ends with the buffer: encrypts everything from `payload` on,
    /// appends the tag, then masks the first byte and the packet number (4 bytes right before the payload).
    pub fn seal(&self, out: &mut Vec<u8>, start: usize, payload: usize, number: u32) {
        let mut nonce = self.iv;
        for (byte, number) in nonce[8..].iter_mut().zip(number.to_be_bytes()) {
            *byte ^= number;
        }
        let (header, body) = out.split_at_mut(payload);
        let tag = self.packet.seal(nonce, &header[start..], body);
        out.extend_from_slice(&tag);
        let mut sample = [0; 16];
        let number_at = payload - NUMBER_BYTES;
        sample.copy_from_slice(&out[number_at + 4..number_at + 20]);
        let mask = self.header.block(sample);
        out[start] ^= mask[0] & 0x0f;
        for (byte, mask) in out[number_at..payload].iter_mut().zip(&mask[1..]) {
            *byte ^= mask;
        }
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let padded = |pad: u8| {
        let mut block = [pad; 64];
        // Every key here is shorter than a block.
        for (byte, key) in block.iter_mut().zip(key) {
            *byte ^= key;
        }
        block
    };
    let inner = sha256(&[&[&padded(0x36)[..]], parts].concat());
    sha256(&[&padded(0x5c), &inner])
}

/// HKDF-Expand-Label of TLS 1.3 with no context, for up to 32 bytes.
fn expand<const N: usize>(secret: &[u8; 32], label: &[u8]) -> [u8; N] {
    let lengths = [0, N as u8, label.len() as u8 + 6];
    let block = hmac(secret, &[&lengths, b"tls13 ", label, &[0, 1]]);
    std::array::from_fn(|index| block[index])
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
        let secret: [u8; 32] = expand(&hmac(&SALT, &[&hex("8394c8f03e515708")]), b"client in");
        assert_eq!(secret.to_vec(), hex("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"));
        assert_eq!(expand::<16>(&secret, b"quic key").to_vec(), hex("1f369613dd76d5467730efcbe3b1a22d"));
        assert_eq!(expand::<12>(&secret, b"quic iv").to_vec(), hex("fa044b2f42a3fd3b46fb255c"));
        assert_eq!(expand::<16>(&secret, b"quic hp").to_vec(), hex("9f50449e04a0e810283a1e9933adedd2"));
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
        let mut nonce = keys.iv;
        nonce[11] ^= 1;
        let tag = keys.packet.seal(nonce, &header, &mut body);
        assert_eq!(body[..16].to_vec(), hex("5a482cd0991cd25b0aac406a5816b639"));
        assert_eq!(tag.to_vec(), hex("3d20398c276456cbc42158407dd074ee"));
    }
}
