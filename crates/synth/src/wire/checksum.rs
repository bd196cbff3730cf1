//! The Internet checksum. Source: RFC 1071.

/// A running ones' complement sum over pieces of even length (the last piece may be odd).
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum(u64);

impl Sum {
    /// Adds bytes to the sum.
    pub fn add(self, bytes: &[u8]) -> Sum {
        // The sum may be taken in any byte order and in wider words (RFC 1071 §2); 32 bits at a time is fast.
        let mut words = bytes.chunks_exact(4);
        let mut sum = self.0;
        for word in &mut words {
            sum += u64::from(u32::from_ne_bytes([word[0], word[1], word[2], word[3]]));
        }
        let mut last = [0; 4];
        last[..words.remainder().len()].copy_from_slice(words.remainder());
        Sum(sum + u64::from(u32::from_ne_bytes(last)))
    }

    /// The checksum's two bytes in wire order: the sum's complement, 0 over a packet that already carries it.
    pub fn finish(self) -> [u8; 2] {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        (!(sum as u16)).to_ne_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 1071 §3: 00 01 f2 03 f4 f5 f6 f7 adds up to ddf2, complement 220d.
    #[test]
    fn example_of_rfc_1071() {
        let bytes = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7];
        assert_eq!(Sum::default().add(&bytes).finish(), [0x22, 0x0d]);
        assert_eq!(Sum::default().add(&bytes[..6]).add(&bytes[6..]).finish(), [0x22, 0x0d]);
    }
}
