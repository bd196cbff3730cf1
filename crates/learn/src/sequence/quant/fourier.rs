//! The discrete Fourier transform of real series of any length.
//!
//! Source: J. W. Cooley, J. W. Tukey, "An algorithm for the machine calculation of complex Fourier series", 1965, for
//! lengths that are products of small primes; a length with a large prime is worked out as a convolution of a length
//! that is a power of two (L. I. Bluestein 1970).

use std::f64::consts::TAU;

/// Primes above this go the other way.
const LARGE: usize = 13;

/// A transform of one length, prepared.
pub(super) struct Fourier {
    length: usize,
    way: Way,
}

enum Way {
    Direct(Direct),
    /// As a convolution.
    Convolved {
        direct: Direct,
        /// exp(−πi·k²/n) of each step (length).
        chirp: Vec<Complex>,
        /// The transform of what is convolved with.
        with: Vec<Complex>,
    },
}

/// A transform of a length whose primes are small.
struct Direct {
    /// The length's prime factors.
    primes: Vec<usize>,
    /// exp(−2πi·k/n) (length).
    roots: Vec<Complex>,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Complex {
    re: f64,
    im: f64,
}

impl Complex {
    /// exp(−i·turns·2π).
    fn turned(turns: f64) -> Complex {
        Complex { re: (TAU * turns).cos(), im: -(TAU * turns).sin() }
    }

    fn conjugate(self) -> Complex {
        Complex { re: self.re, im: -self.im }
    }
}

impl std::ops::Mul for Complex {
    type Output = Complex;

    fn mul(self, other: Complex) -> Complex {
        Complex { re: self.re * other.re - self.im * other.im, im: self.re * other.im + self.im * other.re }
    }
}

impl std::ops::AddAssign for Complex {
    fn add_assign(&mut self, other: Complex) {
        self.re += other.re;
        self.im += other.im;
    }
}

/// The prime factors of a number above 0, the smallest first.
fn primes(mut n: usize) -> Vec<usize> {
    let mut primes = Vec::new();
    let mut prime = 2;
    while n > 1 {
        if n.is_multiple_of(prime) {
            primes.push(prime);
            n /= prime;
        } else if prime * prime > n {
            prime = n;
        } else {
            prime += 1;
        }
    }
    primes
}

impl Fourier {
    /// For series of so many steps, one or more.
    pub(super) fn new(length: usize) -> Fourier {
        if primes(length).iter().all(|&prime| prime <= LARGE) {
            return Fourier { length, way: Way::Direct(Direct::new(length)) };
        }
        let direct = Direct::new((2 * length - 1).next_power_of_two());
        // k² modulo 2n, so that large squares keep their digits
        let chirp: Vec<Complex> = (0..length as u128)
            .map(|k| Complex::turned((k * k % (2 * length as u128)) as f64 / (2 * length) as f64))
            .collect();
        let n = direct.roots.len();
        let mut with = vec![Complex::default(); n];
        for (k, turned) in chirp.iter().enumerate() {
            with[k] = turned.conjugate();
            with[(n - k) % n] = turned.conjugate();
        }
        let with = direct.transform(&with);
        Fourier { length, way: Way::Convolved { direct, chirp, with } }
    }

    /// The size of the transform at the frequencies from 0 to half of the length (length / 2 + 1).
    pub(super) fn sizes(&self, series: &[f64], to: &mut [f64]) {
        let real = series.iter().map(|&re| Complex { re, im: 0.0 });
        let found = match &self.way {
            Way::Direct(direct) => direct.transform(&real.collect::<Vec<Complex>>()),
            Way::Convolved { direct, chirp, with } => {
                let mut room: Vec<Complex> = real.zip(chirp).map(|(v, turned)| v * *turned).collect();
                room.resize(with.len(), Complex::default());
                let mut product = direct.transform(&room);
                // the inverse transform is the transform of the conjugate, conjugated, over the length
                product.iter_mut().zip(with).for_each(|(v, with)| *v = (*v * *with).conjugate());
                let n = with.len() as f64;
                let back = direct.transform(&product);
                let turn = |(v, turned): (&Complex, &Complex)| {
                    v.conjugate() * *turned * Complex { re: 1.0 / n, im: 0.0 }
                };
                back.iter().zip(chirp).map(turn).collect()
            }
        };
        debug_assert_eq!(found.len(), self.length);
        to.iter_mut().zip(found).for_each(|(to, v)| *to = (v.re * v.re + v.im * v.im).sqrt());
    }
}

impl Direct {
    fn new(length: usize) -> Direct {
        let roots = (0..length).map(|k| Complex::turned(k as f64 / length as f64)).collect();
        Direct { primes: primes(length), roots }
    }

    /// The transform of complex numbers (length).
    fn transform(&self, from: &[Complex]) -> Vec<Complex> {
        let n = from.len();
        let (mut from, mut to) = (from.to_vec(), vec![Complex::default(); n]);
        // transforms of so many numbers are done, of those that stand n / done apart; the k-th of each stand together
        let mut done = 1;
        for &prime in &self.primes {
            let apart = n / (done * prime);
            for (k, from) in from.chunks_exact(n / done).enumerate() {
                for q in 0..prime {
                    let to = &mut to[(k + done * q) * apart..][..apart];
                    to.copy_from_slice(&from[..apart]);
                    for (j, from) in from.chunks_exact(apart).enumerate().skip(1) {
                        let turned = self.roots[j * (k + done * q) % (done * prime) * apart];
                        to.iter_mut().zip(from).for_each(|(to, v)| *to += *v * turned);
                    }
                }
            }
            std::mem::swap(&mut from, &mut to);
            done *= prime;
        }
        from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_sums_by_hand_whatever_the_length() {
        for n in [1, 2, 3, 4, 5, 7, 12, 17, 23, 60, 64, 97, 150, 289] {
            let series: Vec<f64> = (0..n).map(|i| ((i * i * 31 + 7) % 101) as f64 - 40.0).collect();
            let mut found = vec![0.0; n / 2 + 1];
            Fourier::new(n).sizes(&series, &mut found);
            for (k, found) in found.iter().enumerate() {
                let (mut re, mut im) = (0.0, 0.0);
                for (i, v) in series.iter().enumerate() {
                    let angle = TAU * ((i * k) % n) as f64 / n as f64;
                    re += v * angle.cos();
                    im += v * angle.sin();
                }
                let by_hand = f64::hypot(re, im);
                assert!((found - by_hand).abs() < 1e-9, "{n} steps, frequency {k}: {found} not {by_hand}");
            }
        }
    }

    #[test]
    fn primes_multiply_to_the_number() {
        assert_eq!(primes(1), [0; 0]);
        assert_eq!(primes(1800), [2, 2, 2, 3, 3, 5, 5]);
        assert_eq!(primes(2 * 1801), [2, 1801]);
    }
}
