//! AES-128 in Galois/counter mode. Source: FIPS 197, NIST SP 800-38D.
//!
//! Table look-ups leak through the cache; here there is no secret to leak.

const BOX: [u8; 256] = substitution();
const TABLE: [u32; 256] = table();

/// Multiplication by x in AES's field.
const fn double(byte: u8) -> u8 {
    (byte << 1) ^ if byte & 0x80 != 0 { 0x1b } else { 0 }
}

const fn substitution() -> [u8; 256] {
    let mut result = [0; 256];
    // p runs through the powers of 3, q through those of 1/3: q is always p's inverse.
    let (mut p, mut q) = (1u8, 1u8);
    loop {
        p ^= double(p);
        q ^= q << 1;
        q ^= q << 2;
        q ^= q << 4;
        if q & 0x80 != 0 {
            q ^= 0x09;
        }
        let mixed = q ^ q.rotate_left(1) ^ q.rotate_left(2) ^ q.rotate_left(3) ^ q.rotate_left(4);
        result[p as usize] = mixed ^ 0x63;
        if p == 1 {
            break;
        }
    }
    result[0] = 0x63;
    result
}

/// Substitution and column mixing of one byte at once.
const fn table() -> [u32; 256] {
    let mut result = [0; 256];
    let mut index = 0;
    while index < 256 {
        let s = BOX[index];
        result[index] = u32::from_be_bytes([double(s), s, s, double(s) ^ s]);
        index += 1;
    }
    result
}

/// One expanded key.
pub struct Aes {
    round_keys: [[u32; 4]; 11],
}

impl Aes {
    pub fn new(key: [u8; 16]) -> Aes {
        let mut words = [0u32; 44];
        for (word, bytes) in words.iter_mut().zip(key.chunks_exact(4)) {
            *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        }
        let mut constant = 1u8;
        for at in 4..44 {
            let mut word = words[at - 1];
            if at % 4 == 0 {
                let bytes = word.rotate_left(8).to_be_bytes().map(|byte| BOX[usize::from(byte)]);
                word = u32::from_be_bytes(bytes) ^ u32::from(constant) << 24;
                constant = double(constant);
            }
            words[at] = words[at - 4] ^ word;
        }
        Aes {
            round_keys: std::array::from_fn(|round| std::array::from_fn(|column| words[4 * round + column])),
        }
    }

    /// Encrypts one block.
    pub fn block(&self, block: [u8; 16]) -> [u8; 16] {
        let mut state: [u32; 4] = std::array::from_fn(|column| {
            let bytes = &block[4 * column..4 * column + 4];
            u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) ^ self.round_keys[0][column]
        });
        for key in &self.round_keys[1..10] {
            state = std::array::from_fn(|column| {
                let [first, second, third, fourth] = shifted(&state, column);
                TABLE[first]
                    ^ TABLE[second].rotate_right(8)
                    ^ TABLE[third].rotate_right(16)
                    ^ TABLE[fourth].rotate_right(24)
                    ^ key[column]
            });
        }
        let mut result = [0; 16];
        for column in 0..4 {
            let bytes = shifted(&state, column).map(|byte| BOX[byte]);
            let word = u32::from_be_bytes(bytes) ^ self.round_keys[10][column];
            result[4 * column..4 * column + 4].copy_from_slice(&word.to_be_bytes());
        }
        result
    }

    /// Encrypts `body` in place and returns the tag over `header` and it.
    pub fn seal(&self, nonce: [u8; 12], header: &[u8], body: &mut [u8]) -> [u8; 16] {
        let key = HashKey::new(u128::from_be_bytes(self.block([0; 16])));
        let mut counter = [0; 16];
        counter[..12].copy_from_slice(&nonce);
        counter[15] = 1;
        let last = u128::from_be_bytes(self.block(counter));
        for (number, piece) in body.chunks_mut(16).enumerate() {
            counter[12..].copy_from_slice(&(number as u32 + 2).to_be_bytes());
            for (byte, key) in piece.iter_mut().zip(self.block(counter)) {
                *byte ^= key;
            }
        }
        let mut hash = 0;
        for piece in header.chunks(16).chain(body.chunks(16)) {
            let mut block = [0; 16];
            block[..piece.len()].copy_from_slice(piece);
            hash = key.multiply(hash ^ u128::from_be_bytes(block));
        }
        let lengths = ((8 * header.len() as u128) << 64) | (8 * body.len() as u128);
        (key.multiply(hash ^ lengths) ^ last).to_be_bytes()
    }
}

/// The bytes that row shifting brings into a column.
fn shifted(state: &[u32; 4], column: usize) -> [usize; 4] {
    std::array::from_fn(|row| (state[(column + row) % 4] >> (24 - 8 * row) & 0xff) as usize)
}

/// One shift to the right in GCM's field, whose bits run from the left: multiplication by x.
const fn times_x(value: u128) -> u128 {
    (value >> 1) ^ if value & 1 == 1 { 0xe1 << 120 } else { 0 }
}

/// What four bits shifted out on the right come back as.
const RETURNING: [u128; 16] = {
    let mut result = [0; 16];
    let mut bits = 0;
    while bits < 16 {
        result[bits] = times_x(times_x(times_x(times_x(bits as u128))));
        bits += 1;
    }
    result
};

/// The hash key's products with all four-bit numbers (SP 800-38D's multiplication, four bits at a time).
struct HashKey([u128; 16]);

impl HashKey {
    fn new(key: u128) -> HashKey {
        let mut products = [0; 16];
        let (mut product, mut bit) = (key, 8);
        while bit > 0 {
            products[bit] = product;
            product = times_x(product);
            bit /= 2;
        }
        for number in 1..16usize {
            let highest = 1 << number.ilog2();
            products[number] = products[highest] ^ products[number - highest];
        }
        HashKey(products)
    }

    fn multiply(&self, value: u128) -> u128 {
        (0..32).fold(0, |product, place| {
            let four = (value >> (4 * place) & 0xf) as usize;
            (product >> 4) ^ RETURNING[(product & 0xf) as usize] ^ self.0[four]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 197 appendix B.
    #[test]
    fn block_of_appendix_b() {
        let aes = Aes::new(0x2b7e151628aed2a6abf7158809cf4f3c_u128.to_be_bytes());
        let block = aes.block(0x3243f6a8885a308d313198a2e0370734_u128.to_be_bytes());
        assert_eq!(u128::from_be_bytes(block), 0x3925841d02dc09fbdc118597196a0b32);
    }
}
