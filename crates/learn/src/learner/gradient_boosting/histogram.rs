//! Sums of gradients by bin, in whole numbers: no rounding, so subtracting a child from its parent gives
//! the other child exactly. Gradient and Hessian are added in one word, 1.3 times as fast as in two.

/// Bins of a column at most, one kept for LightGBM's missing values there.
pub(super) const BINS: usize = 255;

/// A gradient or Hessian becomes a whole number of at most so many steps.
const STEPS: f64 = 32_767.0;

/// So many packed sums of [`STEPS`] fit the 32 bits each half has.
const ROWS_TOGETHER: usize = 1 << 16;

/// Gradient (upper 32 bits, signed) and Hessian (lower 32 bits) of each sample.
pub(super) struct Gradients {
    packed: Vec<u64>,
    /// What one step of the gradient and of the Hessian is worth.
    pub(super) unit: (f64, f64),
}

impl Gradients {
    pub(super) fn new(n_samples: usize) -> Gradients {
        Gradients { packed: vec![0; n_samples], unit: (1.0, 1.0) }
    }

    /// Takes in (gradient, Hessian) of each sample, given the largest that can occur.
    pub(super) fn set(
        &mut self,
        most_gradient: f64,
        most_hessian: f64,
        values: impl Iterator<Item = (f64, f64)>,
    ) {
        /// Adding it rounds to a whole number, in the lowest bits as two's complement.
        const ROUND: f64 = 6_755_399_441_055_744.0;
        self.unit = (most_gradient / STEPS, most_hessian / STEPS);
        let (a, b) = (1.0 / self.unit.0, 1.0 / self.unit.1);
        for (packed, (gradient, hessian)) in self.packed.iter_mut().zip(values) {
            let gradient = (gradient * a + ROUND).to_bits();
            // at least one step: a Hessian of nothing would let a leaf's score run away
            let hessian = ((hessian * b).max(1.0) + ROUND).to_bits() & 0xFFFF;
            *packed = (gradient << 32) + hessian;
        }
    }
}

/// Sums over some samples.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) gradient: i64,
    pub(super) hessian: i64,
}

impl Sums {
    fn unpack(packed: u64) -> Sums {
        Sums { gradient: i64::from((packed >> 32) as i32), hessian: i64::from(packed as u32) }
    }

    pub(super) fn plus(self, other: Sums) -> Sums {
        Sums { gradient: self.gradient + other.gradient, hessian: self.hessian + other.hessian }
    }

    pub(super) fn minus(self, other: Sums) -> Sums {
        Sums { gradient: self.gradient - other.gradient, hessian: self.hessian - other.hessian }
    }
}

/// Sums of each bin of each column (n_columns × 256).
#[derive(Clone)]
pub(super) struct Histogram(pub(super) Vec<[Sums; 256]>);

impl Histogram {
    pub(super) fn new(n_columns: usize) -> Histogram {
        Histogram(vec![[Sums::default(); 256]; n_columns])
    }

    /// Sums up some samples' gradients; `bins` is row after row (n_samples × n_columns).
    pub(super) fn fill(
        &mut self,
        bins: &[u8],
        samples: &[u32],
        gradients: &Gradients,
        packed: &mut [[u64; 256]],
    ) {
        self.0.fill([Sums::default(); 256]);
        let n_columns = self.0.len();
        for samples in samples.chunks(ROWS_TOGETHER) {
            packed.fill([0; 256]);
            for &sample in samples {
                let gradient = gradients.packed[sample as usize];
                let row = &bins[sample as usize * n_columns..][..n_columns];
                for (sums, &bin) in packed.iter_mut().zip(row) {
                    let sum = &mut sums[usize::from(bin)];
                    *sum = sum.wrapping_add(gradient);
                }
            }
            for (sums, &packed) in self.0.iter_mut().flatten().zip(packed.iter().flatten()) {
                *sums = sums.plus(Sums::unpack(packed));
            }
        }
    }

    /// Takes another histogram's sums away.
    pub(super) fn subtract(&mut self, other: &Histogram) {
        for (own, other) in self.0.iter_mut().flatten().zip(other.0.iter().flatten()) {
            *own = own.minus(*other);
        }
    }
}
