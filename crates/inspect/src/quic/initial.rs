//! QUIC Initial packets: keys that anyone can compute, and the frames behind them.
//!
//! Source: RFC 9000 section 17.2, RFC 9001 section 5 and appendix A, RFC 9369; the salts of the drafts
//! and of Google's Q050, T050 and T051 are those of their published implementations. The tag is not
//! verified: a packet that was not sealed with these keys yields no readable ClientHello.

use super::version::Version;
use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

/// The longest datagram that is looked into; a jumbo frame's.
const MAX_DATAGRAM_BYTES: usize = 9216;

/// An Initial packet, decrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initial {
    /// Its version.
    pub version: Version,
    /// Its frames in the clear.
    pub frames: Vec<u8>,
}

/// Where an Initial packet's parts lie in its datagram.
struct Parts<'a> {
    version: Version,
    destination_id: &'a [u8],
    packet: &'a [u8],
    number_at: usize,
}

/// Opens the client's Initial packet at the beginning of a datagram; `None` where there is none.
pub fn open(datagram: &[u8]) -> Option<Initial> {
    let datagram = &datagram[..datagram.len().min(MAX_DATAGRAM_BYTES)];
    let parts = Parts::read(datagram)?;
    let keys = Keys::of_client(parts.version, parts.destination_id)?;
    let sample = parts.packet.get(parts.number_at + 4..)?.first_chunk::<16>()?;
    let mask = encrypt(&keys.header, *sample);
    let first = parts.packet[0] ^ mask[0] & 0x0f;
    let number_bytes = usize::from(first & 3) + 1;
    let mut header = parts.packet[..parts.number_at + number_bytes].to_vec();
    header[0] = first;
    let mut number = 0u64;
    for (byte, mask) in header[parts.number_at..].iter_mut().zip(&mask[1..]) {
        *byte ^= mask;
        number = number << 8 | u64::from(*byte);
    }
    // the last 16 bytes are the tag
    let sealed = &parts.packet[header.len()..];
    let sealed = &sealed[..sealed.len().checked_sub(16)?];
    Some(Initial { version: parts.version, frames: keys.decrypt(number, sealed) })
}

impl<'a> Parts<'a> {
    fn read(datagram: &'a [u8]) -> Option<Parts<'a>> {
        let (&first, rest) = datagram.split_first()?;
        let (number, rest) = rest.split_first_chunk::<4>()?;
        let version = Version::of_number(u32::from_be_bytes(*number))?;
        if first & 0xc0 != 0xc0 || first >> 4 & 3 != version.initial_type() {
            return None;
        }
        let (destination_id, rest) = connection_id(rest)?;
        let (_source_id, rest) = connection_id(rest)?;
        let (token, rest) = variable_integer(rest)?;
        let rest = rest.get(usize::try_from(token).ok()?..)?;
        let (length, rest) = variable_integer(rest)?;
        let number_at = datagram.len() - rest.len();
        // a snapped packet is shorter than it says: its beginning can still be read
        let end = number_at.saturating_add(usize::try_from(length).ok()?).min(datagram.len());
        Some(Parts { version, destination_id, packet: &datagram[..end], number_at })
    }
}

fn connection_id(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = bytes.split_first()?;
    if length > 20 { None } else { rest.split_at_checked(usize::from(length)) }
}

/// An integer of 1, 2, 4 or 8 bytes, as its first two bits say.
pub(super) fn variable_integer(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    let (more, rest) = rest.split_at_checked((1 << (first >> 6)) - 1)?;
    Some((more.iter().fold(u64::from(first & 0x3f), |sum, &byte| sum << 8 | u64::from(byte)), rest))
}

/// The client's Initial keys.
struct Keys {
    key: [u8; 16],
    iv: [u8; 12],
    header: [u8; 16],
}

impl Keys {
    fn of_client(version: Version, destination_id: &[u8]) -> Option<Keys> {
        let initial = Hkdf::<Sha256>::new(Some(version.salt()), destination_id);
        let client = Hkdf::<Sha256>::from_prk(&expand_label::<32>(&initial, "client in")?).ok()?;
        let [key, iv, header] = version.labels();
        Some(Keys {
            key: expand_label(&client, key)?,
            iv: expand_label(&client, iv)?,
            header: expand_label(&client, header)?,
        })
    }

    /// AES-GCM's counter mode: the first counter that encrypts is 2.
    fn decrypt(&self, number: u64, sealed: &[u8]) -> Vec<u8> {
        let mut nonce = self.iv;
        nonce[4..].iter_mut().zip(number.to_be_bytes()).for_each(|(a, b)| *a ^= b);
        let cipher = Aes128::new(&Array::from(self.key));
        let mut out = Vec::with_capacity(sealed.len());
        for (chunk, counter) in sealed.chunks(16).zip(2u32..) {
            let mut block = [0; 16];
            block[..12].copy_from_slice(&nonce);
            block[12..].copy_from_slice(&counter.to_be_bytes());
            let mut block = Array::from(block);
            cipher.encrypt_block(&mut block);
            out.extend(chunk.iter().zip(block.iter()).map(|(a, b)| a ^ b));
        }
        out
    }
}

fn encrypt(key: &[u8; 16], block: [u8; 16]) -> [u8; 16] {
    let mut block = Array::from(block);
    Aes128::new(&Array::from(*key)).encrypt_block(&mut block);
    block.into()
}

/// HKDF-Expand-Label of TLS 1.3 with an empty context; never `None` for lengths this short.
fn expand_label<const N: usize>(secret: &Hkdf<Sha256>, label: &str) -> Option<[u8; N]> {
    let mut out = [0; N];
    let lengths = [0, N as u8, label.len() as u8 + 6];
    secret.expand_multi_info(&[&lengths, b"tls13 ", label.as_bytes(), &[0]], &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn keys_are_those_of_the_published_examples() {
        let id = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
        let keys = |version| {
            let keys = Keys::of_client(version, &id).unwrap();
            (hex(&keys.key), hex(&keys.iv), hex(&keys.header))
        };
        let expected = |key: &str, iv: &str, header: &str| (key.to_owned(), iv.to_owned(), header.to_owned());
        // RFC 9001, appendix A.1
        let v1 = ("1f369613dd76d5467730efcbe3b1a22d", "fa044b2f42a3fd3b46fb255c");
        assert_eq!(keys(Version::V1), expected(v1.0, v1.1, "9f50449e04a0e810283a1e9933adedd2"));
        // RFC 9369, appendix A.1
        let v2 = ("8b1a0bc121284290a29e0971b5cd045d", "91f73e2351d8fa91660e909f");
        assert_eq!(keys(Version::V2), expected(v2.0, v2.1, "45b95e15235d6f45a6b19cbcb0294ba9"));
        // draft-ietf-quic-tls-29, appendix A.1
        let draft29 = ("175257a31eb09dea9366d8bb79ad80ba", "6b26114b9cba2b63a9e8dd4f");
        assert_eq!(
            keys(Version::Draft29),
            expected(draft29.0, draft29.1, "9ddd12c994c0698b89374a9c077a3077")
        );
    }
}
